"""The linear model: its equations against a plain solution of them, and what it makes of tiny logs."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from aisle.records.event import CODES
from aisle.records.history import NO_MARKET, NO_TIME, History
from aisle.records.request import Context, Request
from aisle.retrieval import linear
from aisle.retrieval.linear import Linear, LinearCourse, covered, sequential, symmetric, within
from tests.contracts.test_retrievers import log_of

SIZE = 12
BUY, VIEW = CODES["purchase"], CODES["view"]


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "ENOUGH", 20)


def ring(shoppers: int = 60, length: int = 6, size: int = SIZE) -> Any:
    """After product k everybody takes product k + 1."""
    return log_of([(f"u{u:03d}", (5 * u + k) % size, k, 100 * u + k) for u in range(shoppers) for k in range(length)])


def asked(model: Linear, rows: list[int], market: int = NO_MARKET) -> list[int]:
    size = len(rows)
    history = History(
        np.array(rows, np.int32), np.array(rows, np.int32), np.full(size, BUY, np.int8), np.full(size, NO_TIME),
        np.full(size, -1), np.ones(size, np.float32), np.ones(size, np.float32), np.arange(size),
        np.full(size, market, np.int32),
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


def two_markets(shoppers: int = 40, few: int = 40) -> Any:
    """After product k market 7 takes product k + 1, market 8 (of `few` shoppers) product k + 2."""
    lines = [(f"a{u:03d}", (5 * u + k) % 9, k, 100 * u + k) for u in range(shoppers) for k in range(6)]
    lines += [(f"b{u:03d}", (5 * u + 2 * k) % 9, k, 10_000 + 100 * u + k) for u in range(few) for k in range(6)]
    log = log_of(lines)
    log.columns.markets[:] = np.where(np.char.startswith(log.shoppers[log.owners()], "a"), 7, 8)
    return log


def test_each_market_has_weights_of_its_own_and_learns_from_the_others(tmp_path: Path) -> None:
    model = course().until(two_markets())
    assert model is not None and sorted(model.markets) == [7, 8]
    model.save(tmp_path / "saved")
    for one in (model, Linear.load(tmp_path / "saved")):
        assert asked(one, [3], 7)[0] == 4 and asked(one, [3], 8)[0] == 5
        assert {4, 5} <= set(asked(one, [3], 7)) & set(asked(one, [3], 8))


def test_a_market_of_few_steps_and_one_that_is_unknown_are_served_by_all(tmp_path: Path) -> None:
    model = course().until(two_markets(few=3))
    assert model is not None and list(model.markets) == [7]
    assert asked(model, [3], 8) == asked(model, [3])
    assert model.markets[7].shape == model.table.shape
    alone = two_markets(few=0)
    assert not (course().until(alone) or model).markets  # one market is the whole shop


def test_of_products_that_a_market_does_not_know_it_says_what_all_say() -> None:
    log = two_markets()
    rows = log.columns.rows
    rows[log.columns.markets == 8] = np.minimum(rows[log.columns.markets == 8] + 2, 11)
    model = course().until(log)
    assert model is not None and asked(model, [0], 8) == asked(model, [0]) and asked(model, [0], 8)[0] == 1
    own = within(sp.csr_matrix(np.ones((3, 3))), sp.csr_matrix(np.diag([0, 5, 5])), np.array([1, 2]))
    np.testing.assert_array_equal(own.toarray(), [[1, 1, 1], [1, 5, 0], [1, 0, 5]])


def test_too_short_a_log_teaches_nothing() -> None:
    assert course().until(ring(2)) is None and course().until(log_of([])) is None


def test_a_saved_model_answers_the_same(tmp_path: Path) -> None:
    model = course().until(ring())
    assert model is not None
    model.save(tmp_path / "saved")
    again = Linear.load(tmp_path / "saved")
    assert asked(again, [3, 4]) == asked(model, [3, 4]) and again.types == model.types and again.step == model.step
