"""What goes in and out over HTTP, as JSON: the OpenAPI document is made of these."""

from collections.abc import Mapping
from math import isfinite
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictStr,
    model_validator,
)

from aisle.records.money import to_major
from aisle.records.slate import Placement, Slate
from aisle.records.text import halved


def _whole(text: str) -> str:
    if halved(text):
        raise ValueError("text in Unicode")
    return text


def _several(some: Any) -> Any:
    return [some] if isinstance(some, str | int | float) and not isinstance(some, bool) else some


def shallow(filters: dict[str, Any]) -> dict[str, Any]:
    """Filters need few levels; what lies deeper than any shop asks would only exhaust the stack."""
    level: list[Any] = [filters]
    for _ in range(DEEPEST):
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return filters
    raise ValueError(f"filters of at most {DEEPEST} levels")


def _inside(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


DEEPEST = 8
ASKED = ConfigDict(extra="forbid", coerce_numbers_to_str=True)  # ids are text however they come
Text = Annotated[str, AfterValidator(_whole)]
Filters = Annotated[dict[str, Any], AfterValidator(shallow)]
Size = Field(10, ge=0, description="How many products.", examples=[10])
Moment = Field(None, description="The moment to answer as of, ISO 8601 or UTC ms; default: the shop's clock.")


class Asked(BaseModel):
    """What every request for a slate may say."""

    model_config = ASKED

    user: str = Field("", description="Who asks; empty for a guest.", examples=["u1"])
    session: str = Field("", description="A guest's session.", examples=["s-42"])
    size: int = Size
    filters: Filters = Field(
        default_factory=dict, description="Field to value, list of values, bounds, or {'not': …}.",
        examples=[{"price": {"lte": 600}}],
    )  # fmt: skip
    sort: Literal["", "price", "-price", "created_at", "-created_at"] = Field("", description="Default: best first.")
    market: str = Field("", description="Whose prices and stock.")
    language: str = Field("", description="Language of titles, where the shop has it.", examples=["en"])
    now: str | int | None = Moment
    cursor: str | None = Field(None, description="`cursor` of the page before.")
    exclude: Annotated[list[str], BeforeValidator(_several)] = Field(
        default_factory=list, max_length=1000, description="Products shown already."
    )
    record: bool = Field(True, description="Keep the slate in the log, so that a click can name it.")


class SearchIn(Asked):
    """A query."""

    query: StrictStr = Field(description="What the shopper typed.", examples=["walnut bed"])
    repeat: Literal["allow", "exclude", "auto"] = Field("allow", description="May products come back that they have?")


class RecommendIn(Asked):
    """A recommendation."""

    scenario: str = Field("home", description="home, product, basket, category, after, email …", examples=["home"])
    anchor: Annotated[list[str], BeforeValidator(_several)] = Field(
        default_factory=list, max_length=1000, description="Products that it stands on."
    )
    repeat: Literal["allow", "exclude", "auto"] = Field("auto", description="May products come back that they have?")


class QuizIn(BaseModel):
    """What a new shopper answered so far."""

    model_config = ASKED

    answers: dict[Annotated[str, Field(max_length=600)], StrictBool] = Field(
        default_factory=dict, max_length=200, description="A question's key → yes or no.", examples=[{}]
    )
    user: str = ""
    session: str = Field("", description="A guest's session.")
    size: int = Field(10, ge=0, le=100)
    market: str = ""
    record: bool = True


class ShelvesIn(BaseModel):
    """A home page."""

    model_config = ASKED

    user: str = Field("", examples=["u1"])
    session: str = Field("", description="A guest's session.")
    size: int = Field(8, ge=0, le=100, description="Products a shelf.")
    market: str = ""
    language: str = ""
    now: str | int | None = Moment
    exclude: list[str] = Field(default_factory=list, max_length=1000)
    record: bool = True


class RankIn(BaseModel):
    """Somebody else's candidates, to be ordered."""

    model_config = ASKED

    products: list[Text] = Field(max_length=1000, examples=[["bed-oak", "lamp"]])
    query: StrictStr = Field("", examples=["bed"])
    user: str = ""
    session: str = ""
    market: str = ""
    now: str | int | None = Moment


class PairsIn(BaseModel):
    """Pairs of a query and a product id."""

    model_config = ASKED

    pairs: list[tuple[str, str]] = Field(max_length=10_000, examples=[[["bed", "bed-oak"]]])


class EventsIn(BaseModel):
    """A batch of events, stored in one transaction."""

    model_config = ConfigDict(extra="forbid")

    events: list[dict[str, Any]] = Field(
        max_length=10_000, description="Canonical columns: type, user or session, product …",
        examples=[[{"id": "e1", "type": "click", "user": "u1", "product": "lamp"}]],
    )  # fmt: skip


class LoadIn(BaseModel):
    """Records under the canonical columns."""

    model_config = ConfigDict(extra="forbid")

    products: list[dict[str, Any]] | None = Field(None, examples=[[{"id": "vase", "title": "Blue vase"}]])
    events: list[dict[str, Any]] | None = None
    users: list[dict[str, Any]] | None = None
    judgements: list[dict[str, Any]] | None = None


class LookIn(BaseModel):
    """A request as it was asked: a search or a recommendation. Nothing of it is recorded."""

    model_config = ConfigDict(extra="forbid")

    search: SearchIn | None = Field(None, description="The search; or")
    recommend: RecommendIn | None = Field(None, description="the recommendation; neither: home, for a guest.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.search is not None and self.recommend is not None:
            raise ValueError("a search or a recommendation, not both")
        return self


class ExplainIn(LookIn):
    """The same, and the product in question."""

    product: Text = Field(examples=["lamp"])


class ForgetIn(BaseModel):
    """A user, or a guest's session."""

    model_config = ConfigDict(extra="forbid")

    user: Text = Field("", examples=["u1"])
    session: Text = ""


class ReasonOut(BaseModel):
    """Why a product is here."""

    source: str
    text: str


class PlacementOut(BaseModel):
    """One product at one position, from 0. price: a decimal in major units of the currency."""

    product: str
    group: str
    position: int
    score: float | None = Field(description="Higher is better; null for what `rank` could not rank.")
    title: str
    price: str | None
    currency: str
    brand: str
    category: list[str]
    image: str
    reasons: list[ReasonOut]
    near: bool = Field(description="Does it only come near what was searched for? Then `total` does not count it.")
    columns: dict[str, float]


class RemovalOut(BaseModel):
    """A candidate that is not shown."""

    group: str
    stage: str
    why: str


class SlateOut(BaseModel):
    """The answer to one request; timings are milliseconds."""

    id: str
    scenario: str
    generation: str
    query: str
    total: int
    cursor: str | None
    placements: list[PlacementOut]
    facets: dict[str, dict[str, int]]
    removed: list[RemovalOut]
    degraded: list[str]
    notes: list[str]
    propensities: list[float]
    seed: int
    timings: dict[str, float]


class ShelfOut(BaseModel):
    """One row of a page."""

    name: str
    about: str
    slate: SlateOut


class ShelvesOut(BaseModel):
    """A page."""

    shelves: list[ShelfOut]


class QuestionOut(BaseModel):
    """Does the shopper buy this? `share` of the shoppers of the log do; `examples` are titles of what is meant."""

    key: str
    field: str
    value: str
    share: float
    examples: list[str]


class QuizOut(BaseModel):
    """The question that would tell most, null where none is left, and what the answers so far find."""

    question: QuestionOut | None
    slate: SlateOut


class ProductOut(BaseModel):
    """One product as the shop states it. price, list_price: decimals in major units of the currency; hidden: no slate
    shows it, by a feed, a rule or a decision."""

    id: str
    title: str
    group: str
    description: str
    brand: str
    category: list[str]
    price: str | None
    list_price: str | None
    currency: str
    image: str
    url: str
    unit_size: str
    available: bool
    hidden: bool
    attributes: dict[str, list[str]]


class WordsOut(BaseModel):
    """Completions, and products that the first of them finds, where they were asked for."""

    words: list[str]
    products: list[PlacementOut]


class ScoresOut(BaseModel):
    """Relevance, one a pair; higher is more relevant."""

    scores: list[float]


class CountOut(BaseModel):
    """How many."""

    count: int


class Problem(BaseModel):
    """What went wrong: where, what was found, and what was expected."""

    error: str
    where: str
    found: str
    expected: str
    request: str = Field("", description="The id of this request, as in the log.")


def slate_out(slate: Slate) -> dict[str, Any]:
    """A slate as JSON knows it; what `SlateOut` describes."""
    return {
        "id": slate.id, "scenario": slate.scenario, "generation": slate.generation, "query": slate.query,
        "total": slate.total, "cursor": slate.cursor,
        "placements": [placement_out(placed) for placed in slate],
        "facets": {name: dict(counts) for name, counts in slate.facets.items()},
        "removed": [{"group": r.group, "stage": r.stage, "why": r.why} for r in slate.removed],
        "degraded": list(slate.degraded), "notes": list(slate.notes), "propensities": list(slate.propensities),
        "seed": slate.seed, "timings": rounded(slate.timings),
    }  # fmt: skip


def placement_out(p: Placement) -> dict[str, Any]:
    """A product at its place as JSON knows it; what `PlacementOut` describes."""
    return {
        "product": p.product, "group": p.group, "position": p.position, "score": finite(p.score),
        "title": p.title, "price": major(p.price, p.currency), "currency": p.currency, "brand": p.brand,
        "category": list(p.category), "image": p.image, "near": p.near, "columns": dict(p.columns),
        "reasons": [{"source": r.source, "text": r.text} for r in p.reasons],
    }  # fmt: skip


def major(minor: int | None, currency: str) -> str | None:
    """Minor units → a decimal in major units, as text, so that no client rounds it."""
    return None if minor is None or not currency else str(to_major(minor, currency))


def finite(score: float) -> float | None:
    """JSON has no infinity: what `rank` could not rank has no score."""
    return score if isfinite(score) else None


def rounded(timings: Mapping[str, float]) -> dict[str, float]:
    """Milliseconds to the microsecond."""
    return {name: round(value, 3) for name, value in timings.items()}
