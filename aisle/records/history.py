"""What shoppers did, as columns: the whole log (`Interactions`), one shopper's part of it (`History`), and what
the products of the catalogue have come to at one moment (`Moment`)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from aisle.errors import StageError
from aisle.records.digest import number
from aisle.records.times import DAY

T = TypeVar("T")
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

NO_TIME = np.iinfo(np.int64).min
NO_MARKET = -1
HERE = "here"  # a tally named so, with the code of a market behind it, counts that market's shoppers
EVERY = slice(None)
LONGEST_BACK = 20.0  # half-lives before the log's end that a decayed count is still taken back by
LOOKS = 20  # looks that are added to those at a product, one of which led to a purchase
LAST_BUYERS = (7, 28, 112)  # half-lives in days under which a moment counts the last purchases of shoppers
SHIFT = 20  # decayed tallies are integers in units of 2^-20: sums of integers do not depend on their order
DTYPES: Mapping[str, type[np.generic]] = {
    "rows": np.int32, "units": np.int32, "types": np.int8, "times": np.int64, "orders": np.int64,
    "quantities": np.float32, "offsets": np.int64, "markets": np.int32,
}  # fmt: skip


@lru_cache(maxsize=1 << 12)
def market_code(market: str) -> int:
    """A market's name as 31 bits, NO_MARKET for none. Two of a shop's markets collide about never."""
    return number(market, 4) if market else NO_MARKET


@lru_cache(maxsize=64)
def _among(types: tuple[int, ...]) -> Bools:
    """Is each code of a type one of these; ten times as quick as `isin` for the few events of a shopper."""
    return np.isin(np.arange(np.iinfo(np.int8).max + 1), types)


@dataclass(frozen=True, slots=True)
class History:
    """One shopper's interactions, oldest first: by time, then by log offset. Every column has shape (n,).

    rows: int32 rows of ranked groups; units: int32 rows of products sold; types: int8 codes of `event.TYPES`;
    times: int64 UTC ms or NO_TIME; orders: int64, equal within one order, -1 for none; quantities: float32, NaN where
    unknown; offsets: int64 log offsets; markets: int32 codes of markets, NO_MARKET for none.
    """

    rows: Ints
    units: Ints
    types: NDArray[np.int8]
    times: Longs
    orders: Longs
    quantities: Floats
    offsets: Longs
    markets: Ints

    def __post_init__(self) -> None:
        if len({len(getattr(self, name)) for name in DTYPES}) > 1:
            raise StageError("History", "columns of different lengths", "one length")

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, which: Longs | Bools) -> "History":
        """The interactions at `which` (indices or a mask), in that order."""
        return History(*(getattr(self, name)[which] for name in DTYPES))

    def of(self, types: tuple[int, ...]) -> "History":
        """The interactions of these types."""
        keep = self.types == types[0] if len(types) == 1 else _among(types)[self.types]
        return self if keep.all() else self.take(keep)

    def marks(self) -> Longs:
        """What interactions of one order have in common, int64 (n,): the order, without one the time; where neither is
        known each is an order of its own."""
        alone = np.where(self.times == NO_TIME, self.offsets, self.times)
        return np.where(self.orders >= 0, self.orders, alone)

    def latest(self) -> tuple[Ints, Longs]:
        """Distinct rows, latest first, and the times of their latest interactions."""
        rows, back = np.unique(self.rows[::-1], return_index=True)
        order = np.argsort(back, kind="stable")
        return rows[order], self.times[::-1][back[order]]

    def followed(self, rows: Ints, units: Ints, type_: int, time: int) -> "History":
        """The same, and behind it one interaction of a type with each of some rows (n,), of which nothing else is
        known."""
        many, market = len(rows), self.markets[-1] if len(self) else NO_MARKET
        said = {"rows": rows, "units": units, "types": type_, "times": time, "orders": -1, "quantities": np.nan,
                "offsets": -1, "markets": market}  # fmt: skip
        return History(**{
            name: np.concatenate([getattr(self, name), np.broadcast_to(np.asarray(said[name], dtype), many)])
            for name, dtype in DTYPES.items()
        })  # fmt: skip


def stacked(parts: Sequence[History]) -> History:
    """Several sets of columns one behind the other."""
    if not parts:
        return History(**{name: np.zeros(0, dtype) for name, dtype in DTYPES.items()})
    return History(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in DTYPES})


def no_history() -> History:
    """The history of a shopper who did nothing yet."""
    return History(**{name: np.zeros(0, dtype) for name, dtype in DTYPES.items()})


@dataclass(frozen=True, slots=True)
class Interactions:
    """A log as columns, sorted by shopper, time and offset; shopper i owns `indptr[i]:indptr[i + 1]`.

    shoppers: sorted ids, shape (s,), dtype `U`; indptr: int64 (s + 1,); columns: a History of all n interactions.
    `timed` says whether the log carries times: without them the order of the rows is the order. `lost`: events that
    were left out because they alone have none; `ahead`: those that were dated far behind the log's end. `below`: the
    value below which a rating speaks against a product and counts as its dismissal; `disliked`: how many did.
    `strange`: how many events were left out because no feed has their product, and one such product.
    """

    shoppers: NDArray[np.str_]
    indptr: Longs
    columns: History
    timed: bool = True
    lost: int = 0
    ahead: int = 0
    below: float = float("-inf")
    disliked: int = 0
    strange: tuple[int, str] = (0, "")

    def __len__(self) -> int:
        return len(self.columns)

    def find(self, shopper: str) -> int:
        """The index of a shopper, -1 for one who is not here."""
        at = int(np.searchsorted(self.shoppers, shopper)) if shopper else len(self.shoppers)
        return at if at < len(self.shoppers) and self.shoppers[at] == shopper else -1

    def history(self, index: int) -> History:
        """The history of the shopper at `index`: views, not copies."""
        part = slice(int(self.indptr[index]), int(self.indptr[index + 1]))
        return History(**{name: getattr(self.columns, name)[part] for name in DTYPES})

    def owners(self) -> Ints:
        """The shopper index of every interaction, int32 (n,)."""
        return np.repeat(np.arange(len(self.shoppers), dtype=np.int32), np.diff(self.indptr))

    def homes(self) -> Ints:
        """The last market that each shopper's events name, int32 (s,); NO_MARKET where none does."""
        made = np.full(len(self.shoppers), NO_MARKET, np.int32)
        named = np.flatnonzero(self.columns.markets != NO_MARKET)
        made[self.owners()[named]] = self.columns.markets[named]  # of several the last one stays
        return made

    def buyers(self, size: int) -> Longs:
        """How many shoppers each of `size` rows has, int64 (size,)."""
        pairs = np.unique(self.owners().astype(np.int64) * size + self.columns.rows)
        return np.bincount(pairs % max(size, 1), minlength=size).astype(np.int64)

    def keep(self, mask: Bools) -> "Interactions":
        """The interactions where `mask` (n,) holds; every shopper stays, perhaps with nothing."""
        counts = np.concatenate([[0], np.cumsum(mask)])
        return replace(self, indptr=counts[self.indptr].astype(np.int64), columns=self.columns.take(mask))

    def before(self, moment: int) -> "Interactions":
        """What had happened before `moment` (UTC ms)."""
        return self.keep(self.columns.times < moment)

    def of(self, types: tuple[int, ...]) -> "Interactions":
        """The interactions of these types."""
        return self.keep(np.isin(self.columns.types, types))


