"""Traits are what enough products share, whatever their names say."""

from pathlib import Path

from aisle.catalogue.traits import FEWEST, traits_of
from tests.worlds import opened


def test_brands_paths_and_tags_are_shared_by_enough_products_and_not_by_all(tmp_path: Path) -> None:
    goods = [
        {"id": f"p{k:02d}", "title": f"Thing {k}", "brand": "Acme" if k < FEWEST else f"b{k}",
         "category": "Home > Lamps" if k % 2 else "Home > Beds", "attributes": {"tags": ["轻", "new"] if k < 8 else []}}
        for k in range(20)
    ]  # fmt: skip
    with opened(tmp_path) as shop:
        shop.load(products=goods)
        shop.train()
        made = traits_of(shop._live.served().generation.catalogue)
    held = [made.codes[start:end].tolist() for start, end in zip(made.starts[:-1], made.starts[1:], strict=True)]
    assert made.size == 5, "Lamps, Beds, both tags and Acme; everything is of Home, and the other brands are alone"
    assert [len(some) for some in held[:9]] == [4] * FEWEST + [3] * 3 + [1]
    assert held[0][1:] == held[1][1:] and held[0][0] != held[1][0]
