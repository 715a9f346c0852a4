"""Metrics against numbers worked out by hand, and intervals that behave as intervals."""

from itertools import pairwise

import numpy as np
import pytest

from aisle.evaluation import metrics
from aisle.evaluation.bootstrap import interval, lift
from aisle.evaluation.splits import at_order, at_time, cuts
from aisle.ranking.calibration import Calibration, calibration_error
from tests.contracts.test_retrievers import DAY, START, TARGET, log_of

LISTS = [[1, 2, 3], [4, 5, 6], []]
TRUTHS = [frozenset({1, 3}), frozenset({9}), frozenset({7})]


def test_ndcg_of_a_slate_by_hand() -> None:
    hits, wanted = metrics.hits_of(LISTS, TRUTHS, 3)
    ideal = 1 + 1 / np.log2(3)
    np.testing.assert_allclose(metrics.ndcg(hits, wanted), [(1 + 1 / 2) / ideal, 0, 0])


def test_requests_without_an_answer_count_as_zero() -> None:
    hits, wanted = metrics.hits_of(LISTS, TRUTHS, 3)
    for metric in metrics.METRICS.values():
        assert metric(hits, wanted).tolist()[1:] == [0, 0]


def test_recall_hit_rate_and_reciprocal_rank_by_hand() -> None:
    hits, wanted = metrics.hits_of([[5, 1, 3, 2]], [frozenset({1, 2, 8, 9})], 2)
    assert metrics.recall(hits, wanted) == [0.25]
    assert metrics.capped_recall(hits, wanted) == [0.5]
    assert metrics.hit_rate(hits, wanted) == [1] and metrics.reciprocal_rank(hits, wanted) == [0.5]


def test_coverage_gini_and_novelty_by_hand() -> None:
    assert metrics.coverage([[0, 1], [1]], 4) == 0.5
    assert metrics.gini([[0], [1]], 2) == pytest.approx(0) and metrics.gini([[0], [0]], 2) == pytest.approx(0.5)
    assert metrics.novelty([[0, 1]], np.array([4, 1]), 4).tolist() == [1.0]


def test_an_interval_holds_the_mean_and_narrows_with_more_users() -> None:
    random = np.random.default_rng(0)
    few, many = interval(random.random(50)), interval(random.random(5000))
    assert few.low < few.value < few.high and many.high - many.low < few.high - few.low


def test_a_paired_lift_is_narrower_than_the_parts_and_exact_for_a_constant_factor() -> None:
    values = np.random.default_rng(0).random(200)
    found = lift(values * 1.1, values)
    assert found.value == pytest.approx(0.1) and found.low == pytest.approx(0.1) and found.high == pytest.approx(0.1)


def test_a_split_by_time_knows_nothing_of_the_future() -> None:
    log = log_of([("a", 1, 0, 0), ("a", 2, 10, 1), ("a", 3, 20, 2), ("b", 4, 30, 3)])
    cut = at_time(log, TARGET, START + 10 * DAY, START + 21 * DAY)
    assert cut.past.columns.rows.tolist() == [1]
    assert cut.future(0).tolist() == [2, 3] and cut.future(1).tolist() == []


def test_a_split_by_order_holds_back_one_interaction_each() -> None:
    log = log_of([("a", row, row, row) for row in (1, 2, 3)] + [("b", 7, 0, 9)])
    last, before = at_order(log, TARGET, 1, 0), at_order(log, TARGET, 2, 0)
    assert last.future(0).tolist() == [3] and last.past.history(0).rows.tolist() == [1, 2]
    assert before.future(0).tolist() == [2] and before.past.history(0).rows.tolist() == [1]
    assert last.future(1).tolist() == [7] and len(last.past.history(1)) == 0


def test_cuts_come_newest_first_and_do_not_overlap() -> None:
    log = log_of([(f"u{u}", day % 5, day, day) for u in range(40) for day in range(0, 300, 3)])
    made = cuts(log, TARGET, 28, 28, 3)
    assert len(made) == 4
    for newer, older in pairwise(made):
        assert older.until <= newer.now


def test_calibration_never_changes_an_order_and_meets_the_rates() -> None:
    random = np.random.default_rng(0)
    scores = random.normal(size=20_000).astype(np.float32)
    labels = (random.random(20_000) < 1 / (1 + np.exp(2 - 2 * scores))).astype(np.float32)
    fitted = Calibration().fit(scores[:10_000], labels[:10_000])
    found = fitted.apply(scores[10_000:])
    assert (np.diff(found[np.argsort(scores[10_000:])]) >= 0).all()
    assert calibration_error(found, labels[10_000:]) < 0.02


def test_calibration_error_by_hand() -> None:
    assert calibration_error([0.1] * 10, [0] * 5 + [1] * 5) == pytest.approx(0.4)
    assert calibration_error([0.5, 0.5], [0, 1]) == 0


def test_where_a_baseline_seldom_hits_its_interval_is_of_the_resamples_that_tell_one() -> None:
    system, baseline = np.r_[np.ones(6), np.zeros(94)], np.r_[np.ones(1), np.zeros(99)]
    found = lift(system, baseline)
    assert found.value == pytest.approx(5) and 0 <= found.low < found.value < found.high < 20
