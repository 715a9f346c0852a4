"""What kind of shopper this is: how often here, how much at once, how curious, how dear."""

from dataclasses import dataclass

import numpy as np

from aisle.features.own import order_ages
from aisle.features.taken import taken
from aisle.records.history import NO_TIME, Floats, Ints
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
        history, once = taken(context, self.target)
        visits = order_ages(history, context.now)
        out = np.full((len(rows), len(self.names)), np.nan, np.float32)
        out[:, :3] = [len(visits), (visits <= 28).sum(), (visits <= 84).sum()]
        out[:, 5] = len(np.unique(history.rows))
        if not len(history):
            return out
        prices = self.price[history.rows]
        usual = float(np.nanmean(prices)) if np.isfinite(prices).any() else np.nan
        out[:, 7] = len(history) / max(len(visits), 1)
        out[:, 10] = usual
        out[:, 11] = self.price[rows] - usual
        if history.times[0] != NO_TIME:
            ages = np.maximum(context.now - history.times, 0) / DAY
            known, inverse = np.unique(once.rows, return_inverse=True)
            age = np.maximum(context.now - once.times, 0) / DAY
            first, last = np.zeros(len(known)), np.full(len(known), np.inf)
            np.maximum.at(first, inverse, age)
            np.minimum.at(last, inverse, age)
            out[:, [3, 4]] = [visits.min(initial=np.inf), visits.max(initial=0)]
            out[:, 6] = (ages <= 28).sum()
            out[:, [8, 9]] = [(first <= 28).sum(), (first <= 56).sum() / max(int((last <= 56).sum()), 1)]
        return out
