"""settings → what decides the slate: weights of the objectives, diversity, places for new products, rules, quotas."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from aisle.catalogue.catalogue import Catalogue
from aisle.catalogue.kinds import kinds
from aisle.catalogue.offers import Overlay
from aisle.errors import InputError, SettingsError
from aisle.language.words import normalise
from aisle.ranking.described import BESIDE, REFUNDED
from aisle.ranking.due import COLUMN as DUE
from aisle.ranking.worth import BASES, COLUMNS
from aisle.records.history import Ints, Longs
from aisle.records.request import Context
from aisle.reranking.discovery import Discovery
from aisle.reranking.distance import Distance
from aisle.reranking.diversity import Diversity
from aisle.reranking.promotion import Promotion
from aisle.reranking.proportion import Proportion
from aisle.reranking.quotas import Quota, Quotas
from aisle.reranking.rules import PinsAndBuries
from aisle.reranking.variants import Variants
from aisle.settings import Campaign as Promised
from aisle.settings import Quota as Said
from aisle.settings import Rules, Settings
from aisle.stages import Reranker
from aisle.wiring.campaigns import campaigns_of, pins_of
from aisle.wiring.facets import OWN
from aisle.wiring.parts import Content

SEARCH = "search"
RANKED = ("home", "email", "category", "again")  # scenarios that a ranker serves, where one was learned
OF_ONE: Mapping[str, tuple[str, ...]] = {"again": (DUE, "fusion")}  # columns of one scenario, whoever orders it
PATH = "category_"  # the levels of the category tree begin with it


def distance_of(content: Content) -> Distance:
    """How unlike two products of this shop are."""
    path = [place for place, name in enumerate(content.levels.names) if name.startswith(PATH)]
    return Distance(content.levels.codes[:, path], content.catalogue.brands[0], content.price, content.vectors)


def kinds_of(catalogue: Catalogue) -> Ints:
    """The kind of every row, -1 unknown: its category at the second level or, in a shop that has none, at the first."""
    return catalogue.levels[:, 1] if (catalogue.levels[:, 1] >= 0).any() else catalogue.levels[:, 0]


@dataclass
class Arranging:
    """The rerankers of each scenario, and its objectives."""

    content: Content
    overlay: Callable[[], Overlay]
    settings: Settings
    target: tuple[int, ...]
    sales: Callable[[], Longs]  # of each unit

    def __post_init__(self) -> None:
        catalogue, rules, serve = self.content.catalogue, self.settings.rules, self.settings.serve
        row = catalogue.row_of_id
        pins, pinned = pins_of(catalogue, rules.pins)
        self._order = PinsAndBuries(pins, frozenset(row(bury) for bury in rules.buries if row(bury) >= 0), pinned)
        self.variants = Variants(catalogue, self.sales, self._fitting, pinned)
        self._diversity = Diversity(
            distance_of(self.content),
            kinds_of(catalogue),
            serve.diversity,
            serve.diversify,
            self.target,
            appetite=serve.appetite,
            widen=serve.widen,
        )
        asked, mixed = self.content.relevance.about.asked, self.settings.search.mix
        self._proportion = Proportion(catalogue.ends, mixed, asked)
        self.campaigns = campaigns_of(
            catalogue, self.overlay, self.settings, self.content.speller.tongue.stem, self.target
        )
        self._quotas = [(quota.scenarios, self._quota(at)) for at, quota in enumerate(rules.quotas)]

    def _quota(self, at: int) -> Quota:
        said = self.settings.rules.quotas[at]
        try:
            codes = kinds(self.content.catalogue, said.field, said.value)
        except InputError as error:
            raise SettingsError(f"shop.toml, rules.quotas.{at}.field", error.found, error.expected) from None
        name = f"{said.field} {said.value}".strip()
        return Quota(name, codes, said.most, said.of, said.least)

    def _fitting(self, context: Context, units: Longs) -> Longs:
        """How well each unit fits a query, int64 (n,): by the values that it names first, then by its words."""
        reading, stems = context.reading, self.content.relevance.about.stems
        said = self.content.stated.said(stems(reading.words), units)
        if not reading.named:
            return said
        held = context.once("fitting", lambda: _held(self.content.catalogue, reading.named))[units]
        return held * (len(reading.words) + 1) + said

    @property
    def pins(self) -> tuple[int, ...]:
        """The rows that shop.toml pins."""
        return self._order.pins

    def rerankers(self, scenario: str, newcomers: bool = False) -> tuple[Reranker, ...]:
        """In the order in which they are asked: what the shop decided last, and what must hold after everything."""
        mine = tuple(quota for names, quota in self._quotas if not names or scenario in names)
        quotas = Quotas(mine, self.variants.of)
        # what these take out or put back is filled from behind: a page must find there what the page before it did
        moves = bool(quotas.quotas or self._order.buries or self.campaigns.every or newcomers)
        varied: Reranker = self._proportion if scenario == SEARCH else replace(self._diversity, whole=moves)
        rules = frozenset(self._order.pins), self._order.buries
        kept: tuple[Reranker, ...] = (Discovery(self.settings.serve.discovery, *rules),) if newcomers else ()
        return (varied, Promotion(self.campaigns), self._order, *kept, quotas)

    def objectives(self, scenario: str, own: Mapping[str, float]) -> Mapping[str, float]:
        """The weights of a scenario's columns: its own, and over them what shop.toml says. `purchase` stands for the
        scenario's own score where it has no trees. Raises SettingsError for a column that the scenario has not."""
        base = next(name for name in BASES if name in own)
        made = dict(own)
        for name, weight in self.settings.objectives.get(scenario, {}).items():
            column = base if name == BASES[0] else name
            # what a ranker alone tells has no columns where none serves
            beside = [*BESIDE, *COLUMNS] if scenario in RANKED else [one for one in COLUMNS if one != REFUNDED]
            beside += OF_ONE.get(scenario, ())
            if column not in own and column not in beside:
                known = ", ".join(dict.fromkeys([BASES[0], *own, *beside]))
                raise SettingsError(f"shop.toml, objectives.{scenario}", name, f"one of {known}")
            made[column] = weight
        return made

    def worth(self, objectives: Mapping[str, float]) -> bool:
        """Does a scenario ask what a purchase is worth?"""
        return not objectives.keys().isdisjoint(COLUMNS)