@dataclass(frozen=True, slots=True)
class Moment:
    """What the products have come to by `now` (UTC ms): one int64 (rows,) column a tally, exact under any order.

    Decayed columns hold Σ 2^((t - reference) / half-life) in units of 2^-SHIFT, so that moving `now` is one factor.
    `timed` is False for a log without times: nothing decays and no age is known. `version` grows with every event
    counted; what is derived from the columns alone is kept in `memo` until then (see `once`).
    """

    now: int
    reference: int = 0
    columns: Mapping[str, Longs] = field(default_factory=dict)
    timed: bool = True
    version: int = 0
    memo: dict[object, tuple[int, Any]] = field(default_factory=dict, compare=False, repr=False)

    def once(self, key: object, work: Callable[[Mapping[str, Longs]], T]) -> T:
        """What follows from the columns alone, worked out anew only where an event was counted since."""
        kept = self.memo.get(key)
        if kept is None or kept[0] != self.version:
            kept = self.memo[key] = (self.version, work(self.columns))
        return kept[1]

    def here(self, market: int) -> Longs | None:
        """How many shoppers of a market each row has, int64 (rows,); None where no market is known."""
        return None if market == NO_MARKET else self.columns.get(f"{HERE}{market}")

    def count(self, name: str, rows: Ints) -> Floats:
        """How many, float32 (n,)."""
        return self.columns[name][rows].astype(np.float32)

    def decayed(self, name: str, half_life: float, rows: Ints | slice = EVERY) -> Floats:
        """A decayed count as of `now`, float32 (n,); `half_life` in days must be the one the column was made with."""
        return np.asarray(self.columns[name][rows] * (self.faded(half_life) * 2.0**-SHIFT), np.float32)

    def conversion(self, rows: Ints) -> Floats:
        """How many of those who looked at it took it, float32 (n,); shrunk by LOOKS looks, one of which led to it."""
        taken, looked = self.count("lines", rows), self.count("looks", rows)
        return np.asarray((taken + 1) / (taken + looked + LOOKS), np.float32)

    def faded(self, half_life: float) -> float:
        """What time has left of a decayed count since the reference: the same for every row."""
        elapsed = (self.now - self.reference) / DAY if self.timed else 0.0
        return float(2.0 ** min(-elapsed / half_life, LONGEST_BACK))

    def age(self, name: str, rows: Ints) -> Floats:
        """Days since a time, float32 (n,); NaN where there was none."""
        times = self.columns[name][rows]
        known = (times != NO_TIME) & self.timed
        return np.where(known, (self.now - np.where(known, times, self.now)) / DAY, np.nan).astype(np.float32)


