from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisle.catalogue.build import build
from aisle.catalogue.filters import in_category, numbers, passing
from aisle.errors import InputError
from aisle.records.product import Product

STEADY = settings(max_examples=100, deadline=None, derandomize=True)
CATALOGUE = build([
    Product("bed", "Bed", brand="Acme", category=("Furniture", "Bedroom", "Beds"), price=19900, currency="USD",
            attributes={"colour": ("brown", "white")}, created_at=1_000),
    Product("lamp", "Lamp", brand="Bo", category=("Lighting",), price=1500, currency="JPY", available=False),
    Product("cup", "Cup", brand="Bo", category=("Kitchen", "Beds and trays"), price=1500, currency="KWD"),
    Product("gift", "Gift", attributes={"colour": ("white",)}),
])  # fmt: skip
SIDES = st.sampled_from(["gte", "gt", "lte", "lt"])
FILTERS = st.one_of(
    st.tuples(st.just("brand"), st.sampled_from(["Acme", "Bo", "", "nobody"])),
    st.tuples(st.just("colour"), st.sampled_from(["white", "brown", "red"])),
    st.tuples(st.just("available"), st.booleans()),
    st.tuples(st.just("price"), st.dictionaries(SIDES, st.floats(-5, 2000), min_size=1)),
)


def ids(filters: Mapping[str, Any], market: str = "") -> list[str]:
    mask = passing(CATALOGUE, CATALOGUE.offers, filters, market)
    assert mask.dtype == bool and mask.shape == (len(CATALOGUE.units),)
    return [CATALOGUE.units[unit] for unit in np.flatnonzero(mask)]


@pytest.mark.parametrize(
    ("filters", "answer"),
    [
        ({}, ["bed", "lamp", "cup", "gift"]),
        ({"brand": "Bo"}, ["lamp", "cup"]),
        ({"brand": ["Acme", "Bo"]}, ["bed", "lamp", "cup"]),
        ({"brand": ("Acme",)}, ["bed"]),
        ({"brand": []}, []),
        ({"brand": {"not": "Bo"}}, ["bed", "gift"]),
        ({"brand": {"not": ["Bo", "Acme"]}}, ["gift"]),
        ({"colour": "white"}, ["bed", "gift"]),
        ({"colour": {"not": "white"}}, ["lamp", "cup"]),
        ({"id": ["bed", "nope"]}, ["bed"]),
        ({"category": "Bedroom"}, ["bed"]),
        ({"category": "Beds"}, ["bed"]),
        ({"category": "Furniture > Bedroom"}, ["bed"]),
        ({"category": "Bedroom > Beds"}, []),
        ({"available": True}, ["bed", "cup", "gift"]),
        ({"available": False}, ["lamp"]),
        ({"created_at": {"lte": 1000}}, ["bed"]),
        ({"brand": "Bo", "available": True}, ["cup"]),
        ({"brand": "BO"}, ["lamp", "cup"]),
        ({"category": ["furniture > bedroom", "kitchen"]}, ["bed", "cup"]),
        ({"colour": {"not": "WHITE"}}, ["lamp", "cup"]),
        ({"id": "BED"}, []),
    ],
)
def test_filters_keep_what_was_asked_for(filters: Mapping[str, Any], answer: list[str]) -> None:
    assert ids(filters) == answer


def test_prices_are_compared_in_major_units_of_their_own_currency() -> None:
    assert numbers(CATALOGUE, CATALOGUE.offers, "price", "").tolist()[:3] == [199.0, 1500.0, 1.5]
    assert ids({"price": {"lte": 200}}) == ["bed", "cup"]
    assert ids({"price": {"gt": 199}}) == ["lamp"]
    assert ids({"price": 199}) == ["bed"]
    assert ids({"price": {"gte": 1.5, "lt": 199}}) == ["cup"]


def test_a_product_without_a_price_passes_no_comparison() -> None:
    assert "gift" not in ids({"price": {"gte": -1e9}}) + ids({"price": {"lte": 1e9}})
    assert ids({"list_price": {"gte": 0}}) == []


@STEADY
@given(FILTERS)
def test_not_is_the_complement(asked: tuple[str, Any]) -> None:
    field, wanted = asked
    assert sorted(ids({field: wanted}) + ids({field: {"not": wanted}})) == sorted(CATALOGUE.units)


@STEADY
@given(st.lists(FILTERS, max_size=4, unique_by=lambda asked: asked[0]))
def test_filters_hold_all_together(asked: list[tuple[str, Any]]) -> None:
    alone = [set(ids({field: wanted})) for field, wanted in asked]
    assert set(ids(dict(asked))) == set(CATALOGUE.units).intersection(*alone)


def test_an_unknown_field_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(InputError) as caught:
        ids({"brnad": "Acme"})
    assert caught.value.found == "brnad"
    assert "brand" in caught.value.expected and "colour" in caught.value.expected


@pytest.mark.parametrize(
    "filters",
    [{"price": {"near": 5}}, {"price": {"gte": "5"}}, {"price": {"gte": None}}, {"price": True}, {"price": "cheap"},
     {"price": [1, 2]}, {"brand": {"gte": 1}}, {"brand": {"not": {"gte": 1}}}, {"price": {"gte": 1, "not": 3}},
     {"price": {"gte": 10**400}}],
)  # fmt: skip
def test_a_comparison_that_makes_no_sense_is_refused(filters: Mapping[str, Any]) -> None:
    with pytest.raises(InputError, match="filter"):
        ids(filters)


def test_a_set_of_values_is_a_list_of_values() -> None:
    assert ids({"brand": {"Acme", "Bo"}}) == ["bed", "lamp", "cup"]


def test_in_category_holds_at_any_depth() -> None:
    path = ["A", "B", "C"]
    assert all(in_category(path, {asked}) for asked in ("A", "B", "C", "A > B", "A > B > C"))
    assert not any(in_category(path, {asked}) for asked in ("B > C", "D", "a", ""))
    assert not in_category(None, {"A"})
