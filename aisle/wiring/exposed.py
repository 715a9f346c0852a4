"""`exposure`: does what shoppers are shown narrow? The slates that the log recorded, period by period.

A shop that learns from its own slates may come to show everybody fewer products, and each shopper fewer kinds of them.
Both are told as chances (Simpson, Nature 1949), of places between which no rule stands and no habit of visiting:

- that two places which different shoppers saw, each of whom counts once however often they came, hold the same product;
  its inverse is how many products shown alike would be as varied (Hill, Ecology 1973). One shopper's visits are not
  compared: who comes often sees the same again.
- that two places of one slate hold different kinds, the mean over a shopper's slates, then over shoppers.

What was taken stands beside what was shown, as slates may narrow because tastes do: by those whom slates were shown in
the same period. Of `home` and `popular` slates that a filter narrowed are left out: they are a category's shelf.
"""

import json
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from aisle.catalogue.catalogue import Catalogue
from aisle.errors import InputError
from aisle.evaluation.bootstrap import Interval, Values, lift
from aisle.records.event import CODES
from aisle.records.history import Ints, Longs
from aisle.records.row import Row
from aisle.records.times import DAY
from aisle.wiring.arranging import kinds_of
from aisle.wiring.asked import whole
from aisle.wiring.drawn import figure, saved
from aisle.wiring.live import Live

LONGEST = 36_500  # days of a period
WIDE = 1 << 40  # more than there are shoppers
TINY = 1e-9  # what is left of a difference of equals
SHELVED = ("home", "popular")  # scenarios that shelves of a category ask, with its filter
FEWEST = 10  # shoppers from which on a change is told


@dataclass(frozen=True, slots=True)
class Period:
    """What was shown from `begins` on, UTC ms, until the next period. shoppers: users, and each session of a guest;
    products: different ones; alike: how many shown alike would be as varied; variety: how likely two places of a slate
    hold different kinds; bought_alike and bought_variety: the same of what these shoppers took in the period, all that
    one took in it as one slate. NaN where nothing can be said."""

    begins: int
    slates: int
    shoppers: int
    products: int
    alike: float
    variety: float
    bought_alike: float
    bought_variety: float


@dataclass(frozen=True, slots=True)
class Exposed:
    """Periods with slates, oldest first; the last ends with the last slate. change: of the last period's variety to the
    first one's, of the `both` shoppers who were shown something in each (-0.1: ten percent narrower), with its 95 %
    interval, NaN of fewer than FEWEST; catalogue: products there are."""

    scenario: str
    days: int
    periods: tuple[Period, ...]
    change: Interval
    both: int
    catalogue: int


@dataclass
class _Places:
    """One line a place, or a product taken: times, UTC ms; shoppers, numbered, a number of its own where nobody is
    known; slates, numbered; rows, -1 unknown."""

    times: Longs
    shoppers: Longs
    slates: Longs
    rows: Longs

    def take(self, which: Longs | slice) -> "_Places":
        return _Places(self.times[which], self.shoppers[which], self.slates[which], self.rows[which])

    def by_time(self) -> "_Places":
        return self.take(np.argsort(self.times, kind="stable"))


def _span(ascending: Longs, value: int) -> slice:
    """Where a value stands."""
    begin, end = np.searchsorted(ascending, [value, value + 1])
    return slice(int(begin), int(end))


