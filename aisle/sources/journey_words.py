"""Spell out the abbreviated catalogue text of the Complete Journey data.

The table holds one ``abbreviation<TAB>words`` pair a line.  Its left side is
one token or a phrase of tokens as :func:`tokens` makes them, joined by single
spaces, so punctuation does not matter: ``w/o`` is written ``w o``.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

LONGEST_PHRASE = 6
"""The most tokens that the left side of a table line may have."""

_AND = re.compile(r"(?<=[a-z)%]) ?& ?(?=[a-z])")
_TOKEN = re.compile(r"\d*\.?\d+%|\d*\.\d+[a-z]*|[a-z]+(?=\d+\.\d)|[a-z0-9]+(?:'[a-z]+)?")


def tokens(text: str) -> list[str]:
    """Return the lower-case tokens of a text.

    A token is a run of letters and digits, with a decimal point inside a
    number and a percent sign after it.  An ampersand between two words is the
    token ``and``; every other character only separates tokens.
    """
    spaced = " ".join(text.lower().split())
    return _TOKEN.findall(_AND.sub(" and ", spaced))


def read_words(path: Path) -> dict[str, str]:
    """Read a table of abbreviations and check the form of its lines."""
    words: dict[str, str] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        short, tab, plain = line.partition("\t")
        parts = tokens(short)
        if not tab or not plain or " ".join(parts) != short or short in words:
            raise ValueError(f"{path}:{number}: not a table line: {line!r}")
        if len(parts) > LONGEST_PHRASE:
            raise ValueError(f"{path}:{number}: the phrase is too long")
        words[short] = plain
    return words


def spell_out(text: str, words: Mapping[str, str]) -> str:
    """Return a text in plain lower-case words.

    The longest phrase of the table wins at each place; a token that the table
    lacks stays as it is.  A word is not said twice in a row; a number may be.
    """
    said: list[str] = []
    for word in _replaced(tokens(text), words):
        if said and word == said[-1] and word.isalpha():
            continue
        said.append(word)
    return " ".join(said)


def _replaced(parts: list[str], words: Mapping[str, str]) -> Iterator[str]:
    """Yield the words for the tokens, longest phrase first."""
    at = 0
    while at < len(parts):
        size = min(LONGEST_PHRASE, len(parts) - at)
        while size > 1 and " ".join(parts[at : at + size]) not in words:
            size -= 1
        phrase = " ".join(parts[at : at + size])
        yield from words.get(phrase, phrase).split()
        at += size
