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
            assert max(np.bincount(stretch[stretch >= 0]), default=0) <= one.most
    longer = Quotas(quotas).rerank(CONTEXT, ranked(40), size + 10).order
    assert longer[: len(shown)] == shown, "a second page begins where the first ends"
