"""Traits are what enough products share, whatever their names say."""

from pathlib import Path

import numpy as np
import pytest

from aisle.catalogue.traits import FEWEST, Traits, traits_of
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


def test_agreement_is_the_part_of_what_the_seeds_traits_tell_and_rare_ones_tell_more(tmp_path: Path) -> None:
    # traits 0 (of four rows), 1 (of two), 2 (of one); the last row has none
    made = Traits(np.array([0, 2, 4, 5, 7, 7]), np.array([0, 1, 0, 1, 0, 0, 2], np.int32), 3)
    some = np.arange(5, dtype=np.int32)
    said = made.agreement(np.array([0], np.int32), np.ones(1, np.float32), some)
    often, seldom = np.log(5 / 4), np.log(5 / 2)
    assert said.tolist() == pytest.approx([1, 1, often / (often + seldom), often / (often + seldom), 0])
    both = made.agreement(np.array([0, 3], np.int32), np.array([3, 1], np.float32), some)
    assert both[1] > both[3] > both[2] > both[4] == 0, "the seed that weighs more decides"
    assert not made.agreement(np.array([4], np.int32), np.ones(1, np.float32), some).any()
    made.save(tmp_path)
    again = Traits.load(tmp_path)
    assert again.agreement(np.array([0], np.int32), np.ones(1, np.float32), some).tolist() == said.tolist()
