"""Rest: the products that no source named, in the catalogue's own order, so that every page is full."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aisle.records.candidates import REST, Candidates, found
from aisle.records.request import Context
from aisle.records.slate import Because


@dataclass
class Rest:
    """A `Retriever` for the end of a slate: it knows nothing of a product but that it may be shown."""

    name: str = REST

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """The first rows under the mask."""
        rows = np.flatnonzero(context.mask)[:limit].astype(np.int32)
        return found(self.name, rows, np.zeros(len(rows), np.float32), limit)

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """Nothing led to them."""
        return [Because("more from the shop")] * len(rows)
