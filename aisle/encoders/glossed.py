"""Models that read a text in other words where they cannot read its own: Chinese as its English glosses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aisle.records.history import Floats
from aisle.stages import Judge, QueryEncoder


@dataclass
class Glossed:
    """A `QueryEncoder`. gloss: a text → the same in words that the encoder reads; what it reads already stays."""

    encoder: QueryEncoder
    gloss: Callable[[str], str]

    def __post_init__(self) -> None:
        self.dim = self.encoder.dim

    def encode(self, things: Sequence[str]) -> Floats:
        """Texts → unit vectors, float32 (n, dim)."""
        return self.encoder.encode([self.gloss(text) for text in things])

    def reads(self, text: str) -> bool:
        """Is a text, in other words, one that the encoder reads."""
        return self.encoder.reads(self.gloss(text))


@dataclass
class GlossedJudge:
    """A `Judge` that reads both texts so."""

    judge: Judge
    gloss: Callable[[str], str]

    def score(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """Relevance of each pair, float32 (n,)."""
        return self.judge.score([(self.gloss(query), self.gloss(text)) for query, text in pairs])
