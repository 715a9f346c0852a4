"""Fits the ranker by replay, chooses between them and fusion on a later moment, or finds the data too thin."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from importlib.util import find_spec
from typing import Any

import numpy as np

from aisle.catalogue.offers import Overlay
from aisle.evaluation.splits import Cut, cuts, visiting
from aisle.features.state import Lately, State, folded
from aisle.pipeline.scenario import Scenario
from aisle.pipeline.train import Asked, Replayed, replay
from aisle.ranking.described import BESIDE, COLUMN, FEWEST, REFUND, Described
from aisle.ranking.network import Network
from aisle.ranking.related import Related
from aisle.ranking.trees import Trees
from aisle.records.event import CODES
from aisle.records.history import Bools, Interactions, Ints, Longs
from aisle.records.measurement import Examples, joined
from aisle.records.times import DAY
from aisle.settings import Settings
from aisle.stages import Progress
from aisle.wiring.arranging import resting
from aisle.wiring.expected import Courses, Expected
from aisle.wiring.fusion import counted, counted_beside
from aisle.wiring.measure import lists_of, score_of
from aisle.wiring.parts import Behaviour, Content
from aisle.wiring.related import MOST, STANDING, fitted, requests
from aisle.wiring.report import Clock, Trained, one_thread
from aisle.wiring.scenarios import CLOSE, NOBODY, RELATED, scenarios
from aisle.wiring.sources import SOURCES

EXAMPLES = 300  # positive examples that trees need
GUESTS = 10  # of so many shoppers one is replayed as a guest, too
SOLD = 2  # horizons before a moment: what was sold in them was there, though it is sold out today
LOOKS = tuple(CODES[name] for name in ("view", "click", "cart", "wishlist"))
VISITED = 30  # looks between a moment and the first order behind it, from which visits are replayed
JUDGES = 600  # shoppers on whom trees and fusion are compared
NOTHING = Courses()
Learned = Trees | Network
KINDS = {Trees: "boosted trees", Network: "a network"}


class Ranker:
    """One training of the ranker on one log."""

    def __init__(
        self, content: Content, log: Interactions, target: tuple[int, ...], repeat: str, settings: Settings, seed: int,
        report: Trained, clock: Clock, progress: Progress, courses: Courses = NOTHING,
    ) -> None:  # fmt: skip
        self.content, self.log, self.target, self.repeat, self.settings = (
            content,
            log,
            target,
            repeat,
            settings,
        )
        self.seed, self.report, self.clock, self.progress = seed, report, clock, progress
        self.features = content.features(target)
        self.overlay: Callable[[], Overlay] = lambda: content.catalogue.offers  # what is offered now
        self.courses, self.expected = courses, dict[tuple[int, int], Expected]()
        self.weights: Mapping[str, float] = counted(self._dense)  # of the fusion where no trees decide
        self.beside = self._counted_beside({})  # the same of each scenario that stands on products
        self._kept: dict[tuple[int, int], tuple[Behaviour, State]] = {}
        self._standing: dict[str, Replayed] = {}
        self.held_out: int | None = None  # UTC ms: the beginning of the weeks that `shadow` does not see

    def fit(self) -> tuple[Learned | None, Learned | None]:
        """(what serves, the same without the last weeks); (None, None) where sources are fused by rank."""
        options = self.settings.train
        made = cuts(
            self.log, self.target, options.horizon_days, options.spacing_days, options.cutoffs, beside_of(self.target)
        )
        why = self._unlearned(made)
        self._follow(made[:1] if why else made)  # what `evaluate` asks is as of the last weeks' beginning in any case
        self.held_out = made[0].now if made else None
        if why:
            return self._fused(why)
        most = options.shoppers * (options.cutoffs + 1) // len(made)
        latest = self.replay(made[0], 0, most)
        self._standing = self.standing(made[0])  # while the tables of this moment are at hand
        self.beside = self._counted_beside(self._standing)
        replayed = [latest, *(self.replay(cut, number, most) for number, cut in enumerate(made[1:], 1))]
        visits = [self._visited(cut, found, most // 2) for cut in made[1:3] if (found := self.visits(cut))]
        self.weights = counted(self._dense, [*replayed[1:], *visits])
        positives = _positives([*replayed[1:], *visits])
        if positives < EXAMPLES:
            return self._fused(f"{positives:.0f} purchases to learn from, {EXAMPLES} are needed")
        self._rare([part.examples for part in replayed[1:]])
        return self._chosen(made, replayed, visits)

    def _unlearned(self, made: Sequence[Cut]) -> str:
        """Why nothing learns to rank here; empty where it does."""
        if self.settings.train.ranker == "fusion":
            return "shop.toml says fusion"
        if self.settings.train.ranker == "network" and not find_spec("torch"):
            return "no torch: pip install 'aisle[train]'"
        return "too few shoppers with a past and a future" if len(made) < 2 else ""

    def related(self, home: Learned, shadow: Learned) -> dict[str, Related]:
        """Rankers of the scenarios that stand on products: learned on top of what home's was before the last weeks,
        `shadow`, and served on top of what it is."""
        begun = Related(self.content.features_beside(self.target), SOURCES, home=shadow)
        made = self.clock.time("fit beside products",
                               lambda: fitted(self._standing, self.beside, begun, self.seed, self.report))  # fmt: skip
        if made:
            self.report.fitted.append(f"rankers of {', '.join(made)} on top of home's")
        return {name: replace(one, home=home) for name, one in made.items()}

    def _counted_beside(self, replayed: Mapping[str, Replayed]) -> Mapping[str, Mapping[str, float]]:
        seen = {name: [replayed[name]] if name in replayed else [] for name in STANDING}
        return {name: counted_beside(self._dense, RELATED[name], seen[name]) for name in STANDING}

    def standing(self, cut: Cut) -> dict[str, Replayed]:
        """Requests of every scenario that stands on products, asked just behind a cut."""
        every = self.scenarios(cut, related=dict.fromkeys(STANDING))
        with one_thread():
            return {name: self._replayed_beside(cut, every[name]) for name in STANDING}

    def _replayed_beside(self, cut: Cut, scenario: Scenario) -> Replayed:
        describer, what = Described(self.content.features_beside(self.target), SOURCES), f"replay {scenario.name}"
        asked = requests(self.log, cut, scenario.name, self.target, self.content.catalogue.groups, MOST, self.seed)
        return self.clock.time(what, lambda: replay(
            scenario, describer, asked, cut.now, CLOSE, self.seed, self.repeat,
            lambda things: self.progress(things, what, len(asked)),
        ))  # fmt: skip

    def _rare(self, parts: Sequence[Examples]) -> None:
        """Tell which objectives are not learned."""
        for name in parts[0].objectives:
            seen = sum(float(part.of(name).sum()) for part in parts)
            if 0 < seen < FEWEST:
                self.report.skipped[f"objective {name}"] = f"{seen:.0f} examples of it, {FEWEST} are needed"

    @property
    def _dense(self) -> float:
        """Events a product."""
        return len(self.log) / max(len(self.content.catalogue), 1)

    @property
    def shadow(self) -> Expected:
        """What was expected at the last weeks' beginning."""
        return next(reversed(self.expected.values()), Expected())

    def _follow(self, made: list[Cut]) -> None:
        """What is expected as of every moment, the oldest first."""
        for number, cut in reversed(list(enumerate(made))):
            what = f"expected at {cut.name} #{number}"
            learned = self.clock.time(what, lambda past=cut.past: self.courses.until(past))  # type: ignore[misc]
            self.expected[cut.now, len(cut.past)] = learned

    def _fused(self, why: str) -> tuple[None, None]:
        self.report.skipped["ranker"] = f"{why}: sources are fused by reciprocal rank"
        return None, None

    def _chosen(
        self, made: list[Cut], replayed: list[Replayed], visits: list[Replayed]
    ) -> tuple[Learned | None, Learned | None]:
        """Choose on the last but one moment, so that the last stays unseen for `evaluate`, where the earlier ones are
        enough for trees to show what they can (a shop that grows has most of what it knows in the last); then refit on
        all."""
        before = [*replayed[2:], *visits[1:]]
        if len(made) >= 3 and self.settings.train.ranker == "auto" and _positives(before) >= EXAMPLES:
            trial = self._learned(before, None, "fit for validation")
            trees, fusion = self.compare(made[1], trial, counted(self._dense, before))
            self.report.figures["validation"] = {"moment": made[1].name, "trees": trees, "fusion": fusion}
            if trees < fusion:
                return self._fused(f"on {made[1].name} NDCG@10 is {trees:.4f} by trees, {fusion:.4f} by fusion")
        shadow = self._learned([*replayed[1:], *visits], replayed[0], "fit without the last weeks")
        of_all = self._learned([*replayed, *visits], None, "fit on all")
        of_all.calibrations = shadow.calibrations
        examples, what = sum(len(part.examples) for part in [*replayed, *visits]), KINDS[type(of_all)]
        beside = ", ".join(name for name in of_all.learned if name != COLUMN)
        told = f"{what} on {examples} examples of {len(made)} moments" + " and of visits" * bool(visits)
        self.report.fitted.append(told + (f", of {beside}, too" if beside else ""))
        return of_all, shadow

    def _learned(self, parts: Sequence[Replayed], held_out: Replayed | None, what: str) -> Learned:
        neural = self.settings.train.ranker == "network"
        made: Learned = Network(self.features, SOURCES) if neural else Trees(self.features, SOURCES)
        weights = np.concatenate([part.weights for part in parts])
        examples = joined([part.examples for part in parts])
        self.clock.time(what, lambda: made.fit(examples, self.seed, weights))
        if held_out is not None:
            errors = made.calibration_errors(held_out.examples, held_out.weights, self.seed)
            made.calibrate(held_out.examples, held_out.weights)
            self.report.figures["calibration_error"] = errors
        return made

    def compare(self, cut: Cut, trees: Learned, weights: Mapping[str, float]) -> tuple[float, float]:
        """NDCG@10 of trees and of fusion on the same shoppers of a cut; where there are visits, the mean of that and of
        them."""
        scores = []
        for visits in [None, *filter(None, [self.visits(cut)])]:
            asked, found = self.asked(visits or cut, JUDGES), self.scenarios(cut, visits=visits)["home"]
            ranked = replace(found, scorers=(trees,), objectives={COLUMN: 1.0})
            fused = replace(found, sources={**found.sources, **weights})
            truths = [frozenset(int(row) for row in future) for _, future in asked]
            limit = self.settings.train.candidates
            with one_thread():
                lists = [lists_of(one, asked, cut.now, limit, self.repeat) for one in (ranked, fused)]
            scores.append([score_of(each, truths).mean() for each in lists])
        both = np.mean(scores, axis=0)
        return round(float(both[0]), 4), round(float(both[1]), 4)

    def scenario(self, cut: Cut, settings: Settings | None = None) -> Scenario:
        """`home` as it would have been at a cut, fused by rank, with what `settings` say of slates."""
        return self.scenarios(cut, settings)["home"]

    def scenarios(
        self, cut: Cut, settings: Settings | None = None, related: Mapping[str, Related | None] = NOBODY,
        visits: Cut | None = None,
    ) -> Mapping[str, Scenario]:  # fmt: skip
        """Every scenario as it would have been at a cut; without `settings` they are neutral, for what is learned must
        not depend on a campaign. visits: what shoppers had done by the middle of one behind it."""
        settings = resting(self.settings, rules=False) if settings is None else settings
        (behaviour, state), offers = self._tables(cut), self._offers(cut)
        asked = visits or cut
        memory = Lately(state, asked.past, asked.ago) if len(asked.ago) else state
        return scenarios(self.content, behaviour, memory, lambda: offers, settings, self.target, None, related=related)

    def _offers(self, cut: Cut) -> Overlay:
        """What could be shown at a cut: who teaches or judges by products that had not come yet, or without those that
        are sold out today, learns that nobody wants what is new, and misses what was wanted. Without times nobody knows
        when a product came: one that the log never names may have come behind it. What is hidden or withheld today is
        so then, too."""
        catalogue, columns = self.content.catalogue, cut.past.columns
        lately = columns.times >= cut.now - SOLD * self.settings.train.horizon_days * DAY
        taken = np.isin(columns.types, self.target) & (lately | (not cut.past.timed))
        seen, sold = (np.bincount(rows, minlength=len(catalogue)) > 0 for rows in (columns.rows, columns.rows[taken]))
        came = ~(catalogue.created_at > cut.now) if cut.past.timed else self._heard[catalogue.row_of]
        return self.overlay().past(came | seen[catalogue.row_of], sold[catalogue.row_of])

    @cached_property
    def _heard(self) -> Bools:
        """bool (rows,): does the whole log name them."""
        return np.bincount(self.log.columns.rows, minlength=len(self.content.catalogue)) > 0

    def _tables(self, cut: Cut) -> tuple[Behaviour, State]:
        """What was known at a cut; that of the last one asked for is kept."""
        key = cut.now, len(cut.past)  # splits by order share one moment
        if key not in self._kept:
            behaviour = Behaviour.of(
                cut.past, len(self.content.catalogue), self.target, cut.now, self.expected.get(key)
            )
            self._kept = {key: (behaviour, folded(self.content.catalogue, cut.past, self.target, cut.now, 0))}
        return self._kept[key]

    def asked(self, cut: Cut, most: int) -> list[tuple[str, Any]]:
        """Shoppers with a future at a cut and what they took, sampled where there are many."""
        buyers = cut.buyers()
        if len(buyers) > most:
            buyers = drawn(buyers, cut.past.homes()[buyers], most, np.random.default_rng(self.seed))
        return [(str(cut.past.shoppers[index]), self._wanted(cut, int(index))) for index in buyers]

    def _wanted(self, cut: Cut, index: int) -> Ints:
        """What a shopper took; where repeats are excluded, of it what was new to them."""
        future = cut.future(index)
        return future if self.repeat == "allow" else np.setdiff1d(future, cut.past.history(index).of(self.target).rows)

    def replay(self, cut: Cut, number: int, most: int) -> Replayed:
        """Examples of one cut: of so many shoppers."""
        with one_thread():
            return self._replayed(cut, number, most)

    def _replayed(self, cut: Cut, number: int, most: int) -> Replayed:
        what, asked = f"replay {cut.name}", self.asked(cut, most)
        # some shoppers are asked a second time as guests: trees that never saw one would rank for them at random
        known = [Asked(shopper, wanted, self._beside(cut, shopper)) for shopper, wanted in asked]
        every = [*known, *(Asked("", one.taken, one.beside) for one in known[::GUESTS])]
        scenario = self.clock.time(f"{what} tables #{number}", lambda: self.scenario(cut))
        return self.clock.time(f"{what} #{number}", lambda: replay(
            scenario, Described(self.features, SOURCES), every, cut.now, self.settings.train.candidates,
            self.seed + number, self.repeat, lambda things: self.progress(things, what, len(every)),
        ))  # fmt: skip

    def visits(self, cut: Cut) -> Cut | None:
        """Visits behind a cut, where the log tells of more than what was taken: who asks has mostly just looked at
        something, and at a moment by the calendar hardly anybody has. None where nobody took something in one."""
        columns, looks = self.log.columns, tuple(set(LOOKS).difference(self.target))
        days = not (columns.times % DAY).any()  # of one day nobody knows what came before the order
        if cut.by_order or days or not np.isin(columns.types, looks).any():
            return None
        made = visiting(self.log, self.target, cut, beside_of(self.target))
        lately = (made.past.columns.times >= cut.now) & np.isin(made.past.columns.types, looks)
        return made if lately.sum() >= VISITED else None

    def _visited(self, cut: Cut, visits: Cut, most: int) -> Replayed:
        """Examples of visits behind a cut, of so many shoppers."""
        what = f"replay visits of {cut.name}"
        asked = [Asked(shopper, wanted, self._beside(visits, shopper)) for shopper, wanted in self.asked(visits, most)]
        scenario = self.scenarios(cut, visits=visits)["home"]
        with one_thread():
            return self.clock.time(what, lambda: replay(
                scenario, Described(self.features, SOURCES), asked, cut.now, self.settings.train.candidates,
                self.seed, self.repeat, lambda things: self.progress(things, what, len(asked)),
            ))  # fmt: skip

    def _beside(self, cut: Cut, shopper: str) -> dict[str, Ints]:
        at = cut.past.find(shopper)
        said = {name: future.of(at) for name, future in cut.beside.items()}
        if REFUND in said:  # what comes back of earlier purchases is none of this slate's
            said[REFUND] = np.intersect1d(said[REFUND], cut.future(at))
        return said


def _positives(replayed: Sequence[Replayed]) -> float:
    return sum(float(part.examples.labels.sum()) for part in replayed)


def beside_of(target: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """The objectives beside the target, by the codes of their events."""
    coded = {name: tuple(CODES[one] for one in types) for name, types in BESIDE.items()}
    return {name: codes for name, codes in coded.items() if not set(codes) & set(target)}


def drawn(shoppers: Longs, homes: Ints, most: int, random: np.random.Generator) -> Longs:
    """`most` of the shoppers of each market, ascending: a small one is learned from as if it were alone."""
    groups = (shoppers[homes == home] for home in np.unique(homes))
    return np.sort(np.concatenate([random.choice(group, min(len(group), most), replace=False) for group in groups]))
