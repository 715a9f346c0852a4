"""Intervals by bootstrap over users, and paired comparisons: the same resample for both systems."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and its 95 % interval."""

    value: float
    low: float
    high: float


def interval(values: Values, seed: int = 0) -> Interval:
    """The mean over users and its percentile bootstrap interval (Efron 1979)."""
    if not len(values):
        return Interval(float("nan"), float("nan"), float("nan"))
    low, high = np.quantile(_means(values, seed), [0.025, 0.975])
    return Interval(float(values.mean()), float(low), float(high))


def lift(system: Values, baseline: Values, seed: int = 0) -> Interval:
    """Relative difference of two means over the same users, mean(system) / mean(baseline) - 1, paired."""
    if not len(system) or not baseline.mean():
        return Interval(float("nan"), float("nan"), float("nan"))
    low, high = _ratios(_means(system, seed), _means(baseline, seed))
    return Interval(float(system.mean() / baseline.mean() - 1), low, high)


def gap(group: Values, others: Values, seed: int = 0) -> Interval:
    """Relative difference of the means of two groups of users, mean(group) / mean(others) - 1; each is resampled by
    itself."""
    if not len(group) or not len(others) or not others.mean():
        return Interval(float("nan"), float("nan"), float("nan"))
    low, high = _ratios(_means(group, seed), _means(others, seed + 1))
    return Interval(float(group.mean() / others.mean() - 1), low, high)


def _ratios(ones: Values, others: Values) -> tuple[float, float]:
    """Where 95 % of relative differences lie, of the resamples that have one: where few of the others hit anything,
    some have none of these."""
    some = others > 0
    low, high = np.quantile(ones[some] / others[some] - 1, [0.025, 0.975]) if some.any() else (np.nan, np.nan)
    return float(low), float(high)


def _means(values: Values, seed: int) -> Values:
    """Means of RESAMPLES resamples: the same seed draws the same users, which is what pairs two systems."""
    random = np.random.default_rng(seed)
    draws = (random.integers(0, len(values), len(values)) for _ in range(RESAMPLES))
    return np.array([values[draw].mean() for draw in draws])
