"""Only the first few are read closer, and only what reading changes is added."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from aisle.ranking.closer import Closer
from aisle.records.candidates import Candidates
from aisle.records.history import Floats
from aisle.records.request import Context, Reading, Request

TEXTS = ["oak bed", "bed", "oak lamp", "lamp"]
CONTEXT = Context(Request("oak lamp"), "search", 0, reading=Reading("oak lamp", ("oak", "lamp")))


class Overlap:
    """A judge: the share of the query's words that a text holds."""

    def score(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        return np.array([len({*q.split()} & {*t.split()}) / len(q.split()) for q, t in pairs], np.float32)


def ranked(*relevance: float) -> Candidates:
    return Candidates(
        np.arange(len(relevance), dtype=np.int32), np.array(relevance, np.float32)[:, None], ("relevance",)
    )


def closer(weight: float = 1.0, depth: int = 20, least: float = 0.0) -> Closer:
    return Closer(Overlap(), TEXTS.__getitem__, weight, depth=depth, least=least)


def test_relevance_and_closer_together_are_what_was_read() -> None:
    made = closer().score(CONTEXT, ranked(0.9, 0.8, 0.7, 0.6))
    assert (made.column("relevance") + made.column("closer")).tolist() == pytest.approx([0.5, 0.0, 1.0, 0.5])


def test_half_the_weight_changes_half_as_much_and_only_at_the_top() -> None:
    made = closer(0.5, depth=3).score(CONTEXT, ranked(0.9, 0.8, 0.7, 0.6))
    assert made.column("closer").tolist() == pytest.approx([-0.2, -0.4, 0.15, 0.0])


def test_what_a_judge_gives_least_is_still_worth_something_in_a_search() -> None:
    made = closer(least=0.25).score(CONTEXT, ranked(0.0, 0.0))
    assert made.column("closer").tolist() == pytest.approx([0.625, 0.25])


def test_a_judge_of_another_scale_is_brought_to_this_one() -> None:
    scaled = replace(closer(), offset=-1.0, slope=2.0)
    assert scaled.said([("oak lamp", "oak lamp"), ("oak", "bed")]).tolist() == [1.0, -1.0]


def test_without_a_query_nothing_is_read() -> None:
    nothing = Context(Request(), "search", 0)
    assert closer().score(nothing, ranked(0.9, 0.8)).column("closer").tolist() == [0.0, 0.0]
