"""`weigh`: what another objective may count beside purchases, solved from what each weight costs.

Shoppers of the last weeks are asked again with one weight after the other. On half of them a weight is chosen: the one
that gains most of the objective while NDCG@10 falls by no more than was allowed. The other half tells what came of each
weight, so the figures of the chosen one are not those that it was chosen by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aisle.errors import InputError
from aisle.evaluation.bootstrap import Interval
from aisle.ranking.worth import Worth, above
from aisle.settings import Settings
from aisle.stages import Progress
from aisle.wiring.arranging import hiding
from aisle.wiring.drawn import figure, saved
from aisle.wiring.evaluate import Lists, Weeks, last_weeks, ruled, showable
from aisle.wiring.live import Live
from aisle.wiring.measure import lists_of, score_of
from aisle.wiring.price import differing, money_of, related
from aisle.wiring.report import one_thread

MONEY = ("revenue", "margin")
COUNTED = ("click", "basket")  # what shoppers also did, where train learned it
TAILS = ("tail", "rare")
LEAST = 1e-4  # purchases a place, where slates brought none
WEIGHED = (*MONEY, *TAILS, *COUNTED)
# what the objective's mean on today's slates counts beside the purchase itself
SHARES = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
FINER = 2  # further weights, between the chosen one and the next that costs too much
Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Weighed:
    """One weight: what it changes of NDCG@10 and of the objective, as a part of what there is without it (gain: NaN
    where that is a loss), and of the objective as a difference a shopper; front: no other is better in both."""

    weight: float
    ndcg: Interval
    gain: Interval
    front: bool
    more: Interval


@dataclass(frozen=True)
class Weighing:
    """Every weight that was tried, the lightest first; chosen: the one that keeps what was asked, None where none does;
    shoppers: how many chose, and how many told."""

    objective: str
    lost: float
    least: float
    points: tuple[Weighed, ...]
    chosen: float | None
    shoppers: tuple[int, int]

    @property
    def setting(self) -> str:
        """The line for shop.toml, under [objectives.home]; empty where nothing was chosen."""
        return "" if self.chosen is None else f"{self.objective} = {self.chosen:g}"


def weigh(
    live: Live, objective: str, lost: float, least: float, progress: Progress, seed: int = 0, most: int = 2000
) -> Weighing:
    """The weight of an objective on `home` that gains most of it, at least `least`, with at most `lost` of NDCG@10 gone
    (0.01: one percent). revenue, margin: of what shoppers bought and the slates would have shown; tail, rare: how far
    from the best sellers the products on a slate are; click, basket: products on a slate that were looked at, or
    put into a basket, in these weeks.

    Raises InputError for what cannot be weighed, or where no shopper has both a past and a future.
    """
    if objective not in WEIGHED:
        raise InputError("objective", objective, "one of " + ", ".join(WEIGHED))
    if isinstance(most, bool) or most < 2:
        raise InputError("shoppers", most, "two or more: some choose, the others tell")
    if not 0 <= lost < 1 or not least >= 0:
        raise InputError("lost, least", (lost, least), "parts of what there is: 0.01 is one percent")
    weeks = showable(last_weeks(live, progress, seed, most), hiding(live.settings))
    if len(weeks.asked) < 2:
        raise InputError("weigh", "only what the shop hides", "shoppers who took what may be shown")
    trial = _Trial(weeks, live.settings, objective)
    order = np.random.default_rng(seed).permutation(len(weeks.asked))
    choosing, telling = np.sort(order[::2]), np.sort(order[1::2])
    with one_thread():
        weights = trial.weights()
        tried = {weight: trial.of(weight) for weight in progress(weights, f"weighing {objective}", len(weights))}
        chosen = _chosen(tried, choosing, lost, least)
        for _ in range(FINER):
            heavier = [weight for weight in tried if chosen is not None and weight > chosen]
            if chosen is not None and heavier:
                between = _rounded(np.sqrt(chosen * min(heavier)))
                tried[between] = trial.of(between)
                chosen = _chosen(tried, choosing, lost, least)
    ndcg, worth = tried[0.0]
    told = [(weight, related(a[telling], ndcg[telling], seed), differing(b[telling], worth[telling], seed),
             related(b[telling], worth[telling], seed))
            for weight, (a, b) in sorted(tried.items()) if weight]  # fmt: skip
    ends = [(cost.value, more.value) for _, cost, more, _ in told]
    points = tuple(Weighed(weight, cost, gain, _best((cost.value, more.value), ends), more)
                   for weight, cost, more, gain in told)  # fmt: skip
    return Weighing(objective, lost, least, points, chosen, (len(choosing), len(telling)))


@dataclass
class _Trial:
    """Slates of shoppers as of the last weeks' beginning, with one weight of an objective after the other."""

    weeks: Weeks
    settings: Settings
    objective: str

    def __post_init__(self) -> None:
        served, target = self.weeks.served, self.weeks.ranker.target
        catalogue = served.generation.catalogue
        self.worth = Worth(catalogue, lambda: served.overlay, target)
        if self.objective in MONEY and len(several := self.worth.currencies()) > 1:
            raise InputError("objective", self.objective, f"prices in one currency, not in {', '.join(several)}")
        self.done = self._done() if self.objective in COUNTED else []
        self.tail = above(self.weeks.cut.past.of(target).buyers(len(catalogue))).astype(np.float64)

    def weights(self) -> list[float]:
        """0, and weights with which what the objective multiplies a purchase by counts as SHARES say, on the mean of
        today's slates."""
        if self.objective in COUNTED:  # as often as it happens beside a purchase
            bought = np.mean([len(truth) for truth in self.weeks.truths])
            found = np.array([len(done) for done in self.done], np.float64) / bought
        else:
            lists = self._lists(0.0)
            rows = np.array([row for shown in lists for row in shown], np.int32)
            found = (
                self.tail[rows] if self.objective in TAILS else self.worth.money(self.worth.leaders(rows), "")[self._at]
            )
            if self.objective == "rare":  # beside what a place brings, not beside a purchase
                found = found / max(_hits(lists, self.weeks.truths).sum() / max(len(rows), 1), LEAST)
        found = np.abs(found)  # of losses, too
        if not len(found) or not found.mean() > 0:
            expected = "products on slates whose price (and cost, for margin) is known, or that shoppers acted on"
            raise InputError("objective", self.objective, expected)
        return [0.0, *(_rounded(share / found.mean()) for share in SHARES)]

    def of(self, weight: float) -> tuple[Doubles, Doubles]:
        """NDCG@10 and the objective of each shopper's slate, float64 (shoppers,) each."""
        lists, truths = self._lists(weight), self.weeks.truths
        if self.objective in COUNTED:
            value = _hits(lists, self.done)
        elif self.objective in TAILS:
            value = np.array([self.tail[rows].mean() if rows else 0.0 for rows in lists], np.float64)
        else:
            value = money_of(lists, truths, self.worth)[self._at]
        return score_of(lists, truths), value

    @property
    def _at(self) -> int:
        return MONEY.index(self.objective)

    def _done(self) -> list[frozenset[int]]:
        """What each shopper did in these weeks, as rows."""
        cut, ranker = self.weeks.cut, self.weeks.shadow
        if self.objective not in cut.beside or ranker is None or self.objective not in ranker.learned:
            raise InputError("objective", self.objective, "one that train learned: there are too few of these events")
        future = cut.beside[self.objective]
        return [frozenset(future.of(cut.past.find(shopper)).tolist()) for shopper, _ in self.weeks.asked]

    def _lists(self, weight: float) -> Lists:
        home = {name: w for name, w in self.settings.objectives.get("home", {}).items() if name != self.objective}
        objectives = {**self.settings.objectives, "home": {**home, self.objective: weight} if weight else home}
        scenario = ruled(self.weeks, self.settings.model_copy(update={"objectives": objectives}))
        weeks, candidates = self.weeks, self.settings.serve.candidates
        return lists_of(scenario, weeks.asked, weeks.cut.now, candidates, weeks.ranker.repeat)


