"""Relevance of a product to a query, whoever asks: a column `relevance`, higher is better.

Without judgements relevance is a weighted sum of the cosine of the two texts' vectors and of how much of the query's
information the product's words cover, Σ idf(matched) / Σ idf(asked); of a list that is given (`rank`, `relevance`) also
of the query's letters, which mislead in a whole shop, where something always shares them. With enough judgements it is
learned from all signals, on a scale from 0, the least that the shop's judges gave, to 1, the most. Judges see what some
search had found; in a whole shop most candidates are what nobody thought of judging: a search has a model of its own,
for which these are worth nothing and what was judged is worth at least WORTH.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from aisle.ranking.judgement import Judgement
from aisle.ranking.signals import SIGNALS, Signals
from aisle.records.candidates import Candidates
from aisle.records.history import Floats, Ints, Longs
from aisle.records.request import Context

COLUMN = "relevance"
NAMED, COVERAGE = "named", "coverage"
FEWEST = 200  # judgements from which trees are fitted
# what relevance to an alternative wording is worth: less where the shop itself uses all of the query's words
OTHER, OTHER_KNOWN = 1.0, 0.88
# and where so many titles say just that: who asks for flip flops among many is shown no thong before them
ENOUGH, OTHER_ENOUGH = 10, 0.7
GUESSED = 0.75  # and to a guess
WHOLE = 0.999  # of what the words of a query weigh: all of it
OWN_IDIOM = 0.9  # and to the single words of a phrase that means something else ("washing up liquid")
# what words weigh beside meaning in a search where nobody judged, if some product has all of them. Where none has, the
# one that is had may be the wrong one ("strawberry yogurt" is yogurt), and they weigh less
WORDS = 0.5
# what is of another thing must not fall so far that its kind is not meant: feeds turn titles ("cakes ice cream")
THINGS = {"thing": 0.02, "thing_in": 0.05}
# weights of signals of a given list hold on one judged set when fitted to another
GIVEN = {"cosine": 0.6, "coverage": 0.1, "title_coverage": 0.1, "letters_whole": 0.2, "thing": 0.05, "thing_in": 0.05}
FAR = 10.0  # times as far from the least grade as 99 of 100 are: no grade of that scale
WORTH = 0.25  # of what was judged the least, in a search


@dataclass
class Relevance:
    """A `Scorer`. judged: what was learned of judged pairs; among: of a search's candidates; given: candidates are a
    list that somebody gave; low and span: what 0 is on the judges' scale, and how much 1 is more."""

    about: Signals
    judged: Judgement | None = None
    among: Judgement | None = None
    given: bool = False
    low: float = 0.0
    span: float = 1.0

    def of(self, signals: Floats) -> Floats:
        """All signals of pairs, (n, len(SIGNALS)) → relevance, float32 (n,), as judges would say it."""
        return _sum(signals, GIVEN) if self.judged is None else self.judged.of(signals)

    def _signals(self, words: Sequence[str], vector: Floats, rows: Ints) -> Floats:
        """Signals of a query and candidates: those that are asked for."""
        summed = self.judged is None and not self.given
        return (self.about.basic if summed else self.about.all)(words, vector, rows)

    def _of_found(self, signals: Floats) -> Floats:
        """Relevance by them, of one wording and all candidates."""
        if self.judged is None and not self.given:
            words = WORDS * float(np.sqrt(signals[:, 1].max(initial=0)))
            return _sum(signals, {"cosine": 1 - words, "coverage": words / 2, "title_coverage": words / 2, **THINGS})
        return self.of(signals) if self.given or self.among is None else self.among.of(signals)

    def scale(self, judged: Floats) -> Self:
        """Take the least and the most that judges said; a few grades far beyond what nearly all are (a 99 among grades
        up to 3) are mistyped, and count as the most."""
        self.low, most, usual = (float(of) for of in (judged.min(), judged.max(), np.percentile(judged, 99)))
        self.span = (usual if most - self.low > FAR * (usual - self.low) > 0 else most) - self.low or 1.0
        return self

    def unlearned(self) -> Self:
        """Forget what was learned: signals are summed."""
        self.judged, self.among, self.low, self.span = None, None, 0.0, 1.0
        return self

    def scaled(self, judged: Floats) -> Floats:
        """What judges said → the scale of `of`, from 0 to 1."""
        return np.asarray(np.clip((judged - self.low) / self.span, 0, 1), np.float32)

    def as_judged(self, relevance: Floats) -> Floats:
        """And back."""
        return np.asarray(self.low + self.span * relevance, np.float32)

    def score(self, context: Context, candidates: Candidates) -> Candidates:
        """Candidates with `relevance`, and beside it `cosine`, `coverage` (of the wording that is covered best) and
        `named` (of the query's own words, by the title)."""
        reading, rows = context.reading, candidates.rows
        signals = self._signals(reading.words, context.vector, rows)
        vectors = context.other_vectors if len(context.other_vectors) else [context.vector[:0]] * len(reading.others)
        others = [self._signals(self.about.split(other), vector, rows)
                  for other, vector in zip(reading.others, vectors, strict=True)]  # fmt: skip
        cosine, named = signals[:, 0], signals[:, 2]
        told = others[: len(reading.alternatives)]  # a guess is no wording of the query
        covered = np.max([signals[:, 1], *(other[:, 1] for other in told)], axis=0)
        relevance = self._of_found(signals)
        if reading.idiom and not (named > WHOLE).any():  # what a title says all of means just that
            whole = self.about.basic(reading.idiom, context.vector[:0], rows)[:, 2] > WHOLE
            relevance = np.where(whole, relevance, relevance * np.float32(OWN_IDIOM))
        enough = bool(told) and int(self.about.together(reading.words, rows[named > WHOLE]).sum()) >= ENOUGH
        known, asked = self._uses(reading.words), set(self.about.sought(reading.words))
        for said, other in zip(reading.alternatives, told, strict=True):
            looser = set(self.about.sought(self.about.split(said))) < asked  # a costume is not always for Halloween
            worth = OTHER_KNOWN if known and (looser or not reading.idiom) else OTHER
            worth = OTHER_ENOUGH if enough else worth
            relevance = np.maximum(relevance, np.float32(worth) * self._of_found(other))
        for other in others[len(told) :]:
            relevance = np.maximum(relevance, np.float32(GUESSED) * self._of_found(other))
        columns = np.column_stack([cosine, covered, named, relevance])
        return candidates.beside(["cosine", COVERAGE, NAMED, COLUMN], columns.astype(np.float32))

    def _uses(self, words: Sequence[str]) -> bool:
        """Are all words of a query, but the ones that ask for nothing, words of this shop."""
        return all(stem in self.about.postings for stem in self.about.sought(words))

    def fit(self, signals: Floats, judged: Floats, queries: Longs, seed: int = 0) -> Self:
        """Learn from judged pairs: signals (n, len(SIGNALS)), the number of each one's query, and what its judges said
        as `scaled` has it, (n,)."""
        self.judged = Judgement.fit(signals, judged, queries, SIGNALS, seed)
        return self

    def fit_among(self, signals: Floats, judged: Floats, queries: Longs, seed: int = 0) -> Self:
        """Learn from candidates of searches; judged is NaN where nobody did."""
        worth = np.nan_to_num(WORTH + (1 - WORTH) * judged).astype(np.float32)
        self.among = Judgement.fit(signals, worth, queries, SIGNALS, seed)
        return self

    def save(self, folder: Path) -> None:
        """Write the words, and what was learned."""
        folder.mkdir(parents=True)
        self.about.postings.save(folder)
        self.about.titles.save(folder)
        for name, learned in (("judged", self.judged), ("among", self.among)):
            if learned is not None:
                learned.save(folder / name)
        np.save(folder / "scale.npy", np.array([self.low, self.span]))

    def read(self, folder: Path) -> Self:
        """Read what was learned."""
        self.judged, self.among = (
            Judgement.load(folder / name) if (folder / name).exists() else None for name in ("judged", "among")
        )
        self.low, self.span = (float(value) for value in np.load(folder / "scale.npy"))
        return self


def _sum(signals: Floats, weights: Mapping[str, float]) -> Floats:
    """Σ weight · signal, float32 (n,); what is not known adds nothing."""
    at = [SIGNALS.index(name) for name in weights]
    return np.asarray(np.nan_to_num(signals[:, at]) @ np.fromiter(weights.values(), np.float32), np.float32)
