"""Settings tried on the log's requests before they go live: what they would show, and what each rule costs."""

import json
from pathlib import Path

import pytest

from aisle import Shop
from aisle.errors import InputError, SettingsError
from tests.test_cli import aisle
from tests.wiring.test_arranging import shop_of

NOW = "2026-11-25T12:00:00Z"


def proposed(folder: Path, rules: str) -> Path:
    """A file beside the one in force."""
    path = folder / "proposed.toml"
    path.write_text(f"{(folder / 'shop.toml').read_text()}\n{rules}")
    return path


def asked(shop: Shop, times: int = 3) -> None:
    """What shoppers saw so far."""
    for k in range(times):
        shop.recommend("popular", user=f"guest {k}", size=5)
        shop.search("lamp", user=f"guest {k}", size=5)


def test_the_settings_in_force_change_nothing(tmp_path: Path) -> None:
    with shop_of(tmp_path, "") as shop:
        asked(shop)
        found = shop.simulate(tmp_path / "shop.toml")
        assert found.requests == 6 and found.scenarios == {"popular": 3, "search": 3}
        assert found.changed == 0 and found.exchanged.value == 0 and not found.examples
        assert all(one.before == one.after for one in found.effects)


def test_what_a_rule_would_do_is_told_and_nothing_is_done(tmp_path: Path) -> None:
    rules = """[rules]
hides = ["lamp-0"]
[[rules.quotas]]
field = "brand"
most = 1
[[rules.campaigns]]
name = "black friday"
scenarios = ["popular"]
begins = 2026-11-20
ends = 2026-11-28
pins = ["lamp-9"]
"""
    with shop_of(tmp_path, "") as shop:
        asked(shop)
        end, before = shop._live.store.end(), shop.recommend("popular", size=10, record=False).ids
        found = shop.simulate(proposed(tmp_path, rules), now=NOW)
        assert found.changed == 1 and found.exchanged.value >= 1
        assert found.running == {"black friday": 3}, "of six requests, and only while it runs"
        assert found.examples[0].after[0] and "Lamp 0" not in found.examples[0].after
        assert shop.simulate(proposed(tmp_path, rules), now="2026-12-24").running == {"black friday": 0}
        assert shop._live.store.end() == end, "nothing was recorded"
        assert shop.recommend("popular", size=10, record=False).ids == before


def test_only_the_latest_requests_are_asked_again(tmp_path: Path) -> None:
    with shop_of(tmp_path, "") as shop:
        asked(shop, 4)
        assert shop.simulate({}, requests=3, price=False).requests == 3


def test_settings_that_cannot_be_followed_are_told_before_anything_is_asked(tmp_path: Path) -> None:
    with shop_of(tmp_path, "") as shop:
        with pytest.raises(SettingsError, match=r"quotas\.0\.field"):
            shop.simulate(proposed(tmp_path, '[[rules.quotas]]\nfield = "colour"\nmost = 1\n'))
        with pytest.raises(SettingsError, match="no such file"):
            shop.simulate(tmp_path / "lost.toml")
        with pytest.raises(SettingsError, match=r"settings, rules\.pin"):
            shop.simulate({"rules": {"pin": ["lamp-1"]}})
        with pytest.raises(InputError, match="requests"):
            shop.simulate({}, requests=0)


def test_without_slates_shoppers_are_drawn_and_every_rule_has_its_price(grocer_shop: Shop, tmp_path: Path) -> None:
    rules = {"rules": {"hides": ["g000"], "buries": ["g109"]}, "objectives": {"home": {"margin": 0.5}}}
    quiet = {"encoder": {"model": ""}, "serve": {"deadline_ms": 60000.0}}
    end = grocer_shop._live.store.end()
    found = grocer_shop.simulate({**quiet, **rules}, requests=10)
    assert found.requests <= 10 and end == grocer_shop._live.store.end()
    prices = {price.rule: price for price in found.prices}
    assert set(prices) == {"everything together", "buries", "hides", "objective margin 0.5"}
    # everybody buys milk every week: a slate without it loses, though the next best thing costs more
    assert prices["hides"].ndcg.high < 0 < prices["hides"].revenue.low
    assert abs(prices["buries"].ndcg.value) < 0.02, "one of a hundred, which hardly anybody buys"


def test_what_cannot_be_asked_any_more_is_left_out_and_told(tmp_path: Path) -> None:
    with shop_of(tmp_path, "") as shop:
        shop.load(products=[{"id": "new", "title": "New lamp", "attributes": {"colour": ["red"]}}])
        shop.train()
        shop.search("lamp", filters={"colour": "red"})
        asked(shop, 2)
        shop.load(products=[{"id": "new", "title": "New lamp"}])
        shop.train()
        found = shop.simulate({}, price=False)
        assert found.requests == 4 and "colour" in found.notes[0]


def test_settings_that_rest_can_be_mended(tmp_path: Path) -> None:
    rule = '[[rules.quotas]]\nfield = "colour"\nmost = 1\n'
    with shop_of(tmp_path, "") as shop:
        shop.load(products=[{"id": "new", "title": "New lamp", "attributes": {"colour": ["red"]}}])
        shop.train()
        (tmp_path / "shop.toml").write_text((tmp_path / "shop.toml").read_text() + rule)
        asked(shop)
        shop.load(products=[{"id": "new", "title": "New lamp"}])
        shop.train()
        assert "rest" in shop.recommend("popular").degraded[0]
        assert shop.simulate({"rules": {"hides": ["lamp-0"]}}, price=False).changed > 0


def test_a_query_may_look_like_markup(tmp_path: Path) -> None:
    with shop_of(tmp_path, "") as shop:
        shop.search("[/x] lamp")
    assert "[/x] lamp" in aisle("simulate", str(proposed(tmp_path, '[rules]\nhides = ["lamp-0"]\n')), "-s",
                                str(tmp_path), "--no-price").stdout  # fmt: skip


def test_on_the_command_line(tmp_path: Path) -> None:
    with shop_of(tmp_path, "") as shop:
        asked(shop)
    path = proposed(tmp_path, '[rules]\nhides = ["lamp-0"]\n')
    told = json.loads(aisle("simulate", str(path), "-s", str(tmp_path), "--json").stdout)
    assert told["requests"] == 6 and told["changed"] == 1
    shown = aisle("simulate", str(path), "-s", str(tmp_path)).stdout
    assert "100% of the slates of 3 shoppers change" in shown and "no prices" in shown


def test_effects_are_of_the_scenarios_that_a_proposal_changes(tmp_path: Path) -> None:
    with shop_of(tmp_path, "") as shop:
        asked(shop)
        first = shop.recommend("new", size=3).ids[0]
        assert "effects are of the 4 slates of new, popular" in shop.simulate(tmp_path / "shop.toml").notes
        rules = {"rules": {"campaigns": [{"name": "away", "scenarios": ["new"], "hide": {"id": first}}]}}
        found = shop.simulate({"encoder": {"model": ""}, **rules}, price=False)
        assert found.requests == 7 and "effects are of the 1 slates of new" in found.notes
