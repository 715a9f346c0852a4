"""Other words for what a query asks."""

from pathlib import Path

import pytest

from aisle.errors import SettingsError
from aisle.language.spelling import Speller
from aisle.language.thesaurus import MOST, Thesaurus, cut_of, of_shop, shipped
from aisle.language.tongue import tongue
from aisle.language.words import words
from tests.worlds import BARE, opened

BOOK = "torch\tflashlight; lantern\nwashing up liquid\tdish soap\nheadache\tpain reliever\n"


def alternatives(query: str, text: str = BOOK) -> tuple[str, ...]:
    return Thesaurus.read([[("book", text)]], tongue("en")).alternatives(words(query))[0]


def test_a_phrase_is_said_otherwise_and_the_rest_stays() -> None:
    assert alternatives("big torch") == ("big flashlight", "big lantern")


def test_words_that_ask_for_nothing_are_not_kept() -> None:
    assert alternatives("something for a headache") == ("pain reliever",)


def test_a_word_that_the_shop_uses_stays_where_more_was_asked_for() -> None:
    book = Thesaurus.read([[("book", BOOK)]], tongue("en"))
    assert book.alternatives(("big", "torch"), {"torch"}.__contains__)[0] == ()
    assert book.alternatives(("torch",), {"torch"}.__contains__)[0] == ("flashlight", "lantern")


def test_a_phrase_of_several_words_is_an_idiom() -> None:
    book = Thesaurus.read([[("book", BOOK)]], tongue("en"))
    assert book.alternatives(words("cheap washing up liquid"))[1] == ("washing", "up", "liquid")
    assert book.alternatives(("torch",))[1] == ()


def test_another_spelling_is_no_idiom() -> None:
    book = Thesaurus.read([[("book", "arm chair\tarmchair\niced tea\tice tea\n")]], tongue("en"))
    assert book.alternatives(("arm", "chair")) == (("armchair",), ())
    assert book.alternatives(("iced", "tea"))[1] == ()


def test_plurals_match_and_the_longest_phrase_wins() -> None:
    assert alternatives("torches") == ("flashlight", "lantern")
    assert alternatives("cheap washing up liquid") == ("dish soap",)


def test_nothing_known_gives_nothing() -> None:
    assert alternatives("walnut bed") == () and alternatives("") == ()


def test_as_it_is_written_before_its_stems() -> None:
    book = "grated cheese\tshredded cheese\ngrate cheese\tcheese grater\nicing\tfrosting\n"
    assert alternatives("grated cheese", book) == ("shredded cheese",)
    assert alternatives("grating cheese", book) == ("cheese grater", "shredded cheese")
    assert alternatives("iced tea", book) == () and alternatives("icing", book) == ("frosting",)
    assert (
        alternatives("keyring", "keyrings\tkey ring\n")
        == alternatives("keyrings", "keyring\tkey ring\n")
        == ("key ring",)
    )


def test_a_later_book_is_asked_first_and_the_earlier_stays() -> None:
    both = Thesaurus.read([[("one", BOOK)], [("two", "torch\tlamp\n")]], tongue("en"))
    assert both.alternatives(("torch",))[0] == ("lamp", "flashlight", "lantern")


def test_a_bad_line_names_its_file_and_line() -> None:
    with pytest.raises(SettingsError, match=r"mine\.tsv, line 2"):
        Thesaurus.read([[("mine.tsv", "a\tb\nno tab here\n")]], tongue("en"))


def test_a_file_that_is_not_there_is_an_error_about_the_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"search\.synonyms"):
        of_shop(tmp_path / "none.tsv")


def test_what_is_shipped_is_well_formed_and_knows_both_sides_of_the_ocean() -> None:
    book = Thesaurus.read([shipped("en")], tongue("en"))
    assert any("eggplant" in other for other in book.alternatives(("aubergine",))[0])
    assert len(book.alternatives(("aubergine",))[0]) <= MOST


