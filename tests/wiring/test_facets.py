"""Facets count everything that answers, not only what was ranked."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisle import Shop
from tests.worlds import BARE, opened

FEW = BARE + '[search]\ncandidates = 10\nfacets = ["brand", "category", "colour"]\n'
COLOURS = ("red", "blue", "green")


def lamps(number: int) -> list[dict[str, Any]]:
    """Lamps of three brands, a third of them for a desk, in one or two colours."""
    return [
        {"id": f"l{k}", "title": f"{'Desk lamp' if k % 3 == 0 else 'Lamp'} {k}", "brand": f"B{k % 3}",
         "category": ["Home" if k % 2 else "Office", "Lamps"], "price": 10 + k, "currency": "USD",
         "attributes": {"colour": [COLOURS[k % 3], COLOURS[(k + k % 2) % 3]]}}
        for k in range(number)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with opened(tmp_path_factory.mktemp("facets"), FEW) as made:
        made.load(products=[*lamps(60), {"id": "chair", "title": "Chair", "brand": "B0", "category": ["Home"]}])
        made.train()
        yield made


def test_a_search_counts_every_product_that_has_its_words(shop: Shop) -> None:
    slate = shop.search("lamp", size=5)
    assert slate.total == 60 and slate.facets["brand"] == {"B0": 20, "B1": 20, "B2": 20}
    assert slate.facets["category"] == {"Home": 30, "Office": 30}
    assert shop.search("desk lamps", size=0).total >= 20


def test_what_is_counted_of_a_value_is_what_a_filter_by_it_finds(tmp_path: Path) -> None:
    kinds = [("Home", "Lamps"), ("Sale", "Home"), ("Sale", "Lamps"), ("Lamps",), ()]
    goods = [{"id": f"l{k}", "title": f"{'Desk lamp' if k % 2 else 'Lamp of oak'} {k}", "category": list(kinds[k % 5]),
              "brand": f"B{k % 3}"} for k in range(60)]  # fmt: skip
    with opened(tmp_path, FEW.replace(', "colour"', "")) as shop:
        shop.load(products=goods)
        shop.train()
        for query in ("lamp", "desk lamp", "oak lamp"):
            found = shop.search(query, size=1)
            assert found.facets["category"]["Home"] == found.total * 2 // 5
            for field, values in found.facets.items():
                for value, count in values.items():
                    assert shop.search(query, filters={field: value}).total == count


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(["", "B0", "B2"]), st.sampled_from(["", *COLOURS]), st.integers(10, 70),
)  # fmt: skip
def test_counts_are_those_of_a_reader_of_the_catalogue(shop: Shop, brand: str, colour: str, most: int) -> None:
    wanted: dict[str, Any] = {"price": {"lte": most}}
    wanted |= {"brand": brand} if brand else {}
    wanted |= {"colour": colour} if colour else {}
    right = [
        lamp for lamp in lamps(60)
        if lamp["price"] <= most and brand in ("", lamp["brand"])
        and (not colour or colour in lamp["attributes"]["colour"])
    ]  # fmt: skip
    slate = shop.search("lamp", size=3, filters=wanted)
    assert slate.total == len(right)
    for value in COLOURS:
        having = sum(value in lamp["attributes"]["colour"] for lamp in right)
        assert slate.facets["colour"].get(value, 0) == having
    assert sum(slate.facets["brand"].values()) == len(right)


def test_a_group_counts_by_the_variants_that_may_be_shown(tmp_path: Path) -> None:
    shoes = [{"id": f"{colour}{size}", "group": "shoe", "title": "Running shoe",
              "attributes": {"colour": [colour], "size": [str(size)]}}
             for colour, size in (("red", 41), ("red", 42), ("blue", 41))]  # fmt: skip
    with opened(tmp_path, BARE + '[search]\nfacets = ["colour"]\n') as made:
        made.load(products=shoes)
        made.train()
        assert made.search("shoe").facets == {"colour": {"red": 1, "blue": 1}}
        assert made.search("shoe", filters={"size": "42"}).facets == {"colour": {"red": 1}}


def test_what_a_quota_keeps_off_is_not_counted(tmp_path: Path) -> None:
    quota = '[[rules.quotas]]\nfield = "brand"\nvalue = "B1"\nmost = 0\n'
    with opened(tmp_path, BARE + quota) as made:
        made.load(products=lamps(30))
        made.train()
        slate = made.search("lamp", size=30)
    assert slate.total == len(slate) == 20 and slate.facets["brand"] == {"B0": 10, "B2": 10}


def test_a_facet_that_no_product_has_is_told_of_and_rests(tmp_path: Path) -> None:
    with opened(tmp_path, BARE) as made:
        made.load(products=lamps(3))
        made.train()
    with opened(tmp_path, BARE + '[search]\nfacets = ["flavour"]\n') as made:
        slate = made.search("lamp")
    assert set(slate.facets) == {"brand", "category"}
    assert any("search.facets" in note and "flavour" in note for note in slate.degraded)
