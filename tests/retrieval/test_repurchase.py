"""Repurchase: what is due again, and what was bought just now."""

from dataclasses import replace

import numpy as np
import pytest

from aisle.records.history import NO_TIME, History
from aisle.retrieval.repurchase import Repurchase, due_of
from tests.contracts.test_retrievers import TARGET, context_of, log_of
from tests.worlds import DAY, START

MILK, DOG, SALT = 1, 2, 3


def history() -> History:
    """Milk every week until yesterday, dog food every fortnight until ten days ago, salt once, three days ago."""
    lines = [("a", MILK, day, day) for day in range(0, 57, 7)] + [("a", DOG, day, 100 + day) for day in (19, 33, 47)]
    made: History = log_of([*lines, ("a", SALT, 54, 200)]).history(0)
    return made


def test_what_is_due_grows_with_the_time_since_it_was_bought() -> None:
    rows = np.array([MILK, DOG, SALT], np.int32)
    due = due_of(history(), rows, START + 57 * DAY)
    assert due.tolist() == pytest.approx([1 / (7 / 4), 1, 3 / (14 / 4)], abs=1e-5)
    at_once = due_of(history(), rows, START + 56 * DAY)
    assert at_once[0] == pytest.approx(0.01) and (due_of(history(), rows, START + 90 * DAY) == 1).all()


def test_where_nobody_knows_times_everything_is_due() -> None:
    mine = history()
    timeless = replace(mine, times=np.full(len(mine), NO_TIME, np.int64))
    assert due_of(timeless, np.array([MILK, DOG, SALT], np.int32), START).tolist() == [1, 1, 1]


def test_to_buy_again_what_was_bought_just_now_stands_behind() -> None:
    asked = replace(context_of(), history=history(), now=START + 56 * DAY)
    assert Repurchase(TARGET).retrieve(asked, 3).rows[0] == MILK
    assert Repurchase(TARGET, due=True).retrieve(asked, 3).rows.tolist()[-1] == MILK
