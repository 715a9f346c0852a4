"""What a shopper took, one line an order and product: what the features of the shopper count, worked out once a
request."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aisle.records.history import NO_TIME, Bools, History, Ints, among
from aisle.records.request import Context
from aisle.records.times import DAY

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Taken:
    """history: this shopper's interactions of the target types; once: of these one an order and row, for two lines of
    one order are one purchase. ages: float64 days since each of `once`, 0 without times; known: its rows, ascending;
    inverse: int64, the place of each of `once` in `known`; visits: float64 days since each distinct order."""

    history: History
    once: History
    ages: Doubles
    known: Ints
    inverse: NDArray[np.int64]
    visits: Doubles

    @property
    def timed(self) -> bool:
        """Is it known when?"""
        return bool(len(self.once)) and int(self.once.times[0]) != NO_TIME

    def find(self, rows: Ints) -> tuple[NDArray[np.int64], Bools]:
        """The place of each row in `known`, and whether it is there at all."""
        held, at = among(rows, self.known)
        return at, held


def taken(context: Context, target: tuple[int, ...]) -> Taken:
    """What this shopper took until now."""
    return context.once(("taken", target), lambda: _worked_out(context.history.of(target), context.now))


def _worked_out(history: History, now: int) -> Taken:
    once = first_lines(history)
    known, inverse = np.unique(once.rows, return_inverse=True)
    timed = bool(len(once)) and int(once.times[0]) != NO_TIME
    ages = np.maximum(now - once.times, 0) / DAY if timed else np.zeros(len(once))
    visits = np.zeros(0)
    if timed:
        _, at = np.unique(history.marks(), return_index=True)
        visits = np.maximum(now - history.times[at], 0) / DAY
    return Taken(history, once, ages, known, inverse, visits)


def first_lines(history: History) -> History:
    """One interaction an order and row."""
    if not len(history):
        return history
    marks = history.marks()
    order = np.lexsort((history.offsets, marks, history.rows))
    rows, sorted_marks = history.rows[order], marks[order]
    fresh = np.r_[True, (rows[1:] != rows[:-1]) | (sorted_marks[1:] != sorted_marks[:-1])]
    return history.take(np.sort(order[fresh]))
