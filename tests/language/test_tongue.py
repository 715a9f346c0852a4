"""What is particular to a language."""

import pytest

from aisle.language.compounds import Compounds
from aisle.language.fillers import asking
from aisle.language.guess import guessed
from aisle.language.tongue import known, tongue


@pytest.mark.parametrize(("language", "forms"), [
    ("en", "berry berries"), ("en", "theatre theatres theater"), ("en", "colours coloured color"),
    ("en", "grey gray"), ("en", "feet ft"), ("de", "Stuhl Stühle stuehle stuhle"),
    ("de-AT", "Tasse Tassen"),
    ("fr", "étagère étagères etagere"), ("es", "jardín jardines jardin"), ("it", "scarpa scarpe"),
    ("ru", "чёрный черные"), ("el", "λάμπα λαμπες"), ("pl", "łóżko lozko"), ("nb", "lampe lamper"), ("xx", "Café cafe"),
])  # fmt: skip
def test_forms_of_a_word_have_one_stem(language: str, forms: str) -> None:
    assert len({tongue(language).stem(form.lower()) for form in forms.split()}) == 1


def test_words_of_two_things_keep_their_stems() -> None:
    assert tongue("de").stem("neue") != tongue("de").stem("neu") + "x"
    assert len({tongue("en").stem(word) for word in ("lamp", "lampshade", "colour", "cool")}) == 4


def test_every_language_is_read() -> None:
    for language in known():
        assert tongue(language).code == language and tongue(language).stem("test")


@pytest.mark.parametrize(("language", "word", "parts"), [
    ("de", "damenlaufschuhe", ("damen", "laufschuhe", "lauf", "schuhe")), ("de", "gartenstuhl", ("garten", "stuhl")),
    ("de", "matratze", ()), ("de", "schuhe", ()), ("de", "bohrmaschine", ("bohren", "maschine")),
    ("de", "zigarette", ()), ("de", "elastisch", ()), ("de", "magnetisch", ()), ("de", "praktisch", ()),
    ("de", "gießkanne", ("gießen", "kanne")), ("de", "wollsocken", ("wollen", "socken")),
    ("de", "erdbeeren", ()), ("de", "entspannung", ()), ("de", "planschbecken", ("planschen", "becken")),
    ("de", "akkuschrauber", ("akku", "schrauber")),
    ("de", "glasreiniger", ("glas", "reiniger")),
    ("de", "schokolade", ()), ("de", "marmelade", ()), ("de", "kartoffel", ()),
    ("nl", "eettafel", ("eet", "tafel")), ("fr", "létagère", ("étagère",)), ("fr", "lampe", ()),
    ("en", "bookshelf", ()), ("fr", "coffre", ()),
])  # fmt: skip
def test_a_compound_is_taken_apart(language: str, word: str, parts: tuple[str, ...]) -> None:
    from wordfreq import zipf_frequency

    made = Compounds(tongue(language), {"maschine": 2}, lambda one: float(zipf_frequency(one, language)))
    assert made.parts(word) == parts


@pytest.mark.parametrize(("titles", "language"), [
    (["Lampe für den Garten", "Tasse mit Untertasse", "Jacke ohne Kapuze"], "de"),
    (["Chaussures de course pour homme", "Canapé avec coffre", "Lampe sans fil"], "fr"),
    (["Lampara de pie con pantalla", "Botella para agua y zumo", "Silla sin brazos"], "es"),
    (["Lamp for the garden", "Cup with saucer", "Jacket without hood"], "en"), (["Acme X200", "Foo"], "en"), ([], "en"),
    (["Lace Bra", "Sports Bra", "Push-up Bra", "Briefs"], "en"), (["Eau de Parfum", "Gel", "Hugo pour homme"], "en"),
    (["メンズスニーカー", "財布", "コーヒー"], "ja"), (["运动鞋", "iPhone 手机壳"], "zh"),
    (["Стілець дерев'яний", "Їдальня"], "uk"),
    (["Стул", "Лампа"], "ru"), (["Shoes", "Lamp", "运动鞋"], "en"),
])  # fmt: skip
def test_titles_tell_their_language(titles: list[str], language: str) -> None:
    assert guessed(titles) == language


@pytest.mark.parametrize(("query", "asked"), [
    ("a gift for my dad", "dad"), ("gift card", "gift card"), ("gift socks", "socks"),
    ("birthday gift", "birthday"), ("a 4 paper", "a 4 paper"),
])  # fmt: skip
def test_small_words_ask_for_nothing(query: str, asked: str) -> None:
    said = query.split()
    kept = [word for word, asks in zip(said, asking(said, tongue("en").small), strict=True) if asks]
    assert kept == asked.split()
