from dataclasses import replace

import numpy as np
import pytest

from aisle.catalogue.build import build
from aisle.catalogue.offers import NO_PRICE, is_available, no_offers
from aisle.records.product import Product

GOODS = [
    Product("a", "A", price=100, currency="USD"),
    Product("b", "B", price=200, currency="USD", available=False),
    Product("c", "C", hidden=True),
    Product("a", "A", price=90, currency="EUR", market="de"),
]


@pytest.mark.parametrize(
    ("available", "quantity", "answer"),
    [(None, None, True), (None, 0, False), (None, 3, True), (True, 0, True), (False, 3, False)],
)
def test_what_the_shop_says_counts_before_its_stock(available: bool | None, quantity: int | None, answer: bool) -> None:
    assert is_available(Product("p", "t", available=available, quantity=quantity)) is answer


def test_only_what_is_listed_available_and_not_hidden_is_shown() -> None:
    overlay = build(GOODS).offers
    assert overlay.showable("").tolist() == [True, False, False]
    assert overlay.showable("de").tolist() == [True, False, False]


def test_a_market_has_its_own_price_and_an_unnamed_one_sees_the_default() -> None:
    overlay = build(GOODS).offers
    assert overlay.offers("de").price[0] == 90
    assert overlay.offers("fr").price.tolist() == overlay.offers("").price.tolist() == [100, 200, NO_PRICE]


def test_a_market_lists_only_what_it_was_given() -> None:
    goods = [Product("a", "A", market="de"), Product("b", "B", market="us")]
    overlay = build(goods).offers
    assert overlay.showable("de").tolist() == [True, False]
    assert overlay.showable("us").tolist() == [False, True]


def test_a_change_makes_a_new_overlay_and_leaves_the_old_one() -> None:
    catalogue = build(GOODS)
    before = catalogue.offers
    after = before.changed([replace(GOODS[0], price=80, quantity=0)], catalogue.ids)
    assert (before.offers("").price[0], after.offers("").price[0]) == (100, 80)
    assert before.showable("")[0] and not after.showable("")[0]
    assert after.revision == before.revision + 1


def test_a_product_that_the_catalogue_lacks_changes_nothing() -> None:
    catalogue = build(GOODS)
    assert catalogue.offers.changed([Product("new", "New")], catalogue.ids) is catalogue.offers


def test_a_change_may_bring_a_new_market() -> None:
    catalogue = build(GOODS)
    after = catalogue.offers.changed([Product("b", "B", price=5, currency="JPY", market="jp")], catalogue.ids)
    assert after.showable("jp").tolist() == [False, True, False]
    assert after.offers("jp").currency.tolist() == ["", "JPY", ""]
    assert after.offers("").price.tolist() == catalogue.offers.offers("").price.tolist()


def test_what_is_withheld_is_not_shown_in_any_market_and_stays_so_after_a_change() -> None:
    catalogue = build(GOODS)
    one = np.array([unit == 1 for unit in range(len(catalogue.units))])
    withheld = {market: one for market in catalogue.offers.markets}
    overlay = catalogue.offers.guarded(withheld)
    again = {market: one.copy() for market in withheld}
    assert overlay.revision > catalogue.offers.revision and overlay.guarded(again) is overlay
    after = overlay.changed([replace(GOODS[0], price=7)], catalogue.ids)
    for market in ("", "jp"):
        assert not overlay.showable(market)[1] and not after.showable(market)[1]
    free = after.guarded({})
    assert free.showable("").tolist() == catalogue.offers.showable("").tolist()


def test_the_last_of_several_changes_counts() -> None:
    catalogue = build(GOODS)
    after = catalogue.offers.changed([replace(GOODS[0], price=p) for p in (1, 2, 3)], catalogue.ids)
    assert after.offers("").price[0] == 3


def test_no_offers_list_nothing() -> None:
    offers = no_offers(2)
    assert offers.price.tolist() == [NO_PRICE, NO_PRICE]
    assert not offers.present.any() and offers.price.dtype == np.int64
    assert len(no_offers(0).price) == 0
