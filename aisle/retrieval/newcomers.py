"""Newcomers: the products that nobody took yet, by what another source thinks of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aisle.records.candidates import Candidates
from aisle.records.request import Context
from aisle.records.slate import Because
from aisle.stages import Retriever

MOST = 20  # newcomers named


@dataclass
class Newcomers:
    """A `Retriever`: what `source`, which knows products by their texts, finds among those without a buyer."""

    source: Retriever
    name: str = "newcomers"

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """The best of them for this shopper."""
        unknown = context.mask & (context.moment.columns["buyers"] == 0)
        found = self.source.retrieve(replace(context, mask=unknown), min(limit, MOST))
        return Candidates(found.rows, found.scores[:, :1], (self.name,))

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """What the source says."""
        return self.source.why(context, rows)
