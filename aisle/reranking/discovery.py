"""Places that are kept for products nobody took yet: without being shown, none would ever be taken."""

from dataclasses import dataclass

import numpy as np

from aisle.records.candidates import Candidates
from aisle.records.request import Context
from aisle.records.slate import Arrangement

COLUMN = "newcomers"
PAGE, LAST = 10, 8  # of every ten places the eighth is kept, and those before it: a shelf of eight shows it, too


@dataclass
class Discovery:
    """A `Reranker`. places: of every ten, so many belong to newcomers, the best first, while there are some.

    Newcomers stand nowhere else, so that a longer slate begins as a shorter one does."""

    places: int = 0

    def rerank(self, context: Context, ranked: Candidates, size: int) -> Arrangement:
        """Newcomers in their places, the others in their order."""
        if not self.places or COLUMN not in ranked.columns:
            return Arrangement(tuple(range(len(ranked))))
        scores = ranked.column(COLUMN)
        named = np.flatnonzero(~np.isnan(scores))
        waiting = [int(at) for at in named[np.argsort(-scores[named], kind="stable")]]
        kept = set(waiting)
        others = [at for at in range(len(ranked)) if at not in kept]
        order: list[int] = []
        while waiting and others:
            before, after = LAST - self.places, PAGE - self.places
            order += others[:before] + waiting[: self.places] + others[before:after]
            others, waiting = others[after:], waiting[self.places :]
        return Arrangement((*order, *others, *waiting))
