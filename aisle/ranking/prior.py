"""What speaks for a product beside its relevance: how much it is bought, how much its kind is, and whether this shopper
had it before.

`intent`: of the kinds of product (ends of the category tree) that answer a query well, shoppers mostly mean the one
that they buy most: "milk" is rather white milk than chocolate milk, although both titles say it. `share`: the part of
that demand which is of the product's kind, among products whose title says the query.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from aisle.ranking.relevance import COLUMN, NAMED, WHOLE
from aisle.records.candidates import Candidates
from aisle.records.history import Floats, Ints
from aisle.records.request import Context

WELL = 0.85  # of the best relevance: what answers a query well


@dataclass
class Prior:
    """A `Scorer`: `prior` and `intent` in [0, 1], log demand of the product and of its kind over the candidates;
    `share` in [0, 1], 0 for what does not answer well; `own` 1 for what this shopper had. kinds: int32 (rows,), -1
    where a row has none."""

    kinds: Ints = field(default_factory=lambda: np.zeros(0, np.int32))

    def score(self, context: Context, candidates: Candidates) -> Candidates:
        """Candidates with these columns."""
        moment, rows = context.moment, candidates.rows
        demand = moment.decayed("last112", 112, rows) if moment.timed else moment.count("orders", rows)
        intent, share = self._kinds(candidates, demand)
        columns = [_log_share(demand), intent, share, np.isin(rows, context.history.rows)]
        return candidates.beside(["prior", "intent", "share", "own"], np.column_stack(columns).astype(np.float32))

    def _kinds(self, candidates: Candidates, demand: Floats) -> tuple[Floats, Floats]:
        """The demand of each candidate's kind, counted over the candidates that answer well."""
        nothing = np.zeros(len(candidates), np.float32)
        if not len(self.kinds) or not len(candidates) or COLUMN not in candidates.columns:
            return nothing, nothing
        relevance, kinds = candidates.column(COLUMN), self.kinds[candidates.rows]
        well = relevance >= WELL * float(relevance.max())
        named = well & (candidates.column(NAMED) > WHOLE)
        size = int(self.kinds.max(initial=-1)) + 2
        of_kind, of_named = (np.bincount(kinds % size, demand * some, size) for some in (well, named))
        of_kind[size - 1] = of_named[size - 1] = 0  # rows without a kind
        shares = of_named / max(float(of_named.sum()), 1e-9)
        return _log_share(of_kind[kinds % size].astype(np.float64)), np.asarray(
            shares[kinds % size] * named, np.float32
        )


def _log_share(demand: Floats | NDArray[np.float64]) -> Floats:
    """log(1 + demand) over the largest of them, float32 (n,) in [0, 1]."""
    logs = np.log1p(demand)
    return np.asarray(logs / max(float(logs.max(initial=0)), 1e-9), np.float32)
