"""Text → words, the same for products and queries: one Unicode form, lower case; what is written without spaces
(Chinese, Japanese, Korean compounds, Thai) in overlapping pairs of characters.

A T-shirt is no shirt, and what others call a tshirt, however it is written. No other letter is tied to a word: who
looks for carnitine means L-carnitine, and "usb c lamp" is no clamp (docs/log.md).
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

LONGEST = 512  # characters of a query that are read
HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# scripts without spaces, or whose writers set them as they like: Han with the hiragana in its words, katakana, Hangul,
# Thai, Lao, Burmese, Khmer; where one ends another word begins
SCRIPTS = (
    HAN + r"\u3005\u3041-\u3096\u309d-\u309f", r"\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff",
    r"\u1100-\u11ff\uac00-\ud7a3", r"\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46",
    r"\u0e81-\u0eb0\u0eb2\u0eb3\u0ec0-\u0ec6", r"\u1000-\u102a", r"\u1780-\u17b3",
)  # fmt: skip
UNSPACED = "".join(SCRIPTS)
# vowel signs and accents belong to the letter before them; variation selectors (of emoji) do not
MARKS = "".join(c for c in map(chr, range(0x300, 0xFE00)) if unicodedata.category(c) in ("Mn", "Mc"))
LETTER = rf"(?![{UNSPACED}])[^\W\d_][{MARKS}]*"
CHARACTER = re.compile(rf"[{UNSPACED}][{MARKS}]*")
RUNS = "|".join(rf"(?:[{script}][{MARKS}]*)+" for script in SCRIPTS)
# a part number (F6U61AN), which is no 61; a number with its decimals; a run of one of these scripts; a run of other
# letters (with an apostrophe inside)
PART = r"(?<![a-z\d])[a-z]+\d+[a-z]+\d+[a-z\d]*"
WORD = re.compile(rf"{PART}|\d+(?:\.\d+)?|{RUNS}|(?:{LETTER})+(?:['’](?:{LETTER})+)*")

TSHIRT = re.compile(r"(?<![\w'])t(?: ?[-‐–] ?| )(?=shirts?(?!\w))")
# what stands between two things (本棚の板), where what follows is no longer hiragana
PARTICLE = re.compile(rf"(?<=[{UNSPACED}])[のを](?=[{HAN}\u30a1-\u30fa])")
# accents that shoppers leave out: those of Latin and Greek letters, and the dots of ё
ACCENTED = re.compile("([A-Za-z\u0370-\u03ff])[\u0300-\u036f]+|([Ее])\u0308")
# letters whose stroke is part of them, as most keyboards write them
STROKES = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})


def normalise(text: str) -> str:
    """NFKC (full width → plain), control characters as spaces, lower case, white space folded."""
    if text.isascii() and text.isprintable():
        return " ".join(text.lower().split())  # ten times as quick, and most texts are
    clean = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Co") else c for c in text)
    folded = unicodedata.normalize("NFKC", clean).lower().replace("’", "'").replace("i\u0307", "i")
    return " ".join(folded.split())


@lru_cache(maxsize=1 << 17)
def words(text: str) -> tuple[str, ...]:
    """The words of a text. A run of Han characters gives its overlapping pairs, as it has no spaces."""
    found: list[str] = []
    for word in WORD.findall(PARTICLE.sub(" ", TSHIRT.sub("t", normalise(text)))):
        found += _pairs(word) if is_paired(word) else [word.replace("'", "")]
    return tuple(found)


def written(text: str) -> list[str]:
    """The words of a text as they are written, with their apostrophes: "robe", "d'été"; of a run of characters the
    whole."""
    return WORD.findall(TSHIRT.sub("t", normalise(text)))


def characters(words_of: Iterable[str]) -> frozenset[str]:
    """The single characters of pairs: a query of one character, 茶, means them."""
    return frozenset(c for word in words_of if is_paired(word) for c in CHARACTER.findall(word))


@lru_cache(maxsize=1 << 17)
def unaccented(text: str) -> str:
    """Latin and Greek letters without their accents, as most shoppers type them; other letters as they are."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFD", text.translate(STROKES))
    return unicodedata.normalize("NFC", ACCENTED.sub(lambda found: found[1] or found[2], apart))


def is_han(text: str) -> bool:
    """Does a text hold a Han character."""
    return re.search(f"[{HAN}]", text) is not None


def is_latin(text: str) -> bool:
    """Are most of a text's letters Latin; one without letters is."""
    letters = [c for c in unaccented(text) if c.isalpha()]
    return 2 * sum(c.isascii() for c in letters) >= len(letters)


def is_paired(text: str) -> bool:
    """Does a text hold what is written without spaces: its words are pairs of characters, which nobody spells."""
    return CHARACTER.search(text) is not None


def _pairs(run: str) -> list[str]:
    characters = CHARACTER.findall(run)
    return ["".join(pair) for pair in pairwise(characters)] or [run]
