from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisle.language.spelling import Speller
from aisle.language.words import words

STEADY = settings(max_examples=100, deadline=None, derandomize=True)
TITLES = ["Walnut bed frame", "Oak bed frame", "Bedside lamp", "Cotton sheets", "Running shoes", "White sneakers",
          "Coffee machine", "Espresso cups", "Table napkins", "Shampoo bottle 500 ml", "天气 bed"]  # fmt: skip
SPELLER = Speller.fit([words(title) for title in TITLES])


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("wallnut bed", "walnut bed"),
        ("coffe machine", "coffee machine"),
        ("shampo ", "shampoo"),
        ("expresso ", "espresso"),
    ],
)
def test_a_misspelt_word_is_read_as_the_word_of_the_shop(query: str, read: str) -> None:
    reading = SPELLER.read(query)
    assert reading.corrected == read
    assert reading.corrections
    assert reading.text == query


@pytest.mark.parametrize(
    "query", ["walnut bed", "WALNUT", "nappies ", "500 ml ", "天气 ", "", "   ", "!?", "a ", "bed 12.5 "]
)
def test_a_word_of_the_shop_or_of_the_language_is_left_alone(query: str) -> None:
    reading = SPELLER.read(query)
    assert reading.words == words(query)
    assert not reading.corrections


def test_a_word_that_is_still_typed_is_completed_and_a_finished_one_is_not() -> None:
    assert SPELLER.read("walnut espr").words == ("walnut", "espresso")
    assert SPELLER.read("walnut espr ").words == ("walnut", "espr")
    assert SPELLER.complete("espr") == "espresso"
    assert SPELLER.complete("zzz") is None


def test_completions_are_those_of_most_products_first() -> None:
    speller = Speller({"bed": 3, "bedside": 5, "bedding": 5, "lamp": 9})
    assert speller.completions("bed", 10) == ["bedding", "bedside", "bed"]
    assert speller.completions("bed", 1) == ["bedding"]
    assert speller.completions("bed", 0) == []
    assert speller.completions("", 2) == ["lamp", "bedding"]


def test_a_word_counts_once_a_product() -> None:
    assert Speller.fit([("bed", "bed"), ("bed",)]).counts == {"bed": 2}


def test_numbers_and_han_are_not_spelled() -> None:
    assert Speller.fit([("500", "1.5", "天气", "bed")]).counts == {"bed": 1}


def test_a_shop_without_words_corrects_nothing() -> None:
    speller = Speller.fit([])
    assert speller.read("wallnut bed").words == ("wallnut", "bed")
    assert speller.complete("wal") is None


@STEADY
@given(st.text(max_size=60))
def test_any_query_is_read(query: str) -> None:
    reading = SPELLER.read(query)
    assert reading.text == query
    assert set(reading.corrections) <= set(words(query))


@STEADY
@given(st.lists(st.sampled_from(sorted(SPELLER.counts)), max_size=5))
def test_words_of_the_shop_are_read_as_they_are(asked: list[str]) -> None:
    assert SPELLER.read(" ".join(asked)).words == tuple(asked)


def test_a_speller_comes_back_from_its_folder(tmp_path: Path) -> None:
    SPELLER.save(tmp_path / "spelling")
    back = Speller.load(tmp_path / "spelling")
    assert (back.counts, back.language) == (SPELLER.counts, SPELLER.language)
    assert back.read("wallnut").words == SPELLER.read("wallnut").words


@pytest.mark.parametrize("language", ["zh", "ja", "ko", "th", "xx", ""])
def test_a_language_without_word_frequencies_is_spelled_from_the_shop_alone(language: str) -> None:
    speller = Speller({"walnut": 3, "bed": 2}, language)
    assert speller.read("walnut bed").words == ("walnut", "bed")
    assert len(speller.read("something wallnut 天气 ").words) == 3


def test_a_misspelling_goes_before_a_completion_that_is_far_rarer() -> None:
    speller = Speller({"cream": 50, "creme": 3, "ice": 60, "toothpaste": 5})
    assert speller.read("ice crem").words == ("ice", "cream")
    assert speller.read("toothpa").words == ("toothpaste",)


def test_the_shop_decides_among_equals() -> None:
    """A clothing shop: "wite" is no "with", "soks" no sons, though the language says these more often; but what one
    product says does not stand before what nearly all do."""
    texts = [["white", "shirt", "with", "socks"]] * 20 + [["sons", "of", "anarchy", "mug"]] + [["with"]] * 50
    speller = Speller.fit([*texts, ["width"]])
    assert speller.read("shoes wiith ").words[-1] == "with"
    assert speller.read("wite shirt ").words == ("white", "shirt")
    assert speller.read("soks ").words == ("socks",)


def test_letters_that_change_places_go_before_those_that_become_others() -> None:
    speller = Speller.fit([["body", "lotion"]] * 3 + [["boy", "shirt"]] * 9)
    assert speller.read("bdoy ").words == ("body",)


def test_names_that_no_language_knows_are_corrected_by_one_edit() -> None:
    speller = Speller({"norhavn": 4, "lowatra": 2, "jacket": 30, "oncely": 1})
    assert speller.read("norhav jacket").words == ("norhavn", "jacket")
    assert speller.read("lowarta jacket").words == ("lowatra", "jacket")
    assert speller.read("oncelyx jacket").words == ("oncelyx", "jacket"), "one product is no brand"
    assert speller.read("norxxvn jacket").words == ("norxxvn", "jacket")


def test_words_are_read_apart_and_together_as_the_shop_writes_them() -> None:
    speller = Speller({"trekking": 5, "poles": 7, "goretex": 3, "jacket": 30, "jack": 2, "rain": 9, "coat": 4})
    reading = speller.read("trekkingpoles for rain")
    assert reading.words == ("trekking", "poles", "for", "rain")
    assert reading.corrections == {"trekkingpoles": "trekking poles"}
    assert speller.read("gore-tex jacket").words == ("goretex", "jacket")
    assert speller.read("rain coat").words == ("rain", "coat"), "both are the shop's"
    assert Speller({"forme": 4, "gloves": 9}).read("gloves for me").words == ("gloves", "for", "me")
