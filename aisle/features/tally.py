"""What products have come to: counters a row, folded from the log, the same whether streamed or folded at once.

Everything rests on the *pair* (shopper, row): how many orders, when first, when last. A new event changes one pair,
and a row's counters by the difference. Counters are integers (decayed ones in fixed point), so late and out-of-order
events give bit-for-bit the state of a fold from the start.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.records.history import (
    HERE,
    LAST_BUYERS,
    NO_MARKET,
    NO_TIME,
    SHIFT,
    History,
    Interactions,
    Ints,
    Longs,
    Moment,
    stacked,
)
from aisle.records.times import DAY

FIRST_BUYERS = (14, 56)  # the same at the first purchase: what is being discovered
LINES = (7, 28)  # every purchase line
LOOKED = (28,)  # every look
COUNTS = ("lines", "orders", "buyers", "returned", "span", "gaps", "refunds", "looks")
DECAYED = (
    *(f"last{h}" for h in LAST_BUYERS),
    *(f"first{h}" for h in FIRST_BUYERS),
    *(f"lines{h}" for h in LINES),
    *(f"looks{h}" for h in LOOKED),
)
HOUR = 3_600_000
MARKETS = 64  # that have a column of their own


def weight(times: Longs, reference: int, half_life: float) -> Longs:
    """2^((t - reference) / half-life) in fixed point, int64; times after the reference weigh more than one."""
    exponent = np.clip((times - reference) / (half_life * DAY), -60.0, 20.0)
    return np.asarray(np.round(np.exp2(exponent) * (1 << SHIFT)), np.int64)


class Tally:
    """Counters of `rows` rows, decayed ones relative to `reference` (UTC ms)."""

    def __init__(self, rows: int, reference: int, timed: bool = True) -> None:
        self.reference, self.timed, self.version = reference, timed, 0
        self.columns: dict[str, Longs] = {name: np.zeros(rows, np.int64) for name in (*COUNTS, *DECAYED)}
        self.columns["began"] = np.full(rows, NO_TIME, np.int64)
        self.columns["ended"] = np.full(rows, NO_TIME, np.int64)
        self._memo: dict[object, tuple[int, Any]] = {}

    def moment(self, now: int) -> Moment:
        """The counters as of `now`: views that later events will change, so take one a request."""
        return Moment(now, self.reference, self.columns, self.timed, self.version, self._memo)

    def fold(self, log: Interactions) -> "Tally":
        """Count a whole log into empty counters."""
        self._open(log.columns)
        self._count_pairs(log.owners(), log.columns)
        self._count_lines(log.columns.rows, log.columns.times)
        return self

    def count(self, owners: Ints, before: History, new_owners: Ints, new: History) -> None:
        """Stream events in: `new`, and all that the same pairs had come to `before`; owners: int32 (n,), numbers of
        the shoppers."""
        if not len(new):
            return
        self._open(new)
        self._count_pairs(owners, before, sign=-1)
        self._count_pairs(np.r_[owners, new_owners], stacked([before, new]))
        self._count_lines(new.rows, new.times)
        self.version += 1  # last: what is worked out meanwhile, by another thread, holds for the version before

    def _count_pairs(self, owners: Ints, columns: History, sign: int = 1) -> None:
        """Add (or with sign -1 take back) what pairs have come to; a pair is of the market that it began in."""
        if not len(columns):
            return
        add = self._add
        order = np.lexsort((columns.offsets, columns.times, columns.rows, owners))
        times = columns.times[order]
        pairs = owners[order].astype(np.int64) * len(self.columns["lines"]) + columns.rows[order]
        starts = np.flatnonzero(np.r_[True, pairs[1:] != pairs[:-1]])
        orders = np.add.reduceat(_new_order(pairs, columns.marks()[order]), starts)
        first, last = times[starts], times[np.r_[starts[1:], len(pairs)] - 1]
        rows, markets = columns.rows[order][starts], columns.markets[order][starts]
        add("orders", rows, orders * sign)
        add("buyers", rows, np.full(len(rows), sign, np.int64))
        add("returned", rows, (orders > 1) * sign)
        for market in np.unique(markets):
            if f"{HERE}{market}" not in self.columns:
                continue
            mine = rows[markets == market]
            add(f"{HERE}{market}", mine, np.full(len(mine), sign, np.int64))
        if not self.timed:
            return
        add("span", rows, (last - first) // HOUR * sign)
        add("gaps", rows, (orders - 1) * sign)
        for half_life in LAST_BUYERS:
            add(f"last{half_life}", rows, weight(last, self.reference, half_life) * sign)
        for half_life in FIRST_BUYERS:
            add(f"first{half_life}", rows, weight(first, self.reference, half_life) * sign)

    def _open(self, columns: History) -> None:
        """A column of every market in which something was taken, also where no pair began: a late event may move the
        beginning of the only one. The first MARKETS that the log names: a market is a word that events bring."""
        told = np.argsort(columns.offsets, kind="stable")
        told = told[columns.markets[told] != NO_MARKET]
        markets, first = np.unique(columns.markets[told], return_index=True)
        for market in markets[np.argsort(first)]:
            if sum(name.startswith(HERE) for name in self.columns) < MARKETS:
                self.columns.setdefault(f"{HERE}{market}", np.zeros(len(self.columns["lines"]), np.int64))

    def _count_lines(self, rows: NDArray[np.int32], times: Longs) -> None:
        self._add("lines", rows, np.ones(len(rows), np.int64))
        if not self.timed:
            return
        for half_life in LINES:
            self._add(f"lines{half_life}", rows, weight(times, self.reference, half_life))
        for name, better in (("began", np.minimum), ("ended", np.maximum)):
            unset = self.columns[name][rows] == NO_TIME
            self.columns[name][rows[unset]] = times[unset]
            better.at(self.columns[name], rows, times)

    def look(self, rows: Ints, times: Longs) -> None:
        """Count what was looked at, put into a basket or on a list without being the target, (n,). What is derived from
        counters of the target stays."""
        self._add("looks", rows, np.ones(len(rows), np.int64))
        for half_life in LOOKED if self.timed else ():
            self._add(f"looks{half_life}", rows, weight(times, self.reference, half_life))

    def refund(self, rows: NDArray[np.int32]) -> None:
        """Count what was sent back, (n,)."""
        if not len(rows):
            return
        self._add("refunds", rows, np.ones(len(rows), np.int64))
        self.version += 1

    def _add(self, name: str, rows: NDArray[np.int32], amounts: NDArray[np.int64] | NDArray[np.bool_]) -> None:
        np.add.at(self.columns[name], rows, amounts)


def _new_order(pairs: Longs, marks: Longs) -> Longs:
    """1 where an interaction opens a new order of its pair."""
    return np.asarray(np.r_[True, (pairs[1:] != pairs[:-1]) | (marks[1:] != marks[:-1])], np.int64)


def saved(tally: Tally) -> Mapping[str, NDArray[np.int64]]:
    """The counters as arrays to store beside a generation."""
    return {**tally.columns, "reference": np.array([tally.reference, int(tally.timed)], np.int64)}


def loaded(arrays: Mapping[str, NDArray[np.int64]]) -> Tally:
    """The counters that `saved` gave."""
    reference, timed = (int(v) for v in arrays["reference"])
    tally = Tally(len(arrays["lines"]), reference, bool(timed))
    named = [*tally.columns, *(name for name in arrays if name.startswith(HERE))]
    tally.columns = {name: np.array(arrays[name]) for name in named}
    return tally
