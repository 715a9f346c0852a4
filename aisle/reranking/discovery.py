"""Places that are kept for products nobody took yet: without being shown, none would ever be taken."""

from collections.abc import Set
from dataclasses import dataclass

import numpy as np

from aisle.records.campaign import RUNNING
from aisle.records.candidates import Candidates
from aisle.records.request import Context
from aisle.records.slate import Arrangement

COLUMN = "newcomers"
PAGE, LAST = 10, 8  # of every ten places the eighth is kept, and those before it: a shelf of eight shows it, too


@dataclass
class Discovery:
    """A `Reranker`. places: of every ten, so many belong to newcomers, the best first, while there are some; pins and
    buries: rows that a rule has put first or last, as running campaigns do, and that stay there.

    Newcomers stand nowhere else, so that a longer slate begins as a shorter one does."""

    places: int = 0
    pins: Set[int] = frozenset()
    buries: Set[int] = frozenset()

    def rerank(self, context: Context, ranked: Candidates, size: int) -> Arrangement:
        """Newcomers in their places, behind what is pinned first; the others in their order."""
        if not self.places or COLUMN not in ranked.columns:
            return Arrangement(tuple(range(len(ranked))))
        scores, pinned = ranked.column(COLUMN), self._pinned(context)
        free = ~np.isnan(scores) & ~np.isin(ranked.rows, [*pinned]) & ~self._buried(context, ranked)
        named = np.flatnonzero(free)
        waiting = [int(at) for at in named[np.argsort(-scores[named], kind="stable")]]
        others = np.flatnonzero(~free).tolist()
        lead = next((k for k, at in enumerate(others) if int(ranked.rows[at]) not in pinned), len(others))
        before, after = max(LAST - self.places, lead), max(PAGE - self.places, lead)
        order: list[int] = []
        while waiting and others:
            order += others[:before] + waiting[: self.places] + others[before:after]
            others, waiting = others[after:], waiting[self.places :]
            before, after = LAST - self.places, PAGE - self.places
        return Arrangement((*order, *others, *waiting))

    def _pinned(self, context: Context) -> Set[int]:
        return {*self.pins, *(row for one in context.memo.get(RUNNING, ()) for row in one.pins)}

    def _buried(self, context: Context, ranked: Candidates) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        buried = np.isin(ranked.rows, [*self.buries])
        for campaign in context.memo.get(RUNNING, ()):
            if campaign.buried is not None:
                buried = buried | campaign.buried(context.request.market)[ranked.rows]
        return buried
