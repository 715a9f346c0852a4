"""The trees as they are served say what LightGBM says, wherever a value lies and whatever is missing."""

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aisle.errors import StageError
from aisle.ranking.forest import Forest

STEADY = settings(max_examples=25, deadline=None, derandomize=True)
NEVER, SOMETIMES = 0.0, 0.3


def booster(seed: int, missing: float, **options: Any) -> tuple[Any, np.random.Generator]:
    import lightgbm as lgb

    random = np.random.default_rng(seed)
    features = random.normal(size=(600, 6)).astype(np.float32)
    features[:, 5] = random.integers(0, 4, 600)
    wanted = np.nan_to_num(features[:, 0] * 2 + np.square(features[:, 1]) + features[:, 5])
    features[random.random(features.shape) < missing] = np.nan
    data = lgb.Dataset(features, wanted)
    return lgb.train({"verbose": -1, "num_threads": 1, "min_data_in_leaf": 5, **options}, data, 12), random


@STEADY
@given(st.integers(0, 1000), st.sampled_from([NEVER, SOMETIMES]), st.sampled_from([NEVER, SOMETIMES]))
def test_the_same_sums_also_where_a_value_is_missing(seed: int, learned: float, asked: float) -> None:
    trees, random = booster(seed, learned)
    features = (3 * random.normal(size=(200, 6))).astype(np.float32)
    features[random.random(features.shape) < asked] = np.nan
    np.testing.assert_allclose(Forest(trees).predict(features), trees.predict(features), atol=1e-4)


@STEADY
@example(201)  # has a split at -1e-35, which LightGBM reads as 0
@given(st.integers(0, 1000))
def test_a_value_at_a_threshold_goes_the_same_way(seed: int) -> None:
    trees, random = booster(seed, NEVER)
    said = trees.trees_to_dataframe().dropna(subset=["threshold"])
    features = random.normal(size=(len(said), 6)).astype(np.float32)
    for line, (name, threshold) in enumerate(zip(said["split_feature"], said["threshold"], strict=True)):
        features[line, int(str(name).removeprefix("Column_"))] = np.float32(threshold)
    np.testing.assert_allclose(Forest(trees).predict(features), trees.predict(features), atol=1e-4)


def test_nothing_asked_nothing_said_and_a_tree_of_one_leaf() -> None:
    trees, _ = booster(0, NEVER, min_data_in_leaf=1000)
    forest = Forest(trees)
    assert forest.predict(np.zeros((0, 6), np.float32)).shape == (0,)
    features = np.zeros((2, 6), np.float32)
    np.testing.assert_allclose(forest.predict(features), trees.predict(features), atol=1e-4)


def test_other_features_than_the_trees_know_are_refused() -> None:
    with pytest.raises(StageError, match=r"\(n, 6\)"):
        Forest(booster(0, NEVER)[0]).predict(np.zeros((2, 5), np.float32))
