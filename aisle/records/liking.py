"""What of a history speaks for its products, and which of them this shopper has refused."""

import numpy as np

from aisle.records.event import CODES
from aisle.records.history import Floats, History, Ints

# what counts as taking a product, the most telling first
TAKEN = ("purchase", "rating", "cart", "wishlist", "click", "view")
TAKEN_CODES = tuple(CODES[name] for name in TAKEN)
CART, UNCART, DISMISS, BOUGHT, SENT_BACK = (CODES[name] for name in ("cart", "uncart", "dismiss", "purchase", "refund"))
RATING = CODES["rating"]
# what ratings go up to, and the value below which one speaks against a product: thumbs, stars, points, percent
SCALES = {1.0: 0.5, 5.0: 3.0, 10.0: 5.5, 100.0: 50.0}
FEWEST = 20  # ratings that tell their scale
SPEAKS = np.zeros(len(CODES) + 1, bool)  # by code; the last stands for a type that is not known
SPEAKS[list(TAKEN_CODES)] = True
HALF = 0.5  # of the ratings of a scale that may speak against
NONE = np.zeros(0, np.int32)


def liked(history: History) -> tuple[History, Ints]:
    """The interactions that speak for a product, oldest first: neither what was only shown nor what was sent back or
    refused, and no basket that was emptied again. And the rows that were dismissed, or sent back as often as they were
    bought, and not taken since, int32."""
    keep = SPEAKS[history.types]
    if keep.all():
        return history, NONE
    for at in np.flatnonzero(history.types == UNCART):
        keep[:at] &= (history.rows[:at] != history.rows[at]) | (history.types[:at] != CART)
    against = np.flatnonzero((history.types == DISMISS) | (history.types == SENT_BACK)).tolist()
    refused = [history.rows[at] for at in against
               if not keep[at:][history.rows[at:] == history.rows[at]].any() and _refused(history, at)]  # fmt: skip
    return history.take(keep), np.unique(np.array(refused, np.int32))


def unliked_below(values: Floats) -> float:
    """The value below which a rating speaks against a product, of the ratings of a shop, float32 (n,): the middle of
    the scale whose top is the largest, or 0 where it goes as far below (-1 alone stands for "not rated" in some sets).
    -inf for few, for another scale, and where over half would speak against what they rate: then nobody knows what the
    numbers mean."""
    nothing = float("-inf")
    if len(values) < FEWEST:
        return nothing
    least, most = np.percentile(values, [0.1, 99.9]).tolist()
    if least == most or (least < 0 and least != -most):
        return nothing
    middle = 0.0 if least < 0 else SCALES.get(most, nothing)
    return middle if (values < middle).mean() <= HALF else nothing


def _refused(history: History, at: int) -> bool:
    """Is nothing left of a product with the interaction at a place."""
    mine = history.types[: at + 1][history.rows[: at + 1] == history.rows[at]]
    return bool(mine[-1] == DISMISS or (mine == SENT_BACK).sum() >= (mine == BOUGHT).sum())
