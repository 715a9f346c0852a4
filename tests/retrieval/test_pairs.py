"""What tables of pairs are made of."""

import numpy as np

from aisle.records.history import NO_TIME
from aisle.retrieval.pairs import STEP, faded, incidence
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
