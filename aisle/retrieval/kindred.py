"""Kindred: products that few chose borrow what `linear` knows of those that read like them.

A product with hardly a buyer has hardly a weight of its own, one that is new has none. Its likest products do, in the
space of texts that `semantic` learned from histories: with K, of each such product its NEAREST and what they weigh,
softmax(cosine / TEMPERATURE), its weights are B Kᵀ, where B are those of `linear`. So a history names what is like the
products it leads to, and not only what is like itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from aisle.records.history import Floats, Interactions, Ints
from aisle.records.request import Context
from aisle.records.slate import Because
from aisle.retrieval.linear import Linear
from aisle.retrieval.pairs import Matrix, best, origins

FEW = 20  # choices: who has more needs nothing of others
MOST = 200_000  # products that borrow; of more, those that came last
NEAREST, TEMPERATURE = 30, 0.1
KEPT = 100  # weights of each product, of those that borrow
BLOCK = 1024  # products at once
TINY = 1e-9  # what nothing lends is nothing


@dataclass
class Kindred(Linear):
    """A `Retriever`. table: B Kᵀ, rows × rows, thinned; else as `Linear`."""

    name: str = "kindred"

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """The product of the history that adds most to each."""
        return [Because("like what is chosen next by who chose {title}", row)
                for row in origins(self.table, self._seeds(context), rows)]  # fmt: skip

    @classmethod
    def of(cls, linear: Linear, past: Interactions, take: Callable[[Ints], Floats]) -> "Kindred":
        """From what `linear` learned of a log; take: rows → their vectors, unit length, float32 (n, k)."""
        size = linear.table.shape[0]
        chosen = np.bincount(past.of(linear.types).columns.rows, minlength=size)
        lent = np.flatnonzero(np.diff(linear.table.tocsc().indptr) > 0).astype(np.int32)
        borrowing = np.flatnonzero(chosen <= FEW)[-MOST:].astype(np.int32)
        likeness = _likeness(borrowing, lent, take, size)
        return cls(_through(linear.table, likeness), linear.types, linear.step)


def _likeness(borrowing: Ints, lent: Ints, take: Callable[[Ints], Floats], size: int) -> Matrix:
    """K, size × size: rows of those that borrow, columns of those that lend."""
    vectors, kept = take(lent), min(NEAREST, len(lent))
    owners, columns, values = [], [], []
    for some in (borrowing[k : k + BLOCK] for k in range(0, len(borrowing) if kept else 0, BLOCK)):
        near = take(some) @ vectors.T
        near[some[:, None] == lent[None]] = -np.inf  # nobody borrows of oneself
        at = np.argpartition(-near, kept - 1, axis=1)[:, :kept]
        weights = np.exp(np.take_along_axis(near, at, axis=1) / TEMPERATURE)
        owners.append(np.repeat(some, kept))
        columns.append(lent[at].ravel())
        values.append((weights / np.maximum(weights.sum(axis=1, keepdims=True), TINY)).ravel())
    if not owners:
        return sp.csr_matrix((size, size), dtype=np.float32)
    told = (np.concatenate(values), (np.concatenate(owners), np.concatenate(columns)))
    return sp.csr_matrix(told, shape=(size, size), dtype=np.float32)


def _through(table: Matrix, likeness: Matrix) -> Matrix:
    """B Kᵀ, of each row its KEPT largest."""
    across = likeness.T.tocsr()
    size = table.shape[0]
    parts = [best(table[k : k + BLOCK] @ across, KEPT) for k in range(0, size, BLOCK)]
    return sp.vstack(parts).tocsr() if parts else table
