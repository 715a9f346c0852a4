"""Levels as one code space: what is counted at once is what is counted level by level."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from aisle.catalogue.levels import Levels

CODES = arrays(np.int32, st.tuples(st.integers(1, 9), st.integers(1, 3)), elements=st.integers(-1, 4))


@given(CODES, st.data())
def test_every_level_counts_as_it_would_alone(
    codes: np.ndarray[tuple[int, int], np.dtype[np.int32]], data: st.DataObject
) -> None:
    levels = Levels(codes, tuple(f"level{k}" for k in range(codes.shape[1])))
    rows = np.array(data.draw(st.lists(st.integers(0, len(codes) - 1), max_size=12)), np.int32)
    weights = np.arange(1.0, len(rows) + 1)
    counted, sums = levels.counted(rows, weights), levels.by_level(levels.counted(rows, weights))
    for k in range(codes.shape[1]):
        np.testing.assert_allclose(sums[k], weights.sum())
        for row in range(len(codes)):
            alone = weights[codes[rows, k] == codes[row, k]].sum()
            assert counted[levels.flat[row, k]] == alone
            assert levels.nowhere[levels.flat[row, k]] == (codes[row, k] == -1)


def test_no_level_at_all_counts_nothing() -> None:
    levels = Levels(np.zeros((4, 0), np.int32), ())
    assert len(levels.counted(np.array([1, 2], np.int32))) == len(levels.by_level(np.zeros(0))) == 0
