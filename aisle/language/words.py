"""Text → words, the same for products and queries: one Unicode form, lower case, Han text in overlapping pairs.

A T-shirt is no shirt, and what others call a tshirt, however it is written. No other letter is tied to a word: who
looks for carnitine means L-carnitine, and "usb c lamp" is no clamp (docs/log.md).
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

LONGEST = 512  # characters of a query that are read
HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# vowel signs and accents belong to the letter before them; variation selectors (of emoji) do not
MARKS = "".join(c for c in map(chr, range(0x300, 0xFE00)) if unicodedata.category(c) in ("Mn", "Mc"))
LETTER = rf"(?![{HAN}])[^\W\d_][{MARKS}]*"
# a number with its decimals, a run of Han, or a run of other letters (with an apostrophe inside)
WORD = re.compile(rf"\d+(?:\.\d+)?|[{HAN}]+|(?:{LETTER})+(?:['’](?:{LETTER})+)*")

TSHIRT = re.compile(r"(?<![\w'])t(?: ?[-‐–] ?| )(?=shirts?(?!\w))")
ACCENTED = re.compile("([A-Za-z])[\u0300-\u036f]+")


def normalise(text: str) -> str:
    """NFKC (full width → plain), control characters as spaces, lower case, white space folded."""
    clean = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Co") else c for c in text)
    folded = unicodedata.normalize("NFKC", clean).lower().replace("’", "'").replace("i\u0307", "i")
    return " ".join(folded.split())


@lru_cache(maxsize=1 << 17)
def words(text: str) -> tuple[str, ...]:
    """The words of a text. A run of Han characters gives its overlapping pairs, as it has no spaces."""
    found: list[str] = []
    for word in WORD.findall(TSHIRT.sub("t", normalise(text))):
        found += _pairs(word) if is_han(word) else [word.replace("'", "")]
    return tuple(found)


def characters(words_of: Iterable[str]) -> frozenset[str]:
    """The single characters of pairs: a query of one character, 茶, means them."""
    return frozenset(character for word in words_of if len(word) == 2 and is_han(word) for character in word)


@lru_cache(maxsize=1 << 17)
def unaccented(text: str) -> str:
    """Latin letters without their accents, as most shoppers type them; other letters as they are."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", ACCENTED.sub(r"\1", unicodedata.normalize("NFD", text)))


def is_han(text: str) -> bool:
    """Does a text hold a Han character."""
    return re.search(f"[{HAN}]", text) is not None


def _pairs(run: str) -> list[str]:
    return [run[k : k + 2] for k in range(len(run) - 1)] or [run]
