"""A request as it is asked, and as the stages see it: prepared once, then read by all."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from aisle.records.event import guest
from aisle.records.history import NO_MARKET, Bools, Floats, History, Ints, Moment, market_code, no_history

NUMBERED = "numbered"  # of a context's memo: units whose number was asked for
HIDDEN = "hidden"  # the same: bool (units,) each, what rules hide from this request
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """What a shopper asks for. Everything is optional; scenario, size and the clock are not part of it."""

    query: str = ""
    anchor: tuple[str, ...] = ()
    user: str = ""
    session: str = ""
    filters: Mapping[str, Any] = field(default_factory=dict)
    market: str = ""
    language: str = ""
    sort: str = ""
    exclude: tuple[str, ...] = ()  # products or groups that this page shows already
    answers: Mapping[str, bool] = field(default_factory=dict)  # to the questions of a quiz, by their keys

    @property
    def shopper(self) -> str:
        """Who asks: the user, else the session of a guest, else nobody."""
        return self.user or (guest(self.session) if self.session else "")

    @property
    def shoppers(self) -> tuple[str, ...]:
        """Every name under which they are known: who signs in goes on with what the guest of their session did."""
        return tuple(filter(None, (self.user, guest(self.session) if self.session else "")))


@dataclass(frozen=True, slots=True)
class Reading:
    """How a query was read: normalised text, its words, the words after correction, and what was changed."""

    text: str = ""
    words: tuple[str, ...] = ()
    corrections: Mapping[str, str] = field(default_factory=dict)
    alternatives: tuple[str, ...] = ()  # the query in other words, from the thesaurus
    guesses: tuple[str, ...] = ()  # what it may mean where nothing is called so: broader kinds, needs that are near
    idiom: tuple[str, ...] = ()  # words of phrases of several, which say more than their words
    price: tuple[float | None, float | None] = (None, None)  # asked for in words: from, to, in major units
    without: tuple[str, ...] = ()  # words that are not wanted
    named: tuple[tuple[str, str], ...] = ()  # attributes and their values, as the catalogue writes them
    cheap: bool = False  # of what answers, it asks for what costs little
    said: tuple[str, ...] = ()  # its words as a person reads them, where `words` are pairs of characters

    @property
    def others(self) -> tuple[str, ...]:
        """What is looked for beside its own words."""
        return (*self.alternatives, *self.guesses)

    @property
    def meant(self) -> str:
        """The query as an encoder reads it: as it was written where nothing was corrected."""
        return self.corrected if self.corrections else self.text

    @property
    def corrected(self) -> str:
        """The query as it is searched."""
        return " ".join(self.said or self.words)


@dataclass(frozen=True, slots=True)
class Context:
    """A request prepared once. Stages read no clock: `now` (UTC ms) and `deadline` (monotonic seconds) are here.

    mask: bool (rows,) and units: bool (units,), what may be shown; anchors: int32 rows;
    vector: float32 (dim,), the query's, or empty; other_vectors: float32 (k, dim), of the reading's others;
    history: what this shopper did until `now` that speaks for products; refused: rows that they dismissed or sent back;
    moment: what products have come to by `now`.
    """

    request: Request
    scenario: str
    now: int
    mask: Bools = field(default_factory=lambda: np.zeros(0, bool))
    units: Bools = field(default_factory=lambda: np.zeros(0, bool))
    deadline: float = float("inf")
    repeat: str = "allow"  # or "exclude": products that this shopper already has are not candidates
    anchors: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    reading: Reading = field(default_factory=Reading)
    vector: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    other_vectors: Floats = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    history: History = field(default_factory=no_history)
    refused: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    moment: Moment = field(default_factory=lambda: Moment(0))
    shown: tuple[int, ...] = ()  # rows that stood on the pages before
    notes: tuple[str, ...] = ()
    offers: int = 0  # revision of the overlay that the masks were made of
    memo: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, key: Hashable, work: Callable[[], T]) -> T:
        """What several stages need of this request is worked out by the first that asks."""
        if key not in self.memo:
            self.memo[key] = work()
        return self.memo[key]  # type: ignore[no-any-return]


def market_of(context: Context) -> int:
    """The market that a request names, else the last one that the shopper's events name; NO_MARKET if none does."""
    if context.request.market:
        return market_code(context.request.market)
    named = context.history.markets[context.history.markets != NO_MARKET]
    return int(named[-1]) if len(named) else NO_MARKET
