"""What a lexical match says of itself: the words that a product really has."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from aisle.engines.tantivy_index import TantivyIndex
from aisle.language.tongue import tongue
from aisle.language.words import words
from aisle.records.history import Bools, Ints
from aisle.records.request import Context, Reading, Request
from aisle.retrieval.lexical import Lexical

TITLES = ("Ground coffee", "Dark roast coffee", "Diapers size 4", "女士运动鞋", "Tea")


def asking(said: Sequence[str]) -> list[str]:
    return [word for word in said if word != "the"]


def saying(said: Sequence[str], rows: Ints) -> Bools:
    return np.array([[word in words(TITLES[row]) for row in rows] for word in asking(said)], bool)


def asked(query: str, *others: str) -> Context:
    reading = Reading(query, words(query), alternatives=others)
    return replace(Context(Request(query=query), "search", 0, np.ones(len(TITLES), bool)), reading=reading)


@pytest.fixture(scope="module")
def lexical(tmp_path_factory: pytest.TempPathFactory) -> Lexical:
    folder: Path = tmp_path_factory.mktemp("lexical")
    index = TantivyIndex.build([{"title": words(title)} for title in TITLES], folder / "texts", tongue("en").stem)
    return Lexical(index, words, saying, asking)


@pytest.mark.parametrize(("context", "row", "told"), [
    (asked("the dark roast coffee"), 1, "the dark roast coffee"), (asked("the dark roast coffee"), 0, "coffee"),
    (asked("dark coffee"), 1, "dark coffee"), (asked("nappies", "diapers", "pampers"), 2, "diapers"),
    (asked("nappies four", "diapers 4"), 2, "diapers 4"), (asked("nappies", "diapers"), 4, "nappies"),
    (asked("黑色运动鞋"), 3, "运动鞋"), (asked("运动鞋"), 3, "运动鞋"),
])  # fmt: skip
def test_a_reason_says_what_was_matched_and_nothing_else(
    lexical: Lexical, context: Context, row: int, told: str
) -> None:
    assert [because.text for because in lexical.why(context, [row])] == [f"matches “{told}”"]


def test_reasons_are_of_each_row(lexical: Lexical) -> None:
    told = [because.text for because in lexical.why(asked("dark roast coffee"), [1, 0])]
    assert told == ["matches “dark roast coffee”", "matches “coffee”"]
