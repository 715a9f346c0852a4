"""What this shopper does within a product's category, department or brand: the way to products still unknown."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from aisle.catalogue.levels import Levels
from aisle.features.taken import taken
from aisle.records.history import Floats, Ints
from aisle.records.request import Context

WHAT = ("decayed_80", "decayed_30", "days_since", "products", "new", "lift", "own_part")
NEW = 84  # days
PRIOR = 20.0  # orders that a shopper's own distribution is shrunk by


@dataclass
class OwnLevel:
    """A `Feature` of (shopper, level of the product).

    decayed: orders in the level; days_since: since the last; products: distinct ones known; new: of these, first
    bought within NEW days; lift: log of the shopper's share over the shop's; own_part: the product's part of it.
    """

    target: tuple[int, ...]
    levels: Levels
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.names = tuple(f"{level}_{what}" for level in self.levels.names for what in WHAT)

    def values(self, context: Context, rows: Ints) -> Floats:
        """float32 (n, len(names))."""
        if not self.names:
            return np.zeros((len(rows), 0), np.float32)
        levels, past = self.levels, taken(context, self.target)
        decayed = np.exp2(-past.ages / 80)
        slow = levels.counted(past.once.rows, decayed)
        quick = levels.counted(past.once.rows, np.exp2(-past.ages / 30))
        since = np.full(len(levels.nowhere), np.inf)
        np.minimum.at(since, levels.flat[past.once.rows].ravel(), np.repeat(past.ages, len(levels.names)))
        first = np.zeros(len(past.known))
        np.maximum.at(first, past.inverse, past.ages)
        asked = levels.flat[rows]
        share, mine = levels.shares(context.moment)[asked], slow[asked]
        out = np.empty((*asked.shape, len(WHAT)), np.float32)
        out[..., 0], out[..., 1] = mine, quick[asked]
        days = since[asked]
        out[..., 2] = np.where(np.isinf(days), np.nan, days)
        out[..., 3] = levels.counted(past.known)[asked]
        out[..., 4] = levels.counted(past.known, first <= NEW)[asked]
        out[..., 5] = np.log((mine + PRIOR * share) / (levels.by_level(slow) + PRIOR) / share)
        out[..., 6] = self._own(past.inverse, decayed, *past.find(rows))[:, None] / np.maximum(mine, 1e-3)
        out[levels.nowhere[asked]] = np.nan
        return out.reshape(len(rows), len(self.names))

    @staticmethod
    def _own(
        inverse: NDArray[np.int64], decayed: NDArray[np.float64], at: NDArray[np.int64], hit: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """The decayed orders of each asked row itself, float64 (n,)."""
        if not len(inverse):
            return np.zeros(len(at))
        return np.where(hit, np.bincount(inverse, decayed)[at], 0.0)
