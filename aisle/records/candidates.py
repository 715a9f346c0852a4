"""Candidates: rows of the catalogue with named columns of scores. Where a source said nothing there is NaN."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aisle.errors import StageError
from aisle.records.history import Bools, Floats, Ints, Longs

NEAR = "near"  # the column that marks, by 1, what does not answer a search and only comes near; NaN for the others
REST = "rest"  # the column of what no other source named
RANK = "rank_"  # before a source's name: the column with the rank that the source gave
RRF = 60.0  # of reciprocal rank fusion: Cormack, Clarke and Büttcher, SIGIR 2009


@dataclass(frozen=True, slots=True)
class Candidates:
    """rows: int32 (n,), unique; scores: float32 (n, c); columns: c names. ±inf is refused, NaN is "not said"."""

    rows: Ints
    scores: Floats
    columns: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.scores.shape != (len(self.rows), len(self.columns)):
            raise StageError("Candidates", self.scores.shape, f"shape {(len(self.rows), len(self.columns))}")
        if np.isinf(self.scores).any():
            raise StageError("Candidates", "an infinite score", "a finite number or NaN")
        ordered = np.sort(self.rows)
        if (ordered[1:] == ordered[:-1]).any():
            raise StageError("Candidates", "a row twice", "unique rows")

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> Floats:
        """One column of scores, float32 (n,)."""
        return self.scores[:, self.columns.index(name)]

    def told(self, at: int) -> dict[str, float]:
        """What was said of one candidate, to six digits, without ranks: the scores that they come from are here."""
        values = zip(self.columns, self.scores[at].tolist(), strict=True)
        return {name: round(v, 6) for name, v in values if v == v and not name.startswith(RANK)}

    def ranks(self) -> Floats:
        """The rank of every score within its column, the best 0, float32 (n, c); NaN where nothing was said."""
        columns = np.ascontiguousarray(self.scores.T)
        ranks = np.full(columns.shape, np.nan, np.float32)
        for scores, ranked in zip(columns, ranks, strict=True):
            named = np.flatnonzero(scores == scores)  # not NaN
            ranked[named[np.argsort(-scores[named], kind="stable")]] = np.arange(len(named))
        return ranks.T

    def some(self, names: Sequence[str]) -> Floats:
        """Several columns, float32 (n, len(names)); NaN throughout where there is no such column."""
        at = {name: place for place, name in enumerate(self.columns)}
        chosen = np.full((len(self), len(names)), np.nan, np.float32)
        known = [(place, at[name]) for place, name in enumerate(names) if name in at]
        if known:
            here, there = zip(*known, strict=True)
            chosen[:, here] = self.scores[:, there]
        return chosen

    def near(self) -> Bools:
        """Which only come near; bool (n,), none where nothing tells them apart."""
        return np.asarray(~np.isnan(self.some([NEAR])[:, 0]))

    def behind(self) -> Bools:
        """Which stand behind all others, bool (n,): what only comes near, and what no source but `rest` named."""
        return np.asarray((~np.isnan(self.some([NEAR, REST]))).any(axis=1))

    def take(self, which: Longs) -> "Candidates":
        """The candidates at positions `which`, in that order."""
        return Candidates(self.rows[which], self.scores[which], self.columns)

    def beside(self, names: Sequence[str], scores: Floats) -> "Candidates":
        """The same rows with further columns, `scores` (n, len(names))."""
        return Candidates(
            self.rows,
            np.concatenate([self.scores, scores.astype(np.float32)], axis=1),
            (*self.columns, *names),
        )


def reciprocal(ranks: Floats, weights: Floats) -> Floats:
    """Σ weight / (60 + rank) of ranks (n, sources) from 0, NaN where a source said nothing; float32 (n,)."""
    given = weights / (RRF + 1 + ranks)
    return np.asarray(np.where(np.isnan(given), np.float32(0), given).sum(axis=1), np.float32)


def nothing(*columns: str) -> Candidates:
    """No candidates, with these columns."""
    return Candidates(np.zeros(0, np.int32), np.zeros((0, len(columns)), np.float32), columns)


def found(name: str, rows: Ints, scores: Floats, limit: int) -> Candidates:
    """The `limit` best of one source, best first; ties go to the smaller row, so that the order is reproducible."""
    if len(rows) > limit > 0:
        # argpartition alone breaks ties at random places; the threshold keeps every tie for the sort below
        threshold = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        keep = np.flatnonzero(scores >= threshold)
        rows, scores = rows[keep], scores[keep]
    order = np.lexsort((rows, -scores))[:limit]
    return Candidates(rows[order].astype(np.int32), scores[order, None].astype(np.float32), (name,))


def best_of(parts: Sequence[tuple[Ints, Floats]]) -> tuple[Ints, Floats]:
    """Several answers of one source (rows, scores) → each row once, with its best score; rows ascending."""
    rows = np.concatenate([rows for rows, _ in parts])
    scores = np.concatenate([scores for _, scores in parts])
    order = np.lexsort((-scores, rows))
    first = np.r_[True, rows[order][1:] != rows[order][:-1]][: len(rows)]
    return rows[order][first], scores[order][first]


def together(parts: Sequence[Candidates]) -> Candidates:
    """The union of several sources: every row once, every column kept, NaN where a source did not name the row."""
    every = np.concatenate([p.rows for p in parts]) if parts else np.zeros(0, np.int32)
    rows, places = np.unique(every, return_inverse=True)
    names = tuple(name for part in parts for name in part.columns)
    scores = np.full((len(rows), len(names)), np.nan, np.float32)
    start = column = 0
    for part in parts:
        mine = places[start : start + len(part)]
        scores[mine, column : column + len(part.columns)] = part.scores
        start, column = start + len(part), column + len(part.columns)
    return Candidates(rows.astype(np.int32), scores, names)
