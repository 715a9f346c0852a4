"""What judges would say, from signals: a ridge regression, and boosted trees over what it leaves.

The line needs few judged queries and cannot run wild; the trees come in as far as they help on queries that they did
not see: their number is that of the least squared error in cross-validation by query (on CrowdFlower's 140 queries
nearly none, on Home Depot's 7,500 some hundred).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from aisle.ranking.forest import Forest, lightgbm
from aisle.records.history import Floats

STIFF = 300.0  # of the ridge, in pairs
FOLDS, MOST, PATIENCE = 5, 600, 30  # trees at most, and how many without a better one
TREES: dict[str, Any] = {
    "objective": "regression", "learning_rate": 0.05, "num_leaves": 15, "min_data_in_leaf": 40, "feature_fraction": 0.5,
    "bagging_fraction": 0.7, "bagging_freq": 1, "verbose": -1, "deterministic": True, "force_row_wise": True,
    "num_threads": 2,
}  # fmt: skip


@dataclass
class Judgement:
    """weights: float64 (signals + 1,), the last one added to all; trees: a LightGBM booster, None where none helped;
    forest: the same as it is served."""

    weights: NDArray[np.float64]
    trees: Any = None
    forest: Forest | None = None

    def __post_init__(self) -> None:
        if self.trees is not None:
            self.forest = Forest(self.trees)

    @classmethod
    def fit(
        cls, signals: Floats, wanted: Floats, queries: NDArray[np.int64], names: tuple[str, ...], seed: int
    ) -> Self:
        """Learn what was wanted of pairs, float32 (n,); queries: the number of each pair's query."""
        lgb = lightgbm()
        made = cls(_ridge(signals, wanted))
        left = np.asarray(wanted - made.of(signals), np.float32)
        settings = {**TREES, "seed": seed}
        distinct, owner = np.unique(queries, return_inverse=True)
        fold = np.random.default_rng(seed).permutation(len(distinct))[owner] % FOLDS
        parts = [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(FOLDS)]
        if len(distinct) < 2 * FOLDS:
            return made
        tried: Any = lgb.cv(
            {**settings, "metric": "l2"}, lgb.Dataset(signals, left), MOST, folds=parts, stratified=False,
            callbacks=[lgb.early_stopping(PATIENCE, verbose=False)],
        )  # fmt: skip
        errors = tried["valid l2-mean"]
        if min(errors) < float(np.mean(np.square(left))):
            rounds = int(np.argmin(errors)) + 1
            data = lgb.Dataset(signals, left, feature_name=list(names))
            return cls(made.weights, lgb.train(settings, data, rounds))
        return made

    def of(self, signals: Floats) -> Floats:
        """Signals → what judges would say, float32 (n,)."""
        said = np.nan_to_num(signals) @ self.weights[:-1] + self.weights[-1]
        if self.forest is not None:
            said = said + self.forest.predict(signals)
        return np.asarray(said, np.float32)

    def save(self, folder: Path) -> None:
        """Write it into a new folder."""
        folder.mkdir(parents=True)
        np.save(folder / "weights.npy", self.weights)
        if self.trees is not None:
            self.trees.save_model(str(folder / "trees.txt"))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """What `save` wrote."""
        weights = np.load(folder / "weights.npy")
        if not (folder / "trees.txt").exists():
            return cls(weights)
        return cls(weights, lightgbm().Booster(model_file=str(folder / "trees.txt")))


def _ridge(signals: Floats, wanted: Floats) -> NDArray[np.float64]:
    """Weights of signals as they are, from a ridge regression over standardised ones."""
    from sklearn.linear_model import Ridge

    known = np.nan_to_num(signals).astype(np.float64)
    mean, spread = known.mean(axis=0), known.std(axis=0)
    spread[spread == 0] = 1
    line = Ridge(alpha=STIFF).fit((known - mean) / spread, wanted)
    weights = line.coef_ / spread
    return np.asarray(np.r_[weights, line.intercept_ - weights @ mean], np.float64)
