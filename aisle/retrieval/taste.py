"""Taste: popular discoveries within the categories and brands that this shopper buys more than others do."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from aisle.records.candidates import Candidates, found, nothing
from aisle.records.history import NO_TIME
from aisle.records.request import Context
from aisle.records.slate import Because
from aisle.records.times import DAY

HALF_LIFE = 80.0  # days
PRIOR = 20.0  # orders that a shopper's own distribution is shrunk by
REACH = 5000  # products looked at
FIRST = 56  # half-life of first purchases, days


@dataclass
class Taste:
    """A `Retriever`: Σ_level weight · log(shopper's share / shop's share) + log(shoppers who discovered it lately).

    levels: int32 (rows, k), -1 for none; weights: one a level."""

    levels: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, 0), np.int32))
    weights: tuple[float, ...] = ()
    name: str = "taste"

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """The best discoveries; none for a shopper without history."""
        history, moment = context.history, context.moment
        if not len(history):
            return nothing(self.name)
        discovered = moment.decayed(f"first{FIRST}", FIRST) if moment.timed else moment.columns["buyers"]
        rows = np.flatnonzero(context.mask & (moment.columns["buyers"] > 0)).astype(np.int32)
        if len(rows) > REACH:  # beyond the most discovered, no taste could lift a product into the best
            rows = np.sort(rows[np.argpartition(-discovered[rows], REACH)[:REACH]])
        timed = history.times[0] != NO_TIME
        ages = np.maximum(context.now - history.times, 0) / DAY if timed else np.zeros(len(history))
        decayed, orders = np.exp2(-ages / HALF_LIFE), moment.columns["orders"]
        scores = np.log(discovered[rows] + 0.1)
        for codes, weight in zip(self.levels.T, self.weights, strict=True):
            size = int(codes.max(initial=-1)) + 2
            shop = np.bincount(codes % size, orders, size)
            share = (shop + 1) / (shop.sum() + size)
            mine = np.bincount(codes[history.rows] % size, decayed, size)
            lift = np.log((mine + PRIOR * share) / (mine.sum() + PRIOR) / share)
            scores = scores + weight * np.where(codes[rows] < 0, 0, lift[codes[rows]])
        return found(self.name, rows, scores.astype(np.float32), limit)

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """They are of a kind that this shopper buys."""
        return [Because("popular in the categories and brands you buy")] * len(rows)
