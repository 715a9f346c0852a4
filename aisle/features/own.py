"""What this shopper has done with this very product: how often, how lately, on what rhythm."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aisle.features.taken import Doubles, Taken, taken
from aisle.records.history import Floats, History, Ints
from aisle.records.request import Context

HALF_LIVES = (10, 30, 80, 200)  # days
WINDOWS = (7, 14, 28, 56, 84, 168)  # days
PERIOD = 28  # days: in how many of the last six periods was it bought
SHORTEST = 0.25  # days: two orders within hours are no rhythm
PRIOR_GAPS = 2.0  # how many of the product's usual gaps a shopper's own rhythm is shrunk towards


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
        past = taken(context, self.target)
        out = np.zeros((len(rows), len(self.names)), np.float32)
        table = self._table(past, context)
        at, hit = past.find(rows)
        out[hit, :-1] = table[at[hit]]
        out[~hit, 1] = out[~hit, 2] = np.nan
        out[~hit, 14:21] = np.nan
        out[:, -1] = self._touches(context.history, rows)
        return out

    def _touches(self, history: History, rows: Ints) -> NDArray[np.int64]:
        """How often each was looked at or put in a basket, without being bought."""
        others = np.sort(history.rows[~np.isin(history.types, self.target)])
        return np.searchsorted(others, rows, side="right") - np.searchsorted(others, rows)

    def _table(self, past: Taken, context: Context) -> Doubles:
        """The values of the rows known, without the touches: float64 (k, len(names) - 1)."""
        if not len(past.known):
            return np.zeros((0, len(self.names) - 1))
        if not past.timed:
            counts = np.bincount(past.inverse).astype(float)
            blank = np.full((len(past.known), len(self.names) - 2), np.nan)
            return np.column_stack([counts, blank])
        return np.column_stack(self._columns(past, context))

    def _columns(self, past: Taken, context: Context) -> list[Doubles]:
        known, inverse, ages, visits = past.known, past.inverse, past.ages, past.visits
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
        lately = ages < 6 * PERIOD
        periods = np.zeros((6, size), bool)
        periods[(ages[lately] // PERIOD).astype(np.int64), inverse[lately]] = True
        quantities = np.nan_to_num(past.history.quantities, nan=1.0)
        lines = np.bincount(np.searchsorted(known, past.history.rows), quantities, size)
        newest_first = np.sort(visits)
        orders_since = np.searchsorted(newest_first, since - 1e-9)
        chances = np.searchsorted(newest_first, first + 1e-9)
        recent = max(1, int((visits <= 84).sum()))
        return [
            orders, since, first,
            *(total(np.exp2(-ages / h)) for h in HALF_LIVES), *(total(ages <= w) for w in WINDOWS),
            periods.sum(axis=0).astype(float), lines / orders, last_gap, spread,
            own_gap, since / own_gap, orders_since.astype(float), orders / np.maximum(chances + 1, 2),
            total(ages <= 84) / recent,
        ]  # fmt: skip


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
    return context.moment.once("shop_gap", lambda columns: _mean_gap(columns["span"], columns["gaps"]))


def _mean_gap(span: NDArray[np.int64], gaps: NDArray[np.int64]) -> float:
    often = int(gaps.sum())
    return float(span.sum()) / 24 / often if often else 28.0
