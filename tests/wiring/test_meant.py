"""What shoppers mean by a search, and what a log says by itself: small shops with an obvious answer."""

from pathlib import Path
from typing import Any

import pytest

from aisle import Shop
from tests.worlds import BARE, DAY, START, opened

MILK = [
    ("whole", "Whole milk 1 L", ""), ("goat", "Goat milk 1 L", ""), ("free", "Lactose-free milk 1 L", ""),
    ("oats", "Oat milk 1 L", "Free from lactose"), ("bar", "Lactose milk bar", ""),
]  # fmt: skip
GARMENTS = ["Winter gloves", "Winter leggings", "Winter boots", "Warm coat", "Long coat", "Trench coat",
            "Winter coat warm", "Summer coat", "Rain coat", "Hooded coat", "Wool coat"]  # fmt: skip


def goods(titles: list[str]) -> list[dict[str, Any]]:
    return [{"id": title, "title": title} for title in titles]


def test_what_says_that_it_is_without_stands_before_what_does_not_speak_of_it(tmp_path: Path) -> None:
    with opened(tmp_path, BARE) as shop:
        shop.load(products=[{"id": name, "title": title, "description": said} for name, title, said in MILK])
        shop.train()
        found = shop.search("milk without lactose", size=10)
        assert set(found.ids[:2]) == {"free", "oats"} and set(found.ids) == {"free", "oats", "whole", "goat"}
        assert [placed.columns["spared"] for placed in found] == [1, 1, 0, 0]


def test_the_thing_that_is_asked_for_comes_before_what_only_tells_of_it(tmp_path: Path) -> None:
    with opened(tmp_path, BARE) as shop:
        shop.load(products=goods(GARMENTS))
        shop.train()
        found = shop.search("winter coat", size=8).ids
        assert found[0] == "Winter coat warm" and all(title.lower().find("coat") >= 0 for title in found)


def test_a_gift_card_is_no_card(tmp_path: Path) -> None:
    with opened(tmp_path, BARE) as shop:
        shop.load(products=goods(["Christmas card", "Gift card", "Playing cards", "Scarf"]))
        shop.train()
        found = shop.search("gift card", size=1)
        assert found.ids == ["Gift card"] and found.total == 1
        assert shop.search("gift scarf", size=1).ids == ["Scarf"]


def test_a_kind_is_named_in_the_singular_and_a_brand_as_it_is_written(tmp_path: Path) -> None:
    cables = [
        {"id": f"c{k}", "title": f"Patch {k} RJ45", "category": "Ethernet cables", "brand": "Coach"} for k in range(3)
    ]
    sheets = [{"id": f"s{k}", "title": f"Linen sheets {k}", "category": "Bedding"} for k in range(3)]
    with opened(tmp_path, BARE) as shop:
        shop.load(products=[*cables, *sheets, {"id": "x", "title": "HDMI lead"}])
        shop.train()
        assert shop.search("bed").notes == ("nothing has 'bed': these are the nearest",) or not shop.search("bed").notes
        assert shop.search("ethernet cable").notes == ("category 'Ethernet cables'",)
        assert shop.search("coach patch").notes == ("brand 'Coach'",) and shop.search("coaches patch").notes == ()


def test_suggestions_lead_to_products(tmp_path: Path) -> None:
    with opened(tmp_path, BARE) as shop:
        shop.load(
            products=goods(["Swim shorts", "Swim shorts blue", "Silver ring", "Silver ring big", "Shoes", "Shoes red"])
        )
        shop.train()
        told = shop.suggest("swim s")
        assert "swim shorts" in told and all(shop.search(phrase).total for phrase in told)
        assert not [phrase for phrase in told if "silver" in phrase or "shoes" in phrase]


@pytest.mark.parametrize("query", ["mouse <$20", "mouse up to $20", "mouse no more than 20"])
def test_a_limit_is_read_as_people_type_it(query: str, tmp_path: Path) -> None:
    with opened(tmp_path, BARE) as shop:
        shop.load(
            products=[{"id": "dear", "title": "Mouse", "price": "40"}, {"id": "cheap", "title": "Mouse", "price": "15"}]
        )
        shop.train()
        assert shop.search(query).ids == ["cheap"]


