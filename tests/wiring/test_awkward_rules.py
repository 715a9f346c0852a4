"""Rules, lists and explanations in cases that were once answered wrongly, through the public face."""

from pathlib import Path
from typing import Any

from aisle import Shop
from tests.worlds import BARE, DAY, PATIENT, PRODUCTS, START, grocer, opened

CHAIRS = [{"id": f"x{k:02d}", "title": f"Wooden chair {k}", "category": "Furniture > Chairs", "price": f"{10 + k}"}
          for k in range(60)]  # fmt: skip


def bought(products: list[str], user: str = "u") -> list[dict[str, Any]]:
    """The first of them by most shoppers."""
    return [{"type": "purchase", "user": f"{user}{who}", "product": one, "timestamp": START + at * DAY}
            for at, one in enumerate(products) for who in range(len(products) - at)]  # fmt: skip


def shop_of(folder: Path, rules: str, products: list[dict[str, Any]], events: Any = ()) -> Shop:
    shop = opened(folder, BARE + PATIENT + rules)
    shop.load(products=products, events=list(events))
    shop.train()
    return shop


def test_a_list_is_ranked_as_home_would_where_no_ranker_serves(tmp_path: Path) -> None:
    goods, events = grocer(users=40, weeks=8)
    with shop_of(tmp_path, '[train]\nranker = "fusion"\n', goods, events) as shop:
        home = shop.recommend("home", user="u1", size=8).ids
        assert shop.rank(home[::-1], user="u1").ids == home


def test_a_rule_by_price_follows_the_price_of_the_market(tmp_path: Path) -> None:
    goods = [{**one, "market": market, "price": "900" if (market, at) == ("de", 0) else "40"}
             for market in ("", "de") for at, one in enumerate(CHAIRS[:3])]  # fmt: skip
    hide = '[[rules.campaigns]]\nname = "dear"\nhide = {price = {gt = 500}}\n'
    for name, rules in (("a", "[safety]\nforbidden = [{price = {gt = 800}}]\n"), ("b", hide)):
        with shop_of(tmp_path / name, rules, goods) as shop:
            assert set(shop.recommend("popular", market="de").ids) == {"x01", "x02"}
            assert set(shop.recommend("popular").ids) == {"x00", "x01", "x02"}
            assert shop.product("x00", market="de").hidden == (name == "a") and not shop.product("x00").hidden


def test_an_explanation_names_what_kept_a_product_away(tmp_path: Path) -> None:
    events = bought([one["id"] for one in PRODUCTS])
    with shop_of(tmp_path, '[rules]\nhides = ["shoes"]\n', PRODUCTS, events) as shop:
        excluded = shop.recommend("popular", exclude=["lamp"])
        assert "excludes it" in shop.explain(excluded, "lamp").verdict
        shop.record({"type": "dismiss", "user": "new", "product": "lamp", "timestamp": START + 90 * DAY})
        assert shop.explain(shop.recommend("home", user="new"), "lamp").verdict.startswith("this shopper dismissed it")
        found = shop.search("shoes", filters={"brand": "Zip"})
        assert shop.explain(found, "shoes").verdict == "the shop's rules hide it" and shop.product("shoes").hidden
        page = shop.recommend("popular", size=3)
        second = shop.recommend("popular", size=3, cursor=page.cursor)
        assert "on an earlier page" in shop.explain(second, page.ids[0]).verdict
        shop.moderate("lamp", False)
        ranked = shop.rank(["lamp", "cups"], "lamp")
        told = shop.explain(ranked, "lamp")
        assert not told.shown and "rank removed it" in told.verdict


def test_a_campaign_is_for_who_took_the_unit_and_answers_its_own_words(tmp_path: Path) -> None:
    goods = [{"id": "g-big", "group": "g", "title": "Stool", "seller": "Big", "price": "9"},
             {"id": "g-tiny", "group": "g", "title": "Stool", "seller": "Tiny", "price": "9"},
             *PRODUCTS]  # fmt: skip
    rules = ('[[rules.campaigns]]\nname = "t"\ntook = {seller = "Tiny"}\npins = ["cups"]\n'
             '[[rules.campaigns]]\nname = "q"\nqueries = ["lamp under 100"]\npins = ["sheets"]\n')  # fmt: skip
    events = [{"type": "purchase", "user": who, "product": f"g-{who}", "timestamp": START} for who in ("big", "tiny")]
    with shop_of(tmp_path, rules, goods, events) as shop:
        first = {who: shop.recommend("popular", user=who, size=1).ids[0] for who in ("big", "tiny")}
        assert first["tiny"] == "cups" != first["big"]
        assert shop.search("lamp under 100", size=1).ids == ["sheets"]


def test_two_floors_that_one_product_kept_at_once_are_kept_again(tmp_path: Path) -> None:
    acme, small = {"x57", "x54", "x58"}, {"x57", "x55", "x59"}
    goods = [{**one, "brand": "Acme" if one["id"] in acme else f"b{at}", "seller": "Small" if one["id"] in small
              else f"s{at}"} for at, one in enumerate(CHAIRS)]  # fmt: skip
    floor = '[[rules.quotas]]\nfield = "{}"\nvalue = "{}"\nleast = 1\n'
    rules = floor.format("brand", "Acme") + floor.format("seller", "Small")
    with shop_of(tmp_path, rules, goods, bought([one["id"] for one in CHAIRS])) as shop:
        ids = shop.recommend("popular", size=28).ids
    for kept in (acme, small):
        missing = [at for at in range(len(ids) - 9) if not kept & set(ids[at : at + 10])]
        assert not missing, (missing, ids)


def test_campaigns_of_one_name_have_versions_of_their_own(tmp_path: Path) -> None:
    rules = '[[rules.campaigns]]\nname = "s"\npins = ["{}"]\n[[rules.campaigns]]\nname = "s"\npins = ["cups"]\n'
    with shop_of(tmp_path, rules.format("lamp"), PRODUCTS) as shop:
        path = tmp_path / "shop.toml"
        path.write_text(path.read_text().replace("lamp", "sheets"))
        shop.recommend("popular")
        assert [name for name, *_ in shop.versions()[0].changes] == ["rules.campaigns.s.pins"]


def test_a_shelf_is_headed_in_the_language_that_was_asked_for(tmp_path: Path) -> None:
    goods = [{**one, **({"title@de": "Kaffeemaschine"} if one["id"] == "machine" else {})} for one in PRODUCTS]
    with shop_of(tmp_path, "", goods, bought([one["id"] for one in PRODUCTS])) as shop:
        shop.record({"type": "view", "user": "new", "product": "machine", "timestamp": START + 90 * DAY})
        heads = [shelf.about for shelf in shop.shelves("new", size=3, language="de") if shelf.name == "because"]
        assert heads == ["Kaffeemaschine"]
