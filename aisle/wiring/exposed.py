"""`exposure`: does what shoppers are shown narrow? The slates that the log recorded, period by period.

A shop that learns from its own slates may come to show everybody fewer products, and each shopper fewer kinds of them.
Both are told as chances that do not depend on how many slates a period has (Simpson, Nature 1949, without
replacement): that two places show the same product, whose inverse is how many products shown alike would be as varied
(Hill, Ecology 1973), and that two places which one shopper saw hold different kinds. What was taken stands beside what
was shown: slates may narrow because tastes do.
"""

import json
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
from aisle.wiring.drawn import figure, saved
from aisle.wiring.live import Live

LONGEST = 36_500  # days of a period


@dataclass(frozen=True, slots=True)
class Period:
    """What was shown from `begins` on, UTC ms, until the next period. products: different ones; alike: how many shown
    alike would be as varied; variety: how likely two places that one shopper saw hold different kinds, mean over
    shoppers; bought_alike and bought_variety: the same of what was taken. NaN where nothing can be said."""

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
    """Periods with slates, oldest first. change: of the last period's variety to the first one's, of the `both`
    shoppers who were shown something in each (-0.1: ten percent narrower), with its 95 % interval; catalogue: products
    there are."""

    scenario: str
    days: int
    periods: tuple[Period, ...]
    change: Interval
    both: int
    catalogue: int


@dataclass
class _Places:
    """One line a place, or a product taken: times, UTC ms; shoppers, numbered, -1 nobody known; rows, -1 unknown."""

    times: Longs
    shoppers: Longs
    rows: Longs
    periods: Longs  # filled in when the last moment is known


def exposure(live: Live, scenario: str = "home", days: int = 7) -> Exposed:
    """The recorded slates of a scenario in periods of some days, back from the last. Raises InputError for a scenario
    that there is not, and for days that are no whole number from 1 to LONGEST."""
    served = live.served()
    known = served.generation.scenarios
    if scenario not in known:
        raise InputError("scenario", scenario, "one of " + ", ".join(known))
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= LONGEST:
        raise InputError("days", days, f"a whole number from 1 to {LONGEST}")
    catalogue = served.generation.catalogue
    target = {name for name, code in CODES.items() if code in served.parts.facts["target"]}
    slates, shown, taken = _read(live.store.read(kinds=("served", "event")), catalogue, scenario, target)
    if not len(slates):
        return Exposed(scenario, days, (), lift(np.zeros(0), np.zeros(0)), 0, len(catalogue))
    last, width = int(slates.max()), days * DAY
    where = -((last - slates) // width)  # the last period is number 0, those before it are below
    for some in (shown, taken):
        some.periods = -((last - some.times) // width)
    kind = kinds_of(catalogue)
    varied, bought = _variety(shown, kind), _variety(taken, kind)
    periods = tuple(
        Period(
            last + 1 - (1 - at) * width, int((where == at).sum()),
            len(np.unique(shown.shoppers[(shown.periods == at) & (shown.shoppers >= 0)])),
            *_alike(shown, at), _mean(varied, at), _alike(taken, at)[1], _mean(bought, at),
        )
        for at in np.unique(where).tolist()
    )  # fmt: skip
    change, both = _change(varied, int(where.min()), int(where.max()))
    return Exposed(scenario, days, periods, change, both, len(catalogue))


def _read(
    pages: Iterable[Sequence[Row]], catalogue: Catalogue, scenario: str, target: set[str]
) -> tuple[Longs, _Places, _Places]:
    """Times of the slates, int64 (slates,), the places on them, and what was taken."""
    numbers: dict[str, int] = {}
    slates, shown, taken = list[int](), list[tuple[int, int, int]](), list[tuple[int, int, int]]()
    for row in (row for page in pages for row in page if row.timestamp is not None):
        who = numbers.setdefault(row.user, len(numbers)) if row.user else -1
        when = int(row.timestamp or 0)
        if row.kind == "event":
            if row.type in target:
                taken.append((when, who, catalogue.row_of_id(row.product or "")))
            continue
        said: dict[str, Any] = json.loads(row.body)
        if said["scenario"] == scenario and said.get("products"):
            slates.append(when)
            shown += [(when, who, catalogue.row_of_id(product)) for product in said["products"]]
    return np.array(slates, np.int64), _places(shown), _places(taken)


def _places(lines: Sequence[tuple[int, int, int]]) -> _Places:
    times, shoppers, rows = np.array(lines, np.int64).reshape(-1, 3).T
    return _Places(times, shoppers, rows, np.zeros(len(times), np.int64))


def _alike(places: _Places, period: int) -> tuple[int, float]:
    """How many products a period has, and how many shown alike would be as varied."""
    counts = np.unique(places.rows[(places.periods == period) & (places.rows >= 0)], return_counts=True)[1]
    total = int(counts.sum())
    same = int((counts * (counts - 1)).sum())
    return len(counts), total * (total - 1) / same if same else float("nan")


Varied = tuple[Longs, Longs, Values]  # periods, shoppers, and how varied what each saw in one is


def _variety(places: _Places, kind: Ints) -> Varied:
    """Of every shopper in every period with two places whose kinds are known."""
    kinds = kind[places.rows].astype(np.int64)
    known = (places.rows >= 0) & (kinds >= 0) & (places.shoppers >= 0)
    lines = np.column_stack([places.periods, places.shoppers, kinds])[known]
    cells, counts = np.unique(lines, axis=0, return_counts=True)
    pairs, member = np.unique(cells[:, :2], axis=0, return_inverse=True)
    member = member.reshape(-1)
    total = np.bincount(member, weights=counts, minlength=len(pairs))
    same = np.bincount(member, weights=counts * (counts - 1), minlength=len(pairs))
    told = total >= 2
    return pairs[told, 0], pairs[told, 1], 1 - same[told] / (total[told] * (total[told] - 1))


def _mean(varied: Varied, period: int) -> float:
    mine = varied[2][varied[0] == period]
    return float(mine.mean()) if len(mine) else float("nan")


def _change(varied: Varied, begin: int, end: int) -> tuple[Interval, int]:
    """The last period to the first, of those who are in both."""
    periods, shoppers, values = varied
    first, last = periods == begin, periods == end
    if begin == end:
        return lift(np.zeros(0), np.zeros(0)), 0
    both, before, after = np.intersect1d(shoppers[first], shoppers[last], return_indices=True)
    return lift(values[last][after], values[first][before]), len(both)


def plot(found: Exposed, path: Path) -> Path:
    """How many products shown, and taken, alike would be as varied, and how far the kinds differ that one shopper saw,
    and took, by period. Raises SettingsError without matplotlib, or for no place for a picture."""
    drawn = figure(width=10.0)
    left, right = drawn.subplots(1, 2)
    when = [datetime.fromtimestamp(one.begins / 1000, UTC) for one in found.periods]
    for axes, shown, taken, title in (
        (left, "alike", "bought_alike", "As varied as so many products"),
        (right, "variety", "bought_variety", "Chance that two of one shopper's are of different kinds"),
    ):
        for name, label, style in ((shown, "shown", "-"), (taken, "taken", "--")):
            axes.plot(when, [getattr(one, name) for one in found.periods], style, marker="o", label=label)
        axes.set_title(title, fontsize=10)
        axes.set_ylim(bottom=0)
        axes.tick_params("x", rotation=45)
        axes.spines[["top", "right"]].set_visible(False)
    left.legend(frameon=False)
    return saved(drawn, path)
