"""Considered: what this shopper looked at or put in a basket and has not bought. Of the purchases on Tmall four of five
were of products that the shopper had viewed before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from aisle.records.candidates import Candidates, found, nothing
from aisle.records.event import CODES
from aisle.records.request import Context
from aisle.records.slate import Because
from aisle.retrieval.pairs import faded

HALF_LIFE = 14.0  # days
# how much nearer to a purchase each step is; trees weigh it anew
NEARNESS: Mapping[int, float] = {CODES["cart"]: 3.0, CODES["wishlist"]: 2.0, CODES["click"]: 1.0, CODES["view"]: 1.0}


@dataclass
class Considered:
    """A `Retriever`. `target` holds the codes of the event types that count as buying.

    The score is the nearness of the nearest step, and as much less than one as the last one lies back. In a log without
    times, where nobody knows what was looked at last: how readily who looks at a product takes it, and a half more of
    what stands in the basket."""

    target: tuple[int, ...] = ()
    name: str = "considered"

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """The shopper's own rows, best first."""
        looked = context.history.of(tuple(code for code in NEARNESS if code not in self.target))
        if not len(looked):
            return nothing(self.name)
        rows, times = looked.latest()
        order = np.argsort(rows)
        nearness = np.zeros(len(rows))
        at = order[np.searchsorted(rows, looked.rows, sorter=order)]
        np.maximum.at(nearness, at, [NEARNESS[int(code)] for code in looked.types])
        keep = context.mask[rows] & ~np.isin(rows, context.history.of(self.target).rows)
        moment = context.moment
        if moment.timed:
            scores = nearness + faded(times, context.now, HALF_LIFE)
        else:
            scores = moment.conversion(rows) * (1 + (nearness - 1) / 4)
        return found(self.name, rows[keep], scores[keep].astype(np.float32), limit)

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """What the shopper did with each."""
        carts = context.history.of((CODES["cart"],)).rows
        return [Because("you put it in your basket" if row in carts else "you looked at it") for row in rows]
