"""Popular: products by how many shoppers bought them lately, older purchases counting less, and what is sent back not.

How fast purchases grow old is the shop's: where offers change every week, what sold last month says little.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aisle.records.candidates import Candidates, found
from aisle.records.history import LAST_BUYERS, SHIFT, Floats, Interactions, Ints, Longs, Moment
from aisle.records.request import Context, market_of
from aisle.records.slate import Because
from aisle.records.times import DAY

HALF_LIFE = 28  # of a shop that does not show which is its own
WEEKS, TOP, ENOUGH = 4, 50, 100  # weeks told ahead, products, purchases before and in a week
BETTER = 1.05
Doubles = NDArray[np.float64]
FADED = 1e-30  # what time leaves at least of a count: in 32 bits it still tells one from another
FORGOTTEN = 1e-6  # what a shopper counts whose purchase lies dozens of half-lives back


def popularity(moment: Moment, half_life: int = HALF_LIFE) -> Floats:
    """float32 (rows,): shoppers who bought it, decayed, less what was sent back; far behind them, those long ago."""
    return np.asarray(_unfaded(moment, half_life) * moment.faded(half_life), np.float32)


def _unfaded(moment: Moment, half_life: int) -> Doubles:
    """The same as of the moment that counters refer to, float64 (rows,): time fades all alike, after hundreds of
    half-lives to nothing, and moves none past another."""
    kept = 1 - np.minimum(moment.columns["refunds"] / np.maximum(moment.columns["lines"], 1), 1)
    if not moment.timed:  # one account that orders all the time is one shopper
        return np.asarray(kept * (moment.columns["buyers"] + FORGOTTEN * moment.columns["orders"]), np.float64)
    lately = moment.columns[f"last{half_life}"] / (1 << SHIFT)
    return np.asarray(kept * (lately + FORGOTTEN * moment.columns["buyers"]), np.float64)


def half_life_of(bought: Interactions, size: int) -> int:
    """The half-life under which purchases say most of those in the week after: by the share of these, mean over the
    last weeks, that the TOP most popular before it get. HALF_LIFE unless another is clearly better."""
    if not bought.timed:
        return HALF_LIFE
    rows, times = bought.columns.rows, bought.columns.times
    end, told = int(times.max(initial=0)), dict.fromkeys(LAST_BUYERS, 0.0)
    for week in range(WEEKS):
        since = end - (week + 1) * 7 * DAY
        before, after = times < since, (times >= since) & (times < since + 7 * DAY)
        if before.sum() < ENOUGH or after.sum() < ENOUGH:
            return HALF_LIFE
        sold, ages = np.bincount(rows[after], minlength=size), (since - times[before]) / DAY
        for days in LAST_BUYERS:
            popular = np.bincount(rows[before], np.exp2(-ages / days), size)
            top = np.argpartition(-popular, min(TOP, size - 1))[:TOP]
            told[days] += sold[top].sum() / after.sum() / WEEKS
    best = max(LAST_BUYERS, key=told.__getitem__)
    return best if told[best] > BETTER * told[HALF_LIFE] else HALF_LIFE


@dataclass
class Popular:
    """A `Retriever`: decayed counts of shoppers; in a log without times all of them, of equals those with more orders.
    half_life: in days; head: rows that are put in order first: after each purchase that is quicker than all of a
    million."""

    name: str = "popular"
    head: int = 5000
    half_life: int = HALF_LIFE

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """The most popular rows that may be shown."""
        moment, here = context.moment, context.moment.here(market_of(context))
        market = None if here is None else id(here)
        key, days = ("popular", market, self.head), self.half_life
        rows, scores = moment.once(key, lambda _: _in_order(moment, here, days, self.head))
        shown = np.flatnonzero(context.mask[rows])[:limit]
        if len(shown) < limit and len(rows) == self.head:
            rows, scores = moment.once(("popular throughout", market), lambda _: _in_order(moment, here, days))
            shown = np.flatnonzero(context.mask[rows])[:limit]
        if not len(shown):  # nobody bought any of these yet: the catalogue in its own order
            rows = np.flatnonzero(context.mask).astype(np.int32)
            return found(self.name, rows, np.zeros(len(rows), np.float32), limit)
        faded = scores[shown] * max(moment.faded(self.half_life), FADED)
        return found(self.name, rows[shown], faded.astype(np.float32), limit)

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """How many bought each."""
        buyers = context.moment.columns["buyers"]
        return [
            Because(f"bought by {int(buyers[row])} shoppers" if buyers[row] else "more from the shop") for row in rows
        ]


def _in_order(moment: Moment, here: Longs | None, half_life: int, most: int | None = None) -> tuple[Ints, Doubles]:
    """Rows by popularity, the best first, at `most` so many, and how popular they are before fading: time fades all
    alike. `here`: how many shoppers of one market each has, whose part of all its shoppers counts."""
    scores = _unfaded(moment, half_life)
    if here is not None:
        scores = scores * (here / np.maximum(moment.columns["buyers"], 1))
    known = np.flatnonzero(scores)
    if most is not None and len(known) > most:
        known = known[scores[known] >= np.partition(scores[known], len(known) - most)[len(known) - most]]
    rows = known[np.argsort(-scores[known], kind="stable")][:most]
    return rows.astype(np.int32), scores[rows]
