"""Boosted trees over the declared features: a column `purchase`, the probability that this shopper buys it.

One binary LightGBM model; its log-odds order the slate, and a calibration on examples that it did not see turns them
into the probability. (LambdaRank and the sum of both were tried and ranked no better: docs/log.md.)
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np

from aisle.errors import StageError
from aisle.ranking.calibration import Calibration
from aisle.ranking.forest import Forest
from aisle.records.candidates import RANK, Candidates
from aisle.records.history import Floats, Ints
from aisle.records.measurement import Examples
from aisle.records.request import Context
from aisle.stages import Feature

COLUMN = "purchase"
COMMON: dict[str, Any] = {
    "learning_rate": 0.07, "num_leaves": 31, "min_data_in_leaf": 200, "feature_fraction": 0.4, "bagging_fraction": 0.7,
    "bagging_freq": 1, "lambda_l2": 10.0, "verbose": -1, "deterministic": True, "force_row_wise": True,
}  # fmt: skip
ROUNDS = 140  # 200 smaller steps rank a thousandth better and take half as long again to ask


@dataclass
class Trees:
    """A `Scorer`. features: in the order of the columns; sources: retrievers' columns that are features, too."""

    features: tuple[Feature, ...]
    sources: tuple[str, ...]
    model: Any = None
    calibration: Calibration = field(default_factory=Calibration)
    forest: Forest | None = None  # the model as it is served

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

    def fit(self, examples: Examples, seed: int, rounds: int = ROUNDS, weights: Floats | None = None) -> Self:
        """Learn from examples; `weights` (n,) takes back what sampling did."""
        # two threads that wait for each other by spinning take ten times as long where another process is busy
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read when the library is loaded
        import lightgbm as lgb

        data = lgb.Dataset(examples.features, examples.labels, weight=weights, feature_name=list(examples.columns))
        self.model = lgb.train({**COMMON, "objective": "binary", "seed": seed, "num_threads": 2}, data, rounds)
        self.forest = Forest(self.model)
        return self

    def calibrate(self, examples: Examples, weights: Floats | None = None) -> Self:
        """Learn on examples that were not fitted how the sum of the models turns into a probability."""
        self.calibration = Calibration().fit(self.predict(examples.features), examples.labels, weights)
        return self

    def predict(self, features: Floats) -> Floats:
        """Log-odds, float32 (n,). Raises StageError before `fit`."""
        if self.forest is None:
            raise StageError("trees", "no model", "a fit before")
        return self.forest.predict(features)

    def score(self, context: Context, candidates: Candidates) -> Candidates:
        """Candidates with `purchase`, a probability."""
        odds = self.predict(self.describe(context, candidates))
        return candidates.beside([COLUMN], self.calibration.apply(odds)[:, None])

    def contributions(self, context: Context, candidates: Candidates, position: int) -> dict[str, float]:
        """What each feature added to the log-odds of one candidate (SHAP values), largest first."""
        features = self.describe(context, candidates, np.array([position], np.int32))
        added = self.model.predict(features, pred_contrib=True, num_threads=1)[0][:-1]
        order = np.argsort(-np.abs(added), kind="stable")
        return {self.columns[at]: round(float(added[at]), 4) for at in order if added[at]}

    def save(self, folder: Path) -> None:
        """Write model and calibration."""
        folder.mkdir(parents=True)
        self.model.save_model(str(folder / "model.txt"))
        np.savez(folder / "calibration.npz", x=self.calibration.x, y=self.calibration.y)

    @classmethod
    def load(cls, folder: Path, features: tuple[Feature, ...], sources: Sequence[str]) -> Self:
        """The trees that `save` wrote, over the same features."""
        import lightgbm as lgb

        with np.load(folder / "calibration.npz") as file:
            calibration = Calibration(file["x"], file["y"])
        model = lgb.Booster(model_file=str(folder / "model.txt"))
        trees = cls(features, tuple(sources), model, calibration, Forest(model))
        if trees.model.feature_name() != list(trees.columns):
            raise StageError(str(folder), "a model of other features", "the declared ones: train again")
        return trees
