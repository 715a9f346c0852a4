"""Which of its variants stands for a row on a slate: the stages before price it and count it, the page shows it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.catalogue.catalogue import Catalogue
from aisle.records.campaign import RUNNING
from aisle.records.history import Bools, Ints, Longs, spans
from aisle.records.request import NUMBERED, Context

Fits = Callable[[Context, Longs], Longs]  # units → how well each fits what the query says, int64 (n,)


def best_sellers(catalogue: Catalogue, rows: Ints, sales: NDArray[Any], units: Bools) -> Ints:
    """Of each row the unit that sells most among those that may be shown, int32 (n,)."""
    starts = catalogue.starts
    sizes = starts[rows + 1] - starts[rows]
    at = spans(starts, rows)
    worth = np.where(units[at], sales[at], -1)
    most = np.maximum.reduceat(worth, np.cumsum(sizes) - sizes)
    best = np.flatnonzero(worth == np.repeat(most, sizes))
    _, first = np.unique(np.repeat(np.arange(len(rows)), sizes)[best], return_index=True)
    return at[best[first]].astype(np.int32)


@dataclass(frozen=True)
class Variants:
    """sales: how often each unit was taken; pinned: rows → the unit that a rule pins."""

    catalogue: Catalogue
    sales: Callable[[], NDArray[Any]]
    fits: Fits = lambda context, units: np.zeros(len(units), np.int64)
    pinned: Mapping[int, int] = field(default_factory=dict)

    def of(self, context: Context, rows: Ints) -> Ints:
        """int32 (n,): the unit that is pinned or whose number was asked for; else, of those that have most of what the
        query says ("red", "42"), the one that this shopper bought last, else the one that sells most."""
        starts = self.catalogue.starts
        units = starts[rows].astype(np.int32)
        several = np.flatnonzero(starts[rows + 1] - starts[rows] > 1)
        if not len(several):
            return units
        some = rows[several]
        units[several] = best_sellers(self.catalogue, some, self.sales(), context.units)
        special = np.isin(some, context.history.rows) | self._differ(context, some)
        wanted = [int(unit) for unit in context.memo.get(NUMBERED, ())]
        wanted += [unit for one in context.memo.get(RUNNING, ()) for unit in one.pinned.values()]
        wanted += self.pinned.values()
        special |= np.isin(some, self.catalogue.row_of[np.array(wanted, np.int64)])
        for at in several[special]:
            units[at] = self._one(context, int(rows[at]), int(units[at]), wanted)
        return units

    def _differ(self, context: Context, rows: Ints) -> Bools:
        """bool (n,): has a row units that fit the query better than others of it."""
        if not context.reading.words:
            return np.zeros(len(rows), bool)
        fit = self.fits(context, spans(self.catalogue.starts, rows))
        sizes = self.catalogue.starts[rows + 1] - self.catalogue.starts[rows]
        begins = np.cumsum(sizes) - sizes
        return np.asarray(np.maximum.reduceat(fit, begins) > np.minimum.reduceat(fit, begins))

    def _one(self, context: Context, row: int, best: int, wanted: Sequence[int]) -> int:
        first, end = int(self.catalogue.starts[row]), int(self.catalogue.starts[row + 1])
        for unit in wanted:
            if first <= unit < end and context.units[unit]:
                return int(unit)
        members = np.flatnonzero(context.units[first:end]) + first
        if not len(members):
            return best
        if context.reading.words and len(members) > 1:
            fit = self.fits(context, members)
            members = members[fit == fit.max()]
        mine = context.history.units[context.history.rows == row]
        mine = mine[np.isin(mine, members)]
        return int(mine[-1]) if len(mine) else int(members[np.argmax(self.sales()[members])])
