"""What a generation is made of, how it is saved and opened: the stages by name, all of one version."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from aisle.catalogue.catalogue import Catalogue, coded
from aisle.catalogue.codes import Codes
from aisle.catalogue.filters import numbers
from aisle.catalogue.levels import Levels, levels_of
from aisle.catalogue.stated import Stated
from aisle.catalogue.traits import Traits
from aisle.engines.faiss_index import FaissIndex
from aisle.engines.generations import read, verify
from aisle.engines.tantivy_index import TantivyIndex
from aisle.errors import NotTrainedError
from aisle.features.beside import Beside
from aisle.features.level import OwnLevel
from aisle.features.market import MarketFacts
from aisle.features.own import OwnProduct
from aisle.features.product import ProductFacts
from aisle.features.shopper import ShopperHabits
from aisle.features.state import State
from aisle.language.named import Named
from aisle.language.phrases import Phrases
from aisle.language.reading import Reader
from aisle.language.spelling import Speller
from aisle.language.tongue import Tongue
from aisle.ranking.closer import Closer
from aisle.ranking.network import FILE as NETWORK
from aisle.ranking.network import Network
from aisle.ranking.postings import Postings
from aisle.ranking.related import Related
from aisle.ranking.relevance import Relevance
from aisle.ranking.titles import Titles
from aisle.ranking.trees import Trees
from aisle.records.history import NO_TIME, Floats, Interactions, Ints, Longs
from aisle.records.liking import TAKEN_CODES
from aisle.retrieval.chosen import Chosen
from aisle.retrieval.copurchase import CoPurchase
from aisle.retrieval.crowd import Crowd
from aisle.retrieval.fresh import Fresh
from aisle.retrieval.neighbours import Neighbours
from aisle.retrieval.popular import HALF_LIFE, half_life_of
from aisle.retrieval.transitions import Transitions
from aisle.stages import Feature, QueryEncoder
from aisle.wiring.expected import Expected
from aisle.wiring.needs import Needs
from aisle.wiring.questions import Questions, questions_of
from aisle.wiring.readers import CROSS, encoder_at, judge_at
from aisle.wiring.sources import SOURCES
from aisle.wiring.texts import relevance_over, same, sentence

SCENARIOS = "scenarios"  # of a generation's folder: rankers of those that stand on products
PICTURES = "pictures"  # of a generation's folder: vectors of what products look like
LEVELS = "levels.json"  # of a generation's folder: by which products belonged together when it was trained
RELEVANCE = "relevance"  # of a generation's folder: words, and what judgements taught
SHADOW_EXPECTED = "shadow_expected"  # of a generation's folder: what only `evaluate` reads
BORROWING = ("basket", "after")  # not the product page: what is alike needs no log
FORMAT = 22  # of a generation's folder: one that another Aisle wrote is not opened


@dataclass
class Behaviour:
    """What is learned from interactions alone. half_life: in days, of what is popular."""

    transitions: Transitions
    copurchase: CoPurchase
    neighbours: Neighbours
    crowd: Crowd
    expected: Expected
    half_life: int = HALF_LIFE

    @classmethod
    def of(
        cls, log: Interactions, size: int, target: tuple[int, ...], now: int | None = None,
        expected: Expected | None = None,
    ) -> "Behaviour":  # fmt: skip
        """Everything positive in one log over `size` rows, as of `now` (UTC ms; default: the log's end). Only what was
        taken, by the types of `target`, was bought together."""
        wanted = log.of(TAKEN_CODES)
        moment = int(log.columns.times.max(initial=0)) if now is None and log.timed else now or 0
        neighbours = Neighbours().fit(wanted, size, moment)
        return cls(
            Transitions().fit(wanted, size),
            CoPurchase().fit(log.of(target), size, wanted),
            neighbours,
            Crowd(neighbours).fit(),
            expected or Expected(),
            half_life_of(log.of(target), size),
        )

    def save(self, folder: Path) -> None:
        """Write every table."""
        self.transitions.save(folder / "transitions")
        self.copurchase.save(folder / "copurchase")
        self.neighbours.save(folder / "neighbours")
        self.crowd.save(folder / "crowd")
        self.expected.save(folder / "expected")
        (folder / "popular.json").write_text(json.dumps({"half_life": self.half_life}))

    @classmethod
    def load(cls, folder: Path) -> "Behaviour":
        """Read every table."""
        neighbours = Neighbours.load(folder / "neighbours")
        return cls(
            Transitions.load(folder / "transitions"),
            CoPurchase.load(folder / "copurchase"),
            neighbours,
            Crowd.load(folder / "crowd", neighbours),
            Expected.load(folder / "expected"),
            int(read(folder, "popular.json")["half_life"]),
        )


@dataclass
class Content:
    """What is known of the catalogue itself."""

    catalogue: Catalogue
    levels: Levels
    price: Floats  # (rows,), log of major units, NaN where unknown
    texts: TantivyIndex
    vectors: FaissIndex | None
    speller: Speller
    relevance: Relevance
    fresh: Fresh
    encoder: QueryEncoder | None
    phrases: Phrases
    named: Named
    codes: Codes
    traits: Traits
    chosen: Chosen
    pictures: FaissIndex | None = None
    closer: Closer | None = None
    needs: Needs | None = None

    @property
    def reader(self) -> Reader:
        """How queries are read here."""
        about = self.relevance.about
        return Reader(self.speller, self.named, about.holding, about.titled, about.calls)

    @cached_property
    def stated(self) -> Stated:
        """What units state, by value and by word."""
        about = self.relevance.about
        return Stated(self.catalogue, lambda text: about.stems(about.split(text)))

    def features(self, target: tuple[int, ...]) -> tuple[Feature, ...]:
        """The declared features."""
        return (
            OwnProduct(target), OwnLevel(target, self.levels), ProductFacts(self.price, self.levels),
            ShopperHabits(target, self.price), MarketFacts(),
        )  # fmt: skip

    def features_beside(self, target: tuple[int, ...]) -> tuple[Feature, ...]:
        """The same, and what a request that stands on products has besides."""
        return (*self.features(target), Beside(self.price, self.levels))

    def save(self, folder: Path) -> None:
        """Write what was not written while it was built (the text index and the encoder were)."""
        self.catalogue.save(folder / "catalogue")
        (folder / LEVELS).write_text(json.dumps({"names": self.levels.names}))
        if self.vectors is not None:
            self.vectors.save(folder / "vectors")
        if self.pictures is not None:
            self.pictures.save(folder / PICTURES)
        if self.needs is not None:
            self.needs.save(folder)
        self.speller.save(folder / "speller")
        self.phrases.save(folder / "phrases")
        self.named.save(folder / "named")
        self.relevance.save(folder / RELEVANCE)
        self.codes.save(folder)
        self.traits.save(folder)
        self.chosen.save(folder / "chosen")

    @classmethod
    def load(cls, folder: Path) -> "Content":
        """Open what `save` and the builders wrote."""
        catalogue = Catalogue.load(folder / "catalogue")
        vectors = FaissIndex.load(folder / "vectors") if (folder / "vectors").exists() else None
        pictures = FaissIndex.load(folder / PICTURES) if (folder / PICTURES).exists() else None
        encoder, speller = encoder_at(folder), Speller.load(folder / "speller")
        texts = TantivyIndex.load(folder / "texts", speller.tongue.stem)
        return cls(
            catalogue, levels_of(catalogue, read(folder, LEVELS)["names"]), log_prices(catalogue), texts, vectors,
            speller,
            relevance_at(folder / RELEVANCE, vectors, speller.tongue),
            Fresh(created(catalogue)), encoder, Phrases.load(folder / "phrases"),
            Named.load(folder / "named", speller.tongue.stem), Codes.load(folder), Traits.load(folder),
            Chosen.load(folder / "chosen", partial(same, speller.tongue)), pictures,
            closer_at(folder, catalogue), Needs.load(folder, speller.tongue.code),
        )  # fmt: skip


@dataclass
class Parts:
    """One generation: content, behaviour, state and what was decided (facts)."""

    content: Content
    behaviour: Behaviour
    state: State
    ranker: Trees | Network | None
    shadow: Trees | Network | None  # fitted without the last weeks: what `evaluate` measures
    facts: Mapping[str, Any]
    related: Mapping[str, Related] = field(default_factory=dict)  # rankers of scenarios that stand on products

    @cached_property
    def unit_sales(self) -> Any:
        """int64 (units,): how often each unit was taken, to tell which variant stands for its group."""
        columns, size = self.state.base.columns, len(self.content.catalogue.units)
        taken = np.isin(columns.types, tuple(self.facts["target"]))
        return np.bincount(columns.units[taken], minlength=size)

    @property
    def borrowed(self) -> tuple[str, ...]:
        """Scenarios of which so little is known that nothing was learned or judged: they are asked as home is, by who
        has put there what they stand on."""
        known = {*self.related, *self.facts["figures"].get("scenarios", {})}
        return () if self.ranker is None else tuple(name for name in BORROWING if name not in known)

    @property
    def questions(self) -> Questions:
        """What a quiz may ask, by shoppers who were not forgotten."""
        self._questions.forget(self.state.forgotten)
        return self._questions

    @cached_property
    def _questions(self) -> Questions:
        return questions_of(self.content.catalogue, self.state.base, tuple(self.facts["target"]))

    @cached_property
    def tops(self) -> tuple[Ints, list[str]]:
        """int32 (rows,) codes of the tops of the category tree, and their names."""
        return coded([path[0] if path else None for path in self.paths])

    @cached_property
    def under(self) -> tuple[Ints, Longs, Ints, list[str]]:
        """Which names of tops stand anywhere in each row's path, as a filter by them finds it ("Sale > Home" is under
        "Home", too): int32 (rows,) codes of sets, and the sets as `Catalogue.attribute_values` tells them."""
        names = self.tops[1]
        place = {name: at for at, name in enumerate(names)}
        held = [tuple(sorted({place[node] for node in path or () if node in place})) or None for path in self.paths]
        codes, sets = coded(held)
        starts = np.r_[0, np.cumsum([len(some) for some in sets])].astype(np.int64)
        return codes, starts, np.array([at for some in sets for at in some], np.int32), names

    @cached_property
    def paths(self) -> list[Any]:
        """The category path of every row."""
        return self.content.catalogue.said_of_leader("category")

    def save(self, folder: Path) -> None:
        """Write everything into a folder that is being built."""
        self.content.save(folder)
        self.behaviour.save(folder / "behaviour")
        self.state.save(folder / "state")
        for name, ranker in (("ranker", self.ranker), ("shadow", self.shadow)):
            if ranker is not None:
                ranker.save(folder / name)
        for name, beside in self.related.items():
            beside.save(folder / SCENARIOS / name)
        (folder / "facts.json").write_text(json.dumps({**self.facts, "format": FORMAT}, indent=1, sort_keys=True))

    @classmethod
    def load(cls, folder: Path) -> "Parts":
        """Open a published generation. Raises StoreError for a damaged one, NotTrainedError for one that another Aisle
        wrote."""
        facts = read(folder, "facts.json")
        if facts.get("format") != FORMAT:
            raise NotTrainedError(str(folder), f"a generation of format {facts.get('format')}",
                                  f"one of format {FORMAT}: train again")  # fmt: skip
        verify(folder)
        content = Content.load(folder)
        features = content.features(tuple(facts["target"]))
        ranker, shadow = (ranker_at(folder / name, features) for name in ("ranker", "shadow"))
        state = State.load(folder / "state", content.catalogue)
        behaviour = Behaviour.load(folder / "behaviour")
        related = related_at(folder / SCENARIOS, content, facts, ranker)
        return cls(content, behaviour, state, ranker, shadow, facts, related)


def ranker_at(folder: Path, features: tuple[Feature, ...]) -> Trees | Network | None:
    """The ranker that was saved there."""
    if not folder.exists():
        return None
    kind: type[Trees | Network] = Network if (folder / NETWORK).exists() else Trees
    return kind.load(folder, features, SOURCES)


def related_at(
    folder: Path, content: Content, facts: Mapping[str, Any], home: Trees | Network | None
) -> dict[str, Related]:
    """The rankers of scenarios that stand on products, which borrow from home's."""
    if home is None or not folder.exists():
        return {}
    features = content.features_beside(tuple(facts["target"]))
    return {path.name: Related.load(path, features, SOURCES, home) for path in sorted(folder.iterdir())}


