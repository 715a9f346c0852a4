"""What speaks for a product beside its relevance: how much it is bought, how much its kind is, and whether this shopper
had it before.

`intent`: of the kinds of product (ends of the category tree) that answer a query well, shoppers mostly mean the one
that they buy most: "milk" is rather white milk than chocolate milk, although both titles say it.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from aisle.ranking.relevance import COLUMN
from aisle.records.candidates import Candidates
from aisle.records.history import Floats, Ints
from aisle.records.request import Context

WELL = 0.85  # of the best relevance: what answers a query well


@dataclass
class Prior:
    """A `Scorer`: `prior` and `intent` in [0, 1], log demand of the product and of its kind over the candidates;
    `own` 1 for what this shopper had. kinds: int32 (rows,), -1 where a row has none."""

    kinds: Ints = field(default_factory=lambda: np.zeros(0, np.int32))

    def score(self, context: Context, candidates: Candidates) -> Candidates:
        """Candidates with these columns."""
        moment, rows = context.moment, candidates.rows
        demand = moment.decayed("last112", 112, rows) if moment.timed else moment.count("orders", rows)
        own = np.isin(rows, context.history.rows)
        columns = [_log_share(demand), self._intent(candidates, demand), own]
        return candidates.beside(["prior", "intent", "own"], np.column_stack(columns).astype(np.float32))

    def _intent(self, candidates: Candidates, demand: Floats) -> Floats:
        """The demand of each candidate's kind, counted over the candidates that answer well."""
        if not len(self.kinds) or not len(candidates) or COLUMN not in candidates.columns:
            return np.zeros(len(candidates), np.float32)
        relevance, kinds = candidates.column(COLUMN), self.kinds[candidates.rows]
        well = relevance >= WELL * float(relevance.max())
        size = int(self.kinds.max(initial=-1)) + 2
        of_kind = np.asarray(np.bincount(kinds % size, demand * well, size), np.float64)
        of_kind[size - 1] = 0  # rows without a kind
        return _log_share(of_kind[kinds % size])


def _log_share(demand: Floats | NDArray[np.float64]) -> Floats:
    """log(1 + demand) over the largest of them, float32 (n,) in [0, 1]."""
    logs = np.log1p(demand)
    return np.asarray(logs / max(float(logs.max(initial=0)), 1e-9), np.float32)
