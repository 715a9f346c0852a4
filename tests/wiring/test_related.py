"""Product pages, baskets and what follows an order: learned from what shoppers did with such products."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle import Shop
from aisle.evaluation.splits import at_time
from aisle.records.event import CODES
from aisle.records.history import NO_MARKET, History, Interactions
from aisle.wiring.related import requests, stood
from tests.worlds import BARE, DAY, PATIENT, START, opened

PURCHASE = CODES["purchase"]
KINDS = 8
QUICK = "[train]\nhorizon_days = 14\nspacing_days = 14\ncutoffs = 3\n"


def test_a_basket_is_half_an_order_and_after_it_comes_the_next() -> None:
    assert stood("basket", [9], [1, 2, 3, 4, 5]) == ([1, 2], [3, 4, 5])
    assert stood("product", [9], [1, 2, 3]) == ([1], [2, 3])
    assert stood("after", [7, 8], [8, 1]) == ([7, 8], [1])
    assert stood("basket", [9], [1]) == ([], []) and stood("after", [], [1, 2]) == ([], [])
    # a visit of one look: the last look before it is where it came from
    assert stood("product", [8, 9], [1]) == ([9], [1]) and stood("product", [9], [9])[1] == []


def log_of(events: list[tuple[int, int, int]], shoppers: int) -> Interactions:
    """(shopper, day, row), each a purchase."""
    events = sorted(events)
    owner, day, rows = (np.array(some, np.int64) for some in zip(*events, strict=True))
    size, nan = len(events), np.full(len(events), np.nan, np.float32)
    columns = History(
        rows.astype(np.int32), rows.astype(np.int32), np.full(size, PURCHASE, np.int8), START + day * DAY,
        np.full(size, -1), nan, np.arange(size), np.full(size, NO_MARKET, np.int32),
    )  # fmt: skip
    indptr = np.searchsorted(owner, np.arange(shoppers + 1)).astype(np.int64)
    return Interactions(np.array([f"u{k}" for k in range(shoppers)]), indptr, columns)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9), st.integers(0, 11)), min_size=1, max_size=60))
def test_what_is_right_happens_behind_the_cut_on_one_day_and_is_not_what_it_stands_on(
    events: list[tuple[int, int, int]],
) -> None:
    log, ids = log_of(events, 5), [f"p{k}" for k in range(12)]
    cut = at_time(log, (PURCHASE,), START + 5 * DAY, START + 8 * DAY)
    for scenario in ("basket", "after"):
        asked = requests(log, cut, scenario, (PURCHASE,), ids, 99, 0)
        assert len(asked) <= 5
        for one in asked:
            right, stands = {f"p{row}" for row in one.taken.tolist()}, set(one.anchor)
            assert right and stands and not right & stands
            days = {day for _, day, row in events if 5 <= day < 8 and f"p{row}" in right}
            assert days
            if one.shopper:  # one of ten is asked as a guest
                mine = [(day, f"p{row}") for owner, day, row in events if f"u{owner}" == one.shopper]
                first = min(day for day, _ in mine if day >= 5)
                assert right <= {product for day, product in mine if day == first}
                before = max((day for day, _ in mine if day < 5), default=None)
                stood_on = first if scenario == "basket" else before
                assert stands <= {product for day, product in mine if day == stood_on}


def pairs(users: int = 200, weeks: int = 14) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A machine of a kind is bought in one order with its own refill; everybody buys bread all the time; what is looked
    at in one visit is another machine of the same colour."""
    goods = [{"id": "bread", "title": "Bread", "category": "Food > Bread", "price": "2"}]
    for k in range(KINDS):
        colour = "red" if k % 2 else "blue"
        goods += [{"id": f"machine{k}", "title": f"Machine {k}", "category": f"Machines > {colour}", "price": "99"},
                  {"id": f"refill{k}", "title": f"Refill {k}", "category": "Refills > All", "price": "9"}]  # fmt: skip
    random, events = np.random.default_rng(0), []
    for user in range(users):
        for week in range(weeks):
            k, time = int(random.integers(KINDS)), START + week * 7 * DAY + int(random.integers(2 * DAY))
            bought = [f"machine{k}", f"refill{k}", *(["bread"] if random.random() < 0.7 else [])]
            random.shuffle(bought)
            events += [{"type": "purchase", "user": f"u{user}", "product": one, "timestamp": time,
                        "order": f"{user}-{week}"} for one in bought]  # fmt: skip
            looked = [f"machine{(k + 2 * step) % KINDS}" for step in range(3)]
            events += [{"type": "view", "user": f"u{user}", "product": one, "timestamp": time + 3 * DAY + place * 1000}
                       for place, one in enumerate(looked)]  # fmt: skip
    return goods, events


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("pairs")
    goods, events = pairs()
    with opened(folder, BARE + PATIENT + QUICK) as made:
        made.load(products=goods, events=events)
        report = made.train()
        assert set(report.figures["scenarios"]) == {"product", "basket", "after"}
        yield made


