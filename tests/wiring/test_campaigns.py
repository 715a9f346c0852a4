"""Campaigns through the public face: where, when and for which query they run, and what they do."""

from pathlib import Path

import pytest

from aisle import Shop
from aisle.errors import SettingsError
from tests.wiring.test_arranging import shop_of
from tests.worlds import BARE, PATIENT, opened

NOW = "2026-11-25T12:00:00Z"
PINNED = """[[rules.campaigns]]
name = "black friday"
scenarios = ["popular", "search"]
begins = 2026-11-20
ends = 2026-11-28
pins = ["lamp-9", "lamp-4"]
"""


def test_pins_stand_first_while_the_campaign_runs_and_where_it_does(tmp_path: Path) -> None:
    with shop_of(tmp_path, PINNED) as shop:
        assert shop.recommend("popular", size=3, now=NOW).ids == ["lamp-9", "lamp-4", "lamp-0"]
        assert shop.recommend("popular", size=3, now="2026-11-19T23:59:59Z").ids == ["lamp-0", "lamp-1", "lamp-2"]
        assert shop.recommend("popular", size=3, now="2026-11-28T00:00:00Z").ids == ["lamp-0", "lamp-1", "lamp-2"]
        assert shop.recommend("home", size=1, now=NOW).ids == ["lamp-0"]


def test_a_day_is_a_day_of_the_shop(tmp_path: Path) -> None:
    with shop_of(tmp_path, PINNED + '[shop]\ntimezone = "America/New_York"\n') as shop:
        assert shop.recommend("popular", size=1, now="2026-11-20T04:59:59Z").ids == ["lamp-0"]
        assert shop.recommend("popular", size=1, now="2026-11-20T05:00:00Z").ids == ["lamp-9"]


def test_a_pin_for_a_query_stands_there_though_no_word_of_it_fits_and_nowhere_else(tmp_path: Path) -> None:
    more = [{"id": "bulb", "title": "Bulb", "brand": "Zip"}, {"id": "gone", "title": "Candle", "available": False}]
    rule = '[[rules.campaigns]]\nname = "light"\nqueries = ["desk lamps"]\npins = ["gone", "bulb"]\n'
    with shop_of(tmp_path, rule) as shop:
        shop.load(products=more)
        shop.train()
        slate = shop.search("lamp for a desk", size=3)
        assert slate.ids[0] == "bulb" and "gone" not in slate.ids, "sold out stays sold out"
        assert slate.placements[0].reasons[0].text == "chosen by the shop"
        assert "bulb" not in shop.search("lamp", size=10).ids
        assert shop.search("desk lamp", filters={"brand": "Acme"}, size=10).ids[0] != "bulb", "a filter is a filter"


def test_boost_bury_and_hide_take_the_filters_of_a_request(tmp_path: Path) -> None:
    boosted = '[[rules.campaigns]]\nname = "own brand"\nboost = {brand = ["Brand 7", "Brand 9"]}\nby = 4\n'
    buried = 'bury = {sponsored = "yes"}\nhide = {id = ["lamp-3"]}\n'
    with shop_of(tmp_path, boosted + buried) as shop:
        slate = shop.recommend("popular", size=10)
        # places 8 and 10 by 4 are 2 and 2.5; lamp-7 is sponsored, too, and stands last with lamp-0
        assert slate.ids == ["lamp-1", "lamp-9", "lamp-2", "lamp-4", "lamp-5", "lamp-6", "lamp-8", "lamp-0", "lamp-7"]
        assert slate.total == 9, "what is hidden was never a candidate"
        first = shop.recommend("popular", size=4)
        rest = shop.recommend("popular", size=5, cursor=first.cursor)
        assert first.ids + rest.ids == slate.ids
        assert shop.explain(slate, "lamp-3").verdict == "the campaign 'own brand' hides it"


def test_a_filter_by_price_follows_the_price(tmp_path: Path) -> None:
    rule = '[[rules.campaigns]]\nname = "dear"\nhide = {price = {gt = 50}}\n'
    with shop_of(tmp_path, rule) as shop:
        assert "lamp-0" in shop.recommend("popular", size=10).ids
        shop.load(products=[{"id": "lamp-0", "title": "Lamp 0", "brand": "Acme", "price": "60.00"}])
        assert "lamp-0" not in shop.recommend("popular", size=10).ids


