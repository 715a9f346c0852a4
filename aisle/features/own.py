"""What this shopper has done with this very product: how often, how lately, on what rhythm."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aisle.features.taken import taken
from aisle.records.history import NO_TIME, Floats, History, Ints
from aisle.records.request import Context
from aisle.records.times import DAY

HALF_LIVES = (10, 30, 80, 200)  # days
WINDOWS = (7, 14, 28, 56, 84, 168)  # days
PERIOD = 28  # days: in how many of the last six periods was it bought
SHORTEST = 0.25  # days: two orders within hours are no rhythm
PRIOR_GAPS = 2.0  # how many of the product's usual gaps a shopper's own rhythm is shrunk towards

Doubles = NDArray[np.float64]


@dataclass
class OwnProduct:
    """A `Feature` of (shopper, product). Counts are 0 and times NaN for a product this shopper never had."""

    target: tuple[int, ...]
    names: tuple[str, ...] = (
        "own_orders", "own_days_since", "own_days_known",
        *(f"own_decayed_{h}" for h in HALF_LIVES), *(f"own_orders_{w}" for w in WINDOWS),
        "own_periods", "own_quantity", "own_gap_last", "own_gap_spread", "own_gap", "own_cycle",
        "own_orders_since", "own_rate", "own_share", "own_touches",
    )  # fmt: skip

    def values(self, context: Context, rows: Ints) -> Floats:
        """float32 (n, len(names))."""
        history, once = taken(context, self.target)
        out = np.zeros((len(rows), len(self.names)), np.float32)
        known, table = self._table(history, once, context)
        if len(known):
            at = np.minimum(np.searchsorted(known, rows), len(known) - 1)
            hit = known[at] == rows
            out[hit, :-1] = table[at[hit]]
            out[~hit, 1] = out[~hit, 2] = np.nan
            out[~hit, 14:21] = np.nan
        else:
            out[:, [1, 2, *range(14, 21)]] = np.nan
        out[:, -1] = self._touches(context.history, rows)
        return out

    def _touches(self, history: History, rows: Ints) -> Floats:
        """How often it was looked at or put in a basket, without being bought."""
        others = history.rows[~np.isin(history.types, self.target)]
        return np.array([np.count_nonzero(others == row) for row in rows] if len(others) else 0, np.float32)

    def _table(self, history: History, once: History, context: Context) -> tuple[Ints, Doubles]:
        """Known rows, ascending, and their values without the touches: float64 (k, len(names) - 1)."""
        visits = order_ages(history, context.now)
        known, inverse = np.unique(once.rows, return_inverse=True)
        if not len(known):
            return known, np.zeros((0, len(self.names) - 1))
        if once.times[0] == NO_TIME:
            counts = np.bincount(inverse).astype(float)
            blank = np.full((len(known), len(self.names) - 2), np.nan)
            return known, np.column_stack([counts, blank])
        ages = np.maximum(context.now - once.times, 0) / DAY
        return known, np.column_stack(self._columns(known, inverse, ages, history, visits, context))

    def _columns(
        self,
        known: Ints,
        inverse: NDArray[np.int64],
        ages: Doubles,
        history: History,
        visits: Doubles,
        context: Context,
    ) -> list[Doubles]:
        size = len(known)

        def total(weights: NDArray[np.generic]) -> Doubles:
            return np.asarray(np.bincount(inverse, weights.astype(float), size), np.float64)

        orders = total(np.ones(len(ages)))
        since, first = np.full(size, np.inf), np.zeros(size)
        np.minimum.at(since, inverse, ages)
        np.maximum.at(first, inverse, ages)
        last_gap, spread = rhythm(inverse, ages, orders, since, first)
        usual = product_gap(context, known)
        own_gap = np.maximum(((first - since) + PRIOR_GAPS * usual) / (orders - 1 + PRIOR_GAPS), SHORTEST)
        periods = np.unique(inverse * 1000 + np.minimum(ages // PERIOD, 999).astype(np.int64))
        periods = periods[periods % 1000 < 6] // 1000
        lines = np.bincount(np.searchsorted(known, history.rows), np.nan_to_num(history.quantities, nan=1.0), size)
        newest_first = np.sort(visits)
        orders_since = np.searchsorted(newest_first, since - 1e-9)
        chances = np.searchsorted(newest_first, first + 1e-9)
        recent = max(1, int((visits <= 84).sum()))
        return [
            orders, since, first,
            *(total(np.exp2(-ages / h)) for h in HALF_LIVES), *(total(ages <= w) for w in WINDOWS),
            np.bincount(periods, minlength=size).astype(float), lines / orders, last_gap, spread,
            own_gap, since / own_gap, orders_since.astype(float), orders / np.maximum(chances + 1, 2),
            total(ages <= 84) / recent,
        ]  # fmt: skip


def order_ages(history: History, now: int) -> Doubles:
    """Days since each distinct order, float64 (orders,)."""
    if not len(history) or history.times[0] == NO_TIME:
        return np.zeros(0)
    marks = np.where(history.orders >= 0, history.orders, history.times)
    _, at = np.unique(marks, return_index=True)
    return np.asarray(np.maximum(now - history.times[at], 0) / DAY, np.float64)


def rhythm(
    inverse: NDArray[np.int64], ages: Doubles, orders: Doubles, since: Doubles, first: Doubles
) -> tuple[Doubles, Doubles]:
    """The last gap between two orders of a row in days, and how far its gaps spread (standard deviation)."""
    size = len(orders)
    gap = np.divide(first - since, orders - 1, out=np.full(size, np.nan), where=orders > 1)
    order = np.lexsort((ages, inverse))
    owner, sorted_ages = inverse[order], ages[order]
    gaps, same = np.diff(sorted_ages), owner[1:] == owner[:-1]
    squares = np.bincount(owner[1:][same], gaps[same] ** 2, size)
    spread = np.sqrt(np.maximum(squares / np.maximum(orders - 1, 1) - np.nan_to_num(gap) ** 2, 0))
    newest = np.r_[True, owner[1:] != owner[:-1]][:-1] & same if len(owner) > 1 else np.zeros(0, bool)
    last = np.full(size, np.nan)
    last[owner[:-1][newest]] = gaps[newest]
    return last, np.where(orders > 1, spread, np.nan)


def product_gap(context: Context, rows: Ints) -> Doubles:
    """The usual days between two orders of a product by one shopper, shrunk to the shop's mean by five gaps."""
    moment = context.moment
    span, gaps = moment.columns["span"], moment.columns["gaps"]
    mean = shop_gap(context)
    return np.asarray((span[rows] / 24 + 5 * mean) / (gaps[rows] + 5), np.float64)


def shop_gap(context: Context) -> float:
    """The shop's mean days between two orders of one product by one shopper; 28 where nothing was bought twice."""
    gaps = int(context.moment.columns["gaps"].sum())
    return float(context.moment.columns["span"].sum()) / 24 / gaps if gaps else 28.0
