"""What new products are worth as they are shown and answered, and how likely each draw was."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from aisle.retrieval.newcomers import DRAWS, RATE, chances_of, drawn_of, posterior

STEADY = settings(max_examples=60, deadline=None, derandomize=True)
COUNTS = st.lists(st.integers(0, 500), min_size=1, max_size=20)


def worth(shown: list[int], touched: list[int]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    won, lost = posterior(np.array(shown), np.array(touched))
    return np.asarray(won / (won + lost))


def test_before_anything_is_known_the_source_decides() -> None:
    value = worth([0, 0, 0], [0, 0, 0])
    assert value[0] == RATE and (np.diff(value) < 0).all()


def test_a_showing_without_an_answer_lowers_and_an_answer_raises() -> None:
    assert worth([30, 0], [0, 0])[0] < worth([30, 0], [0, 0])[1]
    assert worth([30, 0], [9, 0])[0] > RATE
    assert worth([1000], [50])[0] == (2 + 50) / (20 + 1000)


@STEADY
@given(COUNTS, COUNTS)
def test_posteriors_are_proper_whatever_was_counted(shown: list[int], touched: list[int]) -> None:
    size = min(len(shown), len(touched))  # answers may outnumber showings: a search showed it, too
    won, lost = posterior(np.array(shown[:size]), np.array(touched[:size]))
    assert (won > 0).all() and (lost > 0).all()


@STEADY
@given(st.integers(1, 12), st.integers(0, 1000))
def test_every_place_goes_to_somebody_and_everybody_stands_somewhere(size: int, seed: int) -> None:
    zeros = np.zeros(size, np.int64)
    drawn = drawn_of(*posterior(zeros, zeros), seed)
    chances = chances_of(drawn)
    np.testing.assert_allclose(chances.sum(axis=0), 1)
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    first = int(drawn[0].argmax())
    assert chances[first, 0] >= 1 / DRAWS, "what was drawn was likely"