def among(some: Ints, ascending: Ints) -> tuple[Bools, Longs]:
    """Which of `some` are in an ascending array, bool (n,), and where, int64 (n,); 0 where the array is empty."""
    at = np.minimum(np.searchsorted(ascending, some), max(len(ascending) - 1, 0))
    return (ascending[at] == some if len(ascending) else np.zeros(len(some), bool)), at


def numbered(*keys: NDArray[Any]) -> tuple[Longs, Longs]:
    """What entries have in common, by one key or more, (n,) each: the number of each one's set, int64 (n,), in the
    order in which sets begin; and where they do. Those of a set need not stand together."""
    by = np.lexsort(keys[::-1])
    opens = np.r_[True, np.any([key[by][1:] != key[by][:-1] for key in keys], axis=0)][: len(by)]
    begins = by[opens]  # the first of each, for the sort is stable
    number, sets = np.empty(len(begins), np.int64), np.empty(len(by), np.int64)
    number[np.argsort(begins)] = np.arange(len(begins))
    sets[by] = number[np.cumsum(opens) - 1]
    return sets, np.sort(begins)


def spans(starts: Longs, some: Ints) -> Longs:
    """What several spans hold, one after the other: of each k of `some` the numbers from starts[k] to starts[k + 1]."""
    sizes = starts[some + 1] - starts[some]
    ends = np.cumsum(sizes)
    return np.asarray(np.repeat(starts[some] - ends + sizes, sizes) + np.arange(sizes.sum()), np.int64)
