"""The ranker of a scenario that stands on products, which borrows from home's: what is learned of a shop's shoppers is
shared, and what differs beside a product, with a basket or after an order is learned on top of it.

Its log-odds are a line through home's, a + b · odds, for in a scenario other shares of the candidates are taken, and a
few boosted trees over what the line leaves. Cross-validation by request says how many trees, and by how many standard
errors z they lower the loss: trees count max(0, 1 - DOUBT / z²), shrunk as James and Stein shrink a mean. Without
evidence the line stays alone, which orders products as home does. So a scenario of which little is known is home's, and
one with much its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np

from aisle.errors import StageError
from aisle.ranking.calibration import Calibration
from aisle.ranking.described import COLUMN, Ranking
from aisle.ranking.forest import Forest, lightgbm
from aisle.ranking.trees import COMMON, ROUNDS
from aisle.records.candidates import Candidates
from aisle.records.history import Bools, Floats, Longs
from aisle.records.measurement import Examples
from aisle.records.request import Context
from aisle.stages import Feature

RATE = 0.05  # of the trees on top: smaller steps than home's, for they begin nearer to the end
FOLDS = 4  # of the requests, by which trees on top are judged
DOUBT = 4.0  # chosen on Complete Journey with 50 to 400 requests (docs/log.md)
PATIENCE = 20  # trees that may come without a gain
LEAST = 0.05  # slope of the line


@dataclass
class Related(Ranking):
    """A `Scorer` over home's features and more behind them. line: a, b; model: a LightGBM booster of the trees on top,
    None where home's order is as good; depth: so many candidates, the first of the fusion, are scored, and the others
    stand behind them; gain: what the trees lower the loss of an unseen request by, in standard errors; share: what they
    count; said: log-odds of the examples, (n,), each by trees that did not learn from its request."""

    home: Ranking | None = None
    line: tuple[float, float] = (0.0, 1.0)
    model: Any = None
    gain: float = 0.0
    share: float = 1.0
    forest: Forest | None = None
    depth: int | None = None
    said: Floats = field(default_factory=lambda: np.zeros(0, np.float32), repr=False)

    def __post_init__(self) -> None:
        if self.model is not None and self.forest is None:
            self.forest = Forest(self.model)

    @property
    def learned(self) -> tuple[str, ...]:
        """One objective: what is taken next."""
        return (COLUMN,)

    def fit(self, examples: Examples, seed: int, weights: Floats | None = None) -> Self:
        """Learn from examples that home's ranker did not see; `weights` (n,) takes back what sampling did."""
        weight = np.ones(len(examples), np.float32) if weights is None else weights
        odds, labels = self._odds(examples.features), examples.labels
        rounds = self._tried(examples, odds, weight, seed)
        self.line = lined(odds, labels, weight)
        if rounds and self.share:
            self.model = self._boosted(examples, weight, seed, rounds)
            self.forest = Forest(self.model)
        else:  # a line moves no product past another: it learned no order
            self.said = self._based(odds)
        if labels.any():
            self.calibrations = {COLUMN: Calibration().fit(self.said, labels, weight)}
        return self

    def _tried(self, examples: Examples, odds: Floats, weight: Floats, seed: int) -> int:
        """How many trees on top are worth it, and what they count: each fold of the requests is told by trees that
        learned from the others."""
        fold, rounds = folds(examples, seed), list[int]()
        based, added = np.zeros(len(examples), np.float32), np.zeros(len(examples), np.float32)
        for held in (fold == number for number in np.unique(fold)):
            if held.all():
                return 0
            self.line = lined(odds[~held], examples.labels[~held], weight[~held])
            trial = self._boosted(examples, weight, seed, ROUNDS, held)
            rounds.append(int(trial.best_iteration))
            based[held], added[held] = self._based(odds)[held], _added(trial, examples.features[held])
        self.gain = _gain(based, added, examples.labels, weight, examples.groups)
        self.share = max(0.0, 1 - DOUBT / self.gain**2) if self.gain > 0 else 0.0
        self.said = np.asarray(based + self.share * added, np.float32)
        return int(np.median(rounds)) if rounds else 0

    def _odds(self, features: Floats) -> Floats:
        """Home's log-odds, of the columns that it knows."""
        if self.home is None:
            raise StageError("related", "no ranker of home", "one to borrow from")
        return self.home.predict(np.ascontiguousarray(features[:, : len(self.home.columns)]))

    def _based(self, odds: Floats) -> Floats:
        return np.asarray(self.line[0] + self.line[1] * odds, np.float32)

    def _boosted(self, examples: Examples, weight: Floats, seed: int, rounds: int, held: Bools | None = None) -> Any:
        """Trees over what the line leaves; with `held`, as many as lower the loss of these examples."""
        lgb = lightgbm()
        taught = np.ones(len(examples), bool) if held is None else ~held
        based, settings = self._based(self._odds(examples.features)), {**COMMON, "learning_rate": RATE}
        parts = [lgb.Dataset(examples.features[some], examples.labels[some], weight=weight[some],
                             init_score=based[some], feature_name=list(examples.columns))
                 for some in ([taught] if held is None else [taught, held])]  # fmt: skip
        watched = [part.set_reference(parts[0]) for part in parts[1:]]
        stopping = [lgb.early_stopping(PATIENCE, verbose=False)] if watched else []
        settings |= {"objective": "binary", "seed": seed, "num_threads": 2}
        return lgb.train(settings, parts[0], rounds, valid_sets=watched, callbacks=stopping)

    def score(self, context: Context, candidates: Candidates) -> Candidates:
        """Candidates with a probability, NaN behind `depth`."""
        first = np.arange(min(len(candidates), self.depth or len(candidates)))
        said = np.full((len(candidates), len(self.asked)), np.nan, np.float32)
        scored = super().score(context, candidates.take(first))
        said[first] = scored.some(list(self.asked))
        return candidates.beside(self.asked, said)

    def predict(self, features: Floats, column: str = COLUMN) -> Floats:
        """Log-odds, float32 (n,)."""
        based = self._based(self._odds(features))
        if self.forest is None:
            return based
        return np.asarray(based + self.share * self.forest.predict(features), np.float32)

    def contributions(self, context: Context, candidates: Candidates, position: int) -> dict[str, float]:
        """What each feature added to the log-odds of one candidate, in both models, largest first."""
        made = dict[str, float]()
        if self.home is not None:
            of_home = self.home.contributions(context, candidates, position)
            made = {name: self.line[1] * value for name, value in of_home.items()}
        if self.model is not None:
            features = self.describe(context, candidates, np.array([position], np.int32))
            added = self.model.predict(features, pred_contrib=True, num_threads=1)[0][:-1]
            for name, value in zip(self.columns, added, strict=True):
                made[name] = made.get(name, 0.0) + self.share * float(value)
        order = sorted(made, key=lambda name: -abs(made[name]))
        return {name: round(made[name], 4) for name in order if made[name]}

    def save(self, folder: Path) -> None:
        """Write the line, the trees and the calibration."""
        folder.mkdir(parents=True)
        curve = self.calibrations.get(COLUMN, Calibration())
        np.savez(folder / "line.npz", line=np.array(self.line), gain=self.gain, share=self.share, x=curve.x, y=curve.y)
        if self.model is not None:
            self.model.save_model(str(folder / "model.txt"))

    @classmethod
    def load(cls, folder: Path, features: tuple[Feature, ...], sources: Sequence[str], home: Ranking) -> Self:
        """What `save` wrote, over the same features and home's ranker."""
        with np.load(folder / "line.npz") as file:
            a, b = (float(value) for value in file["line"])
            gain, share = float(file["gain"]), float(file["share"])
            calibrations = {COLUMN: Calibration(file["x"], file["y"])}
        kept = folder / "model.txt"
        model = lightgbm().Booster(model_file=str(kept)) if kept.exists() else None
        made = cls(features, tuple(sources), (COLUMN,), calibrations, home, (a, b), model, gain, share)
        if model is not None and model.feature_name() != list(made.columns):
            raise StageError(str(folder), "a model of other features", "the declared ones: train again")
        return made


