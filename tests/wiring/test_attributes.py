"""Values that titles say and the feed leaves out; and what a query names."""

import csv
import json
import random
from pathlib import Path
from typing import Any

import pytest

from aisle import Shop
from aisle.errors import InputError
from aisle.wiring.attributes import COLUMNS, RIGHT, TOLD_BY, sureness
from tests.test_cli import aisle
from tests.worlds import BARE, PATIENT, opened

BRANDS = ("Acme", "Borealis", "Cinder & Co", "Delta")
COLOURS = ("red", "blue", "green", "dark grey")
THINGS = ("lamp", "chair", "shelf", "rug", "mirror")


def product(at: int, gap: bool = False) -> dict[str, Any]:
    """Its title says brand and colour; one with a gap states neither."""
    brand, colour = BRANDS[at % 4], COLOURS[at // 4 % 4]
    title = f"{brand} {THINGS[at % 5]} {at}, {colour}"
    return (
        {"id": f"p{at}", "title": title} if gap else {"id": f"p{at}", "title": title, "brand": brand, "color": colour}
    )


def shop_of(folder: Path, products: list[dict[str, Any]]) -> Shop:
    made = opened(folder, BARE + PATIENT)
    made.load(products=products)
    made.train()
    return made


def test_what_titles_say_is_proposed_where_the_feed_says_nothing(tmp_path: Path) -> None:
    full, gaps = [product(at) for at in range(160)], [product(at, gap=True) for at in range(160, 180)]
    gaps.append({"id": "none", "title": "Gift card"})
    with shop_of(tmp_path, full + gaps) as shop:
        found = shop.attributes()
        assert [one.attribute for one in found.learned] == ["brand", "color"]
        assert all(one.right.value >= RIGHT and one.found.value > 0.8 for one in found.learned)
        said = {(one.product, one.attribute): one.value for one in found.proposals if one.known}
        assert said == {
            (f"p{at}", name): value for at in range(160, 180)
            for name, value in (("brand", BRANDS[at % 4]), ("color", COLOURS[at // 4 % 4]))
        }  # fmt: skip
        assert {one.value for one in found.proposals if not one.known} <= {"Gift"}  # it stands where brands do
        assert list(found.skipped) == ["unit_size"]
        assert {one.attribute for one in shop.attributes(["color"]).proposals} == {"color"}
        with pytest.raises(InputError, match=r"found 'colour', expected one of brand, unit_size, color"):
            shop.attributes(["colour"])
    out = aisle("attributes", "-s", str(tmp_path), "--out", str(tmp_path / "found.csv"), "--json")
    assert len(json.loads(out.stdout)["proposals"]) >= 40
    with (tmp_path / "found.csv").open() as file:
        rows = list(csv.reader(file))
    assert tuple(rows[0]) == COLUMNS and len(rows) >= 41
    assert "p160" in aisle("attributes", "brand", "-s", str(tmp_path)).stdout


def test_what_cannot_be_told_from_titles_is_left_alone(tmp_path: Path) -> None:
    """Half of the lamps are red, at random: nothing would be right often enough."""
    rng = random.Random(0)
    tones = [rng.choice(["red", "blue"]) for _ in range(300)]
    products = [{"id": f"p{at}", "title": f"red or blue lamp {at}", "tone": tone} for at, tone in enumerate(tones)]
    with shop_of(tmp_path, products) as shop:
        found = shop.attributes(["tone", "brand"])
        assert not found.learned and not found.proposals
        assert "0 titles" in found.skipped["brand"] and "95%" in found.skipped["tone"]


def test_a_query_names_brand_and_colour_and_the_variant_that_has_it_is_shown(tmp_path: Path) -> None:
    products = [
        {"id": f"{thing}-{colour}", "group": thing, "title": thing, "brand": "Acme", "color": colour,
         "category": "Home > Seats"}
        for thing in ("chair", "stool", "bench") for colour in ("red", "blue", "dark grey")
    ]  # fmt: skip
    bought = [{"type": "purchase", "user": "u", "product": "chair-blue", "timestamp": 1_700_000_000_000}]
    with opened(tmp_path, BARE + PATIENT) as shop:
        shop.load(products=products, events=bought)
        shop.train()
        slate = shop.search("red acme chair", size=1)
        assert slate.ids == ["chair-red"] and {"color 'red'", "brand 'Acme'"} <= set(slate.notes)
        assert shop.search("dark grey chair", "u", size=1).ids == ["chair-dark grey"]  # asked for, whatever was bought
        assert shop.search("chair", "u", size=1).ids == ["chair-blue"]
        assert "category 'Seats'" in shop.search("seats").notes
        gone = shop.search("red chair", size=1, filters={"color": ["blue"]})
        assert gone.ids == ["chair-blue"]  # what is not to be had cannot be chosen


def test_what_a_brand_makes_stands_before_what_fits_it(tmp_path: Path) -> None:
    called = {"attributes": {"price": ["for a fair price"]}}
    products: list[dict[str, Any]] = [
        {"id": f"own{k}", "title": f"Brother toner cartridge black high yield {k}", "brand": "Brother", **called}
        for k in range(6)
    ]
    products += [{"id": f"fits{k}", "title": f"Brother toner {k}", "brand": "Linkyo", **called} for k in range(3)]
    with opened(tmp_path, BARE + PATIENT) as shop:
        shop.load(products=products)
        shop.train()
        slate = shop.search("brother toner", size=9)
        assert [one[:3] for one in slate.ids] == ["own"] * 6 + ["fit"] * 3, slate.ids
        assert not shop.search("fair price toner", size=1).degraded  # an attribute may be called as a column is


def test_proposals_of_one_sureness_are_judged_together() -> None:
    """Of forty equally sure ones half are right: the right ones alone must not choose the sureness."""
    assert sureness([(0.9, at % 2 == 0) for at in range(2 * TOLD_BY)]) is None
    assert sureness([]) is None and sureness([(0.9, True)] * (TOLD_BY - 1)) is None
    assert sureness([(0.9, True)] * TOLD_BY + [(0.5, False)] * TOLD_BY) == 0.9
    assert sureness([(0.9, True)] * 99 + [(0.5, False)]) == 0.5
