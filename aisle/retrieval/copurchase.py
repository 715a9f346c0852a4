"""Co-purchase: what lies in one order together, beyond what two popular products would by chance.

W = P^a (MᵀM) P^b over the orders M × rows, P = 1 / (count + 1): between a count (a = b = 0) and a cosine (½, ½).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
import scipy.sparse as sp

from aisle.records.candidates import Candidates
from aisle.records.history import Interactions
from aisle.records.request import Context
from aisle.records.slate import Because
from aisle.retrieval.pairs import best, corrected, incidence, load, origins, save, seeds_of, walked

HALF_LIFE = 45.0  # days
OUT, INTO = 0.5, 0.5


@dataclass
class CoPurchase:
    """A `Retriever`: rows bought in one order with the anchors, or with what this shopper bought."""

    table: sp.csr_matrix = field(default_factory=lambda: sp.csr_matrix((0, 0), dtype=np.float32))
    name: str = "copurchase"

    def fit(self, log: Interactions, size: int) -> Self:
        """Count pairs of rows within the orders of a log over `size` rows."""
        held, _ = incidence(log, size)
        together = (held.T @ held).tocsr()
        together.setdiag(0)
        together.data[together.data < 2] = 0  # once is chance
        together.eliminate_zeros()
        counts = np.asarray(held.sum(axis=0)).ravel()
        self.table = best(corrected(together, counts, OUT, INTO))
        return self

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """The best companions, best first."""
        return walked(self.name, self.table, seeds_of(context, HALF_LIFE), context, limit)

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """The product each goes with."""
        found = origins(self.table, seeds_of(context, HALF_LIFE), rows)
        return [Because("bought together with {title}", row) for row in found]

    def save(self, folder: Path) -> None:
        """Write the table."""
        save(folder, table=self.table)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the table."""
        return cls(*load(folder, ["table"]))
