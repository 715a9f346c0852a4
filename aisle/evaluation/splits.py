"""Splits by time: what was known at a moment, and what happened in the weeks behind it. Never at random.

A log without times is split by order: what each shopper took last, in one order, is the future, all before it the past.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from aisle.records.history import NO_TIME, Bools, Interactions, Ints, Longs, numbered
from aisle.records.times import DAY, iso

BACK = 2  # splits by order: further back, most shoppers have no past
FEWEST = 30  # shoppers with a past and a future that a split by time needs


Types = tuple[int, ...]  # codes of event types
NOTHING: Mapping[str, Types] = {}


@dataclass(frozen=True, slots=True)
class Future:
    """What shoppers did: of shopper i with the int32 `rows[indptr[i]:indptr[i + 1]]`, distinct and ascending."""

    indptr: Longs
    rows: Ints

    def of(self, shopper: int) -> Ints:
        """The rows of one shopper."""
        return self.rows[self.indptr[shopper] : self.indptr[shopper + 1]]


@dataclass(frozen=True, slots=True)
class Cut:
    """`past` as known at `now` (UTC ms); the future rows of shopper i are `rows[indptr[i]:indptr[i + 1]]`, distinct.

    Shoppers keep their index in the whole log. `until` is where the future ends; beside: what else they did by then.
    ago: int64 (shoppers,), where each one's future began at another moment, in a log with times: how long before `now`,
    ms; below 0 behind it.
    """

    now: int
    until: int
    past: Interactions
    indptr: Longs
    rows: Ints
    back: int = 0  # of a split by order: interactions behind the future one
    beside: Mapping[str, Future] = field(default_factory=dict)
    ago: Longs = field(default_factory=lambda: np.zeros(0, np.int64))

    @property
    def by_order(self) -> bool:
        """Is the future of each what they took last, whenever that was."""
        return self.until == self.now

    @property
    def told(self) -> str:
        """When what is right was taken, in words."""
        return "last, in one order" if self.by_order else f"in the weeks after {iso(self.now)}"

    @property
    def name(self) -> str:
        """What to call it: its day, or the place from each shopper's end where a log is split by order."""
        return iso(self.now)[:10] if not self.by_order else f"the last but {self.back}" if self.back else "the last"

    def future(self, shopper: int) -> Ints:
        """What the shopper of this index took in the future, int32 rows, ascending."""
        return self.rows[self.indptr[shopper] : self.indptr[shopper + 1]]

    def buyers(self) -> Longs:
        """Indices of shoppers who took something."""
        return np.flatnonzero(np.diff(self.indptr)).astype(np.int64)


def at_time(log: Interactions, target: Types, now: int, until: int, beside: Mapping[str, Types] = NOTHING) -> Cut:
    """The split at `now`; the future are interactions of `target` types before `until`, and those `beside` it."""
    inside = (log.columns.times >= now) & (log.columns.times < until)
    futures = {name: _future(log, inside & np.isin(log.columns.types, types)) for name, types in beside.items()}
    taken = _future(log, inside & np.isin(log.columns.types, target))
    return Cut(now, until, log.before(now), taken.indptr, taken.rows, beside=futures)


def at_order(log: Interactions, target: Types, back: int, now: int, whole: bool = True) -> Cut:
    """The split before each shopper's `back`-th last order of the target (1 = the last), which is the future with all
    of its lines. What names no order is one by its time, and in a log without times by itself; without `whole` each
    line is."""
    wanted = np.isin(log.columns.types, target)
    owners = log.owners()
    lines = np.flatnonzero(wanted)
    order, begins = _orders(log, lines) if whole else (np.arange(len(lines)), lines)
    seen = np.bincount(owners[begins], minlength=len(log.shoppers))  # orders of each shopper, by where they begin
    from_end = np.cumsum(seen)[owners[begins]] - np.arange(len(begins))  # the order's place from the end, 1 = last
    future = np.zeros(len(log), bool)
    future[lines] = (from_end == back)[order]
    # the past ends where the future begins; interactions of other types behind it are unknown, too
    place = np.full(len(log.shoppers), -1, np.int64)
    place[owners[begins[from_end == back]]] = begins[from_end == back]
    taken = _future(log, future)
    past = log.keep(np.arange(len(log)) < place[owners])
    ago = np.where(place >= 0, now - log.columns.times[place], 0) if log.timed else np.zeros(0, np.int64)
    return Cut(now, now, past, taken.indptr, taken.rows, back - 1, ago=ago)


