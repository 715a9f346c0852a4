"""Relevance of a product to a query, whoever asks: a column `relevance`, higher is better.

Signals: the cosine of the two texts' vectors, and how much of the query's information the product's words cover,
Σ idf(matched) / Σ idf(asked). Without judgements relevance is their weighted sum; with enough of them, boosted trees
over the signals learn the shop's own scale.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from aisle.ranking.postings import Postings
from aisle.records.candidates import Candidates
from aisle.records.history import Floats, Ints
from aisle.records.request import Context
from aisle.stages import VectorIndex

COLUMN = "relevance"
SIGNALS = ("cosine", "coverage", "title_coverage", "whole", "query_words", "title_words")
FEWEST = 200  # judgements from which trees are fitted
# what relevance to an alternative wording is worth: less where the shop itself uses all of the query's words
OTHER, OTHER_KNOWN = 1.0, 0.88
OWN_IDIOM = 0.9  # and to the single words of a phrase that means something else ("washing up liquid")
COSINE, COVERED, IN_TITLE = 0.6, 0.2, 0.2


@dataclass
class Relevance:
    """A `Scorer`. postings: which rows hold which stems; stem: a word's stem; split: a text's words;
    fillers: words of a query that ask for nothing."""

    postings: Postings
    stem: Callable[[str], str]
    split: Callable[[str], Sequence[str]]
    vectors: VectorIndex | None = None
    fillers: frozenset[str] = frozenset()
    model: Any = None

    def signals(self, words: Sequence[str], vector: Floats, rows: Ints) -> Floats:
        """float32 (n, len(SIGNALS)); cosine is NaN without a vector."""
        asked = {self.stem(word) for word in words if word not in self.fillers} or {self.stem(word) for word in words}
        weights = {word: self.postings.weight(word) for word in sorted(asked)}
        total = sum(weights.values()) or 1.0
        out = np.zeros((len(rows), len(SIGNALS)), np.float32)
        titled = np.zeros(len(rows), np.int64)
        for word, weight in weights.items():
            in_text, in_title = self.postings.holding(word, rows)
            out[:, 1] += in_text * np.float32(weight / total)
            out[:, 2] += in_title * np.float32(weight / total)
            titled += in_title
        out[:, 3] = titled == len(asked)
        out[:, 4], out[:, 5] = len(asked), self.postings.lengths[rows]
        out[:, 0] = np.nan
        if self.vectors is not None and len(vector) and len(rows):
            out[:, 0] = self.vectors.take(rows) @ vector
        return out

    def of(self, signals: Floats) -> Floats:
        """Signals → relevance, float32 (n,)."""
        if self.model is not None and len(signals):
            return np.asarray(self.model.predict(signals, num_threads=1), np.float32)
        cosine = np.nan_to_num(signals[:, 0], nan=0.0)
        return np.asarray(COSINE * cosine + COVERED * signals[:, 1] + IN_TITLE * signals[:, 2], np.float32)

    def score(self, context: Context, candidates: Candidates) -> Candidates:
        """Candidates with `relevance`, and `cosine` and `coverage` for who wants to know why."""
        signals = self.signals(context.reading.words, context.vector, candidates.rows)
        reading = context.reading
        relevance = self.of(signals) * np.float32(OWN_IDIOM if reading.idiom else 1.0)
        other_worth = np.float32(OTHER if reading.idiom or not self._uses(reading.words) else OTHER_KNOWN)
        for place, other in enumerate(reading.alternatives):
            vector = context.other_vectors[place] if len(context.other_vectors) else context.vector[:0]
            told = self.signals(self.split(other), vector, candidates.rows)
            relevance = np.maximum(relevance, other_worth * self.of(told))
        columns = np.column_stack([signals[:, :2], relevance])
        return candidates.beside(["cosine", "coverage", COLUMN], columns.astype(np.float32))

    def _uses(self, words: Sequence[str]) -> bool:
        """Are all words of a query, but the ones that ask for nothing, words of this shop."""
        return all(self.stem(word) in self.postings for word in words if word not in self.fillers)

    def fit(self, signals: Floats, relevance: Floats, seed: int = 0) -> Self:
        """Learn from judged pairs: signals (n, len(SIGNALS)) and what the judges said, (n,)."""
        import lightgbm as lgb

        settings = {"objective": "regression", "learning_rate": 0.05, "num_leaves": 15, "min_data_in_leaf": 40,
                    "verbose": -1, "seed": seed, "deterministic": True, "force_row_wise": True,
                    "num_threads": 2}  # fmt: skip
        self.model = lgb.train(settings, lgb.Dataset(signals, relevance, feature_name=list(SIGNALS)), 150)
        return self

    def save(self, folder: Path) -> None:
        """Write the postings, and the model if there is one."""
        folder.mkdir(parents=True)
        self.postings.save(folder)
        if self.model is not None:
            self.model.save_model(str(folder / "relevance.txt"))

    def read(self, folder: Path) -> Self:
        """Read the model, if there is one."""
        if (folder / "relevance.txt").exists():
            import lightgbm as lgb

            self.model = lgb.Booster(model_file=str(folder / "relevance.txt"))
        return self
