"""`evaluate`: the last weeks of the log, which the measured ranker never saw, against the baselines.

The slates are those of the request path as of the beginning of these weeks: tables, counters and histories know
nothing later. Households without history are asked, too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.errors import InputError
from aisle.evaluation.baselines import HALF_LIVES, LastLooked, OwnFrequency, Popularity
from aisle.evaluation.bootstrap import interval, lift
from aisle.evaluation.metrics import METRICS, coverage, gini, hits_of, novelty
from aisle.evaluation.splits import Cut, cuts
from aisle.pipeline.run import FUSED, prepare
from aisle.pipeline.scenario import Scenario
from aisle.pipeline.train import request_of
from aisle.ranking.described import COLUMN, Ranking
from aisle.records.measurement import Measurement
from aisle.records.request import HIDDEN, Context
from aisle.reranking.distance import spread_of
from aisle.retrieval.popular import half_life_of
from aisle.settings import Settings
from aisle.stages import Progress
from aisle.wiring.arranging import distance_of, hiding
from aisle.wiring.expected import Expected
from aisle.wiring.groups import Group, groups_of
from aisle.wiring.live import Live, Served
from aisle.wiring.measure import PLACES, lists_of, score_of
from aisle.wiring.parts import SHADOW_EXPECTED
from aisle.wiring.ranker import LOOKS, Ranker, beside_of
from aisle.wiring.report import STRANGE, Clock, Trained, one_thread

Lists = list[list[int]]
Taken = list[tuple[str, Any]]  # shoppers, and the rows that each took
VISITED = "ndcg@10 in a visit"
USUAL = 80.0  # days, a half-life where none can be chosen


@dataclass(frozen=True)
class Table:
    """What was measured, as rows; `moment` is when the future began (UTC ms), `notes` what to know."""

    measurements: tuple[Measurement, ...]
    moment: int = 0
    shoppers: int = 0
    seed: int = 0
    notes: tuple[str, ...] = ()
    curves: dict[str, Any] = field(default_factory=dict)
    groups: tuple[Group, ...] = ()
    split: str = ""  # when what is right was taken, in words

    def value(self, model: str, metric: str) -> float:
        """One figure."""
        return next(m.value for m in self.measurements if (m.model, m.metric) == (model, metric))


@dataclass(frozen=True)
class Weeks:
    """The last weeks of a log, as one generation knows it. cuts: these, then earlier ones; asked: shoppers, and what
    they took; resting: what is left out, and why."""

    served: Served
    ranker: Ranker
    cuts: Sequence[Cut]
    asked: Taken
    resting: str = ""

    @property
    def shadow(self) -> Ranking | None:
        """The ranker that never saw these weeks; none where they lie before what it was fitted on."""
        parts, held_out = self.served.parts, self.served.parts.facts.get("held_out")
        return parts.shadow if held_out is None or self.cut.now >= int(held_out) else None

    @property
    def cut(self) -> Cut:
        """The moment before them."""
        return self.cuts[0]

    @property
    def truths(self) -> list[frozenset[int]]:
        """What each took, as rows."""
        return truths_of(self.asked)


def truths_of(asked: Taken) -> list[frozenset[int]]:
    """What is right for each."""
    return [frozenset(int(row) for row in taken) for _, taken in asked]


def last_weeks(
    live: Live, progress: Progress, seed: int, most: int, now: int | None = None, served: Served | None = None
) -> Weeks:  # fmt: skip
    """The last weeks of a log, or of what it was at `now` (UTC ms), and at most `most` shoppers; served: a generation
    with what is offered and withheld there, the current one where None.

    Raises InputError where no shopper has both a past and a future.
    """
    served, report = served or live.served(), Trained("")
    parts = served.parts
    log = parts.state.base if now is None else parts.state.base.before(now)
    target, repeat = tuple(parts.facts["target"]), str(parts.facts["repeat"])
    ranker = Ranker(parts.content, log, target, repeat, live.settings, seed, report, Clock(report, progress), progress)
    ranker.overlay = lambda: served.overlay  # forbidden goods are in nobody's slates, and prices are as they are now
    options = live.settings.train
    made = cuts(log, target, options.horizon_days, options.spacing_days, 1, beside_of(target))
    if not made:
        lacking = f"; {STRANGE}: {why}" if (why := parts.facts["skipped"].get(STRANGE)) else ""
        expected = "shoppers who come back: some with a past and a future"
        raise InputError("evaluate", f"{len(log)} events{lacking}", expected)
    # what is kept is as of the last weeks' beginning when it was trained; of an earlier moment it would know the future
    kept = now is None and made[0].now >= int(parts.facts.get("held_out", made[0].now))
    ranker.expected[made[0].now, len(made[0].past)] = _kept(live, served) if kept else Expected()
    resting = "" if kept else "without the models that learn histories: what is kept of them knows later moments"
    asked = [(shopper, wanted) for shopper, wanted in ranker.asked(made[0], most) if len(wanted)]
    if not asked:
        raise InputError("evaluate", f"{len(log)} events", "shoppers who come back for something new")
    return Weeks(served, ranker, made, asked, resting)


def evaluate(live: Live, progress: Progress, seed: int = 0, most: int = 2000, now: int | None = None) -> Table:
    """Measure `home` on at most `most` shoppers; `now` (UTC ms) leaves out what happened later.

    Raises InputError where no shopper has both a past and a future, of what the shop does not hide.
    """
    weeks = last_weeks(live, progress, seed, most, now)
    shown, every = weeks.ranker.scenario(weeks.cut, hiding(live.settings)), weeks
    weeks = showable(weeks, hiding(live.settings))
    cut, asked, truths = weeks.cut, weeks.asked, weeks.truths
    if not asked:
        raise InputError("evaluate", "only what the shop's rules hide", "shoppers who took what may be shown")
    with one_thread():
        lists = _lists(live, weeks, shown, progress)
        inside = _inside(live, weeks, most, seed)
    measured = [m for name, each in lists.items() for m in measure(name, each, truths, cut, weeks.served, seed)]
    system = score_of(lists["aisle"], truths)
    lifts = {name: lift(system, score_of(each, truths), seed) for name, each in lists.items() if name != "aisle"}
    measured += [Measurement("aisle", f"ndcg@10 over {name}", gain.value, gain.low, gain.high, len(asked),
                             note="" if np.isfinite(gain.value) else "the baseline is zero")
                 for name, gain in lifts.items()]  # fmt: skip
    measured += inside
    told = (*_notes(weeks.shadow is not None, cut, len(asked)), weeks.resting, _hidden(every, weeks))
    notes = tuple(filter(None, told))
    curves = {"ndcg@10": {n: _quantiles(score_of(each, truths)) for n, each in lists.items()}}
    known, popular = [shopper for shopper, _ in asked], score_of(lists["popularity"], truths)
    groups = groups_of(live.store, known, cut, weeks.ranker.target, system, popular, seed)
    return Table(tuple(measured), cut.now, len(asked), seed, notes, curves, groups, cut.told)


def showable(weeks: Weeks, settings: Settings) -> Weeks:
    """The same weeks, of which only what these settings, and the shop, let everybody be shown is right."""
    shown = weeks.ranker.scenario(weeks.cut, settings)
    return replace(weeks, asked=_showable(weeks, shown, weeks.asked, weeks.cut.now))


def _showable(weeks: Weeks, shown: Scenario, asked: Taken, now: int) -> Taken:
    """What each took without what is hidden from them, by a rule, by the feed, or as forbidden: nobody could have shown
    it."""
    catalogue, kept = weeks.served.generation.catalogue, Taken()
    for shopper, wanted in asked:
        request = request_of(shopper)
        context = prepare(shown, request, Context(request, shown.name, now, repeat=weeks.ranker.repeat))
        hidden = [~weeks.served.overlay.permitted(context.request.market), *context.memo.get(HIDDEN, ())]
        gone = ~catalogue.any_unit(~np.logical_or.reduce(hidden))  # all of its variants, that is
        wanted = wanted[~gone[wanted]]
        if len(wanted):
            kept.append((shopper, wanted))
    return kept


def _kept(live: Live, served: Served) -> Expected:
    """The models that learn histories as they were before the last weeks."""
    return Expected.load(live.folder / "generations" / served.generation.id / SHADOW_EXPECTED)


def ruled(weeks: Weeks, settings: Settings, visits: Cut | None = None) -> Scenario:
    """`home` as it ranked at the last weeks' beginning, with what these settings say of slates; visits: what shoppers
    had done by the middle of one."""
    served = weeks.served.parts
    made = weeks.ranker.scenarios(weeks.cut, settings, visits=visits)["home"]
    if weeks.shadow is None:
        return replace(made, sources={**made.sources, **served.facts["weights"]})
    objectives = {COLUMN if name == FUSED else name: weight for name, weight in made.objectives.items()}
    shadow = weeks.shadow.asking(objectives)
    return replace(made, scorers=(shadow, *made.scorers), objectives=objectives, base=COLUMN)


def _lists(live: Live, weeks: Weeks, fused: Scenario, progress: Progress) -> dict[str, Lists]:
    """What each system shows; `fused` asks every source, and hides what the shop does."""
    made, ranker, cut, asked = weeks.cuts, weeks.ranker, weeks.cut, weeks.asked
    ranked, target = ruled(weeks, live.settings), ranker.target
    limit = live.settings.serve.candidates

    def told(what: str) -> Callable[[Any], Any]:
        return lambda things: progress(things, what, len(asked))

    lists = {"aisle": lists_of(ranked, asked, cut.now, limit, ranker.repeat, told("asking aisle"))}
    if weeks.shadow is not None:
        lists["rank fusion"] = lists_of(fused, asked, cut.now, limit, ranker.repeat, told("asking rank fusion"))
    days = half_life_of(cut.past.of(target), len(ranker.content.catalogue))
    lists["popularity"] = baseline_lists(fused, asked, cut.now, ranker.repeat, Popularity(days).rank)
    lists["own frequency"] = baseline_lists(fused, asked, cut.now, ranker.repeat, OwnFrequency(target).rank)
    half_life = chosen_half_life(weeks, made[-1], live.settings) if made[-1].past.timed and len(made) > 1 else USUAL
    name = f"own frequency, half-life {half_life:.0f} d"
    lists[name] = baseline_lists(fused, asked, cut.now, ranker.repeat, OwnFrequency(target, half_life).rank)
    if len(cut.past.of(tuple(set(LOOKS).difference(target)))):
        lists["looked at last"] = baseline_lists(fused, asked, cut.now, ranker.repeat, LastLooked(target).rank)
    return lists


def _inside(live: Live, weeks: Weeks, most: int, seed: int) -> list[Measurement]:
    """The same shoppers asked in the middle of the visit in which they took something first: by what they had looked at
    until then. Nothing where the log tells of no looks."""
    ranker, cut = weeks.ranker, weeks.cut
    visits = ranker.visits(cut)
    if not visits:
        return []
    fused = ranker.scenarios(cut, hiding(live.settings), visits=visits)["home"]
    asked = _showable(weeks, fused, ranker.asked(visits, most), cut.now)
    if not asked:
        return []
    limit = live.settings.serve.candidates
    lists = {"aisle": lists_of(ruled(weeks, live.settings, visits), asked, cut.now, limit, ranker.repeat)}
    if weeks.shadow is not None:
        lists["rank fusion"] = lists_of(fused, asked, cut.now, limit, ranker.repeat)
    lists["looked at last"] = baseline_lists(fused, asked, cut.now, ranker.repeat, LastLooked(ranker.target).rank)
    truths = truths_of(asked)
    return [_measured(name, VISITED, score_of(each, truths), seed) for name, each in lists.items()]


def chosen_half_life(weeks: Weeks, validation: Cut, settings: Settings) -> float:
    """The half-life of decayed own frequency that is best on an earlier moment, of what may be shown."""
    ranker = weeks.ranker
    scenario = ranker.scenario(validation, hiding(settings))
    asked = _showable(weeks, scenario, ranker.asked(validation, 1000), validation.now)
    if not asked:
        return USUAL
    target, truths, scores = ranker.target, truths_of(asked), dict[float, float]()
    for half_life in HALF_LIVES:
        lists = baseline_lists(scenario, asked, validation.now, ranker.repeat, OwnFrequency(target, half_life).rank)
        scores[half_life] = float(score_of(lists, truths).mean())
    return max(scores, key=lambda half_life: scores[half_life])


def baseline_lists(
    scenario: Scenario,
    asked: Sequence[tuple[str, Any]],
    now: int,
    repeat: str,
    rank: Callable[[Context, int], Any],
) -> Lists:
    """What a baseline shows, filled up with the popular where it has less than a slate."""
    made, popular = [], Popularity()
    for shopper, _ in asked:
        request = request_of(shopper)
        context = prepare(scenario, request, Context(request, "home", now, repeat=repeat))
        rows = [int(row) for row in rank(context, PLACES).rows]
        if len(rows) < PLACES:
            more = [int(row) for row in popular.rank(context, 2 * PLACES).rows]
            rows += [row for row in more if row not in rows][: PLACES - len(rows)]
        made.append(rows)
    return made


def measure(
    name: str, lists: Lists, truths: Sequence[frozenset[int]], cut: Cut, served: Served, seed: int
) -> list[Measurement]:
    """Every metric of one system."""
    parts = served.parts
    hits, wanted = hits_of(lists, truths, PLACES)
    size = len(parts.content.catalogue)
    made = [_measured(name, f"{metric}@10", of(hits, wanted), seed) for metric, of in METRICS.items()]
    buyers = cut.past.buyers(size)
    made.append(_measured(name, "novelty@10", novelty(lists, buyers, len(cut.past.shoppers)), seed))
    made.append(_measured(name, "list distance@10", spread(lists, parts.content), seed))
    for metric, value in (("coverage@10", coverage(lists, size)), ("gini@10", gini(lists, size))):
        made.append(
            Measurement(name, metric, value, support=len(lists), note="" if np.isfinite(value) else "nothing was shown")
        )
    return made


def _measured(model: str, metric: str, values: NDArray[np.float64], seed: int) -> Measurement:
    known = values[~np.isnan(values)]
    found = interval(known, seed)
    return Measurement(model, metric, found.value, found.low, found.high, len(known),
                       note="" if len(known) else "nothing was shown")  # fmt: skip


def spread(lists: Lists, content: Any) -> NDArray[np.float64]:
    """Mean distance of two products on a slate, float64 (requests,)."""
    distance = distance_of(content)
    return np.array([spread_of(distance.between(np.array(rows, np.int32))) for rows in lists], np.float64)


def _quantiles(values: NDArray[np.float64]) -> list[float]:
    return [round(float(v), 4) for v in np.quantile(values, np.linspace(0, 1, 21))] if len(values) else []


def _hidden(every: Weeks, weeks: Weeks) -> str:
    """How much was taken that nobody could have shown; empty where there is none."""
    before, after = (sum(len(wanted) for _, wanted in one.asked) for one in (every, weeks))
    return f"{before - after} of {before} products taken are hidden or withheld: no system shows them" * (
        after < before
    )


def _notes(trained: bool, cut: Cut, shoppers: int) -> tuple[str, ...]:
    how = "a ranker fitted on earlier moments only" if trained else "sources fused by reciprocal rank"
    if cut.by_order:
        how += "; too few came back within the last weeks: what each took last is right" * cut.past.timed
    cold = int((np.diff(cut.past.indptr)[cut.buyers()] == 0).sum())
    return (how, f"{shoppers} shoppers, {cold} of all who bought had no history")
