"""Moved: rows of the catalogue that models learned from, as rows of today's.

What was learned of a product stays that product's. One that came since has learned nothing: it borrows the vectors of
those that read like it, softmax(cosine / TEMPERATURE) of its NEAREST, until the next training knows it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

import numpy as np
import scipy.sparse as sp

from aisle.catalogue.catalogue import Catalogue
from aisle.catalogue.traits import Traits
from aisle.records.history import Floats, Ints
from aisle.retrieval.pairs import Matrix

NEAREST, TEMPERATURE = 10, 0.05
BLOCK = 1024  # products at once
Take = Callable[[Ints], Floats]  # rows → their vectors, float32 (n, k)


@dataclass(frozen=True, eq=False)
class Moved:
    """was: int32 (rows,), the row that each of today's rows had, -1 for a product that came since; now: int32 (n,),
    today's row of each row that there was, -1 for one that is gone (of a group that was parted the first part's, of
    products that became one group that group's); texts: the vectors of today's texts, unit length, None of none;
    traits: those of today's products."""

    was: Ints
    now: Ints
    texts: Take | None = field(default=None, repr=False)
    traits: Traits | None = field(default=None, repr=False)

    @classmethod
    def of(cls, before: Catalogue, today: Catalogue, texts: Take | None = None, traits: Traits | None = None) -> Self:
        """From both catalogues: a row is the group of its name, else what its first product belonged to."""
        return cls(_rows(today, before), _rows(before, today), texts, traits)

    @property
    def new(self) -> Ints:
        """Today's rows that there were not."""
        return np.flatnonzero(self.was < 0).astype(np.int32)

    def table(self, table: Matrix) -> Matrix:
        """A table of rows × rows over today's; new ones are alone, and what products that became one said adds up."""
        told = table.tocoo()
        owners, columns = self.now[told.row], self.now[told.col]
        kept = (owners >= 0) & (columns >= 0)
        shape = (len(self.was), len(self.was))
        return sp.csr_matrix((told.data[kept], (owners[kept], columns[kept])), shape=shape, dtype=np.float32)

    def vectors(self, take: Take) -> Floats:
        """What `take` gives for rows as they were, float32 (rows, k) of today's; zeros where nothing is borrowed."""
        known = np.flatnonzero(self.was >= 0)
        first = take(self.was[known])
        made = np.zeros((len(self.was), first.shape[1]), np.float32)
        made[known] = first
        if self._like is not None:
            made[self.new] = (self._like @ made)[self.new]
        return made

    @cached_property
    def _like(self) -> Matrix | None:
        known = np.flatnonzero(self.was >= 0).astype(np.int32)
        if self.texts is None or not len(self.new) or not len(known):
            return None
        return likeness(self.new, known, self.texts, len(self.was), NEAREST, TEMPERATURE)


def _rows(some: Catalogue, others: Catalogue) -> Ints:
    """The rows that the rows of one catalogue are in another, -1 where they are not."""
    leaders = (some.units[start] for start in some.starts[:-1])
    made = [others.rows.get(group, others.row_of_id(leader))
            for group, leader in zip(some.groups, leaders, strict=True)]  # fmt: skip
    return np.array(made, np.int32)


def likeness(borrowing: Ints, lent: Ints, take: Take, size: int, nearest: int, temperature: float) -> Matrix:
    """Size × size: in the rows of those that borrow, what the nearest of those that lend weigh, 1 in all."""
    vectors, kept = take(lent), min(nearest, len(lent))
    owners, columns, values = [], [], []
    for some in (borrowing[k : k + BLOCK] for k in range(0, len(borrowing) if kept else 0, BLOCK)):
        near = take(some) @ vectors.T
        at = np.argpartition(-near, kept - 1, axis=1)[:, :kept]
        weights = np.exp(np.take_along_axis(near, at, axis=1) / temperature)
        owners.append(np.repeat(some, kept))
        columns.append(lent[at].ravel())
        values.append((weights / weights.sum(axis=1, keepdims=True)).ravel())
    if not owners:
        return sp.csr_matrix((size, size), dtype=np.float32)
    told = (np.concatenate(values), (np.concatenate(owners), np.concatenate(columns)))
    return sp.csr_matrix(told, shape=(size, size), dtype=np.float32)
