"""Kinds of product get places as they are in demand.

A query of one word names a family of kinds: "milk" is white milk, chocolate milk and sour cream. Each kind that answers
it well is due its part of the places, as seats go to parties (proportionality: Dang and Croft, SIGIR 2012), where by
relevance alone all of them would go to the kind whose title is a shade nearer to the query.
"""

from dataclasses import dataclass

import numpy as np

from aisle.records.candidates import Candidates
from aisle.records.history import Ints
from aisle.records.request import Context
from aisle.records.slate import Arrangement

COLUMN = "share"  # of the places, that a candidate's kind is due
POOL = 200  # candidates that may move, at most
PLACES = 10  # of which a kind is due its share


@dataclass
class Proportion:
    """A `Reranker`. kinds: int32 (rows,), -1 where a row has none; weight: what all of the places that are still due
    to a kind count beside the blend; fillers: words of a query that ask for nothing."""

    kinds: Ints
    weight: float
    fillers: frozenset[str] = frozenset()

    def rerank(self, context: Context, ranked: Candidates, size: int) -> Arrangement:
        """The pool anew, whatever the size of the slate, so that pages are parts of one order."""
        pool = min(len(ranked), POOL)
        asked = [word for word in context.reading.words if word not in self.fillers]
        due = ranked.column(COLUMN)[:pool] if COLUMN in ranked.columns else np.zeros(0)
        if not self.weight or len(asked) != 1 or not due.any():
            return Arrangement(tuple(range(len(ranked))))
        blend, due = ranked.scores[:pool, -1].astype(np.float64), due.astype(np.float64)
        kinds, chosen = self.kinds[ranked.rows[:pool]], list[int]()
        left = np.ones(len(ranked), bool)
        while (due[left[:pool]] > 0).any():
            worth = blend + self.weight * np.maximum(due, 0)
            best = int(np.where(left[:pool], worth, -np.inf).argmax())
            chosen.append(best)
            left[best] = False
            due[kinds == kinds[best]] -= 1 / PLACES
        return Arrangement((*chosen, *np.flatnonzero(left).tolist()))
