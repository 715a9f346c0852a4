"""Crowd: who bought this also bought, over all that shoppers did: an item cosine (item-kNN, Sarwar et al. 2001).

Over the same profiles as `neighbours`: decayed, log-scaled, idf-weighted, each shopper of unit length.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
import scipy.sparse as sp

from aisle.records.candidates import Candidates
from aisle.records.request import Context
from aisle.records.slate import Because
from aisle.retrieval.neighbours import Neighbours
from aisle.retrieval.pairs import SEEDS, Matrix, Seeds, best, load, origins, save, walked

BLOCK = 2048  # rows whose companions are worked out at once
LARGEST = 200  # rows of a profile that count: those that weigh most


@dataclass
class Crowd:
    """A `Retriever`: what goes with this shopper's purchases in the profiles of all. table: rows × rows."""

    profiles: Neighbours
    table: sp.csr_matrix = field(default_factory=lambda: sp.csr_matrix((0, 0), dtype=np.float32))
    name: str = "crowd"

    def fit(self) -> Self:
        """Companions of every row, from the profiles fitted before."""
        profiles = best(self.profiles.profiles, LARGEST)
        by_row = profiles.T.tocsr()
        blocks = [_companions(by_row, profiles, start) for start in range(0, by_row.shape[0], BLOCK)]
        self.table = sp.vstack(blocks).tocsr() if blocks else self.table
        return self

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """The best companions, best first."""
        return walked(self.name, self.table, self._seeds(context), context, limit)

    def _seeds(self, context: Context) -> Seeds:
        """The rows that weigh most in this shopper's profile."""
        return context.once(("crowd", id(self)), lambda: self._worked_out(context))

    def _worked_out(self, context: Context) -> Seeds:
        rows, weights = self.profiles.profile_of(context)
        kept = np.argsort(-weights, kind="stable")[:SEEDS]
        return Seeds(rows[kept], weights[kept])

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """The product whose buyers each comes from."""
        found = origins(self.table, self._seeds(context), rows)
        return [Because("bought by others who chose {title}", row) for row in found]

    def save(self, folder: Path) -> None:
        """Write the table."""
        save(folder, table=self.table)

    @classmethod
    def load(cls, folder: Path, profiles: Neighbours) -> Self:
        """Read the table, over the same profiles."""
        return cls(profiles, *load(folder, ["table"]))


def _companions(by_row: Matrix, profiles: Matrix, start: int) -> Matrix:
    """Cosines of one block of rows with all, the best of each kept; a row is not its own companion."""
    part = (by_row[start : start + BLOCK] @ profiles).tocsr()
    owners = np.repeat(np.arange(part.shape[0]) + start, np.diff(part.indptr))
    part.data[part.indices == owners] = 0
    part.eliminate_zeros()
    return best(part)
