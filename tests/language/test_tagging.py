"""What the words of a title are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.language.tagging import OUTSIDE, Tagger, spans, tokens, told

LABELS = st.lists(st.sampled_from([OUTSIDE, "B-x", "I-x", "B-y", "I-y"]))


def words(text: str) -> list[str]:
    return [text[start:end] for start, end in tokens(text)]


def test_tokens_are_words_numbers_signs_and_single_han_characters() -> None:
    assert words("Nike Air-Max 1.5 L 运动鞋x2") == ["Nike", "Air", "-", "Max", "1.5", "L", "运", "动", "鞋", "x", "2"]


@given(st.text(max_size=40))
def test_tokens_lose_nothing_but_white_space(text: str) -> None:
    assert "".join(words(text)) == "".join(text.split())


@given(LABELS)
def test_spans_hold_every_labelled_token_once(labels: list[str]) -> None:
    held = [k for start, end, _ in spans(labels) for k in range(start, end)]
    assert held == [k for k, label in enumerate(labels) if label != OUTSIDE]


def test_a_value_is_labelled_where_the_title_says_it_first_and_no_other_takes_its_place() -> None:
    title = words("Navy Blue shirt, blue")
    assert told(title, [("c", ("navy", "blue")), ("c", ("blue",)), ("c", ("shirt", "blue"))]) == [
        "B-c", "I-c", "O", "O", "B-c",
    ]  # fmt: skip
    assert told(title, [("c", ())]) == [OUTSIDE] * 5


def lessons(number: int) -> tuple[list[list[str]], list[list[str]]]:
    """Titles that begin with a made-up brand; after "by" stands a designer."""
    titles = [f"Brand{chr(97 + k % 26)} lamp {k} by Maker{chr(97 + k * 7 % 26)}".split() for k in range(number)]
    return titles, [["B-brand", "O", "O", "O", "B-maker"]] * number


def test_it_reads_names_that_it_never_saw_by_where_they_stand() -> None:
    tagger = Tagger.fit(*lessons(60))
    found = tagger.spans(words("Unheard lamp 7 by Nobody"))
    assert [(span.start, span.end, span.label) for span in found] == [(0, 1, "brand"), (4, 5, "maker")]
    assert all(0.5 < span.sure <= 1 for span in found)
    assert tagger.spans([]) == [] == tagger.tag([])


def test_the_same_lessons_give_the_same_tagger() -> None:
    one, other = Tagger.fit(*lessons(30)), Tagger.fit(*lessons(30))
    assert one.spans(words("Brandz vase by Makera")) == other.spans(words("Brandz vase by Makera"))


def test_han_titles_are_read_by_character_and_know_their_words() -> None:
    pytest.importorskip("jieba")
    titles = [list(text) for text in ("红色运动鞋男", "蓝色连衣裙女", "黑色背包", "白色运动鞋", "红色背包男") * 8]
    labels = [["B-c", "I-c", *["O"] * (len(title) - 2)] for title in titles]
    assert Tagger.fit(titles, labels).tag(list("蓝色背包男"))[:3] == ["B-c", "I-c", "O"]
