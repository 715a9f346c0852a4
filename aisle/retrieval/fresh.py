"""Fresh: what came into the shop lately, or was first bought lately, the more readily the more are discovering it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np

from aisle.records.candidates import Candidates, found
from aisle.records.history import NO_TIME, Longs
from aisle.records.request import Context
from aisle.records.slate import Because
from aisle.records.times import DAY

WINDOW = 42  # days that a product counts as new
FIRST = 14  # half-life of first purchases, days


@dataclass
class Fresh:
    """A `Retriever`. created: int64 (rows,) UTC ms as the shop says, NO_TIME where it does not."""

    created: Longs = field(default_factory=lambda: np.zeros(0, np.int64))
    name: str = "fresh"

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """New rows: (1 + shoppers who bought it for the first time, decayed) · share of newness that is left."""
        moment = context.moment
        began = moment.columns["began"]
        since = np.where(self.created != NO_TIME, self.created, began)
        young = (since != NO_TIME) & (since > context.now - WINDOW * DAY) & (since <= context.now) & context.mask
        rows = np.flatnonzero(young).astype(np.int32)
        left = 1.0 - (context.now - since[rows]) / (WINDOW * DAY)
        scores = (1.0 + moment.decayed(f"first{FIRST}", FIRST, rows)) * left if moment.timed else left
        return found(self.name, rows, scores.astype(np.float32), limit)

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """They are new."""
        return [Because("new in the shop")] * len(rows)

    def save(self, folder: Path) -> None:
        """Write when products came."""
        folder.mkdir(parents=True)
        np.save(folder / "created.npy", self.created)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read when products came."""
        return cls(np.load(folder / "created.npy"))
