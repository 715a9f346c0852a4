"""What speaks for a product before the query is read: how popular it is, and whether this shopper had it before."""

from dataclasses import dataclass

import numpy as np

from aisle.records.candidates import Candidates
from aisle.records.request import Context


@dataclass
class Prior:
    """A `Scorer`: `prior` in [0, 1], log popularity over the candidates; `own` 1 for what this shopper had."""

    def score(self, context: Context, candidates: Candidates) -> Candidates:
        """Candidates with both columns."""
        moment, rows = context.moment, candidates.rows
        popular = np.log1p(moment.decayed("last112", 112, rows) if moment.timed else moment.count("orders", rows))
        prior = popular / max(float(popular.max(initial=0)), 1e-9)
        own = np.isin(rows, context.history.rows)
        return candidates.beside(["prior", "own"], np.column_stack([prior, own]).astype(np.float32))
