"""What shop.toml says of the slate, through the public face: quotas, objectives, variety, and all of it while open."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from aisle import Shop
from aisle.errors import SettingsError
from tests.worlds import BARE, DAY, PATIENT, PRODUCTS, START, opened

LAMPS = [{"id": f"lamp-{k}", "title": f"Lamp {k}", "brand": "Acme" if k < 6 else f"Brand {k}", "price": "20.00",
          "cost": "19.00" if k != 5 else "4.00", "category": "Lighting > Lamps",
          "attributes": {"sponsored": ["yes"] if k in (0, 7) else ["no"]}}
         for k in range(10)]  # fmt: skip


def sold(times: dict[str, int]) -> list[dict[str, Any]]:
    """Events in which products were bought by so many shoppers."""
    return [{"type": "purchase", "user": f"u{k}", "product": product, "timestamp": START + k * DAY,
             "order": f"o{k}{product}"}
            for product, often in times.items() for k in range(often)]  # fmt: skip


@contextmanager
def shop_of(folder: Path, more: str = "", **times: int) -> Iterator[Shop]:
    with opened(folder, BARE + PATIENT + more) as shop:
        shop.load(products=LAMPS, events=sold({f"lamp-{k}": 12 - k for k in range(10)} | times))
        shop.train()
        yield shop


QUOTA = '[[rules.quotas]]\nfield = "brand"\nmost = 2\n'


def test_a_quota_holds_on_every_page_of_a_recommendation_and_of_a_search(tmp_path: Path) -> None:
    with shop_of(tmp_path, QUOTA) as shop:
        for slate in (shop.recommend("popular", size=10), shop.search("lamp", size=10)):
            assert len(slate) == 6 and sum(placement.brand == "Acme" for placement in slate) == 2
            assert {removal.why for removal in slate.removed} == {
                "at most 2 of every 10 places may have the same brand"
            }
        assert shop.recommend("popular", size=3).ids == ["lamp-0", "lamp-1", "lamp-6"]
        verdict = shop.explain(shop.recommend("popular", size=10), "lamp-2").verdict
        assert "at most 2 of every 10" in verdict


def test_a_quota_of_one_value_and_of_one_scenario(tmp_path: Path) -> None:
    one = '[[rules.quotas]]\nfield = "sponsored"\nvalue = "yes"\nmost = 1\nscenarios = ["popular"]\n'
    with shop_of(tmp_path, one) as shop:
        assert len({"lamp-0", "lamp-7"} & set(shop.recommend("popular", size=10).ids)) == 1
        assert {"lamp-0", "lamp-7"} <= set(shop.search("lamp", size=10).ids)


def test_margin_moves_the_order_as_far_as_it_weighs(tmp_path: Path) -> None:
    with shop_of(tmp_path) as shop:
        assert shop.recommend("popular", size=1).ids == ["lamp-0"]
    with shop_of(tmp_path / "dear", "[objectives.popular]\nmargin = 1.0\n") as shop:
        slate = shop.recommend("popular", size=10)
        assert slate.ids[0] == "lamp-5"  # 16.00 a piece where the others bring 1.00
        columns = {placement.product: placement.columns for placement in slate}
        assert columns["lamp-5"]["margin"] == pytest.approx(16 * columns["lamp-5"]["fusion"], rel=1e-3)
        assert columns["lamp-5"]["revenue"] == pytest.approx(20 * columns["lamp-5"]["fusion"], rel=1e-3)
        assert columns["lamp-0"]["tail"] == 0 < columns["lamp-9"]["tail"] / columns["lamp-9"]["fusion"] < 1


def test_a_cost_is_not_taken_from_a_price_in_another_currency(tmp_path: Path) -> None:
    abroad = [{**lamp, "price": "3000", "currency": "JPY", "market": "jp"} for lamp in LAMPS]
    with shop_of(tmp_path, "[objectives.popular]\nmargin = 0.001\n") as shop:
        shop.load(products=abroad)
        shop.train()
        first = shop.recommend("popular", market="jp").placements[0]
        share = 1 - (9 * 19 + 4) / 200  # of the shop's prices, all costs known
        assert first.columns["margin"] == pytest.approx(3000 * share * first.columns["fusion"], rel=1e-3)


def test_what_slates_showed_seldom_comes_forward(tmp_path: Path) -> None:
    with shop_of(tmp_path, "[objectives.popular]\nunseen = 5.0\n") as shop:
        first = shop.recommend("popular", size=3, now="2026-11-25T12:00:00Z")
        assert first.ids == ["lamp-0", "lamp-1", "lamp-2"], "nothing was shown yet"
        same = shop.recommend("popular", size=3, now="2026-11-25T12:30:00Z")
        assert same.ids == first.ids, "within the hour pages agree"
        later = shop.recommend("popular", size=3, now="2026-11-25T13:30:00Z")
        assert not set(later.ids) & set(first.ids)
        columns = {p.product: p.columns for p in shop.recommend("popular", size=10, now="2026-11-25T13:40:00Z")}
        assert columns["lamp-0"]["unseen"] == 0 < columns["lamp-9"]["unseen"]
        assert columns["lamp-0"]["overlooked"] < 0.5 < columns["lamp-9"]["overlooked"] <= 1
        shop.train()
        assert shop.recommend("popular", size=3, now="2026-11-25T15:30:00Z").ids != first.ids, "training remembers"


def test_places_for_the_tail_cost_what_they_are_worth(tmp_path: Path) -> None:
    """A place of its own worth brings the rarest forward, whatever comes of it; `tail` multiplies what comes of it."""
    with shop_of(tmp_path, "[objectives.popular]\nrare = 100.0\n") as shop:
        found = shop.recommend("popular", size=10)
        rare = [placement.columns["rare"] for placement in found]
        assert rare == sorted(rare, reverse=True) and rare[0] > rare[-1] == 0
        tail = [placement.columns["tail"] / placement.columns["fusion"] for placement in found]
        assert tail == pytest.approx(rare, rel=1e-3)


def test_showings_before_the_weight_was_set_count_in_every_process(tmp_path: Path) -> None:
    with shop_of(tmp_path) as shop:
        for _ in range(20):
            shop.recommend("popular", size=3, now="2026-11-25T10:00:00Z")
        path = tmp_path / "shop.toml"
        path.write_text(path.read_text() + "[objectives.popular]\nunseen = 5.0\n")
        now = "2026-11-25T12:00:00Z"
        mine = shop.recommend("popular", size=3, now=now, record=False)
        with Shop(tmp_path) as other:
            assert other.recommend("popular", size=3, now=now, record=False).ids == mine.ids
        assert not set(mine.ids) & {"lamp-0", "lamp-1", "lamp-2"}


def test_the_tail_and_what_is_new_to_a_shopper_come_forward(tmp_path: Path) -> None:
    with shop_of(tmp_path, "[objectives.popular]\npurchase = 0.0\ntail = 1.0\n") as shop:
        assert shop.recommend("popular", size=1).ids != ["lamp-0"]
    with shop_of(tmp_path / "new", "[objectives.popular]\nnovel = 100.0\n") as shop:
        mine = shop.recommend("popular", user="u4", size=10, repeat="allow")  # has lamp-0 … lamp-7
        assert set(mine.ids[:2]) == {"lamp-8", "lamp-9"}


def test_shop_toml_is_followed_while_the_shop_is_open(tmp_path: Path) -> None:
    with shop_of(tmp_path) as shop:
        toml = tmp_path / "shop.toml"
        plain, before = toml.read_text(), shop.recommend("popular", size=10).ids
        toml.write_text(plain + QUOTA)
        assert len(shop.recommend("popular", size=10)) == 6
        toml.write_text(plain + '[rules]\npins = ["lamp-9"]\nnothing = 1\n')
        slate = shop.recommend("popular", size=10)
        assert len(slate) == 6, "what held before holds"
        assert "rules.nothing" in slate.degraded[0] and "the settings before hold" in slate.degraded[0]
        toml.write_text(plain)
        mended = shop.recommend("popular", size=10)
        assert mended.ids == before and mended.degraded == ()


@pytest.mark.parametrize(("said", "where", "known"), [
    ("[objectives.popular]\nclicks = 1.0\n", "objectives.popular", "purchase, fusion, revenue"),
    ("[objectives.start]\nmargin = 1.0\n", "objectives.start", "home, email"),
    ('[[rules.quotas]]\nfield = "colour"\nmost = 1\n', "rules.quotas.0.field", "brand"),
    ('[[rules.quotas]]\nfield = "brand"\nmost = 1\nscenarios = ["start"]\n', "rules.quotas.0.scenarios", "home, email"),
])  # fmt: skip
def test_what_cannot_be_followed_rests_and_is_named(tmp_path: Path, said: str, where: str, known: str) -> None:
    with shop_of(tmp_path) as shop:
        plain = shop.recommend("popular", size=10).ids
    (tmp_path / "shop.toml").write_text(BARE + PATIENT + said)
    with Shop(tmp_path) as shop:
        slate = shop.recommend("popular", size=10)
    assert slate.ids == plain
    assert where in slate.degraded[0] and known in slate.degraded[0] and "rest" in slate.degraded[0]


def test_a_rule_follows_the_catalogue_when_it_is_trained_anew(tmp_path: Path) -> None:
    rule = '[[rules.quotas]]\nfield = "colour"\nmost = 1\n'
    red = [{**lamp, "attributes": {"colour": ["red"]}} for lamp in LAMPS]
    with shop_of(tmp_path, rule) as shop:
        assert len(shop.recommend("popular", size=10)) == 10 and "rest" in shop.recommend("popular").degraded[0]
        shop.load(products=red)
        shop.train()
        slate = shop.recommend("popular", size=10)
        assert len(slate) == 1 and slate.degraded == (), "the quota holds as soon as there is a colour"
        shop.load(products=LAMPS)
        shop.train()
        assert any("colour" in issue.message for issue in shop.check() if issue.check == "rules")
        assert len(shop.recommend("popular", size=10)) == 10, "and a feed without colours does not take the shop down"


def test_a_quota_holds_in_what_is_sorted_too(tmp_path: Path) -> None:
    dearer = [{**lamp, "price": f"{30 + k}.00"} for k, lamp in enumerate(LAMPS)]
    with shop_of(tmp_path, QUOTA) as shop:
        shop.load(products=dearer)
        for slate in (shop.search("lamp", sort="price", size=10), shop.recommend("popular", sort="price", size=10)):
            assert sum(placement.brand == "Acme" for placement in slate) == 2
            prices = [placement.price or 0 for placement in slate]
            assert prices == sorted(prices)


def test_rules_do_not_change_what_is_learned(tmp_path: Path) -> None:
    from aisle.wiring.arranging import resting

    everything = QUOTA + '[objectives.home]\nmargin = 3.0\n[rules]\npins = ["lamp-9"]\n'
    with opened(
        tmp_path, BARE + PATIENT.replace("[serve]", "[serve]\ndiscovery = 2\ndiversity = 0.9") + everything
    ) as shop:
        neutral = resting(shop.settings, rules=False)
    with opened(tmp_path / "plain", BARE + PATIENT) as shop:
        assert neutral == shop.settings


def test_a_shop_whose_words_cannot_be_read_says_so_every_time_and_answers_once_they_can(tmp_path: Path) -> None:
    with shop_of(tmp_path) as shop:
        shop.train()
    toml = tmp_path / "shop.toml"
    plain = toml.read_text()
    toml.write_text(plain + '[search]\nsynonyms = "mine.txt"\n')
    with Shop(tmp_path) as shop:
        for _ in range(2):
            with pytest.raises(SettingsError, match=r"mine\.txt"):
                shop.recommend("popular")
        (tmp_path / "mine.txt").write_text("lamp\tlight\n")
        assert len(shop.recommend("popular", size=10)) == 10


@pytest.mark.parametrize("way", ["mmr", "dpp", "intents", "calibrated", "tree"])
def test_every_way_of_variety_answers(tmp_path: Path, way: str) -> None:
    varied = PATIENT.replace("[serve]", f'[serve]\nappetite = true\ndiversity = 0.5\ndiversify = "{way}"')
    with opened(tmp_path, BARE + varied) as shop:
        shop.load(products=PRODUCTS, events=sold({str(p["id"]): 9 - k for k, p in enumerate(PRODUCTS)}))
        shop.train()
        whole = shop.recommend("popular", user="u0", size=8, repeat="allow").ids
        assert len(set(whole)) == 8
        first = shop.recommend("popular", user="u0", size=4, repeat="allow")
        rest = shop.recommend("popular", user="u0", size=4, repeat="allow", cursor=first.cursor)
        assert first.ids + rest.ids == whole
