"""Words in tantivy: BM25 over fields with boosts. Words come in already normalised, so any language works.

Each field is indexed as written and by stems ("berries" as "berri", "crème" as "crem"); a match as written is worth
more.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import tantivy

from aisle.records.history import Bools, Floats, Ints

Stem = Callable[[str], str]
BOOSTS: Mapping[str, float] = {
    "title": 3.0,
    "brand": 1.5,
    "category": 1.5,
    "description": 0.5,
    "attributes": 0.5,
}
STEMMED = 0.6  # what a match by stem is worth beside one as written
ROW = "row"
LETTERS = "letters"  # a field of single characters, which only a word of one character asks
SPARE = 50  # hits asked for beyond what a mask is expected to leave
HEAP = 64_000_000  # bytes the writer may hold


class TantivyIndex:
    """A `TextIndex` in one folder. Scores are BM25, comparable within one answer. stem: a word → its stem."""

    def __init__(self, index: Any, stem: Stem) -> None:
        self._index, self._stem = index, stem
        self._searcher = index.searcher()

    @classmethod
    def build(cls, documents: Iterable[Mapping[str, Sequence[str]]], folder: Path, stem: Stem) -> Self:
        """Index one document (field → words) a row, in order, into a new folder."""
        folder.mkdir(parents=True)
        index = _registered(tantivy.Index(_schema(), path=str(folder)))
        writer = index.writer(HEAP, 1)
        for row, document in enumerate(documents):
            fields = {name: " ".join(document.get(name, ())) for name in BOOSTS}
            stems = {f"{name}_stem": " ".join(map(stem, document.get(name, ()))) for name in BOOSTS}
            entry = tantivy.Document(**fields, **stems, **{LETTERS: " ".join(document.get(LETTERS, ()))})
            entry.add_unsigned(ROW, row)
            writer.add_document(entry)
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        return cls(index, stem)

    def search(self, words: Sequence[str], mask: Bools, limit: int) -> tuple[Ints, Floats]:
        """Rows that hold any of the words, best first; rows that hold more of them come first as BM25 has it."""
        allowed = int(mask.sum())
        limit = min(limit, allowed)
        if not words or not limit:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        query, asked = self._query(words), SPARE + limit * len(mask) // allowed
        while True:
            # tantivy knows no masks: ask for more until enough of the answers may be shown
            hits = self._searcher.search(query, asked, count=False).hits
            rows = np.array(self._searcher.fast_field_values(ROW, [address for _, address in hits]), np.int32)
            keep = mask[rows] if len(rows) else np.zeros(0, bool)
            if keep.sum() >= limit or len(hits) < asked:
                scores = np.array([score for score, _ in hits], np.float32)
                return rows[keep][:limit], scores[keep][:limit]
            asked *= 4

    def _query(self, words: Sequence[str]) -> Any:
        schema, query = self._index.schema, tantivy.Query
        clauses = []
        for word in words:
            root, options = self._stem(word), []
            for name, boost in BOOSTS.items():
                options.append(query.boost_query(query.term_query(schema, name, word), boost))
                options.append(query.boost_query(query.term_query(schema, f"{name}_stem", root), boost * STEMMED))
            if len(word) == 1:
                options.append(query.term_query(schema, LETTERS, word))
            clauses.append((tantivy.Occur.Should, query.disjunction_max_query(options, 0.1)))
        return query.boolean_query(clauses)

    @classmethod
    def load(cls, folder: Path, stem: Stem) -> Self:
        """Open what `build` wrote with the same stems."""
        return cls(_registered(tantivy.Index.open(str(folder))), stem)


def _registered(index: Any) -> Any:
    index.register_tokenizer("words", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    return index


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field(ROW, stored=False, fast=True, indexed=False)
    for name in BOOSTS:
        builder.add_text_field(name, stored=False, tokenizer_name="words")
        builder.add_text_field(f"{name}_stem", stored=False, tokenizer_name="words")
    builder.add_text_field(LETTERS, stored=False, tokenizer_name="words")
    return builder.build()