def relevance_at(folder: Path, vectors: FaissIndex | None, tongue: Tongue) -> Relevance:
    """The relevance scorer that was saved there."""
    return relevance_over(Postings.load(folder), Titles.load(folder), vectors, tongue).read(folder)


def closer_at(folder: Path, catalogue: Catalogue) -> Closer | None:
    """What reads the best few of a search closer, where a generation learned to."""
    if not (folder / CROSS / "scale.json").exists():
        return None
    scale = json.loads((folder / CROSS / "scale.json").read_text())
    return Closer(judge_at(folder), lambda row: sentence(catalogue, row), **scale)


def log_prices(catalogue: Catalogue) -> Floats:
    """float32 (rows,): log of the leader's price in major units, of the first market that tells one."""
    price = np.full(len(catalogue), np.nan)
    for market in catalogue.offers.markets:
        here = numbers(catalogue, catalogue.offers, "price", market)[catalogue.starts[:-1]]
        price = np.where(np.isnan(price), here, price)
    return np.asarray(np.log1p(price), np.float32)


def created(catalogue: Catalogue) -> Any:
    """int64 (rows,): when the shop says a product came, NO_TIME where it does not."""
    said = catalogue.said_of_leader("created_at")
    return np.array([NO_TIME if value is None else value for value in said], np.int64)
