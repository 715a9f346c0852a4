"""`simulate`: what other settings would have shown, on requests that shoppers really made, before they go live.

The latest slates of the log (where it has none, home pages of shoppers drawn at random) are asked for twice as of now:
with the settings in force, and with the ones proposed. Nothing is recorded. What is expected of a slate is the sum over
its places of what is expected of each product, examined with 1 / log2(place + 2), the discount of DCG.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from aisle.errors import InputError
from aisle.evaluation.bootstrap import Interval, interval, lift, sure
from aisle.pipeline.deadline import in_turn
from aisle.pipeline.run import run
from aisle.pipeline.scenario import Scenario
from aisle.pipeline.train import request_of
from aisle.ranking.described import REFUNDED
from aisle.ranking.worth import BASES, COLUMNS, Worth
from aisle.records.campaign import RUNNING
from aisle.records.request import Context, Request
from aisle.records.slate import Slate
from aisle.settings import Settings
from aisle.stages import Progress
from aisle.wiring.arranging import SEARCH
from aisle.wiring.cursor import Cursor
from aisle.wiring.live import Live, Served
from aisle.wiring.price import Price, priced, unpriced
from aisle.wiring.slate import slate_of

SIZE = 10
# settings of which a simulation shows nothing: all of a section, or some
UNTRIED: Mapping[str, frozenset[str]] = {
    "shop": frozenset(), "train": frozenset(), "encoder": frozenset(), "storefront": frozenset(),
    "search": frozenset({"tune", "tune_pairs", "clicks"}), "serve": frozenset({"deadline_ms", "record_slates"}),
}  # fmt: skip
MONEY = ("revenue", "margin")
TRAINED = frozenset({"train", "encoder", "tune", "tune_pairs", "clicks"})
SHOWN = 3  # requests told in full
EXPECTED = ("purchase", *(name for name in COLUMNS if name != REFUNDED))  # returns are only told where they weigh


@dataclass(frozen=True)
class Asked:
    """A scenario, and what is asked of it; repeat: as a request has it; size: products of the slate."""

    scenario: str
    request: Request
    repeat: str = "auto"
    size: int = SIZE


@dataclass(frozen=True)
class Effect:
    """One figure of all slates: before and after, and their relation (after / before - 1) with its interval."""

    metric: str
    before: float
    after: float
    change: Interval


@dataclass(frozen=True)
class Changed:
    """One request: titles before and after, best first."""

    scenario: str
    query: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class Simulated:
    """shoppers: who made these requests, a guest's session each; intervals are over them. changed: share of slates on
    which anything is different; exchanged: products of a slate that are not on the other one, with its interval;
    places: products of a slate, on the mean; effects: what is expected; held_back: how many candidates each quota kept
    off all pages; running: in how many requests each campaign ran; prices: of each rule, on what shoppers bought in the
    last weeks."""

    requests: int
    source: str
    scenarios: Mapping[str, int]
    changed: float
    exchanged: Interval
    effects: tuple[Effect, ...]
    held_back: Mapping[str, int]
    running: Mapping[str, int]
    examples: tuple[Changed, ...]
    prices: tuple[Price, ...] = ()
    notes: tuple[str, ...] = ()
    shoppers: int = 0
    places: float = 0.0


@dataclass
class Pair:
    """One request's slates, and what was expected of each; base: the score that this rests on."""

    asked: Asked
    slates: tuple[Slate, Slate]
    expected: tuple[Mapping[str, float], Mapping[str, float]]  # nothing of a search
    base: str = ""

    @property
    def currency(self) -> str:
        """That of the prices on the slates, the first that is known."""
        return next((one.currency for slate in self.slates for one in slate if one.currency), "")

    @property
    def exchanged(self) -> int:
        """Products of the one slate that are not on the other: of the two, the larger number."""
        before, after = (set(slate.ids) for slate in self.slates)
        return max(len(after - before), len(before - after))

    @property
    def moved(self) -> bool:
        """Is anything different?"""
        return self.slates[0].ids != self.slates[1].ids


