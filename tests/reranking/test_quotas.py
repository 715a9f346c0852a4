"""Quotas hold in every stretch of places, on every page, for any catalogue."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from aisle.records.candidates import Candidates
from aisle.records.request import Context, Request
from aisle.reranking.quotas import Quota, Quotas

CONTEXT = Context(Request(), "home", 0)
STEADY = settings(max_examples=400, deadline=None, derandomize=True)


def ranked(size: int) -> Candidates:
    return Candidates(np.arange(size, dtype=np.int32), np.arange(size, 0, -1, dtype=np.float32)[:, None], ("blend",))


def quota(codes: list[int], most: int, of: int = 10, name: str = "brand") -> Quota:
    return Quota(name, np.array(codes, np.int32), most, of)


def test_the_best_that_keeps_the_quota_comes_next() -> None:
    made = Quotas((quota([7, 7, 7, 8, -1, 7], 2, 4),)).rerank(CONTEXT, ranked(6), 6)
    assert made.order == (0, 1, 3, 4, 2, 5) and made.removed == ()


def test_what_fits_nowhere_is_taken_out_and_the_quota_named() -> None:
    made = Quotas((quota([7, 7, 7, 7], 3),)).rerank(CONTEXT, ranked(4), 10)
    assert made.order == (0, 1, 2)
    assert made.removed == ((3, "at most 3 of every 10 places may have the same brand"),)


def test_none_at_all_and_no_quota() -> None:
    none = Quotas((quota([0, -1, 0, -1], 0, name="sponsored true"),)).rerank(CONTEXT, ranked(4), 10)
    assert none.order == (1, 3) and {at for at, _ in none.removed} == {0, 2}
    assert Quotas().rerank(CONTEXT, ranked(3), 3).order == (0, 1, 2)


def test_a_floor_is_kept_as_late_as_it_can_be_and_slides_on() -> None:
    codes = [-1] * 8 + [0, 0, 0, 0]
    made = Quotas((Quota("seller small", np.array(codes, np.int32), None, 4, 1),)).rerank(CONTEXT, ranked(12), 4)
    assert made.order == (0, 1, 2, 8, 3, 4, 5, 9, 6, 7, 10, 11) and made.removed == ()


def test_a_floor_gives_way_only_where_nobody_is_left_and_never_to_more_than_a_quota_allows() -> None:
    small = Quota("seller small", np.array([-1, -1, -1, -1, 0, 0], np.int32), None, 2, 1)
    brand = quota([1, 2, 3, 4, 5, 5], 1, 10)
    made = Quotas((small, brand)).rerank(CONTEXT, ranked(6), 6)
    assert made.order == (0, 4, 1, 2, 3) and [at for at, _ in made.removed] == [5]


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.lists(st.integers(-1, 0), min_size=30, max_size=60), st.integers(1, 6), st.integers(0, 6), st.integers(1, 12))
def test_a_floor_holds_in_every_stretch_while_it_can(codes: list[int], least: int, more: int, of: int) -> None:
    least, members = min(least, of), codes.count(0)
    most = least + more
    made = Quotas((Quota("kind", np.array(codes, np.int32), most, of, least),)).rerank(CONTEXT, ranked(len(codes)), 10)
    shown = [codes[at] == 0 for at in made.order]
    last = max((k for k, mine in enumerate(shown) if mine), default=-1)
    for start in range(len(shown) - of + 1):
        stretch = shown[start : start + of]
        assert sum(stretch) <= most
        if start + of - 1 <= last:  # some are left
            assert sum(stretch) >= min(least, members)


def test_two_floors_are_both_kept_within_the_first_stretch() -> None:
    one, other = np.full(30, -1, np.int32), np.full(30, -1, np.int32)
    one[20:], other[25:] = 0, 0
    one[25:] = -1
    made = Quotas((Quota("seller a", one, None, 10, 1), Quota("seller b", other, None, 10, 1))).rerank(
        CONTEXT, ranked(30), 10
    )
    assert made.order[:10] == (0, 1, 2, 3, 4, 5, 6, 7, 20, 25)


COUNTED = st.lists(st.integers(-1, 4), min_size=40, max_size=40)


@STEADY
@given(COUNTED, COUNTED, st.integers(0, 4), st.integers(1, 4), st.integers(1, 12), st.integers(0, 40))
def test_two_quotas_hold_in_every_stretch_and_pages_agree(
    brands: list[int], sellers: list[int], most: int, more: int, of: int, size: int
) -> None:
    quotas = (quota(brands, most, of), quota(sellers, more, 10, "seller"))
    made = Quotas(quotas).rerank(CONTEXT, ranked(40), size)
    shown = made.order[:size]
    assert sorted((*made.order, *(at for at, _ in made.removed))) == list(range(40)), "nobody is lost or twice"
    for one in quotas:
        codes = one.codes[list(shown)]
        for start in range(len(shown)):
            stretch = codes[start : start + one.of]
            assert max(np.bincount(stretch[stretch >= 0]), default=0) <= (one.most or 0)
    longer = Quotas(quotas).rerank(CONTEXT, ranked(40), size + 10).order
    assert longer[: len(shown)] == shown, "a second page begins where the first ends"
