"""Newcomers: the products that nobody took yet, by what other sources think of them and by how they were received.

What a newcomer is worth is the chance that it is answered (looked at, put in a basket …) where it is shown. Before it
was shown, the sources' order is all that is known: a Beta prior as of TRIALS showings. Each showing without an answer
lowers it, each answer raises it, so that one which nobody wants gives way to the next. With `explore` the order follows
one draw from every posterior (Thompson, Biometrika 1933), and how likely each was at its place is kept for whoever
learns from these slates later.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from aisle.records.candidates import Candidates, found, nothing, reciprocal, together
from aisle.records.history import Ints, Longs
from aisle.records.request import Context
from aisle.records.slate import Because
from aisle.stages import Retriever

MOST = 20  # newcomers named
ASKED = 100  # that each source is asked for
TRIALS, RATE = 20.0, 0.1  # what the prior weighs in showings, and the part of them that the best has answered
FALLS = 5.0  # ranks over which the sources' opinion halves
DRAWS = 256  # from the posteriors, to tell how likely each order was
PERIOD = 3_600_000  # ms in which a shopper sees the same draw: a second page goes with the first
DRAWN = "drawn"  # of a context's memo: the rows drawn among, and all draws
Doubles = NDArray[np.float64]


@dataclass
class Newcomers:
    """A `Retriever`: what `sources`, which know products by their texts, find among those without a buyer, fused by
    reciprocal ranks; for somebody of whom nothing is known, what `otherwise` names, the newest."""

    sources: Sequence[Retriever]
    otherwise: Retriever
    explore: bool = False
    name: str = "newcomers"

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """The best of them for this shopper."""
        columns = context.moment.columns
        unknown = context.mask & (columns["buyers"] == 0)
        rows = self._fused(replace(context, mask=unknown), min(limit, MOST))
        if not len(rows):
            return nothing(self.name)
        none = np.zeros(len(context.mask), np.int64)
        shown, answered = (columns.get(name, none)[rows] for name in ("shown", "answered"))
        won, lost = posterior(shown, answered)
        if not self.explore:
            return found(self.name, rows, np.asarray(won / (won + lost), np.float32), limit)
        drawn = drawn_of(won, lost, _seed(context))
        context.memo[DRAWN] = (rows, drawn)
        return found(self.name, rows, drawn[0].astype(np.float32), limit)

    def _fused(self, context: Context, limit: int) -> Ints:
        said = together([source.retrieve(context, ASKED) for source in self.sources])
        total = reciprocal(said.ranks(), np.ones(len(said.columns), np.float32))
        rows = found(self.name, said.rows, total, limit).rows
        if not len(rows):
            rows = self.otherwise.retrieve(context, limit).rows
        return rows if len(rows) else np.flatnonzero(context.mask)[::-1][:limit].astype(np.int32)  # loaded last

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """What the first source says."""
        known = len(context.history) or len(context.anchors)
        return self.sources[0].why(context, rows) if known else [Because("new in the shop")] * len(rows)


def posterior(shown: Longs, answered: Longs) -> tuple[Doubles, Doubles]:
    """Beta(won, lost) of newcomers in the sources' order, float64 (n,) each."""
    prior, answers = TRIALS * RATE / (1 + np.arange(len(shown)) / FALLS), np.minimum(answered, shown)
    return prior + answers, TRIALS - prior + shown - answers


def drawn_of(won: Doubles, lost: Doubles, seed: int) -> Doubles:
    """Draws from every posterior, float64 (DRAWS, n): the first is the one that decides."""
    return np.random.default_rng(seed).beta(won, lost, (DRAWS, len(won)))


def chances_of(drawn: Doubles) -> Doubles:
    """float64 (n, n): how likely newcomer i was at place j, from all draws, the deciding one among them, so never 0."""
    order = np.argsort(-drawn, axis=1)
    counts = np.zeros((drawn.shape[1], drawn.shape[1]))
    np.add.at(counts, (order, np.arange(drawn.shape[1])[None]), 1)
    return counts / len(drawn)


def _seed(context: Context) -> int:
    """Equal for a shopper, a scenario and an hour; for somebody nobody knows, and a moment."""
    when = context.now // PERIOD if context.request.shopper else context.now
    said = f"{context.request.shopper}|{context.scenario}|{when}"
    return zlib.crc32(said.encode("utf-8", "replace"))
