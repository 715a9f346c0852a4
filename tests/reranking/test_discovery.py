"""Places kept for newcomers: how many, which ones, and that nobody is lost."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aisle.records.candidates import Candidates
from aisle.records.request import Context, Request
from aisle.reranking.discovery import Discovery

CONTEXT = Context(Request(), "home", 0)


def ranked(newcomers: dict[int, float], size: int = 30) -> Candidates:
    """Candidates in order; `newcomers` gives positions and what the source thinks of them."""
    scores = np.full((size, 2), np.nan, np.float32)
    scores[:, 1] = -np.arange(size)
    for at, score in newcomers.items():
        scores[at, 0] = score
    return Candidates(np.arange(size, dtype=np.int32), scores, ("newcomers", "blend"))


def test_the_eighth_of_every_ten_is_the_best_newcomer_left() -> None:
    order = Discovery(1).rerank(CONTEXT, ranked({28: 0.9, 29: 0.4, 20: 0.1}), 20).order
    assert order[7] == 28 and order[17] == 29
    assert order[:7] == tuple(range(7)) and order[8:17] == tuple(range(7, 16))


def test_no_place_and_no_newcomer_change_nothing() -> None:
    everything = tuple(range(30))
    assert Discovery(0).rerank(CONTEXT, ranked({3: 1.0}), 10).order == everything
    assert Discovery(2).rerank(CONTEXT, ranked({}), 10).order == everything


@given(st.dictionaries(st.integers(0, 29), st.floats(-1, 1, width=32)), st.integers(0, 5), st.integers(1, 40))
def test_everybody_stays_once_and_the_places_are_kept_while_there_are_newcomers(
    newcomers: dict[int, float], places: int, size: int
) -> None:
    order = Discovery(places).rerank(CONTEXT, ranked(newcomers), size).order
    assert sorted(order) == list(range(30))
    assert order == Discovery(places).rerank(CONTEXT, ranked(newcomers), 10).order, "pages agree"
    if len(newcomers) <= 20 + places and places:
        assert sum(at in newcomers for at in order[:10]) == min(places, len(newcomers))
