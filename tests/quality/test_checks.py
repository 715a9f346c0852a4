"""Each check finds what it is for, and is silent about good data."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from aisle.catalogue.build import build
from aisle.quality import checks
from aisle.records.event import CODES
from aisle.records.history import NO_MARKET
from aisle.records.product import Product
from tests.contracts.test_retrievers import log_of
from tests.worlds import opened

GOOD = build(Product(f"p{k}", f"Good thing {k}", category=("Shelf",), price=100, currency="USD") for k in range(20))
LOG = log_of([(f"u{k % 9}", k % 20, k % 30, k) for k in range(1200)])


def test_good_data_have_notes_only() -> None:
    assert {issue.severity for issue in checks.examine(GOOD, LOG)} <= {"note"}


def test_missing_short_and_equal_titles_are_found() -> None:
    bad = build(Product(f"p{k}", "" if k < 5 else "Lamp") for k in range(20))
    found = {issue.message: issue for issue in checks.titles(bad, LOG)}
    assert found["products have no title"].count == 5 and found["products have no title"].severity == "error"
    assert found["titles have one word"].count == 15 and "titles are given more than once" in found
    whole = ("珊珂温和保湿洗面奶100g", "大容量充电宝", "コーヒーメーカー", "หูฟังไร้สาย", "Lamp, white")
    assert not checks.titles(build(Product(f"p{k}", title) for k, title in enumerate(whole)), LOG)
    [short] = checks.titles(build(Product(f"p{k}", title) for k, title in enumerate(("灯", "口红", "Lamp"))), LOG)
    assert short.count == 3


def test_a_row_without_a_market_among_many_that_name_one_is_told_of() -> None:
    named = [Product(f"p{k}", "A lamp", market="de") for k in range(20)]
    [found] = checks.markets(build([*named, Product("p20", "A lamp")]), LOG)
    assert (found.count, found.of) == (20, 21) and "p20" not in found.examples
    assert not checks.markets(build(named), LOG) and not checks.markets(GOOD, LOG)
    assert not checks.markets(build([*named, *(Product(f"p{k}", "A lamp") for k in range(20))]), LOG)


def test_a_till_that_names_no_market_is_told_of_where_others_do() -> None:
    types = [CODES["purchase" if k % 3 == 0 else "view"] for k in range(len(LOG))]
    named = np.array([NO_MARKET if k % 3 == 0 else 7 for k in range(len(LOG))], np.int32)
    columns = replace(LOG.columns, types=np.array(types, np.int8), markets=named)
    [found] = checks.sold_where(GOOD, replace(LOG, columns=columns))
    assert (found.count, found.of) == (400, 400)
    everywhere = replace(LOG, columns=replace(columns, markets=np.full(len(LOG), 7, np.int32)))
    assert not checks.sold_where(GOOD, everywhere) and not checks.sold_where(GOOD, LOG)


def test_missing_prices_and_list_prices_below_the_price_are_found() -> None:
    prices = [(None if k < 5 else 100, None if k < 9 else 50) for k in range(20)]
    bad = build(
        Product(f"p{k}", "A lamp", price=price, list_price=list_price, currency="USD")
        for k, (price, list_price) in enumerate(prices)
    )
    assert [issue.count for issue in checks.prices(bad, LOG)] == [5, 11]


def test_prices_that_stand_for_none_are_found() -> None:
    shop = [Product(f"p{k}", "A lamp", price=500 + 90 * k, currency="USD") for k in range(40)]
    asked = [Product(f"ask{k}", "A lamp", price=9_999_900, currency="USD") for k in range(2)]
    [found] = checks.prices(build([*shop, *asked]), LOG)
    assert found.count == 2 and set(found.examples) == {"ask0", "ask1"}
    dear = [Product(f"d{k}", "A chandelier", price=4000 * 6**k, currency="USD") for k in range(4)]
    assert not checks.prices(build([*shop, *dear]), LOG), "dear things stand near others"
    assert not checks.prices(build([*shop[:5], *asked]), LOG), "a young shop has no usual price"


def test_missing_categories_are_found() -> None:
    assert checks.categories(build([Product("p", "A lamp")]), LOG)[0].count == 1


def test_no_events_few_events_and_events_without_times_are_said() -> None:
    assert checks.interactions(GOOD, log_of([]))[0].message == "there are no events"
    assert any("fewer than" in issue.message for issue in checks.interactions(GOOD, log_of([("u", 1, 1, 1)])))


def test_days_without_events_are_found() -> None:
    gap = log_of([(f"u{k % 9}", k % 20, day, k) for day in range(40) if day not in (20, 21) for k in range(30)])
    (issue,) = checks.days(GOOD, gap)
    assert issue.count == 2


def test_a_robot_is_found() -> None:
    (issue,) = checks.robots(GOOD, log_of([("robot", k % 20, 3, k) for k in range(600)]))
    assert issue.count == 1


def test_a_long_tail_that_nobody_touched_is_noted() -> None:
    (issue,) = checks.unsold(GOOD, log_of([("u", 1, 1, 1)]))
    assert (issue.count, issue.of) == (19, 20)


def test_an_empty_shop_is_told_to_load(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        (issue,) = shop.check()
        assert issue.message == "nothing was loaded yet" and issue.severity == "error"
