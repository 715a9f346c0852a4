"""What shoppers say and shops call otherwise: "nappies" and "diapers", "headache" and "pain reliever".

`shopping_*.tsv` is what things are called in a language (British and American words, colloquial names), `needs_*.tsv`
what people need, do, celebrate or suffer from, and what answers it; `kinds_*.tsv` tells what a thing is a kind of, for
shops that name it only so. They were written without sight of any shop's
catalogue or queries. A shop adds its own lines in the same format: phrase, tab, alternatives separated by semicolons.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache, cached_property
from importlib import resources
from itertools import compress, pairwise
from pathlib import Path

from aisle.errors import SettingsError
from aisle.language.fillers import asking
from aisle.language.glosses import simplified
from aisle.language.tongue import Tongue, tongue
from aisle.language.words import is_paired, normalise, unaccented, words

SHIPPED = {"en": ("shopping_en.tsv", "needs_en.tsv"), "zh": ("shopping_zh.tsv", "needs_zh.tsv"),
           "de": ("shopping_de.tsv",), "fr": ("shopping_fr.tsv",)}  # fmt: skip
KINDS = {"en": ("kinds_en.tsv",)}
LONGEST = 4  # words of a phrase
STEMMED = 8  # letters of a German word
MOST = 5  # alternatives of one query
FILLERS = tongue("en").small  # neither matched nor kept: a shop's own book may mix languages
FOR = "for"
ALIKE = 0.9  # of letters that two spellings of one thing share


Text = tuple[str, str]  # a file's name, and what it says
Cut = Callable[[str], Sequence[str]]  # a phrase → its words
Entries = Mapping[tuple[str, ...], tuple[str, ...]]  # the words of a phrase → what else to look for


class Thesaurus:
    """Phrases and what else to look for, of one or several books, the last one asked first.

    In a book a phrase is found as it is written, else by the stems of its words: who asks for "grated cheese" does not
    want to "grate cheese". A single word is found in the plural, too, and in no other form: in "iced tea" there is no
    icing, and what is comfortable is no comforter; short German ones as they stand.
    """

    def __init__(self, books: Iterable[Entries], spoken: Tongue, cut: Cut = words) -> None:
        self._stem, self._one = spoken.stem, SINGULAR.get(spoken.code, spoken.stem)
        self._cut, self._small = cut, small_of(spoken)
        self._books = [(book, self._stemmed(book)) for book in books][::-1]

    @classmethod
    def read(cls, books: Iterable[Iterable[Text]], spoken: Tongue, cut: Cut = words) -> "Thesaurus":
        """From the files of every book; raises SettingsError for a bad line."""
        return cls([entries(texts, cut, small_of(spoken)) for texts in books], spoken, cut)

    def alternatives(
        self, asked: Sequence[str], known: Callable[[str], bool] = lambda word: False
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The query with a phrase of it in other words, the longest phrase first, at most MOST; and the words of the
        phrases that have several, so that they say more than their words.

        A word that the shop itself uses (`known`) is only said otherwise where nothing else was asked for: in "dinner
        for a dog" the dog decides. What is for something is a thing of its kind: that is said as "dog dinner", too; and
        a need behind "for" is answered by the thing before it: a "dress for a wedding guest" is no gift set.
        """
        turned, things = _turned(asked), _things(asked)
        asked = content(asked, self._small)
        made: list[str] = []
        taken: set[int] = set()
        idiom: list[str] = []
        for size in range(min(LONGEST, len(asked)), 0, -1):
            for start in range(len(asked) - size + 1):
                span, phrase = range(start, start + size), tuple(asked[start : start + size])
                key = tuple(self._cut(" ".join(phrase)))
                found = self._found(key) or (self._found(phrase[::-1]) if phrase in turned else ())
                trusted = size > 1 or len(asked) == 1 or not known(asked[start])
                if found and trusted and taken.isdisjoint(span):
                    taken.update(span)
                    idiom += phrase if size > 1 and not _spelled(phrase, found) else ()
                    first, last = asked[:start], asked[start + size :]
                    if 0 < things <= start:
                        first, last = asked[things:start], [*last, *asked[:things]]
                    made += [_said([*first, *other.split(), *last]) for other in found]
        return tuple(dict.fromkeys(made))[:MOST], tuple(idiom)

    def saying(self, asked: Sequence[str]) -> tuple[str, ...]:
        """What all of a query is in other words, as far as it is a phrase."""
        return self._found(tuple(content(asked, self._small)))

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of a phrase: none of them is misspelt."""
        return frozenset(word for book, _ in self._books for phrase in book for word in phrase)

    def _found(self, phrase: tuple[str, ...]) -> tuple[str, ...]:
        loose = self._loosely(phrase)
        return tuple(other for book, stemmed in self._books for other in book.get(phrase) or stemmed.get(loose, ()))

    def _stemmed(self, book: Entries) -> Entries:
        out: dict[tuple[str, ...], tuple[str, ...]] = {}
        for phrase, others in book.items():
            out[self._loosely(phrase)] = tuple(dict.fromkeys([*others, *out.get(self._loosely(phrase), ())]))
        return out

    def _loosely(self, phrase: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(self._stem, phrase)) if len(phrase) > 1 else tuple(map(self._one, phrase))


def singular(word: str) -> str:
    """An English word without the ending of a plural; a key, not always a word."""
    stem = re.sub(r"(?<=[a-z]{2})ies$", "y", word)
    stem = re.sub(r"(?<=ch|sh|ss)es$|(?<=[xz])es$", "", stem)
    return re.sub(r"(?<=[^sui])s$", "", stem)


def singular_fr(word: str) -> str:
    """A French word without accents and the ending of a plural; a short one is what it is ("pils", "mois")."""
    return re.sub(r"(?<=\w{4})[sx]$", "", unaccented(word))


def singular_de(word: str) -> str:
    """A German word without the ending of a plural ("Stühle", "Lampen", "Schals"); a long one by its stem, but short
    ones of one stem are too often two things ("Schal", "Schale")."""
    if len(word) >= STEMMED:
        return tongue("de").stem(word)
    bent = re.sub(r"(?<=\w{3})(?:er|e)$", "", word) if re.search("[äöü]", word) else word
    return unaccented(bent if bent != word else re.sub(r"(?<=\w{3})[ns]$", "", word))


SINGULAR: Mapping[str, Callable[[str], str]] = {"en": singular, "fr": singular_fr, "de": singular_de}


def small_of(spoken: Tongue) -> frozenset[str]:
    """Words that the phrases of a language's books do not count."""
    return spoken.small if spoken.code in ("de", "fr") else FILLERS


