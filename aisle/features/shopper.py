"""What kind of shopper this is: how often here, how much at once, how curious, how dear."""

from dataclasses import dataclass

import numpy as np

from aisle.features.taken import taken
from aisle.records.history import Floats, Ints
from aisle.records.request import Context
from aisle.records.times import DAY


@dataclass
class ShopperHabits:
    """A `Feature` of the shopper, and of the product's price beside what the shopper usually pays.
    price: float32 (rows,), log of major units, NaN where unknown."""

    target: tuple[int, ...]
    price: Floats
    names: tuple[str, ...] = (
        "orders_all", "orders_28", "orders_84", "days_since_order", "days_known", "products_known",
        "lines_28", "lines_an_order", "new_28", "new_share", "price_usual", "price_above_usual",
    )  # fmt: skip

    def values(self, context: Context, rows: Ints) -> Floats:
        """float32 (n, len(names)): every row but the last column equal."""
        past = taken(context, self.target)
        history, visits = past.history, past.visits
        out = np.full((len(rows), len(self.names)), np.nan, np.float32)
        out[:, :3] = [len(visits), (visits <= 28).sum(), (visits <= 84).sum()]
        out[:, 5] = len(past.known)
        if not len(history):
            return out
        prices = self.price[history.rows]
        said = np.isfinite(prices)
        usual = float(prices[said].mean()) if said.any() else np.nan
        out[:, 7] = len(history) / max(len(visits), 1)
        out[:, 10] = usual
        out[:, 11] = self.price[rows] - usual
        if past.timed:
            first, last = np.zeros(len(past.known)), np.full(len(past.known), np.inf)
            np.maximum.at(first, past.inverse, past.ages)
            np.minimum.at(last, past.inverse, past.ages)
            out[:, [3, 4]] = [visits.min(initial=np.inf), visits.max(initial=0)]
            out[:, 6] = (history.times >= context.now - 28 * DAY).sum()
            out[:, [8, 9]] = [(first <= 28).sum(), (first <= 56).sum() / max(int((last <= 56).sum()), 1)]
        return out
