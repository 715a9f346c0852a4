"""Queries as people mistype them: the same seed makes the same mistakes."""

import random
import string
from collections.abc import Callable

SHORTEST = 4  # letters of a word in which a mistake is made


def edited(query: str, rng: random.Random, times: int = 1) -> str:
    """A letter left out, put in, exchanged or swapped with the one before, so many times, in words of some length."""
    words = query.split()
    for _ in range(times):
        places = [k for k, word in enumerate(words) if len(word) >= SHORTEST and word.isalpha()]
        if places:
            at = rng.choice(places)
            words[at] = _mistake(words[at], rng)
    return " ".join(words)


def _mistake(word: str, rng: random.Random) -> str:
    at, letter = rng.randrange(1, len(word)), rng.choice(string.ascii_lowercase)
    return rng.choice([
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + letter + word[at + 1 :],
        word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :],
    ])  # fmt: skip


def swapped(query: str, rng: random.Random) -> str:
    """Two neighbouring words the other way round."""
    words = query.split()
    if len(words) > 1:
        at = rng.randrange(len(words) - 1)
        words[at], words[at + 1] = words[at + 1], words[at]
    return " ".join(words)


def split(query: str, rng: random.Random) -> str:
    """The longest word in two."""
    words = query.split()
    at = max(range(len(words)), key=lambda k: len(words[k]))
    if len(words[at]) > SHORTEST:
        cut = rng.randrange(2, len(words[at]) - 1)
        words[at] = f"{words[at][:cut]} {words[at][cut:]}"
    return " ".join(words)


def joined(query: str, rng: random.Random) -> str:
    """Two neighbouring words as one."""
    words = query.split()
    if len(words) > 1:
        at = rng.randrange(len(words) - 1)
        words[at : at + 2] = [words[at] + words[at + 1]]
    return " ".join(words)


MISTAKES: dict[str, Callable[[str, random.Random], str]] = {
    "one edit": edited, "two edits": lambda query, rng: edited(query, rng, 2), "words swapped": swapped,
    "a word split": split, "words joined": joined,
}  # fmt: skip
