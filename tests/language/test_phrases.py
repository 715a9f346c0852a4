"""Suggestions from the shop's own phrases."""

from pathlib import Path

from aisle.language.phrases import Phrases
from aisle.language.tongue import tongue

TITLES = [("frozen", "pizza"), ("frozen", "pizza"), ("frozen", "peas"), ("pizza", "cutter"), ("salt", "and", "pepper"),
          ("salt", "and", "pepper")]  # fmt: skip
NAMES = [("Bo",), ("Bo",), ("",), ("Kitchen tools",), ("Kitchen tools",), ()]


def phrases() -> Phrases:
    return Phrases.fit(TITLES, NAMES, [5.0, 5.0, 1.0, 1.0, 2.0, 2.0], tongue("en").small)


def test_a_phrase_is_found_by_the_beginning_of_any_word_those_of_most_demand_first() -> None:
    assert phrases().completions("fro", 5) == ["frozen", "frozen pizza"]
    assert phrases().completions("piz", 5) == ["pizza", "frozen pizza"]
    assert phrases().completions("frozen p", 5) == ["frozen pizza"]


def test_what_one_product_alone_says_is_no_phrase_and_no_phrase_ends_in_a_filler() -> None:
    assert phrases().completions("pizza c", 5) == [] and "salt and" not in phrases().demand
    assert phrases().completions("salt a", 5) == ["salt and pepper"]


def test_brands_and_categories_are_phrases() -> None:
    assert phrases().completions("kit", 5) == ["kitchen tools"] and phrases().completions("bo", 5) == ["bo"]


def test_a_phrase_that_always_goes_on_is_left_to_the_longer_one() -> None:
    made = Phrases.fit([("ice", "cream", "cake")] * 3, [()] * 3, [1.0] * 3)
    assert made.completions("ice", 5) == ["ice", "ice cream cake"]


def test_what_was_saved_completes_the_same(tmp_path: Path) -> None:
    phrases().save(tmp_path / "phrases")
    assert Phrases.load(tmp_path / "phrases").completions("p", 9) == phrases().completions("p", 9)