def lined(odds: Floats, labels: Floats, weights: Floats) -> tuple[float, float]:
    """Platt's a and b: the logistic regression of labels on log-odds. It never turns an order round."""
    from sklearn.linear_model import LogisticRegression

    if not 0 < (labels > 0).mean() < 1:
        return 0.0, 1.0
    found = LogisticRegression(C=np.inf).fit(odds[:, None].astype(np.float64), labels > 0, weights)
    return float(found.intercept_[0]), max(float(found.coef_[0, 0]), LEAST)


def folds(examples: Examples, seed: int) -> Longs:
    """Which fold each example lies in, int64 (n,): those of one request together."""
    numbers = np.random.default_rng(seed).permutation(len(examples.groups)) % FOLDS
    return np.repeat(numbers, examples.groups)


def _added(trial: Any, features: Floats) -> Floats:
    """What the best of some trees add to log-odds, float32 (n,)."""
    if not trial.best_iteration or not len(features):
        return np.zeros(len(features), np.float32)
    said = trial.predict(features, raw_score=True, num_threads=1, num_iteration=trial.best_iteration)
    return np.asarray(said, np.float32)


def _gain(before: Floats, added: Floats, labels: Floats, weights: Floats, groups: Longs) -> float:
    """By how many standard errors what is added lowers the loss of a request; groups: examples of each request."""
    less = weights * (np.logaddexp(0, before) - np.logaddexp(0, before + added) + labels * added)
    mine = np.bincount(np.repeat(np.arange(len(groups)), groups), less, len(groups))
    error = float(mine.std(ddof=1) / np.sqrt(len(mine))) if len(mine) > 1 else 0.0
    return float(mine.mean()) / error if error > 0 else 0.0
