"""What a product is to everybody: how popular at several speeds, how often it is bought again, how old, how dear."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.catalogue.levels import Levels
from aisle.features.own import product_gap
from aisle.records.history import Floats, Ints
from aisle.records.request import Context

PRIOR = 5.0  # shoppers that a product's own rate is shrunk by


@dataclass
class ProductFacts:
    """A `Feature` of the product alone. price: float32 (rows,), log of major units, NaN where unknown."""

    price: Floats
    levels: Levels
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.names = (
            "buyers", "orders_a_buyer", "returning", "gap", "refunded",
            "popular_7", "popular_28", "popular_112", "sold_28", "first_14", "first_56",
            "trend", "discovery", "days_since_sold", "days_on_sale", "price", "looked", "looked_28", "conversion",
            *(f"share_in_{name}" for name in self.levels.names),
        )  # fmt: skip

    def values(self, context: Context, rows: Ints) -> Floats:
        """float32 (n, len(names))."""
        moment = context.moment
        buyers = moment.count("buyers", rows)
        last = {h: moment.decayed(f"last{h}", h, rows) for h in (7, 28, 112)}
        first = {h: moment.decayed(f"first{h}", h, rows) for h in (14, 56)}
        lines = {h: moment.decayed(f"lines{h}", h, rows) for h in (7, 28)}
        columns: list[Any] = [
            buyers, moment.count("orders", rows) / np.maximum(buyers, 1),
            (moment.count("returned", rows) + 0.2 * PRIOR) / (buyers + PRIOR), product_gap(context, rows),
            self._refunded(context, rows), *last.values(), lines[28], *first.values(),
            # a steady product has as many lines a day at a short half-life as at a long one
            (lines[7] / 7 + 0.1) / (lines[28] / 28 + 0.1), first[56] / np.maximum(last[112], 1e-3),
            moment.age("ended", rows), moment.age("began", rows), self.price[rows],
            moment.count("looks", rows), moment.decayed("looks28", 28, rows), moment.conversion(rows),
            *self._shares(context, rows).T,
        ]  # fmt: skip
        return np.column_stack(columns).astype(np.float32)

    def _refunded(self, context: Context, rows: Ints) -> Floats:
        """Refunds an order, shrunk by PRIOR orders towards those of the whole shop, float32 (n,)."""
        moment = context.moment
        usual = moment.once("refunds an order", lambda all: all["refunds"].sum() / max(int(all["orders"].sum()), 1))
        refunds, orders = moment.count("refunds", rows), moment.count("orders", rows)
        return np.asarray((refunds + PRIOR * usual) / (orders + PRIOR), np.float32)

    def _shares(self, context: Context, rows: Ints) -> NDArray[np.float64]:
        """The product's part of the recent shoppers of its levels, (n, k): a ratio, so the clock cancels out."""
        recent = context.moment.columns["last28"][rows].astype(np.float64)
        totals = self.levels.total(context.moment, "last28")
        return np.asarray(recent[:, None] / np.maximum(totals[self.levels.flat[rows]], 1), np.float64)
