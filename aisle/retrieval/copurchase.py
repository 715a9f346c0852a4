"""Co-purchase: what lies in one order together, beyond what two popular products would by chance.

W = P^a (MᵀM) P^b over the orders M × rows, P = 1 / (count + 1): between a count (a = b = 0) and a cosine (½, ½). Twice
together, and more often than chance has it, says something: bananas lie in every third basket, also beside diapers.
Where that leaves a product hardly any companions, those that it was bought with once come behind them, and where it
was hardly bought, those that are looked at in one visit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from aisle.records.candidates import Candidates
from aisle.records.history import Interactions
from aisle.records.request import Context
from aisle.records.slate import Because
from aisle.retrieval.pairs import (
    Matrix,
    behind,
    best,
    corrected,
    incidence,
    load,
    origins,
    save,
    seeds_of,
    telling,
    walked,
)

HALF_LIFE = 45.0  # days
OUT, INTO = 0.5, 0.5


@dataclass
class CoPurchase:
    """A `Retriever`: rows bought in one order with the anchors, or with what this shopper bought; of those that hardly
    sell, rows looked at in one visit. table: companions of every row; looked: those of them that are only looked at."""

    table: Matrix = field(default_factory=lambda: sp.csr_matrix((0, 0), dtype=np.float32))
    looked: Matrix = field(default_factory=lambda: sp.csr_matrix((0, 0), dtype=np.float32))
    name: str = "copurchase"

    def fit(self, log: Interactions, size: int, looks: Interactions | None = None) -> Self:
        """Count pairs of rows within the orders of a log over `size` rows, and within the visits of `looks`."""
        together, counts = _together(log, size)
        often, once = together.copy(), together.copy()
        often.data[often.data < 2] = 0
        often.eliminate_zeros()
        once.data[once.data >= 2] = 0
        table = behind(corrected(telling(often), counts, OUT, INTO), corrected(once, counts, OUT, INTO))
        self.looked = sp.csr_matrix((size, size), dtype=np.float32)
        if looks is not None and len(looks) > len(log):
            seen, of = _together(_visits(looks), size)
            added = best(behind(table, best(corrected(seen, of, OUT, INTO))))
            self.looked, table = (added - added.multiply(table != 0)).tocsr(), added
        self.table = best(table)
        return self

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """The best companions, best first."""
        return walked(self.name, self.table, seeds_of(context, HALF_LIFE), context, limit)

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """The product each goes with."""
        found = origins(self.table, seeds_of(context, HALF_LIFE), rows)
        return [Because(self._said(row, origin), origin) for row, origin in zip(rows, found, strict=True)]

    def _said(self, row: int, origin: int) -> str:
        seen = self.looked.indices[slice(*self.looked.indptr[origin : origin + 2])] if origin >= 0 else ()
        return "looked at together with {title}" if row in seen else "bought together with {title}"

    def save(self, folder: Path) -> None:
        """Write the tables."""
        save(folder, table=self.table, looked=self.looked)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the tables."""
        return cls(*load(folder, ["table", "looked"]))


def _together(log: Interactions, size: int) -> tuple[Matrix, NDArray[np.float64]]:
    """How often two rows lie in one basket, and how often each lies in any."""
    held, _ = incidence(log, size)
    together = (held.T @ held).tocsr()
    together.setdiag(0)
    together.eliminate_zeros()
    return together, np.asarray(held.sum(axis=0), np.float64).ravel()


def _visits(log: Interactions) -> Interactions:
    """What a shopper does on one day is a visit, whatever is ordered in it."""
    columns = replace(log.columns, orders=np.full_like(log.columns.orders, -1))
    return replace(log, columns=columns)