def _held(catalogue: Catalogue, named: Sequence[tuple[str, str]]) -> Longs:
    """How many of these values each unit has, int64 (units,)."""
    held = np.zeros(len(catalogue.units), np.int64)
    for name, value in named:
        if name in catalogue.attribute_names:
            codes, sets = catalogue.attribute_codes(name)
            said = [normalise(value) in map(normalise, values) for values in sets]
            held += np.array([*said, False], bool)[codes]  # of NO_CODE, -1, the last
    return held


def unknown(settings: Settings, names: Mapping[str, object]) -> None:
    """Raises SettingsError for a scenario that shop.toml names and that there is not."""
    said = [(f"objectives.{name}", name) for name in settings.objectives]
    listed: Mapping[str, Sequence[Said | Promised]] = {
        "quotas": settings.rules.quotas, "campaigns": settings.rules.campaigns,
    }  # fmt: skip
    said += [(f"rules.{rules}.{at}.scenarios", name)
             for rules, every in listed.items() for at, one in enumerate(every) for name in one.scenarios]  # fmt: skip
    for where, name in said:
        if name not in names:
            raise SettingsError(f"shop.toml, {where}", name, "one of " + ", ".join(names))


def resting(settings: Settings, rules: bool = True) -> Settings:
    """Settings without what a catalogue may not be able to follow; without `rules` also without pins, buries and hides,
    variety and places for new products: what the engine ranks by itself."""
    kept = settings.rules.model_copy(update={"quotas": [], "campaigns": []}) if rules else Rules()
    search = settings.search.model_copy(update={"facets": list(OWN)})
    plain = settings.model_copy(update={"rules": kept, "objectives": {}, "search": search})
    if rules:
        return plain
    return plain.model_copy(update={"serve": settings.serve.model_copy(update={"diversity": 0.0, "discovery": 0})})


def hiding(settings: Settings) -> Settings:
    """Settings whose only rules are what is hidden: what anybody may show in this shop, however they rank."""
    rules = settings.rules
    kept = [one.model_copy(update={"pins": [], "boost": {}, "bury": {}}) for one in rules.campaigns if one.hide]
    plain = resting(settings, rules=False)
    return plain.model_copy(update={"rules": Rules(hides=rules.hides, campaigns=kept)})
