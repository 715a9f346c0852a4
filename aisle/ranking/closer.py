"""A closer look at the best few: query and product read together, by a model that learned from judges.

Reading one pair takes three to seven milliseconds, by the length of its texts, so of a search only the first of the
order by relevance are read, and the beginning of their texts, and none where the deadline is near; the slate says so
then.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from aisle.ranking.relevance import COLUMN, WORTH
from aisle.records.candidates import Candidates
from aisle.records.history import Floats, Ints
from aisle.records.request import Context
from aisle.stages import Judge

DEPTH = 10
WORDS = 28  # of a text that a search has time to read: with a query some 48 tokens, three to four milliseconds


@dataclass
class Closer:
    """A `Scorer`: `closer` is what reading adds to `relevance`, weight · (read − relevance); 0 for what is not read.

    judge: relevance of (query, text) pairs, which offset + slope · it brings to the judges' scale from 0 to 1;
    text: what is read of a row; depth: how many are read; words: of each text, None for all; least: what 0 is worth
    in `relevance`, whose 1 is the same.
    """

    judge: Judge
    text: Callable[[int], str]
    weight: float
    offset: float = 0.0
    slope: float = 1.0
    depth: int = DEPTH
    words: int | None = WORDS
    least: float = WORTH

    def score(self, context: Context, candidates: Candidates) -> Candidates:
        """Candidates with `closer`."""
        added = np.zeros(len(candidates), np.float32)
        query = context.reading.meant
        if query and COLUMN in candidates.columns:
            relevance = candidates.column(COLUMN)
            best = np.argsort(-relevance, kind="stable")[: self.depth]
            read = self.least + (1 - self.least) * self.read(query, candidates.rows[best])
            added[best] = self.weight * (read - relevance[best])
        return candidates.beside(["closer"], added[:, None])

    def read(self, query: str, rows: Ints) -> Floats:
        """What reading says of rows, float32 (n,)."""
        texts = (self.text(int(row)) for row in rows)
        return self.said([(query, " ".join(text.split()[: self.words])) for text in texts])

    def said(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """What reading says of pairs of texts, float32 (n,)."""
        return np.asarray(self.offset + self.slope * self.judge.score(pairs), np.float32)
