"""Chosen: what shoppers chose, and what they passed over, in answer to the same query.

"bounty" finds paper towels that nowhere say so, and of ten answers that read alike the one that is clicked by those who
look at it stands first. What judges said of a query and a product counts the same way.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import numpy as np

from aisle.records.candidates import Candidates, found, nothing
from aisle.records.history import Floats, Ints, Longs, among
from aisle.records.request import Context
from aisle.records.slate import Because
from aisle.retrieval.moved import Moved

COLUMN = "chosen"


@dataclass
class Chosen:
    """A `Retriever` of what is wanted in answer to a query, and a `Scorer`: `chosen` is -1 for what nobody wants who
    looks at it, 0 for the usual and what is not known, 1 for the most wanted.

    key: the words of a query → what all queries share that mean the same to the shop; keys: number of each key;
    starts: int64 (keys + 1,); rows: int32 and worth: float32 (n,), the rows of key k, ascending, are starts[k] to
    starts[k + 1].
    """

    key: Callable[[Sequence[str]], str]
    keys: dict[str, int] = field(default_factory=dict)
    starts: Longs = field(default_factory=lambda: np.zeros(1, np.int64))
    rows: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    worth: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    name: str = "asked"

    def fit(self, told: Iterable[tuple[str, int, float]]) -> Self:
        """From (key, row, worth), each row once a key; a query of which nothing is left asks for nothing."""
        lines = sorted(line for line in told if line[0])
        self.keys = {key: number for number, key in enumerate(dict.fromkeys(key for key, _, _ in lines))}
        numbers = np.array([self.keys[key] for key, _, _ in lines], np.int64)
        self.starts = np.searchsorted(numbers, np.arange(len(self.keys) + 1)).astype(np.int64)
        self.rows = np.array([row for _, row, _ in lines], np.int32)
        self.worth = np.array([worth for _, _, worth in lines], np.float32)
        return self

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """What is wanted more than usual; nothing where the query was never asked."""
        rows, worth = self._known(context)
        kept = context.mask[rows] & (worth > 0)
        return found(self.name, rows[kept], worth[kept], limit) if kept.any() else nothing(self.name)

    def score(self, context: Context, candidates: Candidates) -> Candidates:
        """Candidates with `chosen`."""
        rows, worth = self._known(context)
        held, at = among(candidates.rows, rows)
        told = np.zeros(len(candidates), np.float32)
        told[held] = worth[at[held]]
        return candidates.beside([COLUMN], told[:, None])

    def _known(self, context: Context) -> tuple[Ints, Floats]:
        at = self.keys.get(self.key(context.reading.words), -1) if self.keys and context.reading.words else -1
        part = slice(0, 0) if at < 0 else slice(int(self.starts[at]), int(self.starts[at + 1]))
        return self.rows[part], self.worth[part]

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """Shoppers, or judges, say so."""
        return [Because("known to answer this search")] * len(rows)

    def moved(self, moved: Moved) -> Self:
        """The same over today's rows; of products that are one now the best word holds."""
        rows, numbers = moved.now[self.rows], np.repeat(np.arange(len(self.keys)), np.diff(self.starts))
        order = np.lexsort((-self.worth, rows, numbers))
        order = order[rows[order] >= 0]
        first = np.r_[True, (np.diff(rows[order]) != 0) | (np.diff(numbers[order]) != 0)][: len(order)]
        order = order[first]
        starts = np.searchsorted(numbers[order], np.arange(len(self.keys) + 1)).astype(np.int64)
        return replace(self, starts=starts, rows=rows[order], worth=self.worth[order])

    def save(self, folder: Path) -> None:
        """Write the keys and their rows into a new folder."""
        folder.mkdir(parents=True)
        (folder / "keys.json").write_text(json.dumps(list(self.keys), ensure_ascii=False), "utf-8")
        for name in ("starts", "rows", "worth"):
            np.save(folder / f"{name}.npy", getattr(self, name))

    @classmethod
    def load(cls, folder: Path, key: Callable[[Sequence[str]], str]) -> Self:
        """What `save` wrote."""
        keys = json.loads((folder / "keys.json").read_text("utf-8"))
        arrays = (np.load(folder / f"{name}.npy") for name in ("starts", "rows", "worth"))
        return cls(key, {key: number for number, key in enumerate(keys)}, *arrays)