def visits(shop: Shop, purchases: int) -> None:
    """Guests look at things of one of two kinds; every so often one is bought, alone."""
    events: list[dict[str, Any]] = []
    for guest in range(120):
        for look in range(4):
            events.append({"type": "view", "user": f"g{guest}", "product": f"{'ab'[guest % 2]}{(guest + 3 * look) % 8}",
                           "timestamp": START + guest * DAY // 4 + look * 1000})  # fmt: skip
        if guest < purchases:
            events.append(
                {**events[-1], "type": "purchase", "order": f"o{guest}", "timestamp": events[-1]["timestamp"] + 1}
            )
    shop.load(products=[{"id": f"{kind}{k}", "title": f"Thing {k}"} for kind in "ab" for k in range(8)], events=events)
    shop.train()


@pytest.mark.parametrize("purchases", [0, 60])
def test_a_few_purchases_leave_the_product_page_what_is_looked_at_together(purchases: int, tmp_path: Path) -> None:
    with opened(tmp_path, BARE) as shop:
        visits(shop, purchases)
        page = shop.recommend("product", anchor="a0", size=4)
        assert all(product.startswith("a") for product in page.ids)
        assert any("together with" in reason.text for placed in page for reason in placed.reasons)


def test_popularity_is_as_old_as_the_shops_offers(tmp_path: Path) -> None:
    """Every week another five things are nearly all that sells; what is always sent back is popular with nobody."""
    events: list[dict[str, Any]] = []
    for week in range(10):
        for sale in range(200):
            product = f"w{week}-{sale % 5}" if sale % 4 else f"always{sale % 40}"
            when = START + week * 7 * DAY + sale * DAY // 30
            events.append({"type": "purchase", "user": f"u{sale}-{week}", "product": product,
                           "order": f"o{week}-{sale}", "timestamp": when})  # fmt: skip
    for sale in range(150):
        bad = {"user": f"r{sale}", "product": "bad", "order": f"r{sale}"}
        events += [{**bad, "type": "purchase", "timestamp": START + 68 * DAY + sale},
                   {**bad, "type": "refund", "timestamp": START + 69 * DAY + sale}]  # fmt: skip
    with opened(tmp_path, BARE + "[shop]\nclock = 'last-event'\n[train]\nranker = 'fusion'\n") as shop:
        shop.load(
            products=[{"id": name, "title": name} for name in sorted({str(e["product"]) for e in events})],
            events=events,
        )
        shop.train()
        assert set(shop.recommend("popular", user="new", size=5).ids) == {f"w9-{k}" for k in range(5)}


def test_a_chinese_query_asks_for_its_words_however_it_is_spaced(tmp_path: Path) -> None:
    pytest.importorskip("jieba", reason="jieba cuts Chinese words: aisle[zh]")
    titles = ["女童夏季连衣裙", "连衣裙女童装", "女童鞋", "红色的连衣裙"]
    with opened(tmp_path, BARE) as shop:
        shop.load(products=goods(titles))
        shop.train()
        assert shop.search("女童连衣裙").total == shop.search("女童 连衣裙").total == 2
        assert shop.search("红色连衣裙", size=1).ids == ["红色的连衣裙"] and shop.search("红色的连衣裙").total == 1


def test_what_is_said_of_one_product_decides_for_none_other(tmp_path: Path) -> None:
    english = [
        {"id": f"b{k}", "title": title} for k, title in enumerate(["Batteries AA", "Sports bra", "Eau de parfum"])
    ]
    with opened(tmp_path, BARE) as shop:
        shop.load(products=[*english, {"id": "de", "title": "Bücher", "language": "de"}])
        assert shop.train().figures["language"] == "en"
        assert shop.search("battery").ids == ["b0"]
        assert set(shop.search("battery bra", filters={"language": "en"}).ids) == {"b0", "b1"}


def test_a_japanese_query_is_not_cut_by_a_chinese_dictionary(tmp_path: Path) -> None:
    with opened(tmp_path, BARE + '[shop]\nlanguage = "ja"\n') as shop:
        shop.load(products=goods(["着物 レディース", "生物 図鑑", "食べ物 図鑑", "水着 キッズ", "水 2L"]))
        shop.train()
        assert shop.search("着物").ids == ["着物 レディース"] and shop.search("水着").ids == ["水着 キッズ"]


def test_many_orders_outweigh_one(tmp_path: Path) -> None:
    lines = [(k, ["A", "B"]) for k in range(20)] + [(30, ["N", "X"])] + [(40 + k, ["AB"[k % 2]]) for k in range(60)]
    events = [{"type": "purchase", "user": f"u{k}", "product": product, "order": f"o{k}", "timestamp": START + k * DAY}
              for k, order in lines for product in order]  # fmt: skip
    with opened(tmp_path, BARE) as shop:
        shop.load(products=goods(["A", "B", "N", "X", "C"]), events=events)
        shop.train()
        assert shop.recommend("basket", anchor=["A", "N"], size=2).ids == ["B", "X"]


@pytest.mark.parametrize(
    ("language", "query", "plain", "noun"),
    [("en", "cheap mouse", "mouse", "Mouse"), ("en", "cheapest mouse", "mouse", "Mouse"),
     ("de", "günstige maus", "maus", "Maus"), ("es", "ratón barato", "ratón", "Ratón"),
     ("zh", "便宜的鼠标", "鼠标", "鼠标")],
)  # fmt: skip
def test_who_asks_for_something_cheap_is_shown_it_first(
    tmp_path: Path, language: str, query: str, plain: str, noun: str
) -> None:
    prices = (40, 20, 60, 10, 30)
    mice = [{"id": f"m{price}", "title": f"{noun} {k}", "price": price} for k, price in enumerate(prices)]
    with opened(tmp_path, f'{BARE}[shop]\nlanguage = "{language}"\n') as shop:
        shop.load(products=[*mice, {"id": "pen", "title": "X9", "price": 1}])
        shop.train()
        found = shop.search(query)
        assert found.ids[:5] == ["m10", "m20", "m30", "m40", "m60"] and "low prices preferred" in found.notes
        assert found.total == 5 and "low prices preferred" not in shop.search(plain).notes
        assert {placed.reasons[0].text for placed in found} == {f"matches “{plain}”"}


def test_what_says_all_of_a_query_says_so_first(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.load(products=goods(["Frozen pizza", "Frozen peas", "Bed"]))
        shop.train()
        assert next(iter(shop.search("frozen pizza"))).reasons[0].text == "matches “frozen pizza”"
