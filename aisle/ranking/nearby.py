"""What only comes near: of a search's candidates those that do not answer it, and stand behind those that do.

Meaning always finds a few hundred rows, whatever is asked. A row answers if it has every word of some wording of the
query, or if somebody said so: its number was asked for, judges or clicks chose it, the shop pins it. That depends on no
other row, so what is counted of the answer (facets, total) is what a filter by it finds. Where no row has every word,
those answer that have as many as any has, and what is as relevant as half of these (so it is where relevance was
learned, too, for judges know better than words); where none has any word, what is nearly as relevant as the best. Over
84 queries of the demo's shop three of four that answer so are right, of the others one of twenty
(benchmarks/demo_search.py).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from aisle.ranking.relevance import COLUMN, COVERAGE, WHOLE
from aisle.records.candidates import NEAR, Candidates
from aisle.records.history import Bools
from aisle.records.request import Context

CLOSE = 0.8  # of the best relevance: what answers where no candidate has any of the words
SAME = 1e-3  # coverages that differ by less are as good as one another


@dataclass
class Nearby:
    """A `Scorer`: `near` is 1 for what only comes near, NaN for what answers. said: columns of sources that name
    nothing that does not answer, where they are above 0; pins: rows that the shop wants first; learned: judges or
    clicks taught what is relevant."""

    said: Collection[str] = ()
    pins: Sequence[int] = ()
    learned: bool = False

    def score(self, context: Context, candidates: Candidates) -> Candidates:
        """Candidates with `near`."""
        answers = np.ones(len(candidates), bool)
        if len(candidates) and COLUMN in candidates.columns:
            said = (candidates.some(sorted(self.said)) > 0).any(axis=1)
            answers = _worded(candidates, self.learned) | said | np.isin(candidates.rows, self.pins)
        return candidates.beside([NEAR], np.where(answers, np.nan, 1.0).astype(np.float32)[:, None])


def _worded(candidates: Candidates, learned: bool) -> Bools:
    """Those with every word; where none has, or relevance was learned, those with most, and what is as relevant as
    half of these."""
    coverage, relevance = candidates.column(COVERAGE), candidates.column(COLUMN)
    if coverage.max() <= SAME:
        best = float(relevance.max())
        return np.asarray(relevance >= best - (1 - CLOSE) * abs(best))
    full = coverage >= min(WHOLE, float(coverage.max()) - SAME)
    if coverage.max() >= WHOLE and not learned:
        return np.asarray(full)
    return np.asarray(full | (relevance >= np.median(relevance[full])))
