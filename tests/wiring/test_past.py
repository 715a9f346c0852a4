"""What is asked of the past knows what was there then, and what is recorded now has happened."""

import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from aisle import Shop
from aisle.pipeline.run import prepare
from aisle.records.request import Context, Request
from aisle.wiring.evaluate import last_weeks
from tests.worlds import DAY, START, grocer, opened

WEEKS = 26


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A grocer who lists one product late, and has sold out of another that is bought until the end."""
    goods, events = grocer(weeks=WEEKS)
    for one in goods:
        one["created_at"] = START + (WEEKS * 7 - 3) * DAY if one["id"] == "g109" else START
        one["available"] = "out of stock" if one["id"] in ("g000", "g108") else "in stock"
    made = opened(tmp_path_factory.mktemp("past"))
    kept = [event for event in events if event["product"] not in ("g108", "g109")]
    made.load(products=goods, events=kept)
    made.train()
    return made


def test_weeks_of_the_past_are_judged_by_what_was_there_then(shop: Shop) -> None:
    weeks = last_weeks(shop._live, lambda things, *_: things, 0, 50)
    request = Request(user="u1")
    made = prepare(weeks.ranker.scenario(weeks.cut), request, Context(request, "home", weeks.cut.now))
    catalogue = weeks.served.generation.catalogue
    hidden = {catalogue.groups[row] for row in np.flatnonzero(~made.mask)}
    assert hidden == {"g108", "g109"}, "g000 was sold then; nobody bought g108, and g109 had not come"
    assert "g000" not in shop.recommend("home", user="u1", size=100).ids


def test_small_shops_are_not_judged_by_the_order_that_is_half_known(tmp_path: Path) -> None:
    """Which pair of orders comes next cannot be known, but within an order one line tells the others."""
    random, events = np.random.default_rng(0), []
    for user in range(90):
        for order, day in enumerate((0, 1, 2)):
            first = int(random.integers(20)) * 3
            events += [{"type": "purchase", "user": f"u{user}", "product": f"p{first + k}", "order": f"{user}-{order}",
                        "timestamp": START + (day * 90 + user) * DAY // 90} for k in range(3)]  # fmt: skip
    with opened(tmp_path) as made:
        made.load(products=[{"id": f"p{k}", "title": f"Thing {k}"} for k in range(60)], events=events)
        made.train()
        [found] = [m.value for m in made.evaluate().measurements if (m.model, m.metric) == ("aisle", "ndcg@10")]
        assert found < 0.5


def test_a_device_that_is_ahead_of_time_tells_of_what_has_happened(tmp_path: Path) -> None:
    now = time.time_ns() // 1_000_000
    goods, events = grocer(weeks=8)
    moved = [{**event, "timestamp": int(event["timestamp"]) + now - START - 8 * 7 * DAY} for event in events]
    with opened(tmp_path) as made:
        made.load(products=goods, events=moved)
        made.train()
        made.record({"type": "view", "user": "new", "product": "g007", "timestamp": now + 300_000})
        assert made.look(made.recommend("home", user="new")).events == 1
        assert not [issue for issue in made.check() if issue.check == "clock"]


def test_a_clock_that_stands_still_is_told_of(tmp_path: Path) -> None:
    goods, events = grocer(weeks=8)
    with opened(tmp_path) as made:
        made.load(products=goods, events=events)
        [issue] = [issue for issue in made.check() if issue.check == "clock"]
        assert "wall" in issue.advice
    with opened(tmp_path / "other", '[encoder]\nmodel = ""\n[shop]\nclock = "last-event"\n') as made:
        made.load(products=goods, events=events)
        assert not [issue for issue in made.check() if issue.check == "clock"]


def test_a_shop_of_long_ago_records_at_its_own_time(tmp_path: Path) -> None:
    goods, events = grocer(weeks=8)
    first = int(datetime(1971, 3, 1, tzinfo=UTC).timestamp())
    old = [{**event, "timestamp": first + (int(event["timestamp"]) - START) // 1000} for event in events]
    with opened(tmp_path) as made:
        made.load(products=goods, events=old)
        made.train()
        assert made.record({"type": "view", "user": "new", "product": "g007"}) == 1
        assert made.look(made.recommend("home", user="new")).events == 1


def test_a_reason_counts_purchases_also_where_none_names_an_order(tmp_path: Path) -> None:
    goods, events = grocer(weeks=12)
    with opened(tmp_path) as made:
        made.load(products=goods, events=[{k: v for k, v in event.items() if k != "order"} for event in events])
        made.train()
        [milk] = [one for one in made.recommend("again", user="u1", size=20) if one.product == "g000"]
        assert any("times" in reason.text for reason in milk.reasons)


def test_what_a_log_without_times_never_names_may_have_come_behind_it(tmp_path: Path) -> None:
    """It is no product that everybody passed over, so it teaches and judges nobody; it can be shown."""
    goods, events = grocer(weeks=8)
    untimed = [{"type": "purchase", "user": event["user"], "product": event["product"]} for event in events]
    with opened(tmp_path) as made:
        made.load(products=[*goods, {"id": "new", "title": "Grocery item new"}], events=untimed)
        made.train()
        weeks = last_weeks(made._live, lambda things, *_: things, 0, 50)
        request = Request(user="u1")
        past = prepare(weeks.ranker.scenario(weeks.cut), request, Context(request, "home", weeks.cut.now)).mask
        assert not past[weeks.served.generation.catalogue.rows["new"]] and past.sum() >= 100
        assert "new" in made.recommend("home", user="u1", size=200, repeat="allow").ids
