"""Peers of the relevance benchmark, over the same titles and descriptions: tantivy BM25, bm25s, MiniLM zero-shot, and
reciprocal rank fusion of BM25 and MiniLM."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle import Shop
from aisle.language.tongue import tongue
from aisle.language.words import words
from aisle.records.candidates import RRF

MOST = 100
STEM = tongue("en").stem
Values = NDArray[np.float64]


class Peers:
    """Every system scores all products for a query: float64 (products,)."""

    def __init__(self, products: Sequence[dict[str, Any]], shop: Shop) -> None:
        import bm25s

        self.content = shop._live.served().parts.content
        self.catalogue = self.content.catalogue
        self.size = len(self.catalogue)
        at = {product["id"]: product for product in products}
        leaders = [self.catalogue.units[self.catalogue.leader(row)] for row in range(self.size)]
        texts = [[STEM(word) for word in words(f"{at[one]['title']} {at[one]['description']}")] for one in leaders]
        self.bm25s = bm25s.BM25()
        self.bm25s.index(texts, show_progress=False)
        self.everything = np.ones(self.size, bool)

    def systems(self) -> dict[str, Callable[[str], Values]]:
        """By name."""
        made: dict[str, Callable[[str], Values]] = {"tantivy BM25": self.tantivy, "bm25s": self.sparse}
        if self.content.vectors is not None:
            made |= {"MiniLM": self.minilm, "fusion of BM25 and MiniLM": self.fused}
        return made

    def tantivy(self, query: str) -> Values:
        """BM25 over fields, as our own index has it."""
        rows, scores = self.content.texts.search(words(query), self.everything, self.size)
        out = np.zeros(self.size)
        out[rows] = scores
        return out

    def sparse(self, query: str) -> Values:
        """BM25 over the stems of title and description as one text."""
        asked = [word for word in map(STEM, words(query)) if word in self.bm25s.vocab_dict]
        return np.asarray(self.bm25s.get_scores(asked), np.float64) if asked else np.zeros(self.size)

    def minilm(self, query: str) -> Values:
        """The cosine of the two texts' vectors."""
        if self.content.encoder is None or self.content.vectors is None:
            return np.zeros(self.size)
        vector = self.content.encoder.encode([query])[0]
        return np.asarray(self.content.vectors.take(np.arange(self.size)) @ vector, np.float64)

    def fused(self, query: str) -> Values:
        """Σ 1 / (60 + rank) of bm25s and MiniLM."""
        total = np.zeros(self.size)
        for scores in (self.sparse(query), self.minilm(query)):
            ranks = np.empty(self.size)
            ranks[np.argsort(-scores, kind="stable")] = np.arange(1, self.size + 1)
            total += 1 / (RRF + ranks)
        return total

    def pairs(self, queries: Sequence[str], ids: Sequence[str]) -> dict[str, Values]:
        """What every system says of pairs, float64 (pairs,)."""
        rows = np.array([self.catalogue.row_of_id(one) for one in ids])
        asked: dict[str, list[int]] = {}
        for k, query in enumerate(queries):
            asked.setdefault(query, []).append(k)
        out = {name: np.zeros(len(ids)) for name in self.systems()}
        for query, places in asked.items():
            for name, score in self.systems().items():
                out[name][places] = score(query)[rows[places]]
        return out

    def searches(self) -> dict[str, Callable[[str], list[str]]]:
        """Every system as a search of the whole shop: the ids of its first hundred."""

        def ids(scores: Values) -> list[str]:
            best = np.argsort(-scores, kind="stable")[:MOST]
            return [self.catalogue.units[self.catalogue.leader(int(row))] for row in best]

        def search(score: Callable[[str], Values]) -> Callable[[str], list[str]]:
            return lambda query: ids(score(query))

        return {name: search(score) for name, score in self.systems().items()}
