"""What a shopper did, one line an order and product: what the features of the shopper count."""

import numpy as np

from aisle.records.history import History


class Once:
    """One interaction an order and row: two lines of one order are one purchase. Several features ask this of the same
    history, so the last answer is kept."""

    def __init__(self, target: tuple[int, ...]) -> None:
        self._target = target
        self._kept: tuple[History | None, History, History] | None = None

    def of(self, history: History) -> tuple[History, History]:
        """A whole history → its part that counts (of the target types), and of that one line an order and row."""
        kept = self._kept
        if kept is None or kept[0] is not history:
            part = history.of(self._target)
            self._kept = kept = (history, part, first_lines(part))
        return kept[1], kept[2]


def first_lines(history: History) -> History:
    """One interaction an order and row."""
    if not len(history):
        return history
    marks = np.where(history.orders >= 0, history.orders, history.times)
    order = np.lexsort((history.offsets, marks, history.rows))
    rows, sorted_marks = history.rows[order], marks[order]
    fresh = np.r_[True, (rows[1:] != rows[:-1]) | (sorted_marks[1:] != sorted_marks[:-1])]
    return history.take(np.sort(order[fresh]))
