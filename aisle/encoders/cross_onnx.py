"""The cross-encoder that serves: pairs of a query and a text → relevance, on onnxruntime, without torch."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np

from aisle.encoders.session import opened
from aisle.records.history import Floats

LONGEST = 96  # tokens of both texts together
PART = 64  # pairs that are read at once


class OnnxCross:
    """A `Judge` on onnxruntime, one thread."""

    def __init__(self, folder: Path) -> None:
        self._session, self._tokenizer = opened(folder, LONGEST)
        self._inputs = [given.name for given in self._session.get_inputs()]

    def score(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """Relevance of each pair, float32 (n,)."""
        made = np.zeros(len(pairs), np.float32)
        order = np.argsort([len(query) + len(text) for query, text in pairs], kind="stable")
        for start in range(0, len(order), PART):
            some = order[start : start + PART]
            read = self._tokenizer.encode_batch([pairs[k] for k in some])
            given = {
                "input_ids": [one.ids for one in read],
                "token_type_ids": [one.type_ids for one in read],
                "attention_mask": [one.attention_mask for one in read],
            }
            inputs = {name: np.array(given[name], np.int64) for name in self._inputs}
            made[some] = self._session.run(None, inputs)[0]
        return made

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The one that `CrossEncoder.export` wrote."""
        return cls(folder)
