"""Vectors in faiss: an exact scan up to EXACT rows, a graph (HNSW) above; masked rows are never visited.

Exact needs no index at all: below about 300,000 products one scan takes under 10 ms.
"""

from importlib import import_module
from pathlib import Path
from typing import Any, Self

import numpy as np

from aisle.errors import StageError
from aisle.records.history import Bools, Floats, Ints, Longs

EXACT = 300_000
LINKS, REACH = 32, 128  # HNSW: links a node, and the width of its search


class FaissIndex:
    """A `VectorIndex` of unit vectors, float32 (rows, dim); the scores are inner products."""

    def __init__(self, vectors: Floats, exact: int = EXACT) -> None:
        if vectors.ndim != 2:
            raise StageError("FaissIndex", vectors.shape, "vectors of shape (rows, dim)")
        self.vectors = vectors
        self._graph: Any = None if len(vectors) <= exact else _graph(vectors)

    def search(self, vectors: Floats, mask: Bools, limit: int) -> list[tuple[Ints, Floats]]:
        """For each of the vectors (k, dim) the nearest rows that the mask allows, best first."""
        if vectors.ndim != 2 or vectors.shape[1] != self.vectors.shape[1]:
            raise StageError("query vectors", vectors.shape, f"shape (k, {self.vectors.shape[1]})")
        allowed = int(mask.sum())
        limit = min(limit, allowed)
        if not limit:
            return [(np.zeros(0, np.int32), np.zeros(0, np.float32))] * len(vectors)
        # a graph walks past masked rows, so a narrow mask is scanned instead
        if self._graph is None or allowed < max(10 * limit, len(mask) // 50):
            return self._scan(vectors, mask, limit)
        faiss: Any = import_module("faiss")  # its stubs know less than it can
        bits = np.packbits(mask, bitorder="little")
        chosen = faiss.IDSelectorBitmap(bits)
        options = faiss.SearchParametersHNSW(sel=chosen, efSearch=max(REACH, 2 * limit))
        scores, rows = self._graph.search(np.ascontiguousarray(vectors), limit, params=options)
        return [(r[r >= 0].astype(np.int32), s[r >= 0]) for r, s in zip(rows, scores, strict=True)]

    def _scan(self, vectors: Floats, mask: Bools, limit: int) -> list[tuple[Ints, Floats]]:
        """Every allowed row, read once for all the vectors: reading is what takes the time."""
        if mask.all():
            rows, scores = np.arange(len(mask), dtype=np.int32), vectors @ self.vectors.T
        else:
            rows = np.flatnonzero(mask).astype(np.int32)
            few = len(rows) < len(mask) // 4
            scores = vectors @ self.vectors[rows].T if few else (vectors @ self.vectors.T)[:, rows]
        found = []
        for line in scores:
            top = np.argpartition(-line, limit - 1)[:limit]
            order = np.lexsort((rows[top], -line[top]))
            found.append((rows[top][order], line[top][order]))
        return found

    def take(self, rows: Ints | Longs) -> Floats:
        """The vectors of some rows, float32 (n, dim)."""
        return np.asarray(self.vectors[rows])

    def save(self, folder: Path) -> None:
        """Write the vectors, and the graph if there is one."""
        folder.mkdir(parents=True)
        np.save(folder / "vectors.npy", self.vectors)
        if self._graph is not None:
            import faiss

            faiss.write_index(self._graph, str(folder / "graph.faiss"))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote; vectors are memory-mapped."""
        index = cls.__new__(cls)
        index.vectors, index._graph = np.load(folder / "vectors.npy", mmap_mode="r"), None
        if (folder / "graph.faiss").exists():
            import faiss

            index._graph = faiss.read_index(str(folder / "graph.faiss"))
        return index


def _graph(vectors: Floats) -> Any:
    import faiss

    graph = faiss.IndexHNSWFlat(vectors.shape[1], LINKS, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction = REACH
    graph.add(np.ascontiguousarray(vectors))
    return graph
