"""`evaluate` compares systems that may show the same products."""

from pathlib import Path
from typing import Any

import pytest

from aisle.errors import InputError
from tests.worlds import BARE, DAY, PATIENT, START, opened

HIDES = '[[rules.campaigns]]\nname = "till lines"\nhide = {category = "Fuel"}\n'


def world() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Everybody fills the tank every week, and buys the same two of sixty things."""
    products = [{"id": f"p{k}", "title": f"Product {k}", "category": "Things"} for k in range(60)]
    fuel = {"id": "fuel", "title": "Fuel", "category": "Fuel"}
    events = [
        {"type": "purchase", "user": f"u{k}", "product": product, "order": f"{k}-{week}",
         "timestamp": START + week * 7 * DAY + k}
        for k in range(60) for week in range(12) for product in ("fuel", f"p{k}", f"p{(k + 7) % 60}")
    ]  # fmt: skip
    return [*products, fuel], events


def test_what_a_rule_hides_is_no_gain_of_a_baseline_that_knows_no_rules(tmp_path: Path) -> None:
    products, events = world()
    with opened(tmp_path, BARE + PATIENT + HIDES) as shop:
        shop.load(products=products, events=events)
        shop.train()
        found = shop.evaluate()
    assert found.value("aisle", "ndcg@10") > 0.95 < found.value("own frequency", "ndcg@10")
    assert "60 of 180 products taken are hidden by rules: no system shows them" in found.notes


def test_without_hides_every_product_counts(tmp_path: Path) -> None:
    products, events = world()
    with opened(tmp_path, BARE + PATIENT) as shop:
        shop.load(products=products, events=events)
        shop.train()
        assert not any("hidden" in note for note in shop.evaluate().notes)


def test_a_shop_that_hides_all_that_was_taken_says_so(tmp_path: Path) -> None:
    products, events = world()
    every = HIDES.replace('"Fuel"', '["Fuel", "Things"]')
    with opened(tmp_path, BARE + PATIENT + every) as shop:
        shop.load(products=products, events=events)
        shop.train()
        with pytest.raises(InputError, match="only what the shop's rules hide"):
            shop.evaluate()