def exposure(live: Live, scenario: str = "home", days: int = 7) -> Exposed:
    """The recorded slates of a scenario in periods of some days, back from the last. Raises InputError for a scenario
    that there is not, and for days that are no whole number from 1 to LONGEST."""
    served = live.served()
    known = served.generation.scenarios
    if not isinstance(scenario, str) or scenario not in known:
        raise InputError("scenario", scenario, "one of " + ", ".join(known))
    days = whole("days", days, 1, LONGEST)
    catalogue = served.generation.catalogue
    target = {name for name, code in CODES.items() if code in served.parts.facts["target"]}
    shown, taken = _read(live.store.read(kinds=("served", "event")), catalogue, scenario, target)
    if not len(shown.times):
        return Exposed(scenario, days, (), lift(np.zeros(0), np.zeros(0)), 0, len(catalogue))
    last, width, kind = int(shown.times.max()), days * DAY, kinds_of(catalogue)
    shown, taken = shown.by_time(), taken.by_time()
    when, bought = (-((last - some.times) // width) for some in (shown, taken))  # the last is number 0, others below
    theirs = np.isin(bought * WIDE + taken.shoppers, when * WIDE + shown.shoppers)  # of who saw slates then
    taken, bought = taken.take(np.flatnonzero(theirs)), bought[theirs]
    varied, wanted = _variety(shown, when, kind), _variety(taken, bought, kind)
    made = []
    for at in np.unique(when).tolist():
        here, then = shown.take(_span(when, at)), taken.take(_span(bought, at))
        made.append(Period(
            last + 1 - (1 - at) * width, len(np.unique(here.slates)), len(np.unique(here.shoppers)), *_alike(here),
            _mean(varied, at), _alike(then)[1], _mean(wanted, at),
        ))  # fmt: skip
    periods = tuple(made)
    change, both = _change(varied, int(when.min()))
    return Exposed(scenario, days, periods, change, both, len(catalogue))


def _read(
    pages: Iterable[Sequence[Row]], catalogue: Catalogue, scenario: str, target: set[str]
) -> tuple[_Places, _Places]:
    """The places of the slates, and what was taken."""
    numbers: dict[str, int] = {}
    shown, taken = array("q"), array("q")  # eight bytes a number
    for row in (row for page in pages for row in page if row.timestamp is not None):
        who = numbers.setdefault(row.user or f"nobody at {row.offset}", len(numbers))
        when = int(row.timestamp or 0)
        if row.kind == "event":
            if row.type in target:
                taken.extend((when, who, who, catalogue.row_of_id(row.product or "")))
            continue
        said: dict[str, Any] = json.loads(row.body)
        if said.get("request", {}).get("filters") and scenario in SHELVED:
            continue
        for product in said.get("products", ()) if said["scenario"] == scenario else ():
            shown.extend((when, who, row.offset, catalogue.row_of_id(product)))
    return _places(shown), _places(taken)


def _places(numbers: "array[int]") -> _Places:
    return _Places(*np.array(numbers, np.int64).reshape(-1, 4).T)


def _alike(places: _Places) -> tuple[int, float]:
    """How many products there are, and how many shown alike would be as varied, by pairs of different shoppers."""
    known = places.rows >= 0
    rows, shoppers = places.rows[known], places.shoppers[known]
    products, of = np.unique(rows, return_inverse=True)
    people, whose = np.unique(shoppers, return_inverse=True)
    worth = 1 / np.bincount(whose)[whose] if len(rows) else np.zeros(0)  # of each place: a shopper's are one in all
    cells, at = np.unique(whose * max(len(products), 1) + of, return_inverse=True)
    same = float((np.bincount(of, worth) ** 2).sum() - (np.bincount(at, worth, len(cells)) ** 2).sum())
    return len(products), len(people) * (len(people) - 1) / same if same > TINY else float("nan")


Varied = tuple[Longs, Longs, Values]  # periods, shoppers, and how varied what each saw in one is


def _variety(places: _Places, periods: Longs, kind: Ints) -> Varied:
    """Of every shopper in every period: the mean of their slates that have two places whose kinds are known."""
    kinds = np.where(places.rows >= 0, np.r_[kind, -1][places.rows], -1).astype(np.int64)
    known = kinds >= 0
    lines = np.stack([periods, places.shoppers, places.slates, kinds])[:, known]
    cells, counts = np.unique(lines, axis=1, return_counts=True)
    slates, member = np.unique(cells[:3], axis=1, return_inverse=True)
    total = np.bincount(member.reshape(-1), weights=counts, minlength=slates.shape[1])
    same = np.bincount(member.reshape(-1), weights=counts * (counts - 1), minlength=slates.shape[1])
    told = total >= 2
    pairs, mine = np.unique(slates[:2, told], axis=1, return_inverse=True)
    chances = 1 - same[told] / (total[told] * (total[told] - 1))
    each = np.bincount(mine.reshape(-1), minlength=pairs.shape[1])
    sums = np.bincount(mine.reshape(-1), weights=chances, minlength=pairs.shape[1])
    return pairs[0], pairs[1], sums / np.maximum(each, 1)


def _mean(varied: Varied, period: int) -> float:
    mine = varied[2][_span(varied[0], period)]
    return float(mine.mean()) if len(mine) else float("nan")


def _change(varied: Varied, begin: int) -> tuple[Interval, int]:
    """The last period to the first, of those who are in both."""
    periods, shoppers, values = varied
    first, last = periods == begin, periods == 0
    both, before, after = np.intersect1d(shoppers[first], shoppers[last], return_indices=True)
    if begin == 0 or len(both) < FEWEST:
        return lift(np.zeros(0), np.zeros(0)), 0 if begin == 0 else len(both)
    return lift(values[last][after], values[first][before]), len(both)


def plot(found: Exposed, path: Path) -> Path:
    """How many products shown, and taken, alike would be as varied, and how far the kinds of a slate differ, by period.
    Raises SettingsError without matplotlib, or for no place for a picture."""
    drawn = figure(width=10.0)
    left, right = drawn.subplots(1, 2)
    when = [datetime.fromtimestamp(one.begins / 1000, UTC) for one in found.periods]
    for axes, shown, taken, title in (
        (left, "alike", "bought_alike", "As varied as so many products"),
        (right, "variety", "bought_variety", "Chance that two of a slate are of different kinds"),
    ):
        for name, label, style in ((shown, "shown", "-"), (taken, "taken", "--")):
            axes.plot(when, [getattr(one, name) for one in found.periods], style, marker="o", label=label)
        axes.set_title(title, fontsize=10)
        axes.set_ylim(bottom=0)
        axes.tick_params("x", rotation=45)
        axes.spines[["top", "right"]].set_visible(False)
    left.legend(frameon=False)
    return saved(drawn, path)