def visiting(log: Interactions, target: Types, cut: Cut, beside: Mapping[str, Types] = NOTHING) -> Cut:
    """A split by time, asked in the middle of visits: of each shopper the first order behind it is the future, and all
    before that order, also what was looked at just now, the past."""
    times, owners = log.columns.times, log.owners()
    lines = np.flatnonzero(np.isin(log.columns.types, target) & (times >= cut.now) & (times < cut.until))
    order, begins = _orders(log, lines)
    buyers, first = np.unique(owners[begins], return_index=True)
    future = np.zeros(len(log), bool)
    future[lines] = np.isin(order, first)
    place = np.full(len(log.shoppers), np.searchsorted(owners, np.arange(len(log.shoppers)), "right"))
    place[buyers] = begins[first]
    came = np.isin(np.arange(len(log.shoppers)), buyers)
    behind = (np.arange(len(log)) >= place[owners]) | (~came[owners] & (times >= cut.now))
    ago = np.zeros(len(log.shoppers), np.int64)
    ago[buyers] = cut.now - times[place[buyers]]
    futures = {name: _future(log, behind & (times < cut.until) & np.isin(log.columns.types, types))
               for name, types in beside.items()}  # fmt: skip
    taken = _future(log, future)
    return Cut(cut.now, cut.until, log.keep(~behind), taken.indptr, taken.rows, beside=futures, ago=ago)


def _orders(log: Interactions, lines: Longs) -> tuple[Longs, Longs]:
    """Which order each of some lines is of, int64 (n,), numbered by where they begin; and where, int64 (orders,). The
    lines of an order need not stand together: a file may be sorted by product."""
    columns, owners = log.columns.take(lines), log.owners()[lines]
    order, at = numbered(owners, columns.orders >= 0, columns.marks())
    return order, lines[at]


def _future(log: Interactions, future: Bools) -> Future:
    size = int(log.columns.rows.max(initial=0)) + 1
    pairs = np.unique(log.owners()[future].astype(np.int64) * size + log.columns.rows[future])
    counts = np.bincount(pairs // size, minlength=len(log.shoppers))
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Future(indptr, (pairs % size).astype(np.int32))


def cuts(
    log: Interactions, target: Types, horizon: int, spacing: int, count: int, beside: Mapping[str, Types] = NOTHING
) -> list[Cut]:
    """`count` + 1 splits, newest first: by time where the log allows it, else by order.

    horizon, spacing: days; however narrow the spacing, what the first two are judged by lies behind all that those
    before them learn from. A log shorter than four horizons is cut at a shorter one. An order of events tells nothing
    of what is `beside` the target: there is no span of time in which it would have happened.
    """
    wanted = log.of(target)
    if not len(wanted):
        return []
    times = wanted.columns.times[wanted.columns.times != NO_TIME]
    if log.timed and len(times):
        end, start = int(times.max()) + 1, int(np.quantile(times, 0.02))
        length = min(horizon * DAY, max((end - start) // 5, 1))
        step = max(1, int(length * spacing / horizon))
        back = np.r_[0, np.cumsum([max(step, length)] * 2 + [step] * count)][: count + 1]
        moments = [end - length - int(days) for days in back]
        made = [at_time(log, target, m, m + length, beside) for m in moments if m > start + length]
        good = [cut for cut in made if usable(cut)]
        if len(good) >= 2:
            return good
    end = int(log.columns.times.max()) + 1 if log.timed else 0
    for whole in (True, False):  # where nobody comes back, what is left to predict is the rest of an order
        made = [at_order(log, target, back, end, whole) for back in range(1, min(count, BACK) + 2)]
        if good := [cut for cut in made if usable(cut)]:
            return good
    return []


def usable(cut: Cut) -> bool:
    """Do enough shoppers have both a past and a future."""
    return int(((np.diff(cut.past.indptr) > 0) & (np.diff(cut.indptr) > 0)).sum()) >= FEWEST
