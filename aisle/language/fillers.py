"""Which words of a query ask for something."""

from collections.abc import Sequence

GOODS = frozenset({"gift"})  # asks for nothing by itself, but names a thing with the word behind it: a gift card


def asking(words: Sequence[str], small: frozenset[str]) -> list[bool]:
    """Of every word of a query, does it ask for something: small words do not, but in "a4" there is no article."""
    behind = [*words[1:], ""]
    return [
        word not in small or (word == "a" and then.isdigit()) or (word in GOODS and then != "" and then not in small)
        for word, then in zip(words, behind, strict=False)
    ]
