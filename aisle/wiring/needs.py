"""What people need, found by meaning: the needs of the thesaurus that a query is nearest to, and what answers them.

"chilly living room" is no phrase of any book; "cold room" is, and answered by heaters. Only a query of several words
that no product says and no phrase answers is asked so: what a thing is called is better looked for by its words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from aisle.engines.faiss_index import FaissIndex
from aisle.language.thesaurus import MOST, needs
from aisle.records.history import Floats

FOLDER = "needs"  # of a generation
ROWS = 1000  # of a catalogue: a small shop does not need to be told what its few products are for
NEAR = 0.65  # cosine of a query and a need that mean the same
NEEDS, EACH = 2, 3  # that are read, and what answers each
WORDS = 3  # of a query, small ones counted


@dataclass
class Needs:
    """index: the vectors of phrases; answers: of each phrase."""

    index: FaissIndex
    answers: Sequence[Sequence[str]]

    @classmethod
    def of(cls, vectors: Floats, language: str) -> Self:
        """From the vectors of the phrases of `needs(language)`."""
        return cls(FaissIndex(vectors), [answers for _, answers in needs(language)])

    def answering(self, vector: Floats) -> tuple[str, ...]:
        """What answers the needs that a query of this vector, (dim,), is nearest to, at most MOST."""
        [(near, cosines)] = self.index.search(vector[None], np.ones(len(self.answers), bool), NEEDS)
        found = [answer for at in near[cosines >= NEAR].tolist() for answer in self.answers[at][:EACH]]
        return tuple(dict.fromkeys(found))[:MOST]

    def save(self, folder: Path) -> None:
        """Write the vectors; the phrases are the package's."""
        self.index.save(folder / FOLDER)

    @classmethod
    def load(cls, folder: Path, language: str) -> Self | None:
        """What `save` wrote; None where there is nothing, or another Aisle wrote it for other phrases."""
        if not (folder / FOLDER).exists():
            return None
        index, answers = FaissIndex.load(folder / FOLDER), [answers for _, answers in needs(language)]
        return cls(index, answers) if len(index.vectors) == len(answers) else None