@pytest.mark.parametrize(("language", "said", "called"), [
    ("de", "föhn", "haartrockner"), ("de", "frauenschuhe", "damenschuhe"), ("de", "kalte füße", "wärmflasche"),
    ("fr", "frigo", "réfrigérateur"), ("fr", "baskets", "sneakers"), ("zh", "西红柿", "番茄"),
])  # fmt: skip
def test_every_book_that_is_shipped_says_each_thing_once(language: str, said: str, called: str) -> None:
    lines = [line for _, text in shipped(language) for line in text.splitlines() if line and not line.startswith("#")]
    if language != "zh":
        assert len({line.split("\t")[0] for line in lines}) == len(lines) > 4000
    book = Thesaurus.read([shipped(language)], tongue(language), cut_of(language))
    assert any(called in other for other in book.alternatives(tuple(said.split()))[0])


def test_the_shops_own_words_find_its_products(tmp_path: Path) -> None:
    settings = BARE + '[search]\nsynonyms = "synonyms.tsv"\n'
    with opened(tmp_path, settings) as shop:
        (tmp_path / "synonyms.tsv").write_text("kip\tbed frame\n")
        shop.load(products=[{"id": "b", "title": "Oak bed frame"}, {"id": "l", "title": "Bedside lamp"}])
        shop.train()
        assert shop.search("kip").ids == ["b"]


def test_paper_sizes_are_no_articles_and_no_word_is_said_twice() -> None:
    book = "a4\ta4 paper; printer paper\n"
    assert alternatives("a4 paper", book) == ("a4 paper", "printer paper")
    assert alternatives("2x4 lumber", book) == ()


def test_what_a_phrase_knows_is_not_misspelt() -> None:
    speller = Speller({"uncle": 5, "drain": 40})
    book = Thesaurus.read([[("book", "unclog drain\tdrain cleaner\n")]], tongue("en"))
    assert speller.read("unclog drain").words == ("uncle", "drain")
    assert speller.read("unclog drain", book.words).words == ("unclog", "drain")


def test_what_is_for_something_is_a_thing_of_its_kind() -> None:
    book = "dog dinner\tdog food\nbaby shampoo\tmild shampoo\n"
    assert alternatives("dinner for a dog", book) == ("dog food",)
    assert alternatives("cheap shampoo for my baby", book) == ("mild shampoo",)
    assert alternatives("dinner dog", book) == (), "only where it says so"
    assert alternatives("dinner for", book) == () == alternatives("for a dog", book)


def test_a_need_behind_for_is_answered_by_the_thing_before_it() -> None:
    book = "wedding guest\tgift set\nsore throat\tlozenges\n"
    assert alternatives("long dress for a wedding guest", book) == ("gift set long dress",)
    assert alternatives("something for a sore throat", book) == ("lozenges",)
    assert alternatives("wedding guest", book) == ("gift set",)


@pytest.mark.parametrize(
    ("query", "found"),
    [("nappies", True), ("nappy", True), ("comforters", True), ("comfortable", False), ("periodic", False)],
)
def test_a_single_word_is_found_in_its_plural_and_in_no_other_form(query: str, found: bool) -> None:
    book = "nappy\tdiaper\ncomforter\tduvet\nperiod\tsanitary pads\n"
    assert bool(Thesaurus.read([[("book", book)]], tongue("en")).alternatives([query])[0]) is found


def test_a_single_word_of_another_language_bends_as_that_language_does() -> None:
    book = Thesaurus.read([[("book", "sessel\tfauteuil\nstuhl\tsitz\n")]], tongue("de"))
    assert book.alternatives(["stühle"])[0] == ("sitz",)
    two = "schal\thalstuch\nplane\tabdeckplane\ntopfen\tquark\nlampe\tleuchte\nfrauenschuh\tdamenschuh\n"
    german = Thesaurus.read([[("book", two)]], tongue("de"))
    assert [german.alternatives([one])[0] for one in ("schale", "planer", "topf")] == [()] * 3, (
        "of one stem, and others"
    )
    found = [german.alternatives([one])[0] for one in ("schals", "planen", "lampen", "frauenschuhe")]
    assert found == [("halstuch",), ("abdeckplane",), ("leuchte",), ("damenschuh",)]
    french = Thesaurus.read([[("book", "pils\tbière\nslime\tpâte\ndétecteur fumée\tdaaf\n")]], tongue("fr"))
    assert french.alternatives(["piles"])[0] == french.alternatives(["slim"])[0] == ()
    assert french.alternatives(["détecteurs", "de", "fumée"])[0] == ("daaf",)