def _turned(asked: Sequence[str]) -> set[tuple[str, ...]]:
    """The pairs of words with "for" between them, articles aside."""
    parts = " ".join(word for word in asked if word == FOR or word not in FILLERS).split(f" {FOR} ")
    return {(one.split()[-1], other.split()[0]) for one, other in pairwise(parts) if one and other}


def _things(asked: Sequence[str]) -> int:
    """How many words that ask for something stand before "for"; 0 where it is not said."""
    return sum(asking(asked, FILLERS)[: asked.index(FOR)]) if FOR in asked else 0


def _spelled(phrase: Sequence[str], others: Sequence[str]) -> bool:
    """Are the others only spelled otherwise ("arm chair", "armchair"): the phrase says no more than its words then."""
    own = "".join(phrase)
    return all(SequenceMatcher(None, own, other.replace(" ", "")).ratio() > ALIKE for other in others)


def _said(said: Sequence[str]) -> str:
    """Words as a text, none twice in a row: "a4" in "a4 paper" is "printer paper", not "printer paper paper"."""
    return " ".join(word for word, before in zip(said, ["", *said], strict=False) if word != before)


def entries(texts: Iterable[Text], cut: Cut = words, small: frozenset[str] = FILLERS) -> Entries:
    """The phrases of a book's files; later lines say more about a phrase. Raises SettingsError for a bad line."""
    out: dict[tuple[str, ...], tuple[str, ...]] = {}
    for name, text in texts:
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            left, tab, right = line.partition("\t")
            phrase = tuple(content(cut(left), small))
            others = tuple(other.strip() for other in right.split(";") if other.strip())
            if not tab or not 0 < len(phrase) <= LONGEST or not others:
                expected = f"a phrase of at most {LONGEST} words, a tab, alternatives separated by ';'"
                raise SettingsError(f"{name}, line {number}", line, expected)
            out[phrase] = (*others, *(o for o in out.get(phrase, ()) if o not in others))
    return out


def content(asked: Sequence[str], small: frozenset[str] = FILLERS) -> Sequence[str]:
    """The words that say what is wanted: "unblock the sink" asks for what "unblock sink" does, and "a4" no 4."""
    return list(compress(asked, asking(asked, small))) or asked


def unspaced(text: str) -> tuple[str, ...]:
    """The words of a phrase whose language writes none: all of it is one, however a query with it is cut."""
    return ("".join(simplified(normalise(text)).split()),) if is_paired(text) else words(text)


def cut_of(language: str) -> Cut:
    """How phrases of a language are cut."""
    return unspaced if language == "zh" else words


def shipped(language: str) -> list[Text]:
    """The thesaurus of a language that comes with the package; nothing for most."""
    return _texts(SHIPPED.get(language, ()))


def shipped_kinds(language: str) -> list[Text]:
    """The book of things and what they are kinds of, of a language."""
    return _texts(KINDS.get(language, ()))


def _texts(names: Iterable[str]) -> list[Text]:
    files = resources.files("aisle.language")
    return [(name, (files / name).read_text("utf-8")) for name in names]


@cache
def needs(language: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What people need as they say it, and what answers it, as the package tells it in a language."""
    told = (text for name, text in shipped(language) if name.startswith("needs"))
    lines = (line.split("\t") for text in told for line in text.splitlines() if line and not line.startswith("#"))
    return tuple((phrase, tuple(one.strip() for one in others.split(";"))) for phrase, others in lines)


@cache
def known_words(language: str) -> frozenset[str]:
    """Every word of a phrase of what is shipped: none of them is misspelt."""
    return frozenset(
        word for phrase in entries(shipped(language), cut_of(language), small_of(tongue(language))) for word in phrase
    )


def of_shop(path: Path) -> Text:
    """A shop's own. Raises SettingsError where it cannot be read."""
    try:
        return str(path), path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError("search.synonyms", str(path), f"a file of phrases in UTF-8: {error}") from None
