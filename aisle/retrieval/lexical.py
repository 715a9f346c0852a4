"""Lexical: products that use the query's words, weighted by field (BM25)."""

from dataclasses import dataclass

from aisle.records.candidates import Candidates, found, nothing
from aisle.records.request import Context
from aisle.records.slate import Because
from aisle.stages import TextIndex


@dataclass
class Lexical:
    """A `Retriever` for queries over a text index."""

    index: TextIndex
    name: str = "lexical"

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """The best matches; none without a query."""
        if not context.reading.words:
            return nothing(self.name)
        rows, scores = self.index.search(context.reading.words, context.mask, limit)
        return found(self.name, rows, scores, limit)

    def why(self, context: Context, row: int) -> Because:
        """Its words match."""
        return Because(f"matches “{context.reading.corrected}”")
