"""What tables of pairs are made of."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from aisle.records.history import NO_TIME
from aisle.retrieval.pairs import FEW, STEP, baskets, faded, incidence, telling
from tests.evaluation.test_splits import log_of
from tests.worlds import DAY, START


def test_a_large_basket_counts_by_lines_that_are_drawn_and_not_by_the_first_of_the_catalogue() -> None:
    lines = [(f"u{basket}", product, 0, f"o{basket}") for basket in range(200) for product in range(40)]
    table, owners = incidence(log_of(lines), 40, largest=10)
    assert table.shape == (200, 40) and len(owners) == 200
    assert set(np.asarray(table.sum(axis=1)).ravel()) == {10}
    assert np.asarray(table.sum(axis=0)).min() > 20


def test_in_a_log_without_times_what_is_recorded_now_is_not_as_old_as_all_else() -> None:
    times = np.array([START, NO_TIME, NO_TIME], np.int64)
    np.testing.assert_allclose(faded(times, START + DAY, 7), [1, STEP, STEP**2], rtol=1e-6)


def test_what_lies_in_every_basket_says_nothing_of_any() -> None:
    """Two circles of goods that go together, and a staple (0) that goes with all of them."""
    size, often = 2 * (FEW + 2) + 1, 10.0
    table = np.zeros((size, size), np.float32)
    for circle in (range(1, FEW + 3), range(FEW + 3, size)):
        for row in circle:
            table[row, list(circle)] = often
    table[0], table[:, 0] = often, often
    np.fill_diagonal(table, 0)
    made = telling(sp.csr_matrix(table)).toarray()
    assert not made[1:, 0].any() and (made[1:, 1:] == table[1:, 1:]).all()


def test_a_product_of_few_companions_keeps_them_all() -> None:
    table = np.ones((5, 5), np.float32) - np.eye(5, dtype=np.float32)
    assert (telling(sp.csr_matrix(table)).toarray() == table).all()
    assert telling(sp.csr_matrix((3, 3), dtype=np.float32)).nnz == 0


@pytest.mark.parametrize("day", [None, 0])
def test_the_lines_of_an_order_need_not_stand_together(day: int | None) -> None:
    """A file that is sorted by product, and two tills that write to one account."""
    lines = [("guest", product, day, f"o{order}") for order in range(30) for product in (order % 5, order % 5 + 5)]
    sorted_by_product = sorted(lines, key=lambda line: line[1])
    once, again = (incidence(log_of(some), 10)[0] for some in (lines, sorted_by_product))
    assert once.shape == again.shape == (30, 10)
    assert ((once.T @ once) != (again.T @ again)).nnz == 0


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(0, 3)), max_size=30))
def test_baskets_are_numbered_in_order_of_their_first_lines(lines: list[tuple[int, int, int]]) -> None:
    log = log_of([(f"u{user}", product, 0, f"o{order}") for user, product, order in lines])
    basket, begins = baskets(log)
    owners = log.owners()
    assert sorted(set(basket.tolist())) == list(range(len(begins)))
    assert (basket[begins] == np.arange(len(begins))).all() and (np.diff(begins) > 0).all()
    assert all(np.flatnonzero(basket == number)[0] == first for number, first in enumerate(begins))
    same = (owners[:, None] == owners[None]) & (log.columns.orders[:, None] == log.columns.orders[None])
    assert ((basket[:, None] == basket[None]) == same).all()
