"""The linear model: its equations against a plain solution of them, and what it makes of tiny logs."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from aisle.records.event import CODES
from aisle.records.history import NO_TIME, History
from aisle.records.request import Context, Request
from aisle.retrieval import linear
from aisle.retrieval.linear import Linear, LinearCourse, covered, sequential, symmetric
from tests.contracts.test_retrievers import log_of

SIZE = 12
BUY, VIEW = CODES["purchase"], CODES["view"]


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "ENOUGH", 20)


def ring(shoppers: int = 60, length: int = 6, size: int = SIZE) -> Any:
    """After product k everybody takes product k + 1."""
    return log_of([(f"u{u:03d}", (5 * u + k) % size, k, 100 * u + k) for u in range(shoppers) for k in range(length)])


def asked(model: Linear, rows: list[int]) -> list[int]:
    size = len(rows)
    history = History(
        np.array(rows, np.int32), np.array(rows, np.int32), np.full(size, BUY, np.int8), np.full(size, NO_TIME),
        np.full(size, -1), np.ones(size, np.float32), np.arange(size),
        np.full(size, -1, np.int32),
    )  # fmt: skip
    mask = np.ones(SIZE, bool)
    mask[rows] = False
    context = Context(Request(), "home", 0, mask=mask, history=history)
    return [int(row) for row in model.retrieve(context, SIZE).rows]


def course(largest: int = SIZE, target: int = BUY) -> LinearCourse:
    return LinearCourse(SIZE, (BUY, VIEW), target, 0, largest)


def test_the_sequential_weights_solve_their_equations() -> None:
    random = np.random.default_rng(0)
    x, y, z = ((random.random((40, 5)) < 0.4).astype(np.float32) for _ in range(3))
    made = sequential(*(sp.csr_matrix(part) for part in (x, y, z))).toarray()
    shared = linear.MIX * z.T @ z
    plain = np.linalg.solve(x.T @ x + shared + linear.RIDGE * np.eye(5), x.T @ y + shared)
    np.fill_diagonal(plain, 0)
    np.testing.assert_allclose(made, np.maximum(plain, 0), atol=1e-6)


def test_without_order_it_is_ease() -> None:
    """Steck 2019, equation 8: B_ij = -P_ij / P_jj."""
    z = (np.random.default_rng(1).random((50, 6)) < 0.4).astype(np.float32)
    inverse = np.linalg.inv(z.T @ z + linear.RIDGE * np.eye(6))
    plain = -inverse / np.diag(inverse)
    np.fill_diagonal(plain, 0)
    np.testing.assert_allclose(symmetric(sp.csr_matrix(z)).toarray(), np.maximum(plain, 0), atol=1e-6)


def test_only_the_largest_weights_of_a_product_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "KEPT", 2)
    z = sp.csr_matrix((np.random.default_rng(2).random((90, 8)) < 0.5).astype(np.float32))
    assert max(np.diff(symmetric(z).indptr)) <= 2


def test_what_follows_is_found_where_order_counts() -> None:
    made = course()
    model = made.until(ring())
    assert model is not None and made.ordered and made.figures["in order"] > 0.9
    assert asked(model, [3, 4])[0] == 5


def test_where_order_says_nothing_what_is_chosen_together_is_found() -> None:
    random = np.random.default_rng(3)
    lines = [(f"u{u:03d}", int(row), k, 100 * u + k) for u in range(120)
             for k, row in enumerate(random.permutation(4) + 4 * (u % 3))]  # fmt: skip
    made = course()
    model = made.until(log_of(lines))
    assert model is not None and set(asked(model, [4])[:3]) == {5, 6, 7}
    assert made.figures["without order"] > 0


def test_it_decides_once_and_stays_with_it() -> None:
    made = course()
    made.until(ring())
    before = dict(made.figures)
    assert made.until(ring(90)) is not None and made.figures == before


def test_the_target_teaches_where_there_is_enough_of_it() -> None:
    """Between two purchases everybody looks at product 11; who asks for purchases is not told of it."""
    lines = [(f"u{u:03d}", row, 3 * k + late, 100 * u + k) for u in range(60) for k in range(6)
             for late, row in enumerate(((5 * u + k) % 11, 11))]  # fmt: skip
    log = log_of(lines)
    log.columns.types[log.columns.rows == 11] = VIEW
    model = course().until(log)
    assert model is not None and 11 not in asked(model, [3, 4])[:1]


def test_only_the_most_chosen_products_are_covered() -> None:
    np.testing.assert_array_equal(covered(np.array([3, 3, 1, 5, 5, 5]), 8, 2), [3, 5])
    model = course(largest=4).until(ring())
    assert model is not None and len(np.unique(model.table.indices)) <= 4


def test_too_short_a_log_teaches_nothing() -> None:
    assert course().until(ring(2)) is None and course().until(log_of([])) is None


def test_a_saved_model_answers_the_same(tmp_path: Path) -> None:
    model = course().until(ring())
    assert model is not None
    model.save(tmp_path / "saved")
    again = Linear.load(tmp_path / "saved")
    assert asked(again, [3, 4]) == asked(model, [3, 4]) and again.types == model.types and again.step == model.step
