"""How a ranker sees a candidate, and what every ranker shares: columns that it is asked for, and their calibration.

A ranker is a `Scorer` that also has `fit` and `predict`. Its columns are objectives: `purchase`, the
probability that this shopper takes a product, and beside it `click`, `basket` and `refund`, the probabilities of what
else happens to it, each calibrated on examples that were not fitted.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from aisle.ranking.calibration import Calibration, calibration_error
from aisle.records.candidates import RANK, Candidates
from aisle.records.history import Floats, Ints
from aisle.records.measurement import Examples
from aisle.records.request import Context
from aisle.stages import Feature

COLUMN = "purchase"
REFUND, REFUNDED = "refund", "refunded"  # a return, and the money that goes back: the second is made of the first
# what may happen to a product beside being taken, by the types of events that say so
BESIDE: Mapping[str, tuple[str, ...]] = {"click": ("click", "view"), "basket": ("cart",), REFUND: ("refund",)}
FEWEST = 300  # positive examples of an objective beside it that a ranker needs


@dataclass
class Described:
    """features: in the order of the columns; sources: retrievers' columns that are features, too."""

    features: tuple[Feature, ...]
    sources: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the features, in order."""
        named = tuple(name for feature in self.features for name in feature.names)
        return (*self._of_sources, *named)

    @property
    def _of_sources(self) -> tuple[str, ...]:
        """A source's rank within its list is a feature beside its score, which is not comparable across shoppers."""
        return (*self.sources, *(RANK + name for name in self.sources))

    def describe(self, context: Context, candidates: Candidates, keep: Ints | None = None) -> Floats:
        """The features of candidates (of positions `keep` only), float32 (n, len(columns))."""
        said, rows = candidates.some(self._of_sources), candidates.rows
        if keep is not None:
            said, rows = said[keep], rows[keep]
        parts = [feature.values(context, rows) for feature in self.features]
        return np.concatenate([said, *parts], axis=1, dtype=np.float32)


@dataclass
class Ranking(Described, ABC):
    """asked: the columns that `score` gives; calibrations: by column."""

    asked: tuple[str, ...] = (COLUMN,)
    calibrations: Mapping[str, Calibration] = field(default_factory=dict)

    @property
    @abstractmethod
    def learned(self) -> tuple[str, ...]:
        """The objectives that there were enough examples of."""

    @abstractmethod
    def fit(self, examples: Examples, seed: int, weights: Floats | None = None) -> Self:
        """Learn from examples; `weights` (n,) takes back what sampling did."""

    @abstractmethod
    def predict(self, features: Floats, column: str = COLUMN) -> Floats:
        """Log-odds, float32 (n,). Raises StageError before `fit`."""

    def contributions(self, context: Context, candidates: Candidates, position: int) -> dict[str, float]:
        """What each feature added to the log-odds of one candidate, largest first; nothing where this is not known."""
        return {}

    def asking(self, columns: Iterable[str]) -> Self:
        """The same for other columns: `purchase`, and those of `columns`, or that these are made of, that were
        learned."""
        named = {REFUND if name == REFUNDED else name for name in columns}
        return replace(self, asked=(COLUMN, *(name for name in self.learned if name in named and name != COLUMN)))

    def calibrate(self, examples: Examples, weights: Floats | None = None) -> Self:
        """Learn on examples that were not fitted how log-odds turn into a probability, of every objective."""
        self.calibrations = {
            name: Calibration().fit(self.predict(examples.features, name), examples.of(name), weights)
            for name in self.learned if examples.of(name).any()
        }  # fmt: skip
        return self

    def calibration_errors(self, examples: Examples, weights: Floats, seed: int = 0) -> dict[str, float]:
        """The expected calibration error of each objective, on requests that calibration did not see: half of them
        calibrate the other half, in turn."""
        half = np.random.default_rng(seed).permutation(len(examples.groups)) % 2 == 0
        apart = np.repeat(half, examples.groups)
        errors = dict[str, float]()
        for name in self.learned:
            odds, labels = self.predict(examples.features, name), examples.of(name)
            said = np.zeros(len(labels), np.float32)
            for told in (apart, ~apart):
                if labels[told].any():
                    said[~told] = Calibration().fit(odds[told], labels[told], weights[told]).apply(odds[~told])
            errors[name] = round(calibration_error(said, labels, weights), 5)
        return errors

    def score(self, context: Context, candidates: Candidates) -> Candidates:
        """Candidates with a probability a column that is asked for."""
        features, never = self.describe(context, candidates), Calibration()
        odds = ((name, self.predict(features, name)) for name in self.asked)
        said = [self.calibrations.get(name, never).apply(of) for name, of in odds]
        return candidates.beside(self.asked, np.stack(said, axis=1))


def carried(examples: Examples) -> tuple[str, ...]:
    """The objectives that examples carry: `purchase`, and those beside it that happened often enough."""
    return (COLUMN, *(name for name in examples.objectives if examples.of(name).sum() >= FEWEST))
