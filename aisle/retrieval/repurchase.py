"""Repurchase: what this shopper bought before and is due to buy again. Milk comes back on a rhythm.

The score is a decayed count, Σ 2^(-age / 80 d) + 0.3 Σ 2^(-age / 10 d), once an order: decayed own frequency is the
baseline that is hard to beat in groceries (Li et al., "A Next Basket Recommendation Reality Check", 2023).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

import numpy as np

from aisle.records.candidates import Candidates, found, nothing
from aisle.records.history import NO_TIME, Floats, History, Ints
from aisle.records.request import Context
from aisle.records.slate import Because
from aisle.records.times import DAY

USUAL = 14.0  # days between two purchases, of what was bought once
SLOW, QUICK, QUICK_WEIGHT = 80.0, 10.0, 0.3  # half-lives in days


@dataclass
class Repurchase:
    """A `Retriever`. `target` holds the codes of the event types that count as buying; `due`: what was bought just now
    stands behind what is due."""

    target: tuple[int, ...] = ()
    zone: tzinfo = UTC  # in which a day begins
    due: bool = False
    name: str = "repurchase"

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """The shopper's own rows, best first; none where repeats are excluded, for the mask holds them back."""
        if not len(context.history):
            return nothing(self.name)
        mine = context.history.of(self.target)
        rows, scores = own_scores(mine, context.now)
        if self.due:
            scores = scores * due_of(mine, rows, context.now)
        keep = context.mask[rows]
        return found(self.name, rows[keep], scores[keep], limit)

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """How often, and when last."""
        history = context.history.of(self.target)
        return [self._bought(history, context.now, row) for row in rows]

    def _bought(self, history: History, now: int, row: int) -> Because:
        mine = history.take(history.rows == row)
        times, often = mine.times, len(np.unique(mine.marks()))
        if not len(times) or times[-1] == NO_TIME:
            return Because(f"you bought it {often} times")
        today, last = (datetime.fromtimestamp(moment / 1000, self.zone).date() for moment in (now, int(times[-1])))
        days = max(0, (today - last).days)
        ago = ("today", "yesterday")[days] if days < 2 else f"{days} days ago"
        return Because(f"you bought it {often} times, last {ago}" if often > 1 else f"you bought it {ago}")


def due_of(history: History, rows: Ints, now: int) -> Floats:
    """How far each of some rows is due again, float32 (n,) to 1: the time since it was bought last over a quarter of
    what lies between two purchases of it (USUAL where it was bought once); 1 where nobody knows times."""
    if not len(history) or history.times[0] == NO_TIME:
        return np.ones(len(rows), np.float32)
    at = np.searchsorted(rows, history.rows)
    first, last = np.full(len(rows), np.inf), np.full(len(rows), -np.inf)
    np.minimum.at(first, at, history.times)
    np.maximum.at(last, at, history.times)
    pairs = np.unique(np.stack([at, history.marks()]), axis=1)[0]
    often = np.bincount(pairs, minlength=len(rows))
    between = np.where(often > 1, (last - first) / np.maximum(often - 1, 1), USUAL * DAY)
    return np.asarray(np.clip((now - last) / np.maximum(between / 4, DAY / 2), 0.01, 1), np.float32)


def own_scores(history: History, now: int) -> tuple[Ints, Floats]:
    """Rows of a history and their decayed counts; lines of one order count once."""
    if not len(history):
        return history.rows, np.zeros(0, np.float32)
    rows, inverse = np.unique(history.rows, return_inverse=True)
    marks = history.marks()
    order = np.lexsort((history.times, marks, inverse))
    moved = (inverse[order][1:] != inverse[order][:-1]) | (marks[order][1:] != marks[order][:-1])
    at = order[np.r_[True, moved]]
    if history.times[0] == NO_TIME:
        return rows, np.bincount(inverse[at], minlength=len(rows)).astype(np.float32)
    ages = np.maximum(now - history.times[at], 0) / DAY
    weights = np.exp2(-ages / SLOW) + QUICK_WEIGHT * np.exp2(-ages / QUICK)
    return rows, np.bincount(inverse[at], weights, len(rows)).astype(np.float32)
