"""What is popular, in order."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from aisle.evaluation.baselines import Popularity
from aisle.features.tally import Tally
from aisle.records.history import SHIFT
from aisle.records.request import Context, Request
from aisle.records.times import DAY
from aisle.retrieval.popular import Popular


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=30), st.integers(1, 12))
def test_the_first_few_are_the_beginning_of_all(orders: list[tuple[int, bool]], limit: int) -> None:
    tally = Tally(len(orders), 0, timed=False)
    tally.columns["buyers"][:] = [count for count, _ in orders]
    mask = np.array([here for _, here in orders])

    def found(head: int) -> list[int]:
        context = replace(Context(Request(), "popular", 0, mask, mask), moment=tally.moment(0))
        return list(map(int, Popular(head=head).retrieve(context, limit).rows))

    best = [row for row in np.argsort(-tally.columns["buyers"], kind="stable") if tally.columns["buyers"][row]]
    shown = [int(row) for row in best if mask[row]][:limit]
    assert found(3) == found(5000)
    assert not shown or found(3) == shown


def test_what_was_popular_long_ago_is_still_in_its_order() -> None:
    """Three years behind, at a half-life of a week, a count is smaller than 32 bits hold."""
    tally = Tally(5, 0)
    tally.columns["buyers"][:], tally.columns["last7"][:] = [1, 4, 0, 3, 2], np.array([1, 4, 0, 3, 2]) << SHIFT
    mask = np.ones(5, bool)
    for days in (1, 1100, 5000):
        context = replace(Context(Request(), "popular", 0, mask, mask), moment=tally.moment(days * DAY))
        assert Popular(half_life=7).retrieve(context, 5).rows.tolist() == [1, 3, 4, 0]


def test_without_times_an_account_that_orders_all_the_time_is_one_shopper() -> None:
    tally, mask = Tally(4, 0, timed=False), np.ones(4, bool)
    tally.columns["buyers"][:], tally.columns["orders"][:] = [1, 5, 5, 0], [600, 5, 9, 0]
    context = replace(Context(Request(), "popular", 0, mask, mask), moment=tally.moment(0))
    assert Popular().retrieve(context, 5).rows.tolist() == [2, 1, 0]
    assert Popularity().rank(context, 5).rows.tolist() == [2, 1, 0]
