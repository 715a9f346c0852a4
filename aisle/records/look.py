"""A look inside one request: what every step of it read, found, scored and removed, in words and numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aisle.records.request import Reading
from aisle.records.slate import Removal


@dataclass(frozen=True, slots=True)
class Named:
    """A product that a source named: its place there, from 1, and its score."""

    product: str
    title: str
    place: int
    score: float


@dataclass(frozen=True, slots=True)
class SourceLook:
    """One source: what its ranks weigh in the fusion, how long it took (ms; None where it was not timed), how many
    products it named, and the best of them."""

    name: str
    weight: float
    millis: float | None
    found: int
    best: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class CandidateLook:
    """One candidate after blending. place: its position on the slate from 1, or None; columns: every score;
    sources: its place in every source that named it; removed: why it is not shown, or empty."""

    product: str
    title: str
    rank: int
    place: int | None
    columns: Mapping[str, float]
    sources: Mapping[str, int]
    removed: str = ""


@dataclass(frozen=True, slots=True)
class Did:
    """Something this shopper did before: type of event, product, and when (UTC ms, None where unknown)."""

    type: str
    product: str
    title: str
    timestamp: int | None


@dataclass(frozen=True, slots=True)
class Look:
    """The whole way of one request. masks: how many products were left after each rule of what may be shown;
    objectives: weight of each column in the blend; rules: the rerankers with their settings."""

    slate: str
    scenario: str
    generation: str
    now: int
    query: str
    reading: Reading
    vector: bool  # was the query's meaning encoded
    history: tuple[Did, ...]
    events: int  # of this shopper in all
    anchors: tuple[str, ...]
    masks: Mapping[str, int]
    sources: tuple[SourceLook, ...]
    candidates: tuple[CandidateLook, ...]
    ranked: int  # candidates that were ranked
    objectives: Mapping[str, float]
    rules: tuple[str, ...]
    removed: tuple[Removal, ...] = ()
    notes: tuple[str, ...] = ()
    degraded: tuple[str, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)
