"""What each rule costs: shoppers of the last weeks, their slates with all rules and with all but one, and what they
really bought then.

A campaign is priced as if it ran: its days lie elsewhere. What a slate did not show may still have been bought, so the
money is that of purchases which the slate would have shown, no forecast of sales.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.evaluation.bootstrap import Interval, lift
from aisle.ranking.worth import Worth
from aisle.records.history import Ints
from aisle.reranking.quotas import amount
from aisle.settings import Campaign, Quota, Settings
from aisle.stages import Progress
from aisle.wiring.arranging import resting
from aisle.wiring.evaluate import Lists, Weeks, last_weeks, ruled
from aisle.wiring.live import Live
from aisle.wiring.measure import lists_of, score_of
from aisle.wiring.report import one_thread

ALL, HOME = "everything together", "home"


@dataclass(frozen=True)
class Price:
    """What a rule adds, as a part of what there is without it: 0.01 is one percent more, -0.01 its price.

    money: of what shoppers bought and the slates would have shown; NaN where the shop has no prices, or nothing was.
    """

    rule: str
    ndcg: Interval
    revenue: Interval
    margin: Interval


def priced(live: Live, settings: Settings, progress: Progress, seed: int = 0, most: int = 1000) -> list[Price]:
    """The price of everything that settings say of slates on `home`, and of each rule by itself.

    Raises InputError where no shopper has both a past and a future.
    """
    weeks = last_weeks(live, progress, seed, most)
    always = unscheduled(settings)
    without = alone(always)
    if not without:
        return []
    steps = progress([ALL, *without], "pricing rules", len(without) + 1)
    catalogue = weeks.served.generation.catalogue
    worth = Worth(catalogue, lambda: catalogue.offers, weeks.ranker.target)
    with one_thread():
        ruling = _measured(weeks, always, worth)
        others = {ALL: resting(always, rules=False), **without}
        rest = {name: _measured(weeks, others[name], worth) for name in steps}
    return [Price(name, *(lift(a, b, seed) for a, b in zip(ruling, other, strict=True)))
            for name, other in rest.items()]  # fmt: skip


def alone(settings: Settings) -> Mapping[str, Settings]:
    """Name of a rule → the settings without it."""
    rules, serve, home = settings.rules, settings.serve, settings.objectives.get("home", {})
    made: dict[str, Settings] = {}
    for name in ("pins", "buries", "hides"):
        if getattr(rules, name):
            made[name] = _ruled(settings, {name: []})
    for at, quota in enumerate(rules.quotas):
        if _at_home(quota):
            made[_unused(_named(quota), made)] = _ruled(settings, {"quotas": _but(rules.quotas, at)})
    for at, campaign in enumerate(rules.campaigns):
        if _at_home(campaign):
            made[_unused(_named(campaign), made)] = _ruled(settings, {"campaigns": _but(rules.campaigns, at)})
    for column, weight in home.items():
        rest = {name: value for name, value in home.items() if name != column}
        objectives = {**settings.objectives, "home": rest}
        made[f"objective {column} {weight:g}"] = settings.model_copy(update={"objectives": objectives})
    for name, off in (("diversity", 0.0), ("discovery", 0)):
        if getattr(serve, name):
            kept = serve.model_copy(update={name: off})
            made[f"{name} {getattr(serve, name):g}"] = settings.model_copy(update={"serve": kept})
    return made


def elsewhere(settings: Settings) -> list[str]:
    """Rules that have no say on `home`, where prices are measured, and objectives of other scenarios."""
    every: list[Quota | Campaign] = [*settings.rules.quotas, *settings.rules.campaigns]
    made = [_named(rule) for rule in every if not _at_home(rule)]
    return made + [f"objective {column} of {scenario}" for scenario, weights in settings.objectives.items()
                   if scenario != HOME for column in weights]  # fmt: skip


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


def unscheduled(settings: Settings) -> Settings:
    """Settings whose campaigns run whenever they are asked."""
    campaigns = [one.model_copy(update={"begins": None, "ends": None}) for one in settings.rules.campaigns]
    return _ruled(settings, {"campaigns": campaigns})


def _ruled(settings: Settings, rules: Mapping[str, Any]) -> Settings:
    return settings.model_copy(update={"rules": settings.rules.model_copy(update=rules)})


def _but(every: Sequence[Any], at: int) -> list[Any]:
    return [one for k, one in enumerate(every) if k != at]


def _measured(weeks: Weeks, settings: Settings, worth: Worth) -> tuple[NDArray[np.float64], ...]:
    """NDCG@10, revenue and margin of each shopper's slate, float64 (shoppers,)."""
    scenario, ranker = ruled(weeks, settings), weeks.ranker
    lists = lists_of(scenario, weeks.asked, weeks.cut.now, settings.serve.candidates, ranker.repeat)
    return score_of(lists, weeks.truths), *money_of(lists, weeks.truths, worth)


def money_of(
    lists: Lists, truths: Sequence[frozenset[int]], worth: Worth
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Revenue and margin of what was on a slate and bought, float64 (shoppers,) each."""
    taken = [
        np.array([row for row in rows if row in truth], np.int32) for rows, truth in zip(lists, truths, strict=True)
    ]
    owner = np.repeat(np.arange(len(taken)), [len(rows) for rows in taken])
    rows: Ints = np.concatenate(taken) if taken else np.zeros(0, np.int32)
    price, margin = worth.money(worth.leaders(rows), "")
    sums = [np.bincount(owner, values, len(taken)).astype(np.float64) for values in (price, margin)]
    return sums[0], sums[1]
