"""Numbers of a trace → what a page can draw: shares of a bar, and decimals that stand under each other.

Shares are of 100, so that a bar is an SVG rectangle in a box 100 wide: the page allows no inline styles.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aisle.records.look import CandidateLook, Look

STAGES = ("prepare", "retrieve", "fuse", "score", "rerank")  # one after the other
RETRIEVER = "retrieve "  # what the timing of a retriever begins with
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart: where it begins and how wide it is, of 100, and the number that it stands for."""

    name: str
    value: float
    start: float
    width: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the candidates' table, with as many decimals as its largest number needs."""

    name: str
    decimals: int

    def told(self, value: float | None) -> str:
        """A number of this column."""
        return "" if value is None else f"{value:,.{self.decimals}f}"


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a trace: one a source (its rank and, where it is known, its score), then the other scores."""

    sources: tuple[Column, ...]
    scores: tuple[Column, ...]


def columns(look: Look) -> Columns:
    """Which columns the candidates have, in the order in which the steps added them."""
    sources = [source.name for source in look.sources]
    names = list(dict.fromkeys(name for candidate in look.candidates for name in candidate.columns))

    def column(name: str) -> Column:
        return Column(name, decimals(c.columns.get(name, 0.0) for c in look.candidates))

    return Columns(tuple(map(column, sources)), tuple(column(name) for name in names if name not in sources))


def decimals(values: Iterable[float]) -> int:
    """Four digits that say something, of the largest."""
    largest = max((abs(value) for value in values), default=0.0)
    return 1 if largest >= 1000 else 2 if largest >= 10 else 3 if largest >= 1 else 4


def share(value: float, of: float) -> float:
    """A part of 100."""
    return round(100 * min(max(value / of, 0.0), 1.0), 2) if of > 0 else 0.0


def funnel(masks: Mapping[str, int]) -> list[Bar]:
    """How many products each rule left; the note says how many it took."""
    counts = list(masks.values())
    whole, before = (max(counts), [counts[0], *counts]) if counts else (0, [])
    return [
        Bar(name, count, 0, share(count, whole), f"{count - was:,}".replace("-", "−") if count < was else "")
        for (name, count), was in zip(masks.items(), before, strict=False)
    ]


def waterfall(timings: Mapping[str, float]) -> list[tuple[Bar, bool]]:
    """The stages one after the other, each with whether it is a retriever: these run one after the other in theirs."""
    stages = {name: timings[name] for name in STAGES if name in timings}
    total = max(timings.get("total", 0.0), sum(stages.values()))
    retrievers = {name.removeprefix(RETRIEVER): value for name, value in timings.items() if name.startswith(RETRIEVER)}
    bars, start = [], 0.0
    for name, value in [*stages.items(), ("slate", total - sum(stages.values()))]:
        bars.append((_timed(name, value, start, total), False))
        begun = start
        for inner, taken in retrievers.items() if name == "retrieve" else ():
            bars.append((_timed(inner, taken, begun, total), True))
            begun += taken
        start += value
    return bars


def _timed(name: str, value: float, start: float, total: float) -> Bar:
    begin = share(start, total)
    return Bar(name, value, begin, min(max(share(value, total), 0.4), 100 - begin))


def signed(values: Mapping[str, float]) -> list[Bar]:
    """Numbers around a middle line, the largest first: what lies left of 50 was taken away."""
    largest = max(map(abs, values.values()), default=0.0)
    order = sorted(values.items(), key=lambda pair: -abs(pair[1]))
    halves = [(name, value, share(abs(value), largest) / 2) for name, value in order]
    return [Bar(name, value, 50 if value >= 0 else 50 - half, half) for name, value, half in halves]


def rank_in(candidate: CandidateLook, source: str) -> int | None:
    """A candidate's place in a source, or None where that did not name it."""
    return candidate.sources.get(source)


def places(look: Look) -> dict[str, int]:
    """The products on the slate and where they stand."""
    return {candidate.product: candidate.place for candidate in look.candidates if candidate.place is not None}


def moment(millis: int | None) -> str:
    """UTC milliseconds as a person reads them; moments before our calendar stay a number."""
    if millis is None:
        return ""
    try:
        return (EPOCH + timedelta(milliseconds=millis)).strftime("%Y-%m-%d %H:%M")
    except OverflowError:
        return f"{millis:,} ms"


def listed(words: Sequence[str]) -> str:
    """Words between commas."""
    return ", ".join(words)
