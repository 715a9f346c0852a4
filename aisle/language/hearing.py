"""Chinese as it sounds: words typed in pinyin (kouhong), and with another character of the same sound (口虹 for 口红).

CC-CEDICT says how its words sound; tones are not typed. Only what the shop sells is heard, and only in what is no word
of the language itself, as a word that the shop happens to lack is not misspelt.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from aisle.language import cedict
from aisle.language.glosses import segmenter
from aisle.language.words import HAN, is_han

LONGEST = 6  # characters of a word that is heard
HEARD = 64  # characters of a query that is heard; a longer one is a text
LEAST = 4  # letters of a word typed in pinyin: shorter ones are abbreviations
LATIN = re.compile(r"(?<![^\W\d_])[a-z]+(?: [a-z]+)*(?![^\W\d_])")
RUN = re.compile(f"[{HAN}]{{2,}}")
Sold = Callable[[str], int]  # in how many products a word is


def heard(text: str, known: Callable[[str], bool], sold: Sold) -> Mapping[str, str]:
    """What is written in a query → what it sounds like, of the words that the shop sells; `known`: is a Latin word one
    of the shop's."""
    found = dict[str, str]()
    if len(text) > HEARD:
        return found
    for run in LATIN.findall(text):
        found |= _typed(run.split(), known, sold)
    for run in RUN.findall(text):
        found |= _misheard(run, sold)
    return found


def _typed(words: Sequence[str], known: Callable[[str], bool], sold: Sold) -> dict[str, str]:
    """Latin words that are the pinyin of one word, together or each by itself."""
    if len(words) > 1 and (word := _likeliest("".join(words), sold)):
        return {" ".join(words): word}
    return {word: meant for word in words if not known(word) and (meant := _likeliest(word, sold))}


def _misheard(run: str, sold: Sold) -> dict[str, str]:
    """Neighbouring words of a run that are no word together and sound like one that the shop sells."""
    cut, found, at = segmenter().lcut(run), dict[str, str](), 0
    while at < len(cut):
        for end in range(min(len(cut), at + LONGEST), at, -1):
            said = "".join(cut[at:end])
            strange = not _is_word(said) and not all(map(_is_word, cut[at:end]))
            if 2 <= len(said) <= LONGEST and strange and not sold(said):
                found[said] = _likeliest(_sound(said), sold, len(said))
            if found.get(said):
                at = end - 1
                break
        at += 1
    return {said: meant for said, meant in found.items() if meant}


def _is_word(word: str) -> bool:
    return len(word) > 1 and word in cedict.dictionary()


def _likeliest(sound: str, sold: Sold, size: int = 0) -> str:
    """The word of this sound that most products say; empty where none does."""
    if len(sound) < LEAST:
        return ""
    words = [word for word in _by_sound().get(sound, ()) if size in (0, len(word))]
    counted = [(sold(word), word) for word in words]
    most = max(counted, default=(0, ""), key=lambda one: one[0])
    return most[1] if most[0] else ""


@cache
def _by_sound() -> Mapping[str, Sequence[str]]:
    """Pinyin without tones → words of two characters and more."""
    made = defaultdict[str, list[str]](list)
    for word, sounds in cedict.spoken():
        if 2 <= len(word) <= LONGEST and is_han(word):
            made["".join(sounds)].append(word)
    return {sound: tuple(dict.fromkeys(words)) for sound, words in made.items()}


@cache
def _sounds() -> Mapping[str, str]:
    """A character → how it mostly sounds."""
    counts = defaultdict[str, Counter[str]](Counter)
    for word, sounds in cedict.spoken():
        if len(word) == len(sounds):
            for one, sound in zip(word, sounds, strict=True):
                counts[one][sound] += 1
    return {one: of.most_common(1)[0][0] for one, of in counts.items()}


def _sound(text: str) -> str:
    return "".join(_sounds().get(one, one) for one in text)