def simulate(
    live: Live, proposed: Settings, progress: Progress, requests: int = 300, now: int | None = None, seed: int = 0,
    price: bool = True,
) -> Simulated:  # fmt: skip
    """Ask `requests` of the log's latest requests with both settings. Raises SettingsError for settings that this
    catalogue cannot follow, InputError where nobody has asked or bought anything."""
    if requests < 1:
        raise InputError("requests", requests, "at least 1")
    served = live.served()
    other = replace(served, safety=served.safe(proposed.safety, strict=True))
    other.guard()
    both = (served, served.generation.scenarios), (other, live.scenarios(other, proposed))
    live.catch_up(served)
    if not live.settings.reads_showings:  # nobody's pages stand on what was counted of showings an hour ago
        served.parts.state.recount()
    asked = [one for one in logged(live, requests) if one.scenario in served.generation.scenarios]
    source = f"the latest {len(asked)} slates of the log"
    if not asked:
        asked = drawn(served, requests, seed)
        source = f"home pages of {len(asked)} shoppers drawn at random: the log holds no slates"
    if not asked:
        raise InputError("simulate", "a log without slates or shoppers", "requests to ask again")
    moment = live.now(served) if now is None else now
    variants = served.generation.scenarios["home"].variants
    worth = Worth(served.generation.catalogue, lambda: served.overlay, tuple(served.parts.facts["target"]), variants)
    pairs, running = list[Pair](), Counter[str]({one.name: 0 for one in proposed.rules.campaigns})
    notes = Counter[str]()
    for one in progress(asked, "asking again", len(asked)):
        try:
            made = [_slate(shop, scenarios[one.scenario], one, moment, worth) for shop, scenarios in both]
        except InputError as error:  # a filter by what no product has any more
            notes[f"left out, for it cannot be asked any more: {error}"] += 1
            continue
        notes.update(f"failed: {why}" for slate, _, _ in made for why in slate.degraded)
        base = served.generation.scenarios[one.scenario].base
        pairs.append(Pair(one, (made[0][0], made[1][0]), (made[0][1], made[1][1]), base))
        running.update(campaign.name for campaign in made[1][2].memo.get(RUNNING, ()))
    if not pairs:
        raise InputError("simulate", "; ".join(notes), "requests that can be asked again")
    prices, why = _prices(live, other, proposed, progress, seed) if price else ([], [])
    why += untried(live.settings, proposed, other)
    told = [f"{name} ({often} times)" for name, often in notes.items()]
    of = touched(pairs)
    if any(pair.base == "fusion" for pair in of):
        told.append("where no ranker was learned, purchase is the score of the fused sources, and no chance")
    if len(of) < len(pairs):
        named = ", ".join(sorted({pair.asked.scenario for pair in of}))
        told.append(f"effects are of the {len(of)} slates of {named}" if of else "of searches no effects are told")
    return _told(pairs, of, source, running, seed, prices, [*told, *why])


def touched(pairs: Sequence[Pair]) -> list[Pair]:
    """Those of scenarios on which anything is different, or of all where nothing is: what is weighed on home has no
    effect on other pages, whose number would decide the figure. None of searches."""
    told = [pair for pair in pairs if all(pair.expected)]
    moved = {pair.asked.scenario for pair in told if pair.moved}
    return [pair for pair in told if pair.asked.scenario in moved] or told


def _prices(
    live: Live, other: Served, proposed: Settings, progress: Progress, seed: int
) -> tuple[list[Price], list[str]]:  # fmt: skip
    try:
        return priced(live, proposed, progress, seed, served=other), unpriced(proposed)
    except InputError as error:
        return [], [f"no prices: {error}"]


def untried(before: Settings, proposed: Settings, served: Served) -> list[str]:
    """What the proposal changes and nothing here shows."""
    made = []
    for name, keys in UNTRIED.items():
        one, other = (getattr(some, name).model_dump() for some in (before, proposed))
        changed = [key for key in one if one[key] != other[key] and (not keys or key in keys)]
        made += [f"not tried: {name}.{key}" + " takes a training" * (name in TRAINED or key in TRAINED)
                 for key in changed]  # fmt: skip
    if (
        proposed.serve.discovery
        and served.parts.content.vectors is None
        and not served.parts.behaviour.expected.reading
    ):
        made.append("not tried: serve.discovery rests, as products have no vectors")
    return made


def logged(live: Live, most: int) -> list[Asked]:
    """The latest requests of the log, the oldest first; the log is read from its end."""
    end, reach = live.store.end(), 20 * most
    while True:
        after = max(end - reach, 0)
        bodies = (json.loads(row.body) for page in live.store.read(after, ("served",)) for row in page)
        first = [body for body in bodies if "offset" not in body.get("request", {})]  # no later page
        if len(first) >= most or not after:
            return [_asked(body) for body in first[-most:]]
        reach *= 8


def _asked(body: Mapping[str, Any]) -> Asked:
    said = body.get("request", {})
    request = Request(
        said.get("query", ""), tuple(said.get("anchor", ())), body.get("user", ""), body.get("session", ""),
        said.get("filters", {}), said.get("market", ""), "", said.get("sort", ""),
        answers=said.get("answers", {}), exclude=tuple(said.get("exclude", ())),
    )  # fmt: skip
    scenario = str(body["scenario"])
    repeat = said.get("repeat", "allow" if scenario == SEARCH else "auto")
    return Asked(scenario, request, repeat, max(int(said.get("size", SIZE)), 1))


