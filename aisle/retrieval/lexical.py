"""Lexical: products that use the query's words, weighted by field (BM25)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aisle.records.candidates import Candidates, best_of, found, nothing
from aisle.records.request import Context
from aisle.records.slate import Because
from aisle.stages import TextIndex

REACH = 300  # rows named for one wording where other sources name more


@dataclass
class Lexical:
    """A `Retriever` for queries over a text index. reach: how many rows it names for one wording."""

    index: TextIndex
    split: Callable[[str], Sequence[str]]
    reach: int = REACH
    name: str = "lexical"

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """The best matches; none without a query."""
        if not context.reading.words:
            return nothing(self.name)
        wordings = [context.reading.words, *(self.split(other) for other in context.reading.alternatives)]
        limit = min(limit, self.reach)
        parts = [self.index.search(wording, context.mask, limit) for wording in wordings]
        return found(self.name, *best_of(parts), limit)

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """Their words match."""
        others = ", ".join(context.reading.alternatives[:2])
        because = Because(f"matches “{context.reading.corrected}”" + (f" or “{others}”" if others else ""))
        return [because] * len(rows)
