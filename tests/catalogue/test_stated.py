"""Which rows state a value, and which units say a word."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisle.catalogue.build import build
from aisle.catalogue.stated import Stated
from aisle.records.product import Product

VALUES = st.sampled_from(["a", "b", "c d", ""])
UNITS = st.fixed_dictionaries({
    "group": st.sampled_from(["g0", "g1", "g2", "g3"]), "brand": VALUES, "end": VALUES,
    "brand_attribute": st.lists(VALUES.filter(bool), max_size=3, unique=True),
})  # fmt: skip


def made(units: list[dict[str, Any]]) -> list[Product]:
    return [Product(
        id=f"u{k}", title="x", group=unit["group"], brand=unit["brand"],
        category=("Top", unit["end"]) if unit["end"] else (),
        attributes={"price": tuple(unit["brand_attribute"])} if unit["brand_attribute"] else {},
    ) for k, unit in enumerate(units)]  # fmt: skip


@settings(deadline=None)
@given(st.lists(UNITS, min_size=1, max_size=8), st.permutations(range(4)))
def test_a_row_states_what_one_of_its_units_does(units: list[dict[str, Any]], order: list[int]) -> None:
    catalogue = build(made(units))
    stated, groups = Stated(catalogue), catalogue.groups
    rows = np.array([row for row in order if row < len(groups)], np.int32)
    for attribute, field in (("brand", "brand"), ("category", "end"), ("price", "brand_attribute")):
        for value in ("a", "b", "c d", "nobody says this"):
            wanted = [any(u["group"] == groups[row] and value in _all(u[field]) for u in units) for row in rows]
            every = np.ones(len(units), bool)
            assert stated.most([(attribute, value)], rows, every).tolist() == wanted, (attribute, value)
            assert not stated.most([(attribute, value)], rows, ~every).any(), "nothing of it may be shown"


def _all(said: Any) -> list[str]:
    return said if isinstance(said, list) else [said]


@pytest.mark.parametrize("attribute", ["brand", "category", "colour"])
def test_nothing_is_asked_of_nothing(attribute: str) -> None:
    stated = Stated(build([Product(id="u", title="x")]))
    assert stated.most([(attribute, "a")], np.zeros(0, np.int32), np.ones(1, bool)).tolist() == []
    assert stated.most([(attribute, "a")], np.zeros(1, np.int32), np.ones(1, bool)).tolist() == [0]
    assert stated.said(["a"], np.zeros(1, np.int64)).tolist() == [0]


def test_one_unit_states_all_or_it_is_a_part() -> None:
    units = [("red", "s"), ("blue", "xl"), ("forest green", "42")]
    stated = Stated(build([Product(id=f"u{k}", title="x", group="g", attributes={"colour": (colour,), "size": (size,)})
                           for k, (colour, size) in enumerate(units)]))  # fmt: skip
    rows, every = np.zeros(1, np.int32), np.ones(3, bool)
    named = [("colour", "red"), ("size", "xl")]
    assert stated.most(named, rows, every).tolist() == [0.5]
    assert stated.most([("colour", "blue"), ("size", "xl")], rows, every).tolist() == [1]
    assert stated.most(named, rows, np.array([False, False, True])).tolist() == [0]
    assert stated.said(["green", "42", "xl"], np.arange(3)).tolist() == [0, 1, 2]
