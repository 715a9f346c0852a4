"""How unlike two products are: by category, brand, price and text, never by the ranker's own opinion of them.

The distance of two products is the mean of what is known of: category (1 - shared depth / greater depth), brand (0
equal, 1 not), text (1 - cosine, at most 1) and price (|log ratio| / log 4, at most 1).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.records.history import Floats, Ints
from aisle.stages import VectorIndex

FAR = np.log(4.0)  # a ratio of prices at which two products are as far apart as they get


@dataclass
class Distance:
    """levels, brands: int32 (rows, k) and (rows,), -1 unknown; price: float32 (rows,), log, NaN unknown."""

    levels: NDArray[np.int32]
    brands: Ints
    price: Floats
    vectors: VectorIndex | None = None

    def between(self, rows: Ints) -> Floats:
        """Distances of every two of n rows, float32 (n, n), in [0, 1]; NaN where nothing is known of a pair."""
        return self.against(rows, rows)

    def against(self, some: Ints, rows: Ints) -> Floats:
        """The same of every one of m rows to every one of n others, float32 (m, n)."""
        mine, levels = self.levels[some], self.levels[rows]
        shared = np.cumprod((mine[:, None] == levels[None]) & (mine[:, None] >= 0), axis=2).sum(axis=2)
        depth = np.maximum((mine >= 0).sum(axis=1)[:, None], (levels >= 0).sum(axis=1)[None])
        parts = [np.where(depth > 0, 1 - shared / np.maximum(depth, 1), np.nan)]
        brand, brands = self.brands[some][:, None], self.brands[rows][None]
        parts.append(np.where((brand >= 0) & (brands >= 0), brand != brands, np.nan))
        parts.append(np.minimum(np.abs(self.price[some][:, None] - self.price[rows][None]) / FAR, 1))
        if self.vectors is not None:
            parts.append(np.clip(1 - self.vectors.take(some) @ self.vectors.take(rows).T, 0, 1))
        known = [~np.isnan(part) for part in parts]
        total = np.sum([np.where(k, part, 0) for k, part in zip(known, parts, strict=True)], axis=0)
        count = np.sum(known, axis=0)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)


def spread_of(distances: NDArray[np.floating[Any]]) -> float:
    """The mean distance of two; NaN where none is known."""
    known = distances[np.triu_indices(len(distances), 1)]
    known = known[~np.isnan(known)]
    return float(known.mean()) if len(known) else float("nan")
