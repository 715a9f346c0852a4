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

BESIDE, COFFEE = ("lamp", "sheets", "shoes", "sneakers"), ("machine", "cups")
SHOPPERS = 12


def narrowing(folder: Path, visits: int = 1) -> Shop:
    """In the first week everybody sees two beds and two things for coffee, in the second half of them the beds alone,
    and come more often."""
    shop = opened(folder)
    shop.load(products=PRODUCTS, events=[
        {"id": "a", "type": "purchase", "user": "u1", "product": "cups", "timestamp": START + DAY},
        {"id": "b", "type": "purchase", "user": "u1", "product": "machine", "timestamp": START + 2 * DAY},
        {"id": "c", "type": "purchase", "user": "u1", "product": "lamp", "timestamp": START + 8 * DAY},
        {"id": "d", "type": "view", "user": "u1", "product": "shoes", "timestamp": START + 8 * DAY},
    ])  # fmt: skip
    shop.train()
    for shopper in range(SHOPPERS):
        for day, less in ((3, ()), *[(10, COFFEE if shopper % 2 else ())] * visits):
            shop.recommend("email", f"u{shopper}", exclude=BESIDE + less, now=START + day * DAY, repeat="allow")
    shop.recommend("home", user="u3", now=START + 12 * DAY)
    shop.recommend("email", user="u3", now=START + 12 * DAY, record=False)
    return shop


def test_what_was_shown_is_told_by_period_beside_what_was_taken(tmp_path: Path) -> None:
    with narrowing(tmp_path) as shop:
        found = shop.exposure("email")
        first, last = found.periods
        assert (first.slates, first.shoppers, first.products) == (12, 12, 4)
        assert (last.slates, last.shoppers, last.products) == (12, 12, 4)
        assert last.begins - first.begins == 7 * DAY and last.begins + 7 * DAY == START + 10 * DAY + 1
        # of a slate's six pairs four hold two kinds; of the beds alone none does
        assert first.variety == pytest.approx(4 / 6) and last.variety == pytest.approx((0 + 4 / 6) / 2)
        # four products before everybody; then two before all twelve, a half of what six saw and a quarter of what six
        # did, and two before these alone
        assert first.alike == pytest.approx(4)
        assert last.alike == pytest.approx((12 * 11) / (2 * 4.5**2 + 2 * 1.5**2 - (6 * 2 * 0.5**2 + 6 * 4 * 0.25**2)))
        assert first.bought_variety == 0 and np.isnan(last.bought_variety), "two of a kind, then one alone"
        assert found.change.value == pytest.approx(-0.5) and found.both == SHOPPERS
        assert found.change.low <= -0.5 <= found.change.high
        assert found.catalogue == len(PRODUCTS)
        assert [one.slates for one in shop.exposure("email", days=30).periods] == [24]
        assert [one.slates for one in shop.exposure().periods] == [1], "home is what is asked of by default"
        assert np.isnan(shop.exposure("email", days=30).change.value), "one period has no change"


def test_who_comes_more_often_is_not_told_otherwise(tmp_path: Path) -> None:
    with narrowing(tmp_path / "one") as one, narrowing(tmp_path / "five", visits=5) as five:
        (_, rare), (_, often) = one.exposure("email").periods, five.exposure("email").periods
        assert often.slates == 5 * rare.slates
        assert often.variety == pytest.approx(rare.variety) and often.alike == pytest.approx(rare.alike)


def test_who_is_forgotten_is_counted_no_more(tmp_path: Path) -> None:
    with narrowing(tmp_path) as shop:
        shop.forget("u1")
        found = shop.exposure("email")
        assert [one.shoppers for one in found.periods] == [SHOPPERS - 1] * 2 and found.both == SHOPPERS - 1


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
    told = aisle("exposure", "email", "-s", str(tmp_path), "--plot", str(tmp_path / "narrow.png"))
    assert "-50.0%" in told.stdout and "12 shoppers" in told.stdout
    assert (tmp_path / "narrow.png").read_bytes().startswith(b"\x89PNG")
    said = json.loads(aisle("exposure", "email", "--days", "7", "-s", str(tmp_path), "--json").stdout)
    assert [one["slates"] for one in said["periods"]] == [12, 12] and said["periods"][1]["bought_variety"] is None
    with Shop(tmp_path) as shop, pytest.raises(SettingsError, match="a place for a picture"):
        plot(shop.exposure("email"), tmp_path / "nowhere" / "a.png")
    with Shop(tmp_path) as shop, pytest.raises(SettingsError, match="a place for a picture"):
        plot(shop.exposure("email"), tmp_path)
