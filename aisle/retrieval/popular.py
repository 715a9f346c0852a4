"""Popular: products by how many shoppers bought them lately, older purchases counting less."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aisle.records.candidates import Candidates, found
from aisle.records.history import Floats, Ints, Longs, Moment
from aisle.records.request import Context, market_of
from aisle.records.slate import Because

HALF_LIFE = 28
FORGOTTEN = 1e-6  # what a shopper counts whose purchase lies dozens of half-lives back


def popularity(moment: Moment) -> Floats:
    """float32 (rows,): shoppers who bought it, decayed; far behind them, those long ago."""
    if not moment.timed:
        return moment.columns["orders"].astype(np.float32)
    return (
        moment.decayed(f"last{HALF_LIFE}", HALF_LIFE) + moment.faded(HALF_LIFE) * FORGOTTEN * moment.columns["buyers"]
    )


@dataclass
class Popular:
    """A `Retriever`: decayed counts of shoppers; of orders for a log without times. head: rows that are put in order
    first: after each purchase that is quicker than all of a million."""

    name: str = "popular"
    head: int = 5000

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """The most popular rows that may be shown."""
        moment, here = context.moment, context.moment.here(market_of(context))
        market = None if here is None else id(here)
        rows, scores = moment.once(("popular", market, self.head), lambda _: _in_order(moment, here, self.head))
        shown = np.flatnonzero(context.mask[rows])[:limit]
        if len(shown) < limit and len(rows) == self.head:
            rows, scores = moment.once(("popular throughout", market), lambda _: _in_order(moment, here))
            shown = np.flatnonzero(context.mask[rows])[:limit]
        if not len(shown):  # nobody bought any of these yet: the catalogue in its own order
            rows = np.flatnonzero(context.mask).astype(np.int32)
            return found(self.name, rows, np.zeros(len(rows), np.float32), limit)
        return found(self.name, rows[shown], scores[shown] * moment.faded(HALF_LIFE), limit)

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """How many bought each."""
        buyers = context.moment.columns["buyers"]
        return [
            Because(f"bought by {int(buyers[row])} shoppers" if buyers[row] else "more from the shop") for row in rows
        ]


def _in_order(moment: Moment, here: Longs | None, most: int | None = None) -> tuple[Ints, Floats]:
    """Rows by popularity, the best first, at `most` so many, and how popular they are before fading: time fades all
    alike. `here`: how many shoppers of one market each has, whose part of all its shoppers counts."""
    scores = popularity(moment) / moment.faded(HALF_LIFE)
    if here is not None:
        scores = scores * (here / np.maximum(moment.columns["buyers"], 1)).astype(np.float32)
    known = np.flatnonzero(scores)
    if most is not None and len(known) > most:
        known = known[scores[known] >= np.partition(scores[known], len(known) - most)[len(known) - most]]
    rows = known[np.argsort(-scores[known], kind="stable")][:most]
    return rows.astype(np.int32), scores[rows]
