"""Shelves of a page, one product, and the look inside a request."""

import time
from pathlib import Path

import pytest

from aisle import Shop
from aisle.errors import InputError
from tests.worlds import PRODUCTS, START, opened


def test_nothing_stands_twice_on_a_page(grocer_shop: Shop) -> None:
    shelves = grocer_shop.shelves("u1", 8)
    shown = [placement.group for shelf in shelves for placement in shelf.slate]
    assert len(shown) == len(set(shown)) and len(shelves) >= 4
    assert [shelf.name for shelf in shelves][:2] == ["again", "discover"]


def test_a_shelf_to_buy_again_holds_what_was_bought_and_discoveries_what_was_not(grocer_shop: Shop) -> None:
    by_name = {shelf.name: shelf.slate.ids for shelf in grocer_shop.shelves("u1", 6)}
    history = grocer_shop._live.served().parts.state.history(grocer_shop._live.pseudonym("u1"))
    catalogue = grocer_shop._live.served().generation.catalogue
    bought = {catalogue.units[unit] for unit in history.units}
    assert set(by_name["again"]) <= bought and not bought & set(by_name["discover"])


def test_a_guest_sees_what_is_popular_and_no_shelf_is_empty(grocer_shop: Shop) -> None:
    shelves = grocer_shop.shelves(size=5)
    assert shelves[0].name == "popular" and all(len(shelf.slate) for shelf in shelves)
    assert {shelf.name for shelf in shelves} <= {"popular", "new", "category"}


def test_what_the_page_shows_already_is_left_out(grocer_shop: Shop) -> None:
    first = grocer_shop.recommend("home", user="u1", size=5)
    second = grocer_shop.recommend("home", user="u1", size=5, exclude=first.ids)
    assert not set(first.ids) & set(second.ids) and len(second) == 5


def test_a_guest_is_known_by_the_session_at_once(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.load(products=PRODUCTS)
        shop.train()
        assert all(shelf.name != "because" for shelf in shop.shelves(session="s1"))
        shop.record({"type": "view", "session": "s1", "product": "lamp"})
        assert "because" in [shelf.name for shelf in shop.shelves(session="s1", size=2)]


def test_a_shop_without_records_of_slates_is_asked_without_leaving_a_trace(grocer_shop: Shop) -> None:
    before = grocer_shop._live.store.end()
    grocer_shop.search("item", record=False)
    grocer_shop.recommend("home", record=False)
    grocer_shop.shelves(record=False)
    assert grocer_shop._live.store.end() == before
    grocer_shop.search("item")
    assert grocer_shop._live.store.end() == before + 1


def test_a_product_is_told_with_the_price_and_stock_of_now(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.load(products=PRODUCTS)
        shop.train()
        bed = shop.product("bed-walnut")
        assert (bed.title, bed.price, bed.currency, bed.available) == ("Walnut bed frame", 49900, "USD", True)
        assert bed.category == ("Furniture", "Bedroom", "Beds") and bed.attributes == {"colour": ("brown",)}
        shop.load(products=[{**PRODUCTS[0], "price": "450", "available": False}])
        assert (shop.product("bed-walnut").price, shop.product("bed-walnut").available) == (45000, False)
        with pytest.raises(InputError, match="product: found 'sofa'"):
            shop.product("sofa")


def test_a_look_tells_every_step(grocer_shop: Shop) -> None:
    slate = grocer_shop.recommend("home", user="u1", size=5)
    look = grocer_shop.look(slate)
    shown = [candidate.product for candidate in look.candidates if candidate.place is not None]
    assert shown == [placement.group for placement in slate] == [c.product for c in look.candidates[:5]]
    assert {source.name for source in look.sources} >= {"repurchase", "popular"}
    for source in look.sources:
        assert [named.place for named in source.best] == list(range(1, len(source.best) + 1))
    counts = list(look.masks.values())
    assert counts == sorted(counts, reverse=True) and look.events > 100 and look.history[0].type == "purchase"
    assert look.ranked == slate.total and look.timings["total"] > 0


def test_a_look_tells_how_a_query_was_read(text_shop: Shop) -> None:
    look = text_shop.look(text_shop.search("walnutt bed"))
    assert look.reading.corrections == {"walnutt": "walnut"} and look.vector
    assert look.candidates[0].product == "bed-walnut" and look.candidates[0].sources["lexical"] == 1


def test_an_event_without_a_time_happens_when_the_shops_clock_says(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:  # a historical log: its clock is the last event
        old = [{"type": "view", "user": "u1", "product": "lamp", "timestamp": START}]
        shop.load(products=PRODUCTS, events=old)
        shop.train()
        shop.record({"type": "view", "user": "u1", "product": "shoes"})
        history = shop.look(shop.recommend("home", user="u1", repeat="allow")).history
        assert [did.product for did in history] == ["shoes", "lamp"]
        assert history[0].timestamp == START + 1


def test_a_process_that_only_records_opens_no_generation(tmp_path: Path) -> None:
    now = time.time_ns() // 1_000_000
    with opened(tmp_path) as shop:
        shop.load(products=PRODUCTS, events=[{"type": "view", "user": "u1", "product": "lamp", "timestamp": now}])
        shop.train()
    with Shop(tmp_path) as shop:
        shop.record({"type": "view", "user": "u1", "product": "shoes"})
        assert shop._live._served is None
        history = shop.look(shop.recommend("home", user="u1", repeat="allow")).history
        assert history[0].product == "shoes" and (history[0].timestamp or 0) >= now
