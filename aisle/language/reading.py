"""How a query is read, wherever one is: served, judged, or learned from.

Its wishes aside (a price, what shall not be in it), cut into words, spelled, then said in other words; Chinese in
English ones where the shop speaks English.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from aisle.language.glosses import apart, cuts, english, simplified
from aisle.language.hearing import Hearing
from aisle.language.named import Named
from aisle.language.spelling import Speller
from aisle.language.thesaurus import Thesaurus, known_words
from aisle.language.wishes import Wishes, wishes
from aisle.language.words import is_han, normalise, unaccented, words, written
from aisle.records.history import Ints
from aisle.records.request import Reading

SIZED = re.compile(r"(?<![a-z\d])(x{0,4}[sml]|\d{2}(?:\.5)?)码", re.IGNORECASE)  # 37码 is a 37


@dataclass(frozen=True)
class Reader:
    """holding: the rows of the products that say all of some words; titled: in how many titles a text stands; says: is
    there one."""

    speller: Speller
    named: Named
    holding: Callable[[Sequence[str]], Ints]
    titled: Callable[[str], int]
    says: Callable[[str], bool]

    def read(self, query: str, thesaurus: Thesaurus | None = None) -> Reading:
        """A query as it is searched."""
        language = self.speller.tongue.code
        wished = wishes(query, language, self.says)
        sounds: Mapping[str, str] = {}
        if language == "zh" and cuts(language):
            wished, sounds = self._heard(wished)
        if is_han(wished.text) and cuts(language):
            reading = self._cut_apart(wished.text, language, thesaurus)
        else:
            reading = self._spelled(wished.text, language, thesaurus)
            reading = replace(reading, named=self.named.read(reading.words))
            said = tuple(written(wished.text)) if self.speller.tongue.elided and not reading.corrections else ()
            if "'" in "".join(said):  # "robe d'été", whose words are "robe" and "dété"
                reading = replace(reading, said=said)
            if thesaurus is not None:
                others, idiom = thesaurus.alternatives(reading.words, self.speller.counts.__contains__)
                reading = replace(reading, alternatives=others, idiom=idiom)
        cheap = _says(wished.text, self.speller.tongue.cheap)
        return replace(reading, text=wished.text, price=(wished.low, wished.high), without=wished.without, cheap=cheap,
                       corrections={**sounds, **reading.corrections})  # fmt: skip

    def _heard(self, wished: Wishes) -> tuple[Wishes, Mapping[str, str]]:
        """A query with what a Chinese shop hears in it: pinyin, and characters of another word's sound."""
        text, sounds = normalise(wished.text), dict[str, str]()
        owns, holds = self.speller.counts.__contains__, lambda said: len(self.holding(words(said))) > 0
        hearing = Hearing(owns, self.speller.knows, holds, self.titled)
        for start, end, meant in sorted(hearing.heard(simplified(text)), reverse=True):  # characters stay in place
            sounds[text[start:end]] = meant
            text = f"{text[:start]}{meant}{text[end:]}"
        return (replace(wished, text=text) if sounds else wished), sounds

    def _spelled(self, text: str, language: str, thesaurus: Thesaurus | None) -> Reading:
        return self.speller.read(text, known_words(language) if thesaurus is None else thesaurus.words)

    def _cut_apart(self, text: str, language: str, thesaurus: Thesaurus | None) -> Reading:
        """A Chinese query: its words, of which pairs of characters are searched; in a shop that speaks English, what
        they mean."""
        simple = SIZED.sub(r"\1 ", simplified(text))
        cut = apart(simple).split()
        reading = self._spelled(" ".join(cut), language, thesaurus)
        named = self.named.read(reading.words, _borders(cut, len(reading.words)))
        reading = replace(reading, named=named, said=_as_written(cut, simple, text, reading.corrections))
        if language == "en":
            return replace(reading, alternatives=tuple(filter(None, [english(text)])))
        if thesaurus is None:
            return reading
        others, idiom = thesaurus.alternatives(cut, lambda word: len(self.holding(words(word))) > 0)
        return replace(reading, alternatives=tuple(map(apart, others)), idiom=words(" ".join(idiom)))


def _says(text: str, some: frozenset[str]) -> bool:
    """Does a text say one of some words, or of two that are said together; where words are written without spaces,
    anywhere."""
    normal = simplified(normalise(text))
    whole = f" {unaccented(normal)} "
    return not some.isdisjoint(words(normal)) or any(
        word in normal if is_han(word) else f" {unaccented(word)} " in whole
        for word in some
        if is_han(word) or " " in word
    )


def _as_written(cut: Sequence[str], simple: str, text: str, corrections: Mapping[str, str]) -> tuple[str, ...]:
    """The words that a query was cut into, in its own characters; of misspelt ones what was read."""
    said, at = [], 0
    for word in cut:
        at = simple.index(word, at)
        if words(word):  # no sign
            said.append(corrections.get(normalise(word), text[at : at + len(word)]))
        at += len(word)
    return tuple(said)


def _borders(cut: Sequence[str], size: int) -> frozenset[int] | None:
    """Where words begin and end among their pairs of characters; None where spelling changed how many there are."""
    ends = list(accumulate((len(words(word)) for word in cut), initial=0))
    return frozenset(ends) if ends[-1] == size else None
