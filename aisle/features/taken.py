"""What a shopper did, one line an order and product: what the features of the shopper count."""

import numpy as np

from aisle.records.history import History
from aisle.records.request import Context


def taken(context: Context, target: tuple[int, ...]) -> tuple[History, History]:
    """This shopper's interactions of the target types, and of these one an order and row: two lines of one order are
    one purchase."""

    def work() -> tuple[History, History]:
        part = context.history.of(target)
        return part, first_lines(part)

    return context.once(("taken", target), work)


def first_lines(history: History) -> History:
    """One interaction an order and row."""
    if not len(history):
        return history
    marks = np.where(history.orders >= 0, history.orders, history.times)
    order = np.lexsort((history.offsets, marks, history.rows))
    rows, sorted_marks = history.rows[order], marks[order]
    fresh = np.r_[True, (rows[1:] != rows[:-1]) | (sorted_marks[1:] != sorted_marks[:-1])]
    return history.take(np.sort(order[fresh]))
