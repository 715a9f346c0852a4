import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisle.language.words import is_han, normalise, words

STEADY = settings(max_examples=200, deadline=None, derandomize=True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Walnut bed", ("walnut", "bed")),
        ("", ()),
        ("  \t\n ", ()),
        ("!?… 🛏️", ()),
        ("Don't", ("dont",)),
        ("don’t", ("dont",)),
        ("E-Mail", ("e", "mail")),
        ("men's T‐shirt, V-neck", ("mens", "tshirt", "v", "neck")),
        ("t shirts T-Shirt T - SHIRT tshirt", ("tshirts", "tshirt", "tshirt", "tshirt")),
        ("sweat shirt, can't shirt, t shirting", ("sweat", "shirt", "cant", "shirt", "t", "shirting")),
        ("L-Carnitine usb c lamp", ("l", "carnitine", "usb", "c", "lamp")),
        ("1.5 kg", ("1.5", "kg")),
        ("1.5kg", ("1.5", "kg")),
        ("50%", ("50",)),
        ("ＷＡＬＮＵＴ １２", ("walnut", "12")),
        ("ﬁsh", ("fish",)),
        ("a\0bed", ("a", "bed")),
        ("bed\ud800", ("bed",)),
        ("bed🛏lamp", ("bed", "lamp")),
        ("Käse", ("käse",)),
        ("天", ("天",)),
        ("天气好", ("天气", "气好")),
        ("iPhone手机壳", ("iphone", "手机", "机壳")),
        ("東京タワー", ("東京", "タワ", "ワー")),
        ("焼き器の皿", ("焼き", "き器", "皿")),
        ("きのこスープ", ("きの", "のこ", "スー", "ープ")),
        ("여성운동화", ("여성", "성운", "운동", "동화")),
        ("ร่มเด็ก", ("ร่ม", "มเ", "เด็", "ด็ก")),
        ("Кровать", ("кровать",)),
    ],
)
def test_a_text_has_these_words(text: str, found: tuple[str, ...]) -> None:
    assert words(text) == found


def test_composed_and_decomposed_letters_are_one() -> None:
    assert words("café") == words("cafe\u0301")


@pytest.mark.parametrize(("text", "one"), [("हिन्दी", "हिन्दी"), ("İstanbul", "istanbul")])
def test_a_mark_does_not_cut_a_word(text: str, one: str) -> None:
    """Indian vowel signs and the dot of a Turkish İ are marks: they belong to the letter before them."""
    assert len(words(text)) == 1
    assert words(text) == words(one)


@STEADY
@given(st.text())
def test_words_of_words_are_the_same_words(text: str) -> None:
    assert words(" ".join(words(text))) == words(text)


@STEADY
@given(st.text())
def test_a_normal_text_is_normal(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert "  " not in once and "\0" not in once and once == once.strip()


@STEADY
@given(st.text(), st.text())
def test_a_space_parts_two_texts(one: str, two: str) -> None:
    assert words(f"{one} {two}") == words(one) + words(two)


def test_han_is_told_from_other_scripts() -> None:
    assert is_han("a天") and not is_han("a") and not is_han("タワー") and not is_han("")


def test_ten_thousand_characters_are_read() -> None:
    assert len(words("bed " * 2500)) == 2500
    assert words("x" * 10_000) == ("x" * 10_000,)
