"""A product is named by its numbers, however they are written; ordinary words name nothing."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.catalogue.build import build
from aisle.catalogue.codes import Codes, code_of
from aisle.records.product import Product

GOODS = [
    Product("AB-123/X", "Bracket", gtin="0012345678905", attributes={"Model No": ("XR 200",), "Size": ("160cm",)}),
    Product("b", "Bed", attributes={"sku": ("B-77 01",)}),
    Product("d", "Calendar", attributes={"model": ("2024",)}),
    Product("c", "Another bed", attributes={"sku": ("B7701",)}),
    Product("tv", "Viera TC-37LZ85 television, 1080p"),
    Product("m", "Milk 500ml"),
    *(Product(f"cover {k}", f"Cover for GX1000 {k}") for k in range(4)),
]
CATALOGUE = build(GOODS)
CODES = Codes.of(CATALOGUE)


def ids(codes: Codes, query: str) -> set[str]:
    return {CATALOGUE.units[unit] for units in codes.named(query).values() for unit in units}


@pytest.mark.parametrize(
    "query, named",
    [("ab123x", {"AB-123/X"}), ("bracket AB-123/X please", {"AB-123/X"}), ("12345678905", {"AB-123/X"}),
     ("xr200", {"AB-123/X"}), ("b7701", {"b", "c"}), ("160cm", set()), ("bed", set()), ("b", set()), ("", set()),
     ("123", set()), ("2024", {"d"}), ("calendar 2024", set()),
     ("viera tc37lz85", {"tv"}), ("1080p", set()), ("500ml", set()), ("gx1000", set())],
)  # fmt: skip
def test_what_a_query_names(query: str, named: set[str]) -> None:
    assert ids(CODES, query) == named


def test_what_was_saved_names_the_same(tmp_path: Path) -> None:
    CODES.save(tmp_path)
    assert ids(Codes.load(tmp_path), "b-7701") == {"b", "c"}
    Codes.of(build([])).save(tmp_path)
    assert not len(Codes.load(tmp_path).named("b7701"))


@given(st.text(max_size=20))
def test_a_code_is_the_same_whatever_stands_between_its_characters(text: str) -> None:
    code = code_of(text)
    assert code_of(f" -{text}/ ") == code
    assert code_of("-".join(text)) == code or not code