def test_a_basket_gets_its_refill_and_a_product_page_what_is_looked_at_with_it(shop: Shop) -> None:
    for k in range(KINDS):
        basket = shop.recommend("basket", anchor=f"machine{k}", size=3, repeat="allow")
        assert f"refill{k}" in basket.ids[:2] and f"machine{k}" not in basket.ids
        page = shop.recommend("product", anchor=f"machine{k}", size=3, repeat="allow")
        assert all(one.startswith("machine") and (int(one[-1]) - k) % 2 == 0 for one in page.ids[:2])
        assert not basket.degraded and not page.degraded


def test_it_says_how_likely_each_is_and_why(shop: Shop) -> None:
    slate = shop.recommend("product", user="u1", anchor=["machine1"], size=5, repeat="allow")
    said = [placement.columns["purchase"] for placement in slate]
    assert all(0 <= one <= 1 for one in said) and said == sorted(said, reverse=True)
    assert shop.explain(slate, slate.ids[0]).contributions and slate.placements[0].reasons
    longer = shop.recommend("product", user="u1", anchor=["machine1"], size=15, repeat="allow")
    assert longer.ids[:5] == slate.ids and len(set(longer.ids)) == len(longer.ids)


def test_it_comes_back_from_its_folder_and_follows_its_weights(shop: Shop) -> None:
    before = shop.recommend("product", anchor="machine2", size=5, repeat="allow").ids
    toml = shop.folder / "shop.toml"
    said = toml.read_text()
    with Shop(shop.folder) as again:
        assert again.recommend("product", anchor="machine2", size=5, repeat="allow").ids == before
        toml.write_text(said + "[objectives.product]\nrevenue = 1.0\n")
        dear = again.recommend("product", anchor="machine2", size=5, repeat="allow")
        assert dear.placements[0].columns["revenue"] > 0 and not dear.degraded
        toml.write_text(said)


def test_a_shop_without_orders_of_several_says_what_was_not_learned(tmp_path: Path) -> None:
    goods, events = pairs()
    alone = [{**one, "order": f"{at}", "timestamp": one["timestamp"] + at % 5 * DAY}
             for at, one in enumerate(events) if one["type"] == "purchase"]  # fmt: skip
    with opened(tmp_path, BARE + PATIENT + QUICK + 'ranker = "trees"\n') as made:
        made.load(products=goods, events=alone)
        report = made.train()
        assert "30 are needed" in report.skipped["ranker of basket"]
        assert "30 are needed" in report.skipped["ranker of product"]
        assert made.recommend("basket", anchor="machine0", size=3, repeat="allow").ids
        facts = next((tmp_path / "generations").glob("*/facts.json")).read_text()
        assert "ranker of product" in json.loads(facts)["skipped"]
