"""Taste: popular discoveries within the categories and brands that this shopper buys more than others do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.records.candidates import Candidates, found, nothing
from aisle.records.history import NO_TIME, Moment
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
    _kept: tuple[Any, int, list[NDArray[np.float64]]] = field(default=(None, 0, []))

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
        decayed = np.exp2(-ages / HALF_LIFE)
        scores = np.log(discovered[rows] + 0.1)
        for codes, weight, share in zip(self.levels.T, self.weights, self._shares(moment), strict=True):
            size = len(share)
            mine = np.bincount(codes[history.rows] % size, decayed, size)
            lift = np.log((mine + PRIOR * share) / (mine.sum() + PRIOR) / share)
            scores = scores + weight * np.where(codes[rows] < 0, 0, lift[codes[rows]])
        return found(self.name, rows, scores.astype(np.float32), limit)

    def _shares(self, moment: Moment) -> list[NDArray[np.float64]]:
        """The shop's orders spread over the codes of each level; kept until an order changes them."""
        kept_for, version, kept = self._kept
        if kept_for is moment.columns and version == moment.version:
            return kept
        shares: list[NDArray[np.float64]] = []
        for codes in self.levels.T:
            size = int(codes.max(initial=-1)) + 2
            shop = np.bincount(codes % size, moment.columns["orders"], size)
            shares.append((shop + 1) / (shop.sum() + size))
        self._kept = (moment.columns, moment.version, shares)
        return shares

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """They are of a kind that this shopper buys."""
        return [Because("popular in the categories and brands you buy")] * len(rows)
