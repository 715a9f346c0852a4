"""Candidates: rows of the catalogue with named columns of scores. Where a source said nothing there is NaN."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aisle.errors import StageError
from aisle.records.history import Floats, Ints, Longs


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
    rows = np.sort(np.concatenate([p.rows for p in parts])) if parts else np.zeros(0, np.int32)
    rows = rows[np.r_[True, rows[1:] != rows[:-1]][: len(rows)]]
    names = tuple(name for part in parts for name in part.columns)
    scores = np.full((len(rows), len(names)), np.nan, np.float32)
    column = 0
    for part in parts:
        scores[np.searchsorted(rows, part.rows), column : column + len(part.columns)] = part.scores
        column += len(part.columns)
    return Candidates(rows.astype(np.int32), scores, names)
