"""What a product is to the market in which a shopper shops: what is learned of all markets is shared, and this tells
them apart."""

from dataclasses import dataclass

import numpy as np

from aisle.records.history import Floats, Ints
from aisle.records.request import Context, market_of

NAMES = ("buyers_here", "share_here", "products_here")


@dataclass
class MarketFacts:
    """A `Feature`: shoppers of this market who took the product, the part of all its shoppers that they are, and how
    many products the market has taken. NaN where the log names no markets."""

    names: tuple[str, ...] = NAMES

    def values(self, context: Context, rows: Ints) -> Floats:
        """float32 (n, 3)."""
        out = np.full((len(rows), len(self.names)), np.nan, np.float32)
        here = context.moment.here(market_of(context))
        if here is None:
            return out
        out[:, 0] = here[rows]
        out[:, 1] = here[rows] / np.maximum(context.moment.columns["buyers"][rows], 1)
        out[:, 2] = context.moment.once(("here", id(here)), lambda _: np.count_nonzero(here))
        return out