def _hits(lists: Lists, truths: Sequence[frozenset[int]]) -> Doubles:
    """Products on each slate that are among the right ones, float64 (shoppers,)."""
    return np.array([len(truth.intersection(rows)) for rows, truth in zip(lists, truths, strict=True)], np.float64)


def _rounded(weight: float) -> float:
    return float(f"{weight:.3g}")


def _chosen(
    tried: Mapping[float, tuple[Doubles, Doubles]], at: NDArray[np.int64], lost: float, least: float
) -> float | None:
    """The weight with the largest gain among those that keep both limits."""
    base, worth = (of[at].mean() for of in tried[0.0])
    gains = {weight: float((value[at].mean() - worth) / abs(worth)) if worth else 0.0
             for weight, (ndcg, value) in tried.items() if weight and ndcg[at].mean() >= (1 - lost) * base}  # fmt: skip
    best = max(gains, key=lambda weight: gains[weight], default=0.0)
    return best if best and gains[best] > 0 and gains[best] >= least else None


def _best(mine: tuple[float, float], every: Sequence[tuple[float, float]]) -> bool:
    """Is no other end better in both."""
    return not any(other[0] >= mine[0] and other[1] >= mine[1] and other != mine for other in every)


def plot(found: Weighing, path: Path) -> Path:
    """The weights as points, what each costs against what it gains, with 95 % intervals. Raises SettingsError without
    matplotlib."""
    drawn = figure()
    axes = drawn.subplots()
    relative = all(point.gain.value == point.gain.value for point in found.points)
    for point in found.points:
        x, y, mine = point.ndcg, point.gain if relative else point.more, point.weight == found.chosen
        colour = "#1b7f4d" if mine else "#44515f" if point.front else "#b4bec9"
        axes.errorbar(x.value, y.value, xerr=_arms(x), yerr=_arms(y), fmt="o", color=colour, elinewidth=1)
        axes.annotate(f"{point.weight:g}", (x.value, y.value), xytext=(6, 6), textcoords="offset points", color=colour)
    axes.axvline(-found.lost, color="#c23b3b", linewidth=1, linestyle="--")
    axes.set_xlabel("NDCG@10, change")
    axes.set_ylabel(f"{found.objective}, change" + ("" if relative else " a shopper"))
    axes.xaxis.set_major_formatter("{x:.0%}")
    if relative:
        axes.yaxis.set_major_formatter("{x:.0%}")
    axes.spines[["top", "right"]].set_visible(False)
    return saved(drawn, path)


def _arms(one: Interval) -> list[list[float]]:
    """How far an interval reaches below and above, as matplotlib has it."""
    return [[np.fmax(one.value - one.low, 0.0)], [np.fmax(one.high - one.value, 0.0)]]  # NaN: no interval
