"""What was looked at comes back until it is bought."""

import numpy as np

from aisle.records.event import CODES
from aisle.records.history import Moment
from aisle.records.request import Context, Request
from aisle.retrieval.considered import Considered
from tests.retrieval.test_sequence import HOUR, SIZE, log_of

BUY, VIEW, CART = (CODES[name] for name in ("purchase", "view", "cart"))


def asked(history: list[tuple[int, int]]) -> tuple[list[int], list[str]]:
    """The rows that come back, best first, and why."""
    past = log_of([history], True).columns
    context = Context(Request(user="u"), "home", 9 * HOUR, np.arange(SIZE) != 7, history=past, moment=Moment(9 * HOUR))
    source = Considered((BUY,))
    found = source.retrieve(context, SIZE)
    rows = [int(row) for row in found.rows[np.argsort(-found.scores[:, 0], kind="stable")]] if len(found) else []
    return rows, [because.text for because in source.why(context, rows)]


def test_a_basket_comes_before_a_look_and_a_later_look_before_an_earlier_one() -> None:
    rows, why = asked([(3, CART), (1, VIEW), (2, VIEW)])
    assert rows == [3, 2, 1]
    assert why == ["you put it in your basket", "you looked at it", "you looked at it"]


def test_where_nobody_knows_when_what_others_took_who_looked_at_it_comes_first() -> None:
    looks, taken = np.zeros(SIZE, np.int64), np.zeros(SIZE, np.int64)
    looks[[1, 2, 3]], taken[[1, 2, 3]] = (900, 90, 900), (9, 9, 9)
    moment = Moment(9 * HOUR, columns={"looks": looks, "lines": taken}, timed=False)
    past = log_of([[(3, CART), (2, VIEW), (1, VIEW)]], False).columns
    context = Context(Request(user="u"), "home", 9 * HOUR, np.ones(SIZE, bool), history=past, moment=moment)
    found = Considered((BUY,)).retrieve(context, SIZE)
    assert found.rows[np.argsort(-found.scores[:, 0])].tolist() == [2, 3, 1]


def test_a_shopper_who_looked_at_everything_is_answered_with_everything(size: int = 400) -> None:
    looked = log_of([[(row, CART if row == 0 else VIEW) for row in range(size)]]).columns
    context = Context(Request(user="u"), "home", 9 * HOUR, np.ones(size, bool), history=looked, moment=Moment(9 * HOUR))
    found = Considered((BUY,)).retrieve(context, size)
    assert sorted(found.rows.tolist()) == list(range(size)) and found.rows[0] == 0


def test_what_was_bought_or_may_not_be_shown_does_not_come_back() -> None:
    assert asked([(1, VIEW), (1, BUY), (7, VIEW), (2, VIEW)])[0] == [2]
    assert asked([(1, BUY)])[0] == [] and asked([])[0] == []
