"""Meaning: products whose text lies near the query's, whatever words either uses."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aisle.records.candidates import Candidates, best_of, found, nothing
from aisle.records.request import Context
from aisle.records.slate import Because
from aisle.stages import VectorIndex

REACH = 300  # rows named for one wording: farther away, likeness says nothing


@dataclass
class Meaning:
    """A `Retriever` for queries: cosine of the query's vector and the products'."""

    index: VectorIndex
    name: str = "meaning"

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """The nearest rows; none without a query."""
        if not len(context.vector):
            return nothing(self.name)
        limit = min(limit, REACH)
        vectors = context.vector[None]
        if len(context.other_vectors):
            vectors = np.concatenate([vectors, context.other_vectors])
        return found(self.name, *best_of(self.index.search(vectors, context.mask, limit)), limit)

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """They mean the same."""
        return [Because(f"close in meaning to “{context.reading.text.strip()}”")] * len(rows)
