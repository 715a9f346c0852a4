"""What products have in common."""

import pytest

from aisle.catalogue.build import build
from aisle.catalogue.catalogue import NO_CODE
from aisle.catalogue.kinds import kinds, without_size
from aisle.errors import InputError
from aisle.records.product import Product


def test_titles_that_differ_in_size_alone_are_one_kind() -> None:
    shop = build([
        Product("a", "Ground coffee, 12 oz", unit_size="12 oz"), Product("b", "Ground Coffee 340 g", unit_size="340 g"),
        Product("c", "Ground coffee decaf"), Product("d", ""),
    ])  # fmt: skip
    coffee, pound, decaf, untitled = kinds(shop, "title").tolist()
    assert coffee == pound != decaf and untitled == NO_CODE
    assert without_size("12 oz", "12 oz") == "" and without_size("Coffee 12 oz", "") == "Coffee 12 oz"


def test_an_unknown_field_is_named_with_those_that_are_known() -> None:
    with pytest.raises(InputError, match=r"found 'shape', expected one of .*title"):
        kinds(build([Product("a", "Lamp")]), "shape")
