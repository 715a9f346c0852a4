"""Identified: products whose number the query says. They come first, whatever else it says."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aisle.catalogue.codes import Codes
from aisle.records.candidates import Candidates, found, nothing
from aisle.records.history import Ints
from aisle.records.request import Context
from aisle.records.slate import Because

NAMED = "named"  # of a context's memo: the units that the query names


@dataclass
class Identified:
    """A `Retriever` for queries: 1 for what is named."""

    codes: Codes
    row_of: Ints  # int32 (units,)
    name: str = "identified"

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """Products that are named and may be shown."""
        units = context.once(NAMED, lambda: self.codes.named(context.reading.text))
        rows = np.unique(self.row_of[units[context.units[units]]])
        rows = rows[context.mask[rows]]
        if not len(rows):
            return nothing(self.name)
        return found(self.name, rows, np.ones(len(rows), np.float32), limit)

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """Its number was asked for."""
        return [Because("has the number you asked for")] * len(rows)
