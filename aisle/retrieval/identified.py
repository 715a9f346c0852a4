"""Identified: products whose number the query says. They come first, whatever else it says."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aisle.catalogue.codes import Codes
from aisle.records.candidates import Candidates, found, nothing
from aisle.records.request import Context
from aisle.records.slate import Because


@dataclass
class Identified:
    """A `Retriever` for queries: 1 for what is named."""

    codes: Codes
    name: str = "identified"

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """Products that are named and may be shown."""
        rows = self.codes.named(context.request.query)
        rows = rows[context.mask[rows]]
        if not len(rows):
            return nothing(self.name)
        return found(self.name, rows, np.ones(len(rows), np.float32), limit)

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """Its number was asked for."""
        return [Because("has the number you asked for")] * len(rows)
