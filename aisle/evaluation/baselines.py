"""What every figure stands beside: popularity, own frequency, own frequency with older orders decayed, and what was
looked at last."""

from dataclasses import dataclass

import numpy as np

from aisle.records.candidates import Candidates, found, nothing
from aisle.records.history import NO_TIME
from aisle.records.request import Context
from aisle.records.times import DAY

HALF_LIVES = (20.0, 40.0, 80.0, 120.0, 200.0)  # days, the one is chosen on validation


@dataclass
class Popularity:
    """The products of most shoppers, lately; half_life: days, one of those that a moment counts."""

    half_life: int = 28

    def rank(self, context: Context, limit: int) -> Candidates:
        """The same rows for everybody, but for what the mask holds back."""
        moment = context.moment
        everything = np.arange(len(context.mask), dtype=np.int32)
        buyers = moment.count("buyers", everything)
        scores = (
            moment.decayed(f"last{self.half_life}", self.half_life) + 1e-6 * buyers
            if moment.timed
            else buyers + 1e-6 * moment.count("orders", everything)
        )
        rows = np.flatnonzero(context.mask & (scores > 0)).astype(np.int32)
        return found("popularity", rows, scores[rows], limit)


@dataclass
class LastLooked:
    """What this shopper looked at or put in a basket and has not bought, the latest first: where a log keeps what leads
    to a purchase, a model has to say more than that."""

    target: tuple[int, ...]

    def rank(self, context: Context, limit: int) -> Candidates:
        """The shopper's rows."""
        bought = context.history.of(self.target).rows
        rows, _ = context.history.latest()
        rows = rows[context.mask[rows] & ~np.isin(rows, bought)]
        return found("looked", rows, -np.arange(len(rows), dtype=np.float32), limit)


@dataclass
class OwnFrequency:
    """What this shopper bought most often, older orders counting less at a finite half-life (days)."""

    target: tuple[int, ...]
    half_life: float = float("inf")

    def rank(self, context: Context, limit: int) -> Candidates:
        """The shopper's rows, each counted once an order; the popular behind them."""
        history = context.history.of(self.target)
        if not len(history):
            return nothing("own")
        _, once = np.unique(np.stack([history.rows.astype(np.int64), history.marks()]), axis=1, return_index=True)
        timed = history.times[0] != NO_TIME
        ages = np.maximum(context.now - history.times[once], 0) / DAY if timed else np.zeros(len(once))
        rows, inverse = np.unique(history.rows[once], return_inverse=True)
        scores = np.bincount(inverse, np.exp2(-ages / self.half_life), len(rows)).astype(np.float32)
        keep = context.mask[rows]
        return found("own", rows[keep], scores[keep], limit)
