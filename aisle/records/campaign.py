"""Campaigns: what the merchant wants shown, moved or hidden, while it runs, where it holds, for whom it was asked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from aisle.records.history import Bools, Ints
from aisle.records.request import Context

RUNNING = "campaigns"  # of a context's memo: those that hold for it
ALWAYS = (-(2**62), 2**62)  # UTC ms
# of a market, as prices and stock are now there: bool (rows,), or (units,) of what is hidden and of what was taken
Rows = Callable[[str], Bools]


@dataclass(frozen=True)
class Campaign:
    """phrases: of the queries that it answers, each the stems of its words; none: whatever is asked. known: for those
    who took something, or for those who did not; took, lacks: for those who took one of these units, or none of them.
    pins: rows in the order in which they shall stand; pinned: of these, rows → the variant that was named; boosted,
    buried: rows, hidden: units, None for none."""

    name: str
    scenarios: frozenset[str] = frozenset()
    phrases: tuple[frozenset[str], ...] = ()
    begins: int = ALWAYS[0]
    ends: int = ALWAYS[1]
    pins: tuple[int, ...] = ()
    boosted: Rows | None = None
    by: float = 1.0
    buried: Rows | None = None
    hidden: Rows | None = None
    known: bool | None = None
    took: Rows | None = None
    lacks: Rows | None = None
    pinned: Mapping[int, int] = field(default_factory=dict)

    def runs(self, context: Context, asked: frozenset[str], taken: Ints) -> bool:
        """Does it hold for this request, whose query has these stems, of a shopper who took these units?"""
        here = not self.scenarios or context.scenario in self.scenarios
        meant = not self.phrases or any(phrase <= asked for phrase in self.phrases)
        return here and meant and self.begins <= context.now < self.ends and self._for(taken, context.request.market)

    def _for(self, taken: Ints, market: str) -> bool:
        if self.known is not None and self.known != bool(len(taken)):
            return False
        if self.took is not None and not self.took(market)[taken].any():
            return False
        return self.lacks is None or not self.lacks(market)[taken].any()


def standing(pins: Sequence[int], pinned: Mapping[int, int], units: Bools) -> list[int]:
    """The pins whose variant, where one was named, may be shown; units: bool (units,)."""
    return [row for row in pins if row not in pinned or units[pinned[row]]]


@dataclass(frozen=True)
class Campaigns:
    """All campaigns of a shop; `split` and `stem` turn a query into what phrases are made of; target: codes of the
    event types that count as taking."""

    every: tuple[Campaign, ...] = ()
    stem: Callable[[str], str] = str.lower
    target: tuple[int, ...] = ()
    split: Callable[[str], Sequence[str]] = str.split

    def running(self, context: Context) -> tuple[Campaign, ...]:
        """Those that hold for a request, in the shop's order."""
        return context.once(RUNNING, lambda: self._running(context)) if self.every else ()

    def _running(self, context: Context) -> tuple[Campaign, ...]:
        # as it was typed, too: a price or a wish is no word to look for, and a name may be corrected
        asked = frozenset(self.stem(word) for word in (*context.reading.words, *self.split(context.request.query)))
        taken = context.history.of(self.target).units
        return tuple(campaign for campaign in self.every if campaign.runs(context, asked, taken))
