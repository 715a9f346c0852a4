"""Kindred: products that nobody bought borrow what `linear` knows of those that read like them.

A new product has no weights of its own. Its likest products do, in the space of texts that `semantic` learned from
histories: with K, of each such product its NEAREST and what they weigh, softmax(cosine / TEMPERATURE), its weights are
B Kᵀ, where B are those of `linear`. So a history names what is like the products that it leads to.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from aisle.records.history import Floats, Ints, Longs
from aisle.records.request import Context
from aisle.records.slate import Because
from aisle.retrieval.linear import Linear
from aisle.retrieval.moved import likeness
from aisle.retrieval.pairs import Matrix, best, origins

MOST = 200_000  # products that borrow; of more, those that came last
NEAREST, TEMPERATURE = 30, 0.1
KEPT = 100  # weights of each product, of those that borrow
BLOCK = 1024  # products at once


@dataclass
class Kindred(Linear):
    """A `Retriever`. table: B Kᵀ, rows × rows, thinned; else as `Linear`."""

    name: str = "kindred"

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """The product of the history that adds most to each."""
        return [Because("like what shoppers choose after {title}", row)
                for row in origins(self.table, self._seeds(context), rows)]  # fmt: skip

    @classmethod
    def of(cls, linear: Linear, sold: Longs, take: Callable[[Ints], Floats]) -> "Kindred":
        """From what `linear` learned; sold: int64 (rows,), purchases of each; take: rows → their vectors, unit length,
        float32 (n, k)."""
        lends = (np.diff(linear.table.tocsc().indptr) > 0) & (sold > 0)
        lent, borrowing = np.flatnonzero(lends).astype(np.int32), np.flatnonzero(sold == 0)[-MOST:].astype(np.int32)
        like = likeness(borrowing, lent, take, len(sold), NEAREST, TEMPERATURE)
        return cls(_through(linear.table, like), linear.types, linear.step)


def _through(table: Matrix, like: Matrix) -> Matrix:
    """B Kᵀ, of each row its KEPT largest."""
    across = like.T.tocsr()
    size = table.shape[0]
    parts = [best(table[k : k + BLOCK] @ across, KEPT) for k in range(0, size, BLOCK)]
    return sp.vstack(parts).tocsr() if parts else table
