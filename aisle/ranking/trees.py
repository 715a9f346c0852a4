"""Boosted trees over the declared features, one binary LightGBM model an objective.

Their log-odds order the slate, and a calibration on examples that they did not see turns them into probabilities.
(LambdaRank and the sum of both were tried and ranked no better: docs/log.md.)
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np

from aisle.errors import StageError
from aisle.ranking.calibration import Calibration
from aisle.ranking.described import COLUMN, Ranking, carried
from aisle.ranking.forest import Forest, lightgbm
from aisle.records.candidates import Candidates
from aisle.records.history import Floats
from aisle.records.measurement import Examples
from aisle.records.request import Context
from aisle.stages import Feature

COMMON: dict[str, Any] = {
    "learning_rate": 0.07, "num_leaves": 31, "min_data_in_leaf": 200, "feature_fraction": 0.4, "bagging_fraction": 0.7,
    "bagging_freq": 1, "lambda_l2": 10.0, "verbose": -1, "deterministic": True, "force_row_wise": True,
    # one in a thousand is taken, so the slope is steep where one feature tells nearly all: unbounded, the first leaf of
    # XMarket went from -6 past +15, the next ones came back from there by 47, and linear weights alone ranked better
    "max_delta_step": 5.0,
}  # fmt: skip
ROUNDS = 140  # 200 smaller steps rank a thousandth better and take half as long again to ask


@dataclass
class Trees(Ranking):
    """A `Scorer`. models: a LightGBM booster an objective; forests: the same as they are served."""

    models: dict[str, Any] = field(default_factory=dict)
    forests: dict[str, Forest] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.forests = self.forests or {name: Forest(model) for name, model in self.models.items()}

    @property
    def learned(self) -> tuple[str, ...]:
        """The objectives that there were enough examples of."""
        return tuple(self.models)

    def fit(self, examples: Examples, seed: int, weights: Floats | None = None, rounds: int = ROUNDS) -> Self:
        """Learn from examples; `weights` (n,) takes back what sampling did."""
        lgb = lightgbm()
        settings = {**COMMON, "objective": "binary", "seed": seed, "num_threads": 2}
        data = lgb.Dataset(examples.features, weight=weights, feature_name=list(examples.columns), free_raw_data=False)
        for name in carried(examples):
            self.models[name] = lgb.train(settings, data.set_label(examples.of(name)), rounds)
        self.forests = {name: Forest(model) for name, model in self.models.items()}
        return self

    def predict(self, features: Floats, column: str = COLUMN) -> Floats:
        """Log-odds, float32 (n,). Raises StageError before `fit`."""
        if column not in self.forests:
            raise StageError("trees", f"no model of {column}", "a fit before")
        return self.forests[column].predict(features)

    def contributions(self, context: Context, candidates: Candidates, position: int) -> dict[str, float]:
        """What each feature added to the log-odds of one candidate (SHAP values), largest first."""
        features = self.describe(context, candidates, np.array([position], np.int32))
        added = self.models[COLUMN].predict(features, pred_contrib=True, num_threads=1)[0][:-1]
        order = np.argsort(-np.abs(added), kind="stable")
        return {self.columns[at]: round(float(added[at]), 4) for at in order if added[at]}

    def save(self, folder: Path) -> None:
        """Write models and calibrations, a folder an objective."""
        for name, model in self.models.items():
            (folder / name).mkdir(parents=True)
            model.save_model(str(folder / name / "model.txt"))
            curve = self.calibrations.get(name, Calibration())
            np.savez(folder / name / "calibration.npz", x=curve.x, y=curve.y)

    @classmethod
    def load(cls, folder: Path, features: tuple[Feature, ...], sources: Sequence[str]) -> Self:
        """The trees that `save` wrote, over the same features."""
        lgb = lightgbm()
        models, calibrations = dict[str, Any](), dict[str, Calibration]()
        for path in sorted(folder.iterdir(), key=lambda path: (path.name != COLUMN, path.name)):
            models[path.name] = lgb.Booster(model_file=str(path / "model.txt"))
            with np.load(path / "calibration.npz") as file:
                calibrations[path.name] = Calibration(file["x"], file["y"])
        trees = cls(features, tuple(sources), (COLUMN,), calibrations, models)
        if any(model.feature_name() != list(trees.columns) for model in models.values()):
            raise StageError(str(folder), "a model of other features", "the declared ones: train again")
        return trees
