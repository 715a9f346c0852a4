"""Intervals by bootstrap over users, and paired comparisons: the same resample for both systems. Of a user who asked
several times all requests are drawn together: one more of them says little that is new."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
FEWEST = 10  # users who tell of an interval
Values = NDArray[np.float64]
Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and its 95 % interval."""

    value: float
    low: float
    high: float


NOTHING = Interval(float("nan"), float("nan"), float("nan"))


def interval(values: Values, seed: int = 0, users: Longs | None = None) -> Interval:
    """The mean and its percentile bootstrap interval (Efron 1979); users: int64 (n,), whose each value is, where one
    has several: drawn are users with all that is theirs."""
    if not len(values):
        return NOTHING
    low, high = np.quantile(_means(values, seed, users), [0.025, 0.975])
    return Interval(float(values.mean()), float(low), float(high))


def lift(system: Values, baseline: Values, seed: int = 0, users: Longs | None = None) -> Interval:
    """Relative difference of two means over the same users, mean(system) / mean(baseline) - 1, paired. NaN where there
    is nothing to relate to: no baseline, a loss, or what may be one (of a loss half as much again is worse)."""
    if not len(system) or not baseline.mean() > 0:
        return NOTHING
    ones, others = _means(system, seed, users), _means(baseline, seed, users)
    if baseline.min() < 0 and np.quantile(others, 0.025) <= 0:
        return NOTHING
    low, high = _ratios(ones, others)
    return Interval(float(system.mean() / baseline.mean() - 1), low, high)


def sure(found: Interval, values: Values, users: Longs | None = None) -> Interval:
    """The same, without an interval where fewer than FEWEST users have a value that is not 0: nobody knows how others
    would differ."""
    tell = len(np.unique(users[values != 0])) if users is not None else np.count_nonzero(values)
    return Interval(found.value, float("nan"), float("nan")) if tell < FEWEST else found


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


def _means(values: Values, seed: int, users: Longs | None = None) -> Values:
    """Means of RESAMPLES resamples: the same seed draws the same users, which is what pairs two systems."""
    random = np.random.default_rng(seed)
    if users is not None:
        _, of = np.unique(users, return_inverse=True)
        sums, counts = np.bincount(of, values), np.bincount(of)
        drawn = (random.integers(0, len(sums), len(sums)) for _ in range(RESAMPLES))
        return np.array([sums[draw].sum() / counts[draw].sum() for draw in drawn])
    draws = (random.integers(0, len(values), len(values)) for _ in range(RESAMPLES))
    return np.array([values[draw].mean() for draw in draws])
