"""What cannot be read is read in other words, and what can be read stays."""

from collections.abc import Sequence

import numpy as np

from aisle.encoders.glossed import Glossed, GlossedJudge
from aisle.records.history import Floats


class Letters:
    """An encoder of lower-case letters, and a judge of how many two texts share."""

    dim = 26

    def encode(self, things: Sequence[str]) -> Floats:
        counts = np.array([[thing.count(chr(97 + k)) for k in range(26)] for thing in things], np.float32)
        return np.asarray(counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1e-9), np.float32)

    def reads(self, text: str) -> bool:
        return text.isascii()

    def score(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        return np.array([len({*query} & {*text}) for query, text in pairs], np.float32)


def gloss(text: str) -> str:
    return {"鞋": "shoe"}.get(text, text)


def test_a_text_has_the_vector_of_its_gloss() -> None:
    glossed = Glossed(Letters(), gloss)
    assert glossed.dim == 26 and glossed.reads("鞋") and not glossed.reads("床")
    chinese, english = glossed.encode(["鞋", "shoe"])
    np.testing.assert_allclose(chinese, english)


def test_a_judge_reads_both_texts_so() -> None:
    assert GlossedJudge(Letters(), gloss).score([("鞋", "shoe"), ("shoe", "鞋"), ("bed", "鞋")]).tolist() == [4, 4, 1]
