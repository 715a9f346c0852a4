"""Neighbours: shoppers whose purchases resemble this one's, and what they bought lately.

User-kNN over decayed, log-scaled, idf-weighted purchases (the neighbour part of TIFU-KNN, Hu et al. 2020, and UP-CF,
Faggioli et al. 2020), asked of the nearest NEAREST.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from aisle.records.candidates import Candidates, found, nothing
from aisle.records.history import NO_TIME, Floats, History, Interactions, Ints, Longs
from aisle.records.request import Context
from aisle.records.slate import Because
from aisle.records.times import DAY
from aisle.retrieval.pairs import entries, load, save, summed, weighted

NEAREST = 150
TELLING = 0.1  # share of the nearest from which a shopper is told how many they are
MEMORY = 200.0  # half-life in days of what a shopper is compared by
RECENT = 56.0  # half-life in days of what a neighbour recommends
FORGOTTEN = 5.0  # half-lives after which a purchase recommends no longer
LARGEST = 20_000  # shoppers kept: the ones with most purchases
WEIGHTY = 150  # of a shopper's own products that the likeness is read from: those that weigh most
Entries = tuple[Ints, Floats, Longs]  # of a table's rows: columns, values, how many each row has


@dataclass
class Neighbours:
    """A `Retriever`. profiles: shoppers × rows, unit length; recent: what each bought lately; idf: float32 (rows,)."""

    profiles: Any = None
    recent: Any = None
    idf: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    shoppers: NDArray[np.str_] = field(default_factory=lambda: np.zeros(0, np.str_))
    name: str = "neighbours"
    _by_row: Any = None

    def fit(self, log: Interactions, size: int, now: int) -> Self:
        """Profiles of the shoppers of a log over `size` rows, as of `now` (UTC ms)."""
        owners, rows = log.owners(), log.columns.rows
        ages = np.maximum(now - log.columns.times, 0) / DAY if log.timed else np.zeros(len(log))
        shape = (len(log.shoppers), size)
        decayed = sp.csr_matrix((np.exp2(-ages / MEMORY).astype(np.float32), (owners, rows)), shape=shape)
        pairs, first = np.unique(owners.astype(np.int64) * size + rows, return_inverse=True)
        last = np.full(len(pairs), np.inf)
        np.minimum.at(last, first, ages)
        weights, late = np.exp2(-last / RECENT).astype(np.float32), last <= FORGOTTEN * RECENT
        recent = sp.csr_matrix((weights[late], (pairs[late] // size, pairs[late] % size)), shape=shape)
        self.shoppers = log.shoppers
        if shape[0] > LARGEST:
            keep = np.sort(np.argsort(-np.diff(decayed.indptr), kind="stable")[:LARGEST])
            decayed, recent, self.shoppers = decayed[keep], recent[keep], log.shoppers[keep]
        buyers = np.bincount(decayed.indices, minlength=size)
        self.idf = np.sqrt(np.log1p(decayed.shape[0] / np.maximum(buyers, 1))).astype(np.float32)
        decayed.data = np.log1p(decayed.data) * self.idf[decayed.indices]
        self.profiles, self.recent = _unit(decayed), recent
        self._by_row = self.profiles.T.tocsr()
        return self

    def profile_of(self, context: Context) -> tuple[Ints, Floats]:
        """The profile of who asks."""
        return context.once(("profile", id(self)), lambda: self.profile(context.history, context.now))

    def profile(self, history: History, now: int) -> tuple[Ints, Floats]:
        """A shopper's own vector in the space of the profiles, unit length or zero: its rows, and its values there."""
        ages = np.zeros(len(history))
        if len(history) and history.times[0] != NO_TIME:
            ages = np.maximum(now - history.times, 0) / DAY
        rows, inverse = np.unique(history.rows, return_inverse=True)
        values = np.log1p(np.bincount(inverse, np.exp2(-ages / MEMORY), len(rows))) * self.idf[rows]
        length = float(np.linalg.norm(values))
        return rows, (values / length if length > 0 else values).astype(np.float32)

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """What neighbours bought lately, without what the mask holds back."""
        if not len(context.history) or self.profiles is None or not self.profiles.shape[0]:
            return nothing(self.name)
        weights, lately = self._near(context)
        rows, scores = summed(self.recent, lately, weights)
        shown = context.mask[rows]
        return found(self.name, rows[shown], scores[shown], limit)

    def _near(self, context: Context) -> tuple[Floats, Entries]:
        """The likeness of the nearest, and the entries of what they bought lately."""
        return context.once(("near", id(self)), lambda: self._read(_nearest(self._likeness(context))))

    def _read(self, nearest: Floats) -> tuple[Floats, Entries]:
        near = np.flatnonzero(nearest > 0).astype(np.int32)
        return nearest[near], entries(self.recent, near)

    def _likeness(self, context: Context) -> Floats:
        """Cosine to every shopper kept; 0 to themselves, for nobody is their own neighbour."""
        rows, values = self.profile_of(context)
        if len(rows) > WEIGHTY:
            kept = np.sort(np.argpartition(-values, WEIGHTY)[:WEIGHTY])
            rows, values = rows[kept], values[kept]
        likeness = np.zeros(len(self.shoppers), np.float32)
        alike, values = weighted(self._by_row, rows, values)  # only the shopper's own products are read
        likeness[alike] = values
        for shopper in context.request.shoppers:
            at = int(np.searchsorted(self.shoppers, shopper))
            if at < len(self.shoppers) and self.shoppers[at] == shopper:
                likeness[at] = 0
        return likeness

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """How many of the nearest bought each."""
        weights, (bought, _, _) = self._near(context)
        buyers = [int(np.count_nonzero(bought == row)) for row in rows]
        near = len(weights)
        return [Because(f"bought by {often} of the {near} shoppers most like you" if often >= TELLING * near else
                        "bought by shoppers like you") for often in buyers]  # fmt: skip

    def save(self, folder: Path) -> None:
        """Write the profiles."""
        save(folder, profiles=self.profiles, recent=self.recent)
        np.save(folder / "idf.npy", self.idf)
        np.save(folder / "shoppers.npy", self.shoppers)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the profiles."""
        profiles, recent = load(folder, ["profiles", "recent"])
        idf, shoppers = np.load(folder / "idf.npy"), np.load(folder / "shoppers.npy")
        return cls(profiles, recent, idf, shoppers, _by_row=profiles.T.tocsr())


def _nearest(likeness: Floats) -> Floats:
    """The likeness of the nearest, 0 for the others."""
    if len(likeness) <= NEAREST:
        return likeness
    threshold = np.partition(likeness, -NEAREST)[-NEAREST]
    return np.where(likeness >= max(threshold, 1e-9), likeness, 0).astype(np.float32)


def _unit(table: Any) -> Any:
    lengths = np.sqrt(np.asarray(table.multiply(table).sum(axis=1)).ravel())
    return (sp.diags(1 / np.where(lengths > 0, lengths, 1)).astype(np.float32) @ table).tocsr()
