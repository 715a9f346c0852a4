"""Chinese as it sounds: words typed in pinyin (kouhong), and with another character of the same sound (口虹 for 口红).

CC-CEDICT says how its words sound; tones are not typed. Only what titles say is heard, and only in what is no word of a
language, as a word that the shop happens to lack is not misspelt. Most characters of a misspelt word are right, and of
two the wrong one is none that titles have: 小锅 is a pan, and no 效果, 大酱 no 大疆.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from aisle.language import cedict
from aisle.language.glosses import SMALL, segmenter
from aisle.language.words import HAN, is_han

LONGEST = 6  # characters of a word that is heard
HEARD = 64  # characters of a query that is heard; a longer one is a text
LEAST = 4  # letters of a word typed in pinyin: shorter ones are abbreviations
RIGHT = 0.5  # of the characters of a misspelt word
LETTERS = r"a-z\d\u00df-\u024f"
LATIN = re.compile(rf"(?<![{LETTERS}])[a-z]+(?: [a-z]+)*(?![{LETTERS}])")
RUN = re.compile(f"[{HAN}]{{2,}}")


@dataclass(frozen=True)
class Hearing:
    """owns: is a Latin word one of the shop's; knows: or of a language; holds: does any text of the shop say a word;
    titled: in how many titles it stands (a character: whether in any)."""

    owns: Callable[[str], bool]
    knows: Callable[[str], bool]
    holds: Callable[[str], bool]
    titled: Callable[[str], int]

    def heard(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Where a query begins and ends to sound like a word that the shop sells, and that word, in order."""
        if len(text) > HEARD:
            return
        for found in LATIN.finditer(text):
            yield from self._typed(found[0], found.start())
        for found in RUN.finditer(text):
            yield from self._misheard(found[0], found.start())

    def _typed(self, said: str, at: int) -> Iterator[tuple[int, int, str]]:
        """Latin words that are the pinyin of one word, together or each by itself."""
        words = said.split()
        apart = len(words) > 1 and not all(map(self.owns, words))
        if apart and (meant := self._likeliest(said.replace(" ", ""))):
            yield at, at + len(said), meant
            return
        for word in re.finditer("[a-z]+", said):
            if not self.knows(word[0]) and (meant := self._likeliest(word[0])):
                yield at + word.start(), at + word.end(), meant

    def _misheard(self, run: str, at: int) -> Iterator[tuple[int, int, str]]:
        """Neighbouring words of a run that are no word together and sound like one that the shop sells."""
        cut, first = segmenter().lcut(run), 0
        while first < len(cut):
            last, meant = first, ""
            for last in range(min(len(cut), first + LONGEST), first, -1):
                if meant := self._meant(cut[first:last]):
                    break
            size = len("".join(cut[first:last])) if meant else len(cut[first])
            if meant:
                yield at, at + size, meant
            at, first = at + size, last if meant else first + 1

    def _meant(self, cut: Sequence[str]) -> str:
        said = "".join(cut)
        if not 2 <= len(said) <= LONGEST or said[0] in SMALL or self.holds(said):
            return ""
        word = _is_word(said) or all(map(_is_word, cut))
        return "" if word else self._likeliest(_sound(said), said)

    def _likeliest(self, sound: str, said: str = "") -> str:
        """The word of this sound that most titles say, and that was `said` but for a few characters."""
        if len(sound) < LEAST:
            return ""
        words = [word for word in _by_sound().get(sound, ()) if not said or self._near(said, word)]
        counted = [(self.titled(word), word) for word in words]
        most = max(counted, default=(0, ""), key=lambda one: one[0])
        return most[1] if most[0] else ""

    def _near(self, said: str, word: str) -> bool:
        if len(said) != len(word):
            return False
        wrong = [one for one, other in zip(said, word, strict=True) if one != other]
        few = len(said) - len(wrong) >= RIGHT * len(said)
        return few and (len(said) > 2 or not any(map(self.titled, wrong)))


def _is_word(word: str) -> bool:
    return len(word) > 1 and word in cedict.dictionary()


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
