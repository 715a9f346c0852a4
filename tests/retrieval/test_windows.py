"""The lessons of a log: which steps there are, and which are held out to judge by."""

import numpy as np
import pytest

from aisle.retrieval import windows as module
from aisle.retrieval.windows import FEWEST, SHARE, Windows
from tests.retrieval.test_sequence import BUY, VIEW, log_of


def test_of_few_shoppers_several_steps_are_held_out() -> None:
    """Sixty long histories: six last steps would tell nothing of whether another epoch is better."""
    random = np.random.default_rng(0)
    windows = Windows.of(log_of([[(int(row), BUY) for row in random.integers(0, 50, 150)] for _ in range(60)]), 0)
    assert 0.8 * FEWEST < windows.held.sum() < 1.2 * FEWEST
    owners = np.repeat(np.arange(60), 149)
    assert len(np.unique(owners[windows.held])) == 60 // SHARE, "of the same shoppers, the others teach all they did"
    places = np.tile(np.arange(149), 60)[windows.held]
    assert places.min() > 100, "the last ones"


def test_of_many_shoppers_the_last_step_of_some_is_held_out() -> None:
    windows = Windows.of(log_of([[(row, BUY) for row in (k % 9, (k + 1) % 9, (k + 3) % 9)] for k in range(3000)]), 0)
    assert windows.held.sum() == 300 and not windows.held[::2].any()


def test_a_look_that_is_logged_twice_judges_nobody() -> None:
    history = [(row, kind) for row in range(8) for kind in (VIEW, VIEW)]
    windows = Windows.of(log_of([history] * 200), 0)
    rows, targets = windows.steps.rows[windows.held], windows.targets[windows.held]
    assert len(rows) >= 20 and (rows != targets).all()
    alone = Windows.of(log_of([[(3, VIEW)] * 5] * 200), 0)
    assert not alone.held.any()


def test_of_very_many_products_a_sample_judges_with_what_held_out_steps_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AMONG", 50)
    random = np.random.default_rng(0)
    windows = Windows.of(log_of([[(int(row), BUY) for row in random.integers(0, 900, 6)] for _ in range(100)]), 0)
    held = np.flatnonzero(windows.held)
    among = windows.among(1000, held, 0)
    assert 50 <= len(among) <= 50 + 6 * len(held) and (np.diff(among) > 0).all() and among[-1] < 1000
    assert np.isin(windows.targets[held], among).all()
    assert all(np.isin(rows, among).all() for rows in windows.histories(held))
    assert np.array_equal(among, windows.among(1000, held, 0)), "every epoch is judged by the same"
    assert np.array_equal(windows.among(50, held, 0), np.arange(50)), "of few, all"


def test_a_history_ends_with_the_step_that_it_is_asked_at() -> None:
    windows = Windows.of(log_of([[(row, BUY) for row in (4, 5, 6, 7)], [(row, BUY) for row in (1, 2, 3)]]), 0)
    assert [rows.tolist() for rows in windows.histories(np.arange(5))] == [[4], [4, 5], [4, 5, 6], [1], [1, 2]]
