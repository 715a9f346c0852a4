"""What this shopper does within a product's category, department or brand: the way to products still unknown."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from aisle.features.taken import taken
from aisle.features.totals import LevelTotals
from aisle.records.history import NO_TIME, Floats, Ints
from aisle.records.request import Context
from aisle.records.times import DAY

WHAT = ("decayed_80", "decayed_30", "days_since", "products", "new", "lift", "own_part")
NEW = 84  # days
PRIOR = 20.0  # orders that a shopper's own distribution is shrunk by


@dataclass
class OwnLevel:
    """A `Feature` of (shopper, level of the product). levels: int32 (rows, k), -1 where a row has no such level.

    decayed: orders in the level; days_since: since the last; products: distinct ones known; new: of these, first
    bought within NEW days; lift: log of the shopper's share over the shop's; own_part: the product's part of it.
    """

    target: tuple[int, ...]
    levels: NDArray[np.int32]
    level_names: tuple[str, ...]
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self._totals = LevelTotals(self.levels)
        self.names = tuple(f"{level}_{what}" for level in self.level_names for what in WHAT)

    def values(self, context: Context, rows: Ints) -> Floats:
        """float32 (n, len(names))."""
        _, once = taken(context, self.target)
        timed = bool(len(once)) and once.times[0] != NO_TIME
        ages = np.maximum(context.now - once.times, 0) / DAY if timed else np.zeros(len(once))
        decayed = np.exp2(-ages / 80)
        known, inverse = np.unique(once.rows, return_inverse=True)
        own = np.bincount(inverse, decayed, len(known)) if len(known) else np.zeros(0)
        first = np.zeros(len(known))
        np.maximum.at(first, inverse, ages)
        at = np.minimum(np.searchsorted(known, rows), max(len(known) - 1, 0))
        mine = np.where(known[at] == rows, own[at], 0.0) if len(known) else np.zeros(len(rows))
        lines = known[inverse] if len(known) else known
        shops = self._totals.of(context.moment, "orders")
        parts = [
            self._level(codes, shop, lines, ages, decayed, known, first, mine, rows)
            for codes, shop in zip(self.levels.T, shops, strict=True)
        ]
        return np.concatenate(parts, axis=1).astype(np.float32) if parts else np.zeros((len(rows), 0), np.float32)

    def _level(
        self, codes: Ints, shop: NDArray[np.float64], lines: Ints, ages: NDArray[np.float64],
        decayed: NDArray[np.float64], known: Ints, first: NDArray[np.float64], mine: NDArray[np.float64], rows: Ints,
    ) -> NDArray[np.float64]:  # fmt: skip
        size = len(shop)  # the last code stands for "none"
        of_line, of_known, asked = codes[lines] % size, codes[known] % size, codes[rows] % size
        slow = np.bincount(of_line, decayed, size)
        quick = np.bincount(of_line, np.exp2(-ages / 30), size)
        since = np.full(size, np.nan)
        np.fmin.at(since, of_line, ages)
        products = np.bincount(of_known, minlength=size).astype(float)
        new = np.bincount(of_known, first <= NEW, size)
        share = (shop + 1) / (shop.sum() + size)
        lift = np.log((slow + PRIOR * share) / (slow.sum() + PRIOR) / share)
        missing = asked == size - 1
        part = mine / np.maximum(slow[asked], 1e-3)
        table = [slow[asked], quick[asked], since[asked], products[asked], new[asked], lift[asked], part]
        return np.where(missing[:, None], np.nan, np.column_stack(table))
