"""Vectors in faiss: an exact scan of few, inverted lists above; masked rows are never named.

A search is as fast as memory can be read, so it reads half floats (scores differ by less than 0.001), and of many
vectors only those in the lists nearest to the query: at 21,000 rows 0.1 ms instead of 0.5 ms with 98 % of the nearest
300, at a million 0.8 ms. A graph (HNSW) took five times as long a vector to make as lists (docs/log.md).
"""

from importlib import import_module
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from aisle.errors import StageError
from aisle.records.history import Bools, Floats, Ints, Longs
from aisle.records.mapped import mapped

SCANNED = 4_000_000  # numbers that an exact scan may read
FEWEST, MOST = 64, 4096  # inverted lists
VISITED = 32  # lists that a query visits
SAMPLE, TURNS = 32, 10  # vectors a list that its centre is learned from, and how often: twice both finds .005 more


class FaissIndex:
    """A `VectorIndex` of vectors, float32 (rows, dim); the scores are inner products. `scanned`: how
    many numbers an exact scan may read; of more, lists are made."""

    def __init__(self, vectors: Floats, scanned: int = SCANNED) -> None:
        if vectors.ndim != 2:
            raise StageError("FaissIndex", vectors.shape, "vectors of shape (rows, dim)")
        self.vectors, self._exact = vectors, vectors.size <= scanned
        self._index: Any = _halves(vectors) if self._exact else _lists(vectors)

    def search(self, vectors: Floats, mask: Bools, limit: int) -> list[tuple[Ints, Floats]]:
        """For each of the vectors (k, dim) the nearest rows that the mask allows, best first."""
        if vectors.ndim != 2 or vectors.shape[1] != self.vectors.shape[1]:
            raise StageError("query vectors", vectors.shape, f"shape (k, {self.vectors.shape[1]})")
        allowed = int(mask.sum())
        limit = min(limit, allowed)
        if not limit:
            return [(np.zeros(0, np.int32), np.zeros(0, np.float32))] * len(vectors)
        if allowed < 10 * limit:
            return self._scan(vectors, mask, limit)
        faiss: Any = import_module("faiss")  # its stubs know less than it can
        chosen = None if allowed == len(mask) else faiss.IDSelectorBitmap(np.packbits(mask, bitorder="little"))
        visited = -(-VISITED * len(mask) // allowed)  # the narrower the mask, the fewer of its rows lie in a list
        options = faiss.SearchParameters(sel=chosen) if self._exact else faiss.SearchParametersIVF(
            sel=chosen, nprobe=min(visited, self._index.nlist))  # fmt: skip
        scores, rows = self._index.search(np.ascontiguousarray(vectors, np.float32), limit, params=options)
        return [_ordered(r[r >= 0], s[r >= 0]) for r, s in zip(rows, scores, strict=True)]

    def _scan(self, vectors: Floats, mask: Bools, limit: int) -> list[tuple[Ints, Floats]]:
        """Only the allowed rows."""
        rows = np.flatnonzero(mask)
        scores = vectors @ self.vectors[rows].T
        return [_ordered(rows, line, limit) for line in scores]

    def take(self, rows: Ints | Longs) -> Floats:
        """The vectors of some rows, float32 (n, dim)."""
        return np.asarray(self.vectors[rows])

    def save(self, folder: Path) -> None:
        """Write the vectors, and the lists if there are some."""
        folder.mkdir(parents=True)
        np.save(folder / "vectors.npy", self.vectors)
        if not self._exact:
            import faiss

            faiss.write_index(self._index, str(folder / "lists.faiss"))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote; vectors are memory-mapped."""
        index = cls.__new__(cls)
        index.vectors = mapped(folder / "vectors.npy")
        index._exact = not (folder / "lists.faiss").exists()
        if index._exact:
            index._index = _halves(index.vectors)
        else:
            import faiss

            index._index = faiss.read_index(str(folder / "lists.faiss"))
        return index


def _ordered(rows: NDArray[Any], scores: Floats, limit: int | None = None) -> tuple[Ints, Floats]:
    """Best first; of equals the smaller row."""
    if limit is not None and limit < len(rows):
        top = np.argpartition(-scores, limit - 1)[:limit]
        rows, scores = rows[top], scores[top]
    order = np.lexsort((rows, -scores))
    return rows[order].astype(np.int32), scores[order]


def _halves(vectors: Floats) -> Any:
    import faiss

    index = faiss.IndexScalarQuantizer(vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    index.add(np.ascontiguousarray(vectors))
    return index


def _lists(vectors: Floats) -> Any:
    faiss: Any = import_module("faiss")

    rows, dim = vectors.shape
    lists = int(min(max(FEWEST, 2 ** round(np.log2(2 * np.sqrt(rows)))), MOST, rows))
    centres, halves = faiss.IndexFlatIP(dim), faiss.ScalarQuantizer.QT_fp16
    index = faiss.IndexIVFScalarQuantizer(centres, dim, lists, halves, faiss.METRIC_INNER_PRODUCT)
    # faiss keeps but borrows the centres: without this they would go when this function ends
    index.own_fields = True
    centres.this.disown()
    sample = np.sort(np.random.default_rng(0).permutation(rows)[: SAMPLE * lists])
    index.cp.niter, index.cp.min_points_per_centroid = TURNS, 1  # fewer are no reason to warn
    index.train(np.ascontiguousarray(vectors[sample]))
    index.add(np.ascontiguousarray(vectors))
    return index
