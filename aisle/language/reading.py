"""How a query is read, wherever one is: served, judged, or learned from.

Its wishes aside (a price, what shall not be in it), cut into words, spelled, then said in other words; Chinese in
English ones where the shop speaks English.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from aisle.language.glosses import apart, available, english
from aisle.language.named import Named
from aisle.language.spelling import Speller
from aisle.language.thesaurus import Thesaurus, known_words
from aisle.language.wishes import wishes
from aisle.language.words import is_han, normalise, words
from aisle.records.history import Ints
from aisle.records.request import Reading


@dataclass(frozen=True)
class Reader:
    """holding: the rows of the products that say all of some words."""

    speller: Speller
    named: Named
    holding: Callable[[Sequence[str]], Ints]

    def read(self, query: str, thesaurus: Thesaurus | None = None) -> Reading:
        """A query as it is searched."""
        wished, language = wishes(query), self.speller.tongue.code
        chinese = available() and language in ("en", "zh")
        cut = apart(wished.text) if chinese else wished.text
        known = known_words(language) if thesaurus is None else known_words(language) | thesaurus.words
        spelled = replace(self.speller.read(cut, known), text=wished.text)
        reading = replace(
            spelled, price=(wished.low, wished.high), without=wished.without, named=self.named.read(spelled.words)
        )
        if chinese and is_han(cut):
            if language == "en":
                return replace(reading, alternatives=tuple(filter(None, [english(wished.text)])))
            return reading if thesaurus is None else self._in_chinese(reading, cut, thesaurus)
        if thesaurus is None:
            return reading
        others, idiom = thesaurus.alternatives(reading.words, self.speller.counts.__contains__)
        return replace(reading, alternatives=others, idiom=idiom)

    def _in_chinese(self, reading: Reading, cut: str, thesaurus: Thesaurus) -> Reading:
        """In other words, by what was cut apart: its pairs of characters are no words."""
        others, idiom = thesaurus.alternatives(normalise(cut).split(), lambda word: len(self.holding(words(word))) > 0)
        return replace(reading, alternatives=tuple(map(apart, others)), idiom=words(" ".join(idiom)))
