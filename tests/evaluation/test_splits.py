"""What was known at a moment, and what was not."""

from collections.abc import Sequence

import numpy as np

from aisle.catalogue.build import build
from aisle.evaluation.splits import at_order, at_time, cuts, visiting
from aisle.features.log import gathered
from aisle.records.event import CODES
from aisle.records.history import Interactions
from aisle.records.product import Product
from aisle.records.row import Row
from tests.worlds import DAY, START

CATALOGUE = build(Product(id=f"p{k}", title=f"Product {k}") for k in range(40))
TARGET = (CODES["purchase"],)


def log_of(lines: Sequence[tuple[str, int, int | None, str | None]]) -> Interactions:
    """(user, product, day, order) as a log."""
    rows = [Row("event", str(k), type="purchase", user=user, product=f"p{product}", order=order, offset=k + 1,
                timestamp=None if day is None else START + day * DAY)
            for k, (user, product, day, order) in enumerate(lines)]  # fmt: skip
    return gathered([rows], CATALOGUE)


def test_the_future_of_a_split_by_order_is_all_of_an_order() -> None:
    named = [("a", 0, 0, "o1"), ("a", 1, 0, "o1"), ("a", 2, 9, "o2"), ("a", 3, 9, "o2"), ("a", 4, 9, "o2")]
    for lines in (named, [(user, product, day, None) for user, product, day, _ in named]):
        cut = at_order(log_of(lines), TARGET, 1, START)
        assert cut.past.history(0).rows.tolist() == [0, 1] and cut.future(0).tolist() == [2, 3, 4]
        assert at_order(log_of(lines), TARGET, 2, START).future(0).tolist() == [0, 1]
    turned = [("a", 0, 0, "o1"), ("a", 2, 9, "o2"), ("a", 1, 0, "o1"), ("a", 3, 9, "o2"), ("b", 5, 3, "o9")]
    for days in (lambda day: day, lambda _: None, lambda _: 5):
        cut = at_order(
            log_of([(user, product, days(day), order) for user, product, day, order in turned]), TARGET, 1, START
        )
        assert cut.future(0).tolist() == [2, 3] and not set(cut.past.history(0).rows) & {2, 3}
        assert cut.future(1).tolist() == [5] and not len(cut.past.history(1))
    untimed = at_order(log_of([(user, product, None, None) for user, product, *_ in named]), TARGET, 1, 0)
    assert untimed.past.history(0).rows.tolist() == [0, 1, 2, 3] and untimed.future(0).tolist() == [4]


def test_what_judges_lies_behind_all_that_was_learned_however_narrow_the_spacing() -> None:
    random = np.random.default_rng(0)
    lines = [
        (f"u{k % 60}", int(random.integers(40)), int(day), f"o{k}") for k, day in enumerate(np.linspace(0, 400, 4000))
    ]
    made = cuts(log_of(lines), TARGET, horizon=28, spacing=7, count=4)
    assert len(made) == 5
    for judge in made[:2]:
        assert all(taught.until <= judge.now for taught in made if taught.now < judge.now)
    assert made[3].now - made[4].now == 7 * DAY


def test_a_split_by_order_tells_how_long_ago_each_future_began() -> None:
    cut = at_order(log_of([("a", 0, 0, "o1"), ("a", 1, 5, "o2"), ("b", 2, 9, "o3")]), TARGET, 1, START + 9 * DAY)
    assert cut.by_order and cut.ago.tolist() == [4 * DAY, 0] and cut.told == "last, in one order"
    assert not len(at_order(log_of([("a", 0, None, None)]), TARGET, 1, 0).ago)


def test_a_visit_knows_what_was_looked_at_before_the_order_and_nothing_behind_it() -> None:
    lines = [("view", "a", 0, 0), ("view", "a", 1, 10), ("purchase", "a", 1, 11), ("purchase", "a", 2, 11),
             ("view", "a", 3, 12), ("purchase", "a", 4, 15), ("view", "b", 5, 10), ("purchase", "c", 6, 2),
             ("purchase", "c", 7, 40)]  # fmt: skip
    rows = [Row("event", str(k), type=type, user=user, product=f"p{product}", offset=k + 1, timestamp=START + day * DAY)
            for k, (type, user, product, day) in enumerate(lines)]  # fmt: skip
    log, looks = gathered([rows], CATALOGUE), {"view": (CODES["view"],)}
    cut = at_time(log, TARGET, START + 5 * DAY, START + 30 * DAY, looks)
    visits = visiting(log, TARGET, cut, looks)
    assert visits.buyers().tolist() == [0] and visits.future(0).tolist() == [1, 2]
    assert visits.past.history(0).rows.tolist() == [0, 1] and visits.ago[0] == -6 * DAY
    assert not len(visits.past.history(1)), "who bought nothing is known until then"
    assert visits.beside["view"].of(0).tolist() == [3] and cut.beside["view"].of(0).tolist() == [1, 3]