def drawn(served: Served, most: int, seed: int) -> list[Asked]:
    """Home pages of shoppers whom the log knows."""
    shoppers = served.parts.state.base.shoppers
    chosen = np.random.default_rng(seed).permutation(len(shoppers))[:most]
    return [Asked("home", request_of(str(shoppers[at]))) for at in np.sort(chosen)]


def _slate(
    served: Served, scenario: Scenario, asked: Asked, moment: int, worth: Worth
) -> tuple[Slate, Mapping[str, float], Context]:
    """One slate, what is expected of it, and what its request came to."""
    catalogue, request = served.generation.catalogue, asked.request
    repeat = str(served.parts.facts["repeat"]) if asked.repeat == "auto" else asked.repeat
    context = Context(request, scenario.name, moment, repeat=repeat, deadline=float("inf"))
    size = asked.size
    made = run(scenario, request, context, size, scenario.candidates, lambda row: catalogue.groups[row], in_turn)
    slate = slate_of(served, scenario, made, request, Cursor(), size)
    if scenario.name == SEARCH:  # relevance is no chance of a purchase
        return slate, {}, made.context
    if not len(made.ranked):
        return slate, dict.fromkeys(EXPECTED, 0.0), made.context
    known = [name for name in made.ranked.columns if name not in COLUMNS]  # asked for with a weight or not: once
    ranked = worth.score(made.context, type(made.ranked)(made.ranked.rows, made.ranked.some(known), tuple(known)))
    place = {row: at for at, row in enumerate(ranked.rows.tolist())}
    shown = [place[catalogue.row_of_id(one.group)] for one in slate]
    base = next(name for name in BASES if name in ranked.columns)
    looks = 1 / np.log2(np.arange(len(shown)) + 2)
    worths = {"purchase": base, **{name: name for name in EXPECTED[1:]}}
    sums = {name: float(np.nan_to_num(ranked.column(of)[shown]) @ looks) for name, of in worths.items()}
    return slate, sums, made.context


def _told(
    pairs: Sequence[Pair], told: Sequence[Pair], source: str, running: Counter[str], seed: int, prices: Sequence[Price],
    notes: Sequence[str],
) -> Simulated:  # fmt: skip
    effects, notes = [], list(notes)
    asked = [(pair, pair.asked.request) for pair in pairs]
    owners = [who.user or who.session or f"nobody {at}" for at, (_, who) in enumerate(asked)]
    owner = {id(pair): number for pair, number in zip(pairs, np.unique(owners, return_inverse=True)[1], strict=True)}
    usual = Counter(pair.currency for pair in told if pair.currency).most_common(1)
    for metric in EXPECTED if told else ():
        of = [pair for pair in told if metric not in MONEY or not usual or pair.currency in ("", usual[0][0])]
        before, after = (np.array([pair.expected[k][metric] for pair in of]) for k in (0, 1))
        users = np.array([owner[id(pair)] for pair in of])
        effects.append(
            Effect(
                metric,
                float(before.mean()),
                float(after.mean()),
                sure(lift(after, before, seed, users), np.ones(len(of)), users),
            )
        )
        if metric == MONEY[0] and len(of) < len(told):
            notes.append(f"revenue and margin are of the {len(of)} slates whose prices are in {usual[0][0]}")
    held = Counter(why for pair in pairs for why in _removed(pair.slates[1]))
    most = sorted((pair for pair in pairs if pair.moved), key=lambda pair: -pair.exchanged)[:SHOWN]
    users = np.array([owner[id(pair)] for pair in pairs])
    exchanged = np.array([float(pair.exchanged) for pair in pairs])
    return Simulated(
        len(pairs), source, dict(Counter(pair.asked.scenario for pair in pairs)),
        float(np.mean([pair.moved for pair in pairs])),
        sure(interval(exchanged, seed, users), np.ones(len(pairs)), users), tuple(effects), dict(held),
        dict(running), tuple(_changed(pair) for pair in most), tuple(prices), tuple(notes),
        len(np.unique(users)), float(np.mean([max(len(slate) for slate in pair.slates) for pair in pairs])),
    )  # fmt: skip


def _removed(slate: Slate) -> Iterable[str]:
    return (f"{one.stage}: {one.why}" for one in slate.removed)


def _changed(pair: Pair) -> Changed:
    before, after = (tuple(one.title or one.product for one in slate) for slate in pair.slates)
    return Changed(pair.asked.scenario, pair.asked.request.query, before, after)
