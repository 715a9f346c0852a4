"""The merchant's word: pins first, buries last. A pin shows where it was retrieved, so a search stays a search."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aisle.records.campaign import standing
from aisle.records.candidates import Candidates
from aisle.records.request import Context
from aisle.records.slate import Arrangement


@dataclass
class PinsAndBuries:
    """A `Reranker`. pins and buries are rows; pins in the order in which they shall stand; pinned: of these, rows → the
    variant that was named."""

    pins: tuple[int, ...] = ()
    buries: frozenset[int] = frozenset()
    pinned: Mapping[int, int] = field(default_factory=dict)

    def rerank(self, context: Context, ranked: Candidates, size: int) -> Arrangement:
        """Pinned rows that are candidates, then the others, then the buried."""
        if not self.pins and not self.buries:
            return Arrangement(tuple(range(len(ranked))))
        at = {int(row): place for place, row in enumerate(ranked.rows)}
        first = [at[row] for row in standing(self.pins, self.pinned, context.units) if row in at]
        pinned = set(first)
        last = [p for p in range(len(ranked)) if int(ranked.rows[p]) in self.buries and p not in pinned]
        sunk = set(last)
        middle = [p for p in range(len(ranked)) if p not in pinned and p not in sunk]
        return Arrangement((*first, *middle, *last))
