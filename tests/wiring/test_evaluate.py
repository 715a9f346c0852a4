"""`evaluate` compares systems that may show the same products."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aisle.errors import InputError
from tests.worlds import BARE, DAY, PATIENT, START, opened

FUSED = '[train]\nranker = "fusion"\n'
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
    assert "60 of 180 products taken are hidden or withheld: no system shows them" in found.notes


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


def test_the_half_life_of_a_baseline_is_chosen_by_what_may_be_shown(tmp_path: Path) -> None:
    """What is hidden is bought as ever, everything else for five weeks: of what may be shown the latest orders tell."""
    random = np.random.default_rng(0)
    hidden = [{"id": f"f{k}", "title": f"Fuel {k}", "category": "Fuel"} for k in range(60)]
    things = [{"id": f"p{k}", "title": f"Product {k}", "category": "Things"} for k in range(200)]
    events = []
    for user in range(60):
        usual = random.choice(60, 12, replace=False)
        lately = [random.choice(200, 12, replace=False) for _ in range(8)]
        for week in range(40):
            bought = [f"f{k}" for k in random.choice(usual, 4, replace=False)]
            bought += [f"p{k}" for k in random.choice(lately[week // 5], 4, replace=False)]
            events += [{"type": "purchase", "user": f"u{user}", "product": product, "order": f"{user}-{week}",
                        "timestamp": START + week * 7 * DAY + user} for product in bought]  # fmt: skip
    with opened(tmp_path, BARE + PATIENT + FUSED + HIDES) as shop:
        shop.load(products=[*things, *hidden], events=events)
        shop.train()
        assert "own frequency, half-life 20 d" in {one.model for one in shop.evaluate().measurements}


def test_a_rule_that_hides_one_variant_hides_no_product(tmp_path: Path) -> None:
    products, events = world()
    shirts = [{"id": f"{colour}0", "group": "g0", "title": "Shirt", "colour": colour} for colour in ("red", "blue")]
    refused = [
        {"type": "dismiss", "user": f"u{k}", "product": "red0", "timestamp": START + 61 * DAY} for k in range(30)
    ]
    events = [{**one, "product": one["product"].replace("fuel", "red0")} for one in events]
    with opened(tmp_path, BARE + PATIENT + '[rules]\nhides = ["red0"]\n') as shop:
        shop.load(products=[*products[:-1], *shirts], events=[*events, *refused])
        shop.train()
        assert not any("hidden" in note for note in shop.evaluate().notes)


def test_a_rule_of_the_quiz_is_known_to_a_replay(tmp_path: Path) -> None:
    products, events = world()
    with opened(tmp_path, BARE + PATIENT + FUSED + HIDES + 'scenarios = ["quiz"]\n') as shop:
        shop.load(products=products, events=events)
        shop.train()
        assert not any("hidden" in note for note in shop.evaluate().notes)
