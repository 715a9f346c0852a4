"""What only comes near a search."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from aisle.ranking.nearby import Nearby
from aisle.records.candidates import Candidates
from aisle.records.request import Context, Request

CONTEXT = Context(Request("walnut bed"), "search", 0)
shares = st.floats(0, 1, width=32)
scores = st.floats(-1, 1, width=32)  # a cosine may be below nothing


def near(
    coverage: list[float], relevance: list[float], said: list[float] | None = None, learned: bool = False
) -> list[bool]:
    rows = np.arange(len(coverage), dtype=np.int32)
    columns = [coverage, relevance, said or [np.nan] * len(coverage)]
    found = Candidates(rows, np.array(columns, np.float32).T, ("coverage", "relevance", "identified"))
    return [bool(one) for one in Nearby(["identified", "pinned"], learned=learned).score(CONTEXT, found).near()]


def test_every_word_answers() -> None:
    assert near([1, 1, 1, 0.5, 0.5], [0.9, 0.8, 0.3, 0.85, 0.7]) == [False, False, False, True, True]


def test_where_judges_taught_it_what_is_as_relevant_as_half_of_those_answers_too() -> None:
    assert near([1, 1, 1, 0.5, 0.5], [0.9, 0.8, 0.3, 0.85, 0.7], learned=True) == [False, False, False, False, True]


def test_where_none_has_every_word_those_answer_that_have_most() -> None:
    assert near([0.6, 0.6, 0.2], [0.5, 0.4, 0.3]) == [False, False, True]


def test_where_none_has_any_word_meaning_decides() -> None:
    assert near([0, 0, 0], [0.6, 0.5, 0.2]) == [False, False, True]
    assert near([0, 0, 0], [-0.1, -0.11, -0.3]) == [False, False, True]


def test_what_somebody_said_is_no_near_miss() -> None:
    assert near([1, 0, 0], [0.9, 0.1, 0.1], [np.nan, 1, np.nan]) == [False, False, True]


def test_what_the_shop_pins_is_no_near_miss() -> None:
    found = Candidates(np.arange(2, dtype=np.int32), np.array([[1, 0.9], [0, 0.1]], np.float32),
                       ("coverage", "relevance"))  # fmt: skip
    assert Nearby().score(CONTEXT, found).near().tolist() == [False, True]
    assert not Nearby(pins=(1,)).score(CONTEXT, found).near().any()


def test_nothing_is_near_where_relevance_failed_or_nothing_was_found() -> None:
    bare = Candidates(np.arange(2, dtype=np.int32), np.zeros((2, 1), np.float32), ("lexical",))
    assert not Nearby().score(CONTEXT, bare).near().any()
    assert near([], []) == []


@settings(deadline=None)
@given(st.lists(st.tuples(shares, scores), min_size=1, max_size=20))
def test_something_always_answers_and_more_words_and_relevance_never_hurt(found: list[tuple[float, float]]) -> None:
    coverage, relevance = (list(part) for part in zip(*found, strict=True))
    behind = near(coverage, relevance)
    assert not all(behind)
    for a, (words, worth) in enumerate(found):
        for b, (fewer, less) in enumerate(found):
            if words >= fewer and worth >= less and not behind[b]:
                assert not behind[a]
