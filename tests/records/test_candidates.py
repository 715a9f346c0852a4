from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisle.errors import StageError
from aisle.records.candidates import RANK, Candidates, found, nothing, together
from aisle.records.history import Ints

STEADY = settings(max_examples=100, deadline=None, derandomize=True)
ROWS = st.lists(st.integers(0, 60), unique=True, max_size=40)


def candidates(rows: Sequence[int], *columns: str, score: float = 1.0) -> Candidates:
    return Candidates(np.array(rows, np.int32), np.full((len(rows), len(columns)), score, np.float32), columns)


def ints(rows: Sequence[int]) -> Ints:
    return np.array(rows, np.int32)


def test_a_row_twice_is_refused() -> None:
    with pytest.raises(StageError, match="row twice"):
        candidates([3, 1, 3], "a")


@pytest.mark.parametrize("score", [float("inf"), float("-inf")])
def test_an_infinite_score_is_refused(score: float) -> None:
    with pytest.raises(StageError, match="infinite"):
        candidates([1], "a", score=score)


def test_a_nan_is_kept_because_it_says_nothing() -> None:
    assert np.isnan(candidates([1], "a", score=float("nan")).column("a")).all()


def test_scores_of_another_shape_are_refused() -> None:
    with pytest.raises(StageError, match="shape"):
        Candidates(ints([1, 2]), np.zeros((2, 1), np.float32), ("a", "b"))


def test_columns_are_added_beside_and_rows_are_taken_in_order() -> None:
    both = candidates([5, 2], "a").beside(["b"], np.array([[7.0], [8.0]], np.float32))
    assert both.columns == ("a", "b")
    taken = both.take(np.array([1, 0]))
    assert taken.rows.tolist() == [2, 5]
    assert taken.column("b").tolist() == [8.0, 7.0]


def test_nothing_has_columns_but_no_rows() -> None:
    assert len(nothing("a", "b")) == 0
    assert nothing("a", "b").scores.shape == (0, 2)


@STEADY
@given(ROWS, st.integers(0, 50))
def test_found_is_the_beginning_of_the_full_sort(rows: list[int], limit: int) -> None:
    scores = np.array([(row * 7919) % 5 for row in rows], np.float32)  # many ties
    best = found("a", ints(rows), scores, limit)
    order = sorted(range(len(rows)), key=lambda at: (-scores[at], rows[at]))[:limit]
    assert best.rows.tolist() == [rows[at] for at in order]
    assert best.column("a").tolist() == [scores[at] for at in order]
    assert best.rows.dtype == np.int32 and best.scores.dtype == np.float32


@STEADY
@given(ROWS, st.integers(0, 50))
def test_found_does_not_depend_on_the_order_of_the_rows(rows: list[int], limit: int) -> None:
    scores = {row: float(row % 3) for row in rows}
    one = found("a", ints(rows), np.array([scores[r] for r in rows], np.float32), limit)
    rows = rows[::-1]
    two = found("a", ints(rows), np.array([scores[r] for r in rows], np.float32), limit)
    assert one.rows.tolist() == two.rows.tolist()


@STEADY
@given(st.lists(ROWS, max_size=4))
def test_together_is_the_union_and_nan_where_a_source_was_silent(parts: list[list[int]]) -> None:
    named = [candidates(rows, f"s{k}", score=float(k)) for k, rows in enumerate(parts)]
    union = together(named)
    assert union.rows.tolist() == sorted({row for rows in parts for row in rows})
    assert union.columns == tuple(f"s{k}" for k in range(len(parts)))
    for k, rows in enumerate(parts):
        said = ~np.isnan(union.column(f"s{k}"))
        assert union.rows[said].tolist() == sorted(rows)
        assert (union.column(f"s{k}")[said] == k).all()


def test_together_of_nobody_is_nothing() -> None:
    assert len(together([])) == 0
    assert len(together([nothing("a"), nothing("b")])) == 0


def test_ranks_count_from_the_best_and_know_nothing_of_a_silent_source() -> None:
    nan = np.nan
    made = Candidates(
        np.array([3, 5, 9], np.int32), np.array([[0.2, nan], [0.9, nan], [0.2, 1.0]], np.float32), ("a", "b")
    )
    np.testing.assert_array_equal(made.ranks(), [[1, nan], [0, nan], [2, 0]])


def test_some_columns_in_any_order_and_nan_for_one_that_is_not_there() -> None:
    made = Candidates(np.array([3, 5], np.int32), np.array([[1, 2], [3, 4]], np.float32), ("a", "b"))
    np.testing.assert_array_equal(made.some(["b", "c", "a"]), [[2, np.nan, 1], [4, np.nan, 3]])
    assert made.some([]).shape == (2, 0)


def test_what_is_told_of_a_candidate_leaves_out_silence_and_ranks() -> None:
    made = Candidates(np.array([3], np.int32), np.array([[1, np.nan, 4]], np.float32), ("a", "b", RANK + "a"))
    assert made.told(0) == {"a": 1.0}
