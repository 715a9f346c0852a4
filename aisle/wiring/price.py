"""What each rule costs: shoppers of the last weeks, their slates with all rules and with all but one, and what they
really bought then.

A campaign is priced as if it ran, beside those that run when it does: its days lie elsewhere. What a slate did not show
may still have been bought, so the money is that of purchases which the slate would have shown, no forecast of sales.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.errors import InputError
from aisle.evaluation.bootstrap import NOTHING, Interval, interval, lift, sure
from aisle.ranking.worth import Worth
from aisle.records.history import Ints
from aisle.reranking.quotas import amount
from aisle.settings import Campaign, Quota, Settings
from aisle.stages import Progress
from aisle.wiring.arranging import resting
from aisle.wiring.evaluate import Lists, Weeks, last_weeks, ruled, showable
from aisle.wiring.live import Live, Served
from aisle.wiring.measure import lists_of, score_of
from aisle.wiring.report import one_thread

ALL, HOME = "everything together", "home"
SHOWINGS = ("unseen", "overlooked")  # objectives that read how often products were shown
MIN, MAX = datetime.min, datetime.max
Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Price:
    """What a rule adds, as a part of what there is without it: 0.01 is one percent more, -0.01 its price. NaN where
    there is nothing to relate to: no money, or a loss; an interval of fewer than ten shoppers with something is none.

    revenue, margin: of what shoppers bought and the slates would have shown, each product once, at today's price of its
    first variant; revenue_each, margin_each: the difference a shopper, in major units; NaN where the shop has no
    prices, or some in several currencies. shoppers: how many were asked; buyers: whose slate, with the rule or without
    it, holds something that they bought.
    """

    rule: str
    ndcg: Interval
    revenue: Interval
    margin: Interval
    revenue_each: Interval
    margin_each: Interval
    shoppers: int
    buyers: int


def priced(
    live: Live, settings: Settings, progress: Progress, seed: int = 0, most: int = 1000, served: Served | None = None
) -> list[Price]:  # fmt: skip
    """The price of everything that settings say of slates on `home`, and of each rule by itself; served: a generation
    with what is offered and withheld there, the current one where None.

    Raises InputError where no shopper has both a past and a future.
    """
    weeks = showable(last_weeks(live, progress, seed, most, served=served), resting(settings, rules=False))
    if not weeks.asked:
        raise InputError("prices", "only what the shop hides", "shoppers who took what may be shown")
    rules = alone(settings)
    if not rules:
        return []
    catalogue = weeks.served.generation.catalogue
    worth = Worth(catalogue, lambda: weeks.served.overlay, weeks.ranker.target)
    measured: list[tuple[Settings, tuple[Doubles, ...]]] = []

    def of(some: Settings) -> tuple[Doubles, ...]:  # what several rules stand beside is asked once
        known = next((figures for other, figures in measured if other == some), None)
        if known is None:
            measured.append((some, known := _measured(weeks, some, worth)))
        return known

    with one_thread():
        return [_price(name, of(rules[name][0]), of(rules[name][1]), seed)
                for name in progress(list(rules), "pricing rules", len(rules))]  # fmt: skip


def _price(name: str, ruled: Sequence[Doubles], without: Sequence[Doubles], seed: int) -> Price:
    relations = [related(one, other, seed) for one, other in zip(ruled, without, strict=True)]
    money = zip(ruled[1:], without[1:], strict=True)
    each = [differing(one, other, seed) if other.any() or one.any() else NOTHING for one, other in money]
    buyers = int(((ruled[0] > 0) | (without[0] > 0)).sum())
    return Price(name, relations[0], relations[1], relations[2], each[0], each[1], len(ruled[0]), buyers)


def related(one: Doubles, other: Doubles, seed: int) -> Interval:
    """What a rule adds; without an interval where too few shoppers tell."""
    return sure(lift(one, other, seed), np.abs(one) + np.abs(other))


def differing(one: Doubles, other: Doubles, seed: int) -> Interval:
    """The same as a difference a shopper."""
    return sure(interval(one - other, seed), np.abs(one) + np.abs(other))


def alone(settings: Settings) -> Mapping[str, tuple[Settings, Settings]]:
    """Name of a rule → the settings with it and without it. Beside a campaign stand those that run on the day of its
    time on which most do; beside other rules those of the day on which most do at all."""
    rules, serve, home = settings.rules, settings.serve, settings.objectives.get("home", {})
    whole = _running(settings, together(rules.campaigns))
    made: dict[str, tuple[Settings, Settings]] = {}
    for name in ("pins", "buries", "hides"):
        if getattr(rules, name):
            made[name] = whole, _ruled(whole, {name: []})
    for at, quota in enumerate(rules.quotas):
        if _at_home(quota):
            made[_unused(_named(quota), made)] = whole, _ruled(whole, {"quotas": _but(rules.quotas, at)})
    for at, campaign in enumerate(rules.campaigns):
        if _at_home(campaign):
            beside = together(rules.campaigns, at)
            rest = [other for other in beside if other != at]
            made[_unused(_named(campaign), made)] = _running(settings, beside), _running(settings, rest)
    for column, weight in home.items():
        rest_of = {name: value for name, value in home.items() if name != column}
        objectives = {**settings.objectives, "home": rest_of}
        if column not in SHOWINGS:
            made[f"objective {column} {weight:g}"] = whole, whole.model_copy(update={"objectives": objectives})
    for name, off in (("diversity", 0.0), ("discovery", 0)):
        if getattr(serve, name):
            kept = serve.model_copy(update={name: off})
            made[f"{name} {getattr(serve, name):g}"] = whole, whole.model_copy(update={"serve": kept})
    return {ALL: (whole, resting(whole, rules=False)), **made} if made else {}


def together(campaigns: Sequence[Campaign], one: int | None = None) -> list[int]:
    """Numbers of the campaigns that run at the moment at which most of them do, `one` (its number) among them."""
    spans = [(moment_of(each.begins, MIN), moment_of(each.ends, MAX)) for each in campaigns]
    at_once = [[k for k, (begins, ends) in enumerate(spans) if begins <= moment < ends] for moment, _ in spans]
    return max((some for some in at_once if one is None or one in some), key=len, default=[] if one is None else [one])


def moment_of(said: datetime | date | None, otherwise: datetime) -> datetime:
    """When a campaign begins or ends, naive: days are told apart, zones are not."""
    if said is None:
        return otherwise
    return said.replace(tzinfo=None) if isinstance(said, datetime) else datetime(said.year, said.month, said.day)


def _running(settings: Settings, some: Sequence[int]) -> Settings:
    """Settings of whose campaigns some run, whenever they are asked."""
    campaigns = [settings.rules.campaigns[at].model_copy(update={"begins": None, "ends": None}) for at in some]
    return _ruled(settings, {"campaigns": campaigns})


def unpriced(settings: Settings) -> list[str]:
    """Why some rules have no price: they have no say on `home`, where prices are measured, or weigh showings, of which
    a replay knows nothing."""
    every: list[Quota | Campaign] = [*settings.rules.quotas, *settings.rules.campaigns]
    made = [f"{_named(rule)} has no say on home" for rule in every if not _at_home(rule)]
    elsewhere = ((column, name) for name, of in settings.objectives.items() if name != HOME for column in of)
    made += [f"objective {column} of {name} has no say on home" for column, name in elsewhere]
    made += [f"objective {column}: what was shown in these weeks is not replayed"
             for column in settings.objectives.get(HOME, {}) if column in SHOWINGS]  # fmt: skip
    return [f"no price: {why}" for why in made]


def _at_home(rule: Quota | Campaign) -> bool:
    return (not rule.scenarios or HOME in rule.scenarios) and not (isinstance(rule, Campaign) and rule.queries)


def _named(rule: Quota | Campaign) -> str:
    if isinstance(rule, Campaign):
        return f"campaign {rule.name!r}"
    return f"quota {rule.field} {rule.value}".rstrip() + f": {amount(rule.most, rule.least, rule.of)}"


def _unused(name: str, known: Mapping[str, object]) -> str:
    """A name, numbered where another rule has it."""
    number = 1 + sum(other == name or other.startswith(f"{name} #") for other in known)
    return name if number == 1 else f"{name} #{number}"


def _ruled(settings: Settings, rules: Mapping[str, Any]) -> Settings:
    return settings.model_copy(update={"rules": settings.rules.model_copy(update=rules)})


def _but(every: Sequence[Any], at: int) -> list[Any]:
    return [one for k, one in enumerate(every) if k != at]


def _measured(weeks: Weeks, settings: Settings, worth: Worth) -> tuple[Doubles, ...]:
    """NDCG@10, revenue and margin of each shopper's slate, float64 (shoppers,)."""
    scenario, ranker = ruled(weeks, settings), weeks.ranker
    lists = lists_of(scenario, weeks.asked, weeks.cut.now, settings.serve.candidates, ranker.repeat)
    return score_of(lists, weeks.truths), *money_of(lists, weeks.truths, worth)


def money_of(lists: Lists, truths: Sequence[frozenset[int]], worth: Worth) -> tuple[Doubles, Doubles]:
    """Revenue and margin of what was on a slate and bought, float64 (shoppers,) each; zeros where prices are in several
    currencies, which nobody can add."""
    if len(worth.currencies()) > 1:
        return np.zeros(len(lists)), np.zeros(len(lists))
    taken = [
        np.array([row for row in rows if row in truth], np.int32) for rows, truth in zip(lists, truths, strict=True)
    ]
    owner = np.repeat(np.arange(len(taken)), [len(rows) for rows in taken])
    rows: Ints = np.concatenate(taken) if taken else np.zeros(0, np.int32)
    price, margin = worth.money(worth.leaders(rows), "")
    sums = [np.bincount(owner, values, len(taken)).astype(np.float64) for values in (price, margin)]
    return sums[0], sums[1]
