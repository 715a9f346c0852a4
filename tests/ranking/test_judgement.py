"""A line where few queries were judged; trees where they are right about queries that they did not see."""

from pathlib import Path

import numpy as np
import pytest

from aisle.ranking.judgement import Judgement
from aisle.records.history import Floats, Longs

NAMES = ("cosine", "letters", "noise")


def world(queries: int, bent: bool) -> tuple[Floats, Floats, Longs]:
    """Twenty products a query; what judges say is a line of one signal, or that of one depends on another."""
    random = np.random.default_rng(0)
    signals = random.random((20 * queries, len(NAMES))).astype(np.float32)
    wanted = np.where(signals[:, 1] > 0.5, signals[:, 0], 1 - signals[:, 0]) if bent else 0.5 * signals[:, 0]
    return signals, wanted.astype(np.float32), np.repeat(np.arange(queries), 20)


def error(made: Judgement, signals: Floats, wanted: Floats) -> float:
    return float(np.mean(np.square(made.of(signals) - wanted)))


def test_a_line_is_found_as_a_line() -> None:
    signals, wanted, queries = world(200, bent=False)
    made = Judgement.fit(signals, wanted, queries, NAMES, 0)
    assert error(made, signals, wanted) < 0.001


def test_trees_come_in_where_a_line_cannot_say_it() -> None:
    signals, wanted, queries = world(200, bent=True)
    made = Judgement.fit(signals, wanted, queries, NAMES, 0)
    assert made.trees is not None
    assert error(made, signals, wanted) < 0.2 * np.var(wanted)


def test_a_handful_of_queries_grows_no_trees() -> None:
    signals, wanted, queries = world(5, bent=True)
    assert Judgement.fit(signals, wanted, queries, NAMES, 0).trees is None


@pytest.mark.parametrize("bent", [False, True])
def test_what_was_saved_says_the_same(tmp_path: Path, bent: bool) -> None:
    signals, wanted, queries = world(60, bent)
    signals[::7, 0] = np.nan
    made = Judgement.fit(signals, wanted, queries, NAMES, 0)
    made.save(tmp_path / "judged")
    assert Judgement.load(tmp_path / "judged").of(signals).tolist() == made.of(signals).tolist()
    assert Judgement.load(tmp_path / "judged").of(signals[:0]).shape == (0,)