def test_check_tells_what_a_merchant_would_want_to_know(tmp_path: Path) -> None:
    rules = """[rules]
pins = ["nobody", "lamp-8"]
hides = ["lamp-8"]
[[rules.quotas]]
field = "sponsored"
value = "maybe"
most = 1
[[rules.campaigns]]
name = "show"
pins = ["lamp-1", "lost"]
[[rules.campaigns]]
name = "hide"
hide = {brand = "Acme"}
bury = {brand = "No one"}
[[rules.campaigns]]
name = "empty"
[[rules.campaigns]]
name = "later"
begins = 2027-01-01
ends = 2027-02-01
"""
    with shop_of(tmp_path, rules) as shop:
        told = {(str(issue.severity), issue.message) for issue in shop.check() if issue.check == "rules"}
    assert told == {
        ("warning", "rules.pins names products that are not in the catalogue"),
        ("error", "rules.hides hides what rules.pins pins"),
        ("warning", "rules.quotas.0: no product has sponsored maybe"),
        ("warning", "campaign 'show' names products that are not in the catalogue"),
        ("error", "campaign 'hide' hides what campaign 'show' pins"),
        ("warning", "campaign 'hide': no product passes the filter under bury"),
        ("warning", "campaign 'empty' does nothing"),
        ("warning", "campaign 'later' does nothing"),
    }


@pytest.mark.parametrize(("said", "where"), [
    ('boost = {colour = "red"}', "rules.campaigns.0.boost"), ("hide = {price = {over = 3}}", "rules.campaigns.0.hide"),
    ("begins = 2026-11-20\nends = 2026-11-20", "rules.campaigns.0.ends"),
    ('scenarios = ["start", "search"]', "rules.campaigns.0.scenarios"),
    ('queries = ["?"]', "rules.campaigns.0.queries"),
])  # fmt: skip
def test_a_campaign_that_cannot_run_rests_and_is_named(tmp_path: Path, said: str, where: str) -> None:
    with shop_of(tmp_path):
        pass
    (tmp_path / "shop.toml").write_text(f'{BARE}{PATIENT}[[rules.campaigns]]\nname = "x"\n{said}\n')
    with Shop(tmp_path) as shop:
        slate = shop.recommend("popular")
        assert len(slate) == 10 and where in slate.degraded[0] and "rest" in slate.degraded[0]
        told = [issue.message for issue in shop.check() if issue.check == "rules" and issue.severity == "error"]
        assert any(where in message for message in told)


@pytest.mark.parametrize(("said", "where"), [("by = 0", "campaigns.0.by"), ('pin = ["lamp"]', "campaigns.0.pin")])
def test_what_no_campaign_has_is_refused_at_once(tmp_path: Path, said: str, where: str) -> None:
    (tmp_path / "shop.toml").write_text(f'[[rules.campaigns]]\nname = "x"\n{said}\n')
    with pytest.raises(SettingsError, match=where):
        Shop(tmp_path)


def test_a_shop_without_campaigns_pays_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.load(products=[{"id": "a", "title": "A"}])
        shop.train()
        trace = shop.search("a").trace
        assert trace is not None and "campaigns" not in trace.context.memo and "pinned" not in trace.found.columns


def test_a_campaign_is_for_whom_what_they_took_says(tmp_path: Path) -> None:
    rules = """[[rules.campaigns]]
name = "welcome"
audience = "new"
pins = ["lamp-9"]
[[rules.campaigns]]
name = "refills"
audience = "known"
took = {brand = ["Brand 6"]}
lacks = {id = "lamp-5"}
pins = ["lamp-8"]
"""
    with shop_of(tmp_path, rules) as shop:

        def first(user: str) -> str:
            return shop.recommend("popular", user=user, size=1, repeat="allow").ids[0]

        def buys(user: str, product: str) -> None:
            shop.record({"id": f"{user}-{product}", "type": "purchase", "user": user, "product": product})

        assert first("stranger") == first("") == "lamp-9"
        buys("stranger", "lamp-2")
        assert first("stranger") == "lamp-0", "known now, and took none of that brand"
        buys("stranger", "lamp-6")
        assert first("stranger") == "lamp-8"
        buys("stranger", "lamp-5")
        assert first("stranger") == "lamp-0"


def test_campaigns_for_others_do_not_quarrel_and_a_filter_for_nobody_is_told(tmp_path: Path) -> None:
    rules = """[[rules.campaigns]]
name = "one"
audience = "new"
pins = ["lamp-1"]
[[rules.campaigns]]
name = "two"
audience = "known"
took = {brand = "Nobody"}
hide = {id = "lamp-1"}
"""
    with shop_of(tmp_path, rules) as shop:
        told = [issue.message for issue in shop.check() if issue.check == "rules"]
    assert told == ["campaign 'two': no product passes the filter under took"]
