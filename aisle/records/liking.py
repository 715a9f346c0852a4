"""What of a history speaks for its products, and which of them this shopper has refused."""

import numpy as np

from aisle.records.event import CODES
from aisle.records.history import History, Ints

# what counts as taking a product, the most telling first
TAKEN = ("purchase", "rating", "cart", "wishlist", "click", "view")
TAKEN_CODES = tuple(CODES[name] for name in TAKEN)
CART, UNCART, DISMISS = (CODES[name] for name in ("cart", "uncart", "dismiss"))
SPEAKS = np.zeros(len(CODES) + 1, bool)  # by code; the last stands for a type that is not known
SPEAKS[list(TAKEN_CODES)] = True
NONE = np.zeros(0, np.int32)


def liked(history: History) -> tuple[History, Ints]:
    """The interactions that speak for a product, oldest first: neither what was only shown nor what was sent back or
    refused, and no basket that was emptied again. And the rows that were dismissed and not taken since, int32."""
    keep = SPEAKS[history.types]
    if keep.all():
        return history, NONE
    for at in np.flatnonzero(history.types == UNCART):
        keep[:at] &= (history.rows[:at] != history.rows[at]) | (history.types[:at] != CART)
    refused = [history.rows[at] for at in np.flatnonzero(history.types == DISMISS)
               if not keep[at:][history.rows[at:] == history.rows[at]].any()]  # fmt: skip
    return history.take(keep), np.unique(np.array(refused, np.int32))
