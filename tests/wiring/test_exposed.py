"""Whether what shoppers are shown narrows, told from the slates that were recorded."""

import json
from pathlib import Path

import numpy as np
import pytest

from aisle import Shop
from aisle.errors import InputError, SettingsError
from aisle.wiring.exposed import plot
from tests.test_cli import aisle
from tests.worlds import DAY, PRODUCTS, START, opened

FURNITURE, KITCHEN = {"category": "Furniture"}, {"category": "Kitchen"}


def narrowing(folder: Path) -> Shop:
    """In the first week both shoppers see beds and coffee, in the second u1 sees beds alone."""
    shop = opened(folder)
    shop.load(products=PRODUCTS, events=[
        {"id": "a", "type": "purchase", "user": "u1", "product": "cups", "timestamp": START + DAY},
        {"id": "b", "type": "purchase", "user": "u1", "product": "machine", "timestamp": START + 2 * DAY},
        {"id": "c", "type": "purchase", "user": "u1", "product": "lamp", "timestamp": START + 8 * DAY},
        {"id": "d", "type": "view", "user": "u1", "product": "shoes", "timestamp": START + 8 * DAY},
    ])  # fmt: skip
    shop.train()
    for day, user, filters in (
        (2, "u1", FURNITURE), (3, "u1", KITCHEN), (3, "u2", KITCHEN), (4, "u2", FURNITURE),
        (10, "u1", FURNITURE), (11, "u2", KITCHEN), (12, "u2", FURNITURE),
    ):  # fmt: skip
        shop.recommend("popular", user=user, filters=filters, now=START + day * DAY, repeat="allow")
    shop.recommend("home", user="u3", now=START + 12 * DAY)
    shop.recommend("popular", user="u3", now=START + 12 * DAY, record=False)
    return shop


def test_what_was_shown_is_told_by_period_beside_what_was_taken(tmp_path: Path) -> None:
    with narrowing(tmp_path) as shop:
        found = shop.exposure("popular")
        first, last = found.periods
        assert (first.slates, first.shoppers, first.products) == (4, 2, 4)
        assert (last.slates, last.shoppers, last.products) == (3, 2, 4)
        assert last.begins - first.begins == 7 * DAY and last.begins + 7 * DAY == START + 12 * DAY + 1
        # two shoppers, each of two beds and two things for coffee: of six pairs of places four hold two kinds
        assert first.variety == pytest.approx(4 / 6) and last.variety == pytest.approx((0 + 4 / 6) / 2)
        # four products, each twice, of eight places; then two beds twice and two cups once, of six
        assert first.alike == pytest.approx(8 * 7 / (4 * 2 * 1)) and last.alike == pytest.approx(6 * 5 / (2 * 2 * 1))
        assert first.bought_variety == 0 and np.isnan(last.bought_variety), "two of a kind, then one alone"
        assert found.change.value == pytest.approx(-0.5) and found.both == 2
        assert found.change.low <= -0.5 <= found.change.high
        assert found.catalogue == len(PRODUCTS)
        assert [one.slates for one in shop.exposure("popular", days=30).periods] == [7]
        assert [one.slates for one in shop.exposure().periods] == [1], "home is what is asked of by default"


def test_who_is_forgotten_is_counted_no_more(tmp_path: Path) -> None:
    with narrowing(tmp_path) as shop:
        shop.forget("u1")
        found = shop.exposure("popular")
        assert [one.shoppers for one in found.periods] == [1, 1] and found.change.value == 0


def test_a_shop_without_slates_has_nothing_to_tell(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.load(products=PRODUCTS)
        shop.train()
        found = shop.exposure()
        assert found.periods == () and np.isnan(found.change.value) and found.both == 0
    assert "no slate of home is in the log" in aisle("exposure", "-s", str(tmp_path)).stdout


def test_what_cannot_be_asked_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.load(products=PRODUCTS)
        shop.train()
        with pytest.raises(InputError, match="one of home"):
            shop.exposure("hoem")
        for days in (0, -1, True, 1.5, 10**9):
            with pytest.raises(InputError, match="a whole number from 1 to 36500"):
                shop.exposure(days=days)  # type: ignore[arg-type]


def test_the_command_tells_people_and_machines_and_draws(tmp_path: Path) -> None:
    narrowing(tmp_path).close()
    told = aisle("exposure", "popular", "-s", str(tmp_path), "--plot", str(tmp_path / "narrow.png"))
    assert "-50.0%" in told.stdout and "2 shoppers" in told.stdout
    assert (tmp_path / "narrow.png").read_bytes().startswith(b"\x89PNG")
    said = json.loads(aisle("exposure", "popular", "--days", "7", "-s", str(tmp_path), "--json").stdout)
    assert [one["slates"] for one in said["periods"]] == [4, 3] and said["periods"][1]["bought_variety"] is None
    with Shop(tmp_path) as shop, pytest.raises(SettingsError, match="a place for a picture"):
        plot(shop.exposure("popular"), tmp_path / "nowhere" / "a.png")
