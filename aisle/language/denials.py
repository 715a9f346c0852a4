"""A word that a text denies ("non chocolate", "no sugar", "free from milk") is another word than the one it denies.

Not so behind "zero" and before "free", which as often tell of something else ("zero gravity chair", "free shipping").
"""

from collections.abc import Sequence
from itertools import pairwise

from aisle.language.tongue import Tongue

FREE_FROM = frozenset({("free", "from"), ("free", "of")})


def denied(stem: str) -> str:
    """The word that stands for a denied one; no word of a text has a space in it."""
    return f"non {stem}"


def stems_of(words: Sequence[str], tongue: Tongue, denying: frozenset[str] | None = None) -> list[str]:
    """The stem of every word of a text, or what stands for it where what is before denies it; denying: words that do,
    those of the language where none are given."""
    by = tongue.denying if denying is None else denying
    turned = [False, *(word in by and not other[:1].isdigit() for word, other in pairwise(words))]
    for at, pair in enumerate(pairwise(words[:-1])):
        turned[at + 2] |= pair in FREE_FROM
    stem = tongue.stem
    return [denied(stem(word)) if no else stem(word) for word, no in zip(words, turned, strict=False)]
