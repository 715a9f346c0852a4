"""Kinds of product get places as they are in demand.

A query of one word names a family of kinds: "milk" is white milk, chocolate milk and sour cream. Each kind that answers
it well is due its part of the places, as seats go to parties (proportionality: Dang and Croft, SIGIR 2012), where by
relevance alone all of them would go to the kind whose title is a shade nearer to the query.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from aisle.records.candidates import Candidates
from aisle.records.history import Ints, Longs
from aisle.records.request import Context
from aisle.records.slate import Arrangement

COLUMN = "share"  # of the places, that a candidate's kind is due
POOL = 200  # candidates that may move, at most
PLACES = 10  # of which a kind is due its share


@dataclass
class Proportion:
    """A `Reranker`. kinds: int32 (rows,), -1 where a row has none; weight: what all of the places that are still due
    to a kind count beside the blend; asked: the words of a query that ask for something."""

    kinds: Ints
    weight: float
    asked: Callable[[Sequence[str]], Sequence[str]] = list

    def rerank(self, context: Context, ranked: Candidates, size: int) -> Arrangement:
        """The pool anew, whatever the size of the slate, so that pages are parts of one order."""
        pool = min(int((~ranked.behind()).sum()), POOL)
        asked = self.asked(context.reading.words)
        due = ranked.column(COLUMN)[:pool] if COLUMN in ranked.columns else np.zeros(0)
        if not self.weight or len(asked) != 1 or not due.any():
            return Arrangement(tuple(range(len(ranked))))
        kinds, due = self.kinds[ranked.rows[:pool]], due.astype(np.float64)
        # the first of a kind counts by all that is due to it, the next by a place less: as both that and the blend
        # fall along a kind, places that go one after the other to the candidate worth most are an order by worth
        before = np.zeros(pool)
        before[due > 0] = _before(kinds[due > 0])
        worth = ranked.scores[:pool, -1] + self.weight * np.maximum(due - before / PLACES, 0)
        order = np.argsort(-worth, kind="stable")
        return Arrangement((*order.tolist(), *range(pool, len(ranked))))


def _before(kinds: Ints) -> Longs:
    """How many of the same kind stand before each, int64 (n,)."""
    order = np.argsort(kinds, kind="stable")
    first = np.r_[0, np.flatnonzero(np.diff(kinds[order])) + 1] if len(kinds) else np.zeros(0, np.int64)
    before = np.empty(len(kinds), np.int64)
    before[order] = np.arange(len(kinds)) - np.repeat(first, np.diff(np.r_[first, len(kinds)]))
    return before
