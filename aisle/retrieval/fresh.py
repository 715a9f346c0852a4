"""Fresh: what came into the shop lately, or was first bought lately, the more readily the more are discovering it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np

from aisle.records.candidates import Candidates, found
from aisle.records.history import NO_TIME, Ints, Longs
from aisle.records.request import Context
from aisle.records.slate import Because
from aisle.records.times import DAY

WINDOW = 42  # days that a product counts as new
FIRST = 14  # half-life of first purchases, days


@dataclass(eq=False)
class Fresh:
    """A `Retriever`. created: int64 (rows,) UTC ms as the shop says, NO_TIME where it does not."""

    created: Longs = field(default_factory=lambda: np.zeros(0, np.int64))
    name: str = "fresh"

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """New rows: (1 + shoppers who bought it for the first time, decayed) · share of newness that is left."""
        moment = context.moment
        order, since = moment.once((self, "since"), self._by_age)
        first, end = np.searchsorted(since, [context.now - WINDOW * DAY, context.now], side="right")
        rows, since = order[first:end], since[first:end]
        shown = context.mask[rows]
        rows, since = rows[shown], since[shown]
        left = 1.0 - (context.now - since) / (WINDOW * DAY)
        scores = (1.0 + moment.decayed(f"first{FIRST}", FIRST, rows)) * left if moment.timed else left
        return found(self.name, rows, scores.astype(np.float32), limit)

    def _by_age(self, columns: Mapping[str, Longs]) -> tuple[Ints, Longs]:
        """Rows by when they came or were first bought, the oldest first, and when; of some nobody knows."""
        since = np.where(self.created != NO_TIME, self.created, columns["began"])
        order = np.argsort(since, kind="stable")[np.count_nonzero(since == NO_TIME) :]
        return order.astype(np.int32), since[order]

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """They are new, or nobody knows and somebody bought them."""
        return [Because("first bought lately" if self.created[row] == NO_TIME else "new in the shop") for row in rows]

    def save(self, folder: Path) -> None:
        """Write when products came."""
        folder.mkdir(parents=True)
        np.save(folder / "created.npy", self.created)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read when products came."""
        return cls(np.load(folder / "created.npy"))
