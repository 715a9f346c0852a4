"""Scores → probabilities, and how far the result is off (expected calibration error).

Centred isotonic regression (Oron and Flournoy 2017): each flat step of isotonic regression becomes one point at its
centre and lines join the points, so the curve rises strictly and calibrating never changes an order.
"""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from aisle.records.history import Floats


@dataclass
class Calibration:
    """A monotone curve through (x, y), float64 (k,) each; without one a logistic curve stands in."""

    x: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    y: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    def fit(self, scores: Floats, labels: Floats, weights: Floats | None = None) -> Self:
        """Fit the curve to outcomes, each counted `weights` (n,) times."""
        from sklearn.isotonic import IsotonicRegression

        order = np.argsort(scores, kind="stable")
        weight = np.ones(len(scores)) if weights is None else np.asarray(weights, float)
        x, w = np.asarray(scores, float)[order], weight[order]
        curve = IsotonicRegression(y_min=0.0, y_max=1.0).fit(x, np.asarray(labels, float)[order], sample_weight=w)
        level = curve.predict(x)
        steps, step = np.unique(level, return_inverse=True)
        mass = np.bincount(step, w)
        self.x, self.y = np.bincount(step, w * x) / mass, steps
        # a step without a label, or with nothing else, is not certain for that: a label as rare as it leaves possible
        least, most = 0.5 / (mass[0] + 1), 1 - 0.5 / (mass[-1] + 1)
        if self.y[0] == 0:
            self.y[0] = min(least, self.y[1] / 2) if len(self.y) > 1 else least
        if self.y[-1] == 1:
            self.y[-1] = max(most, (1 + self.y[-2]) / 2) if len(self.y) > 1 else most
        # the ends rise gently on, so that no two scores become equal
        self.x = np.r_[self.x[0] - 20, self.x, self.x[-1] + 20]
        self.y = np.r_[self.y[0] * 0.5, self.y, self.y[-1] + (1 - self.y[-1]) * 0.5]
        return self

    def apply(self, scores: Floats) -> Floats:
        """Probabilities, float32 (n,)."""
        if not len(self.x):
            return (1 / (1 + np.exp(-scores))).astype(np.float32)
        return np.interp(scores, self.x, self.y).astype(np.float32)


def calibration_error(
    probabilities: ArrayLike, labels: ArrayLike, weights: ArrayLike | None = None, bins: int = 15
) -> float:
    """Expected calibration error over bins of equal count (Naeini et al., AAAI 2015): Σ share · |mean p - rate|."""
    p, y = np.asarray(probabilities, float), np.asarray(labels, float)
    w = np.ones(len(p)) if weights is None else np.asarray(weights, float)
    if not w.sum() > 0:
        return float("nan")
    # equal probabilities stay in one bin
    edges = np.unique(np.quantile(p, np.linspace(0, 1, bins + 1)[1:-1]))
    bin_of = np.searchsorted(edges, p, side="left")
    mass = np.bincount(bin_of, w)
    gap = np.abs(np.bincount(bin_of, w * p) - np.bincount(bin_of, w * y))
    return float(gap[mass > 0].sum() / w.sum())
