from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisle.catalogue.build import build
from aisle.catalogue.catalogue import NO_CODE, coded
from aisle.records.product import Product

STEADY = settings(max_examples=50, deadline=None, derandomize=True)
SHIRTS = [
    Product("s-red", "Shirt, red", group="shirt", brand="Acme", category=("Clothes", "Shirts")),
    Product("hat", "Hat", category=("Clothes",)),
    Product("s-blue", "Shirt, blue", group="shirt", brand="Acme", category=("Clothes", "Shirts")),
]
LISTED = st.lists(
    st.builds(Product, id=st.sampled_from("abcdefgh"), title=st.just("t"), group=st.sampled_from(["", "x", "y", "a"]),
              market=st.sampled_from(["", "de", "us"])), max_size=20)  # fmt: skip


def test_variants_are_units_of_one_row_and_the_first_speaks_for_it() -> None:
    catalogue = build(SHIRTS)
    assert catalogue.groups == ["shirt", "hat"]
    assert catalogue.units == ["s-red", "s-blue", "hat"]
    assert catalogue.starts.tolist() == [0, 2, 3]
    assert catalogue.said("title", catalogue.leader(0)) == "Shirt, red"


def test_a_row_is_found_by_the_id_of_a_unit_or_of_the_group() -> None:
    catalogue = build(SHIRTS)
    assert [catalogue.row_of_id(name) for name in ("s-blue", "shirt", "hat", "nope", "")] == [0, 0, 1, -1, -1]


def test_a_row_passes_where_any_of_its_units_does() -> None:
    assert build(SHIRTS).any_unit(np.array([False, True, False])).tolist() == [True, False]


def test_an_empty_catalogue_has_no_rows_and_answers_everything() -> None:
    catalogue = build([])
    assert len(catalogue) == 0
    assert catalogue.any_unit(np.zeros(0, bool)).tolist() == []
    assert catalogue.row_of_id("a") == -1
    assert catalogue.levels.shape == (0, 3)
    assert len(catalogue.brands[0]) == 0


def test_levels_code_the_path_from_the_root_down() -> None:
    goods = [Product("1", "t", category=("A", "x")), Product("2", "t", category=("B", "x")), Product("3", "t")]
    codes = build(goods).levels
    assert codes[0, 1] != codes[1, 1]
    assert codes[2].tolist() == [NO_CODE] * 3
    assert codes[0, 2] == NO_CODE


def test_a_path_ends_where_it_ends() -> None:
    paths = [("A", "x"), ("A", "x"), ("A",), (), ("A", "x", "1", "deep"), ("A", "x", "1", "other")]
    ends = build([Product(str(k), "t", category=path) for k, path in enumerate(paths)]).ends.tolist()
    assert ends[0] == ends[1] and ends[4] == ends[5] and ends[3] == NO_CODE and len({*ends}) == 4


def test_a_brand_that_nobody_named_has_no_code() -> None:
    codes, names = build(SHIRTS).brands
    assert (codes.tolist(), names) == ([0, NO_CODE], ["Acme"])


def test_values_are_coded_in_the_order_in_which_they_appear() -> None:
    codes, names = coded(["b", None, "a", "b"])
    assert (codes.tolist(), names) == ([0, NO_CODE, 1, 0], ["b", "a"])


def test_007_and_7_are_two_products() -> None:
    catalogue = build([Product("007", "t"), Product("7", "t")])
    assert len(catalogue) == 2
    assert catalogue.row_of_id("007") != catalogue.row_of_id("7")


@STEADY
@given(LISTED)
def test_every_unit_lies_in_the_row_of_its_group(products: list[Product]) -> None:
    catalogue = build(products)
    assert sorted(catalogue.units) == sorted({p.id for p in products})
    assert len(set(catalogue.groups)) == len(catalogue.groups)
    assert catalogue.starts[-1] == len(catalogue.units) == len(catalogue.row_of)
    groups = catalogue.column("group")
    assert [catalogue.groups[row] for row in catalogue.row_of] == groups
    assert (np.diff(catalogue.starts) > 0).all()


@STEADY
@given(LISTED)
def test_the_same_products_give_the_same_catalogue(products: list[Product]) -> None:
    one, two = build(products), build(list(products))
    assert one.table.equals(two.table)


ABROAD = [
    Product("é🛏", "NUL \0 in it", price=5, currency="JPY", market="jp"),
    Product("é🛏", "same", price=7, currency="USD", market="us"),
]


@pytest.mark.parametrize("goods", [[], SHIRTS, ABROAD])
def test_a_catalogue_comes_back_from_its_folder(goods: list[Product], tmp_path: Path) -> None:
    made = build(goods)
    made.save(tmp_path / "catalogue")
    back = type(made).load(tmp_path / "catalogue")
    assert back.units == made.units and back.groups == made.groups
    assert back.table.equals(made.table)
    assert list(back.offers.markets) == list(made.offers.markets)
    for market, offers in made.offers.markets.items():
        assert back.offers.markets[market].price.tolist() == offers.price.tolist()
        assert back.offers.markets[market].currency.tolist() == offers.currency.tolist()
