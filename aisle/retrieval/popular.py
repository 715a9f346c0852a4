"""Popular: products by how many shoppers bought them lately, older purchases counting less."""

from dataclasses import dataclass

import numpy as np

from aisle.records.candidates import Candidates, found
from aisle.records.request import Context
from aisle.records.slate import Because

HALF_LIFE = 28


@dataclass
class Popular:
    """A `Retriever`: decayed counts of shoppers; of orders for a log without times."""

    name: str = "popular"

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """The most popular rows that may be shown."""
        moment = context.moment
        scores = moment.decayed(f"last{HALF_LIFE}", HALF_LIFE) if moment.timed else moment.columns["orders"]
        rows = np.flatnonzero(context.mask & (scores > 0)).astype(np.int32)
        return found(self.name, rows, scores[rows].astype(np.float32), limit)

    def why(self, context: Context, row: int) -> Because:
        """How many bought it."""
        return Because(f"bought by {int(context.moment.columns['buyers'][row])} shoppers")
