"""Transitions: what is bought next after what, counted over the orders of every shopper.

W = P^a (Σ_k γ^(k-1) A_k + b · Aᵀ) P^a with A_k[i, j] the shoppers' steps from an order holding i to the k-th order
behind it holding j, weighted by the time between, and P = 1 / (count + 1).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
import scipy.sparse as sp

from aisle.records.candidates import Candidates
from aisle.records.history import Floats, Interactions, Ints
from aisle.records.request import Context
from aisle.records.slate import Because
from aisle.records.times import DAY
from aisle.retrieval.pairs import (
    Matrix,
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

HALF_LIFE = 21.0  # days, of the shopper's own steps when a walk starts
GAP = 60.0  # days between two orders at which a step counts half
DISTANCE = 0.9  # what one order further away weighs
BACK = 0.2  # what the way back weighs
EXPONENT = 0.2
HEAVY = 10.0  # times what one shopper of a hundred says that any of them may say: robots, a till's one account
OFTEN = 3.0  # steps, from which a shopper is told that one is often bought after the other


@dataclass
class Transitions:
    """A `Retriever`: rows that tend to follow what this shopper bought last, or the anchors. often: entries that
    many steps forward tell of."""

    table: Matrix = field(default_factory=lambda: sp.csr_matrix((0, 0), dtype=np.float32))
    often: Matrix = field(default_factory=lambda: sp.csr_matrix((0, 0), dtype=np.float32))
    name: str = "transitions"

    def fit(self, log: Interactions, size: int) -> Self:
        """Count the steps of a log over `size` rows."""
        held, begins = incidence(log, size, ordered=True)
        owners, times = log.owners()[begins], log.columns.times[begins] / DAY
        steps = 1 if held.shape[0] and held.nnz / held.shape[0] > 3 else 8
        total, heard = sp.csr_matrix((size, size), dtype=np.float32), _heard(held, owners)
        for step in range(1, steps + 1):
            if held.shape[0] <= step:
                break
            same = owners[step:] == owners[:-step]
            # between two shoppers the time may run back: 2^+x would be infinite, and 0 · ∞ is NaN
            gap = np.exp2(-np.maximum(times[step:] - times[:-step], 0) / GAP) if log.timed else np.ones(len(same))
            weights = (same * gap * heard[owners[:-step]] * DISTANCE ** (step - 1)).astype(np.float32)
            forward = held[:-step].T @ sp.diags(weights) @ held[step:]
            total = total + forward.tocsr()
        often = total.tocsr()
        total = (often + BACK * often.T).tocsr()
        total.setdiag(0)
        counts = np.asarray(held.sum(axis=0)).ravel()
        self.table = best(corrected(telling(total), counts, EXPONENT, EXPONENT))
        often.data[often.data < OFTEN] = 0
        self.often = often.multiply(self.table != 0).tocsr()
        self.often.eliminate_zeros()
        return self

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """The best followers, best first."""
        return walked(self.name, self.table, seeds_of(context, HALF_LIFE), context, limit)

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """The product that most leads to each."""
        found = origins(self.table, seeds_of(context, HALF_LIFE), rows)
        return [Because(self._said(row, origin), origin) for row, origin in zip(rows, found, strict=True)]

    def _said(self, row: int, origin: int) -> str:
        told = self.often.indices[slice(*self.often.indptr[origin : origin + 2])] if origin >= 0 else ()
        return "often bought after {title}" if row in told else "bought by others who chose {title}"

    def save(self, folder: Path) -> None:
        """Write the tables."""
        save(folder, table=self.table, often=self.often)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the tables."""
        return cls(*load(folder, ["table", "often"]))


def _heard(held: Matrix, owners: Ints) -> Floats:
    """What the steps of every shopper count, float32 (s,): 1, and less for those whose pairs are HEAVY times those of
    nearly everybody. held: baskets × rows; owners: the shopper of each basket, ascending."""
    sizes = np.diff(held.indptr)
    pairs = np.where(owners[1:] == owners[:-1], sizes[1:] * sizes[:-1].astype(np.float64), 0.0)
    told = np.bincount(owners[1:], pairs, int(owners.max(initial=-1)) + 1)
    most = HEAVY * float(np.percentile(told[told > 0], 99)) if (told > 0).any() else 1.0
    return np.asarray(most / np.maximum(told, most), np.float32)
