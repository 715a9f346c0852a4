"""A word that a text denies ("non chocolate", "no sugar") is another word than the one it denies.

Not so behind "zero" and before "free", which as often tell of something else ("zero gravity chair", "free shipping").
"""

from collections.abc import Sequence
from itertools import pairwise

from aisle.language.tongue import Tongue


def denied(stem: str) -> str:
    """The word that stands for a denied one; no word of a text has a space in it."""
    return f"non {stem}"


def stems_of(words: Sequence[str], tongue: Tongue) -> list[str]:
    """The stem of every word of a text, or what stands for it where the word before denies it."""
    stem = tongue.stem
    turned = [False, *(word in tongue.denying and not other[:1].isdigit() for word, other in pairwise(words))]
    return [denied(stem(word)) if no else stem(word) for word, no in zip(words, turned, strict=False)]
