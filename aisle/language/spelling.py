"""Spelling from the shop's own words: corrects what is no word at all, completes what is still being typed.

A query word that the catalogue holds is left alone. So is a word of the language that the catalogue happens to lack
("nappies" is not a misspelt "napkins"), but a compound that it lacks is read as its parts: only a word that is rare in
the language is corrected, and only to one that is much more common, or to a name of the shop's own that no language
knows either. What is written together is read apart where the shop says both words, and the other way round. SymSpell
finds the neighbours, wordfreq knows the languages.
"""

import json
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Self

from aisle.language.compounds import Compounds
from aisle.language.tongue import tongue
from aisle.language.words import is_paired, unaccented, words
from aisle.records.request import Reading

SHORTEST = 4  # letters of a word that may be corrected
FARTHEST = 2  # edits
PREFIX = 3  # letters of a word that may be completed
KNOWN = 2.4  # Zipf frequency (per billion, log10) from which a word is one, whatever the shop sells
COMMONER = 3  # times as many products, for a correction to go before a completion
NAME, NAMES = 5, 2  # letters of a misspelt name, and products that say it
PART, WHOLE = 4, 5  # letters of the parts of a word that is read apart, and of what two words are read as
EASY = 20  # how much likelier than any other mistake a slip is
IDLE = 10  # times as many products must say a word that asks for nothing
RARER = 1.0  # how much rarer, in Zipf units, a misspelling is than its word


class Speller:
    """The shop's words and in how many products each occurs."""

    def __init__(self, counts: dict[str, int], language: str = "en") -> None:
        self.counts, self.language, self.tongue = counts, language, tongue(language)
        self._symspell: Any = None
        self._frequencies = _has_frequencies(self.tongue.spelled)
        self._sorted = sorted((unaccented(word), word) for word in counts)
        self._plain = frozenset(plain for plain, _ in self._sorted)
        self.compounds = Compounds(self.tongue, counts, self._frequency)

    @classmethod
    def fit(cls, texts: Iterable[Sequence[str]], language: str = "en") -> Self:
        """Count the words of products; numbers and Han text are not spelled."""
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update({word for word in text if word.isalpha() and not is_paired(word)})
        return cls(dict(counts), language)

    def read(self, query: str, known: Container[str] = frozenset()) -> Reading:
        """A query as it will be searched; words that are `known` elsewhere are corrected by one edit at most."""
        corrections: dict[str, str] = {}
        read: list[str] = []
        asked = self._joined(words(query), corrections)
        for place, word in enumerate(asked):
            best = self._read(word, word in known, last=place == len(asked) - 1 and not query.endswith(" "))
            if best != word:
                corrections[word] = best
            read += best.split()
        return Reading(query, tuple(read), corrections)

    def knows(self, word: str) -> bool:
        """Is it a word of the shop, or of the language."""
        return word in self.counts or self._frequency(word) >= KNOWN

    def _read(self, word: str, known: bool, last: bool) -> str:
        if word in self.counts or unaccented(word) in self._plain or not word.isalpha() or is_paired(word):
            return word
        if (parts := self.compounds.parts(word)) and self.tongue.stem(word) not in self._stems:
            return " ".join(parts)
        frequency = self._frequency(word)
        if last and not known and len(word) >= PREFIX and frequency < KNOWN and (whole := self.complete(word)):
            return self._likelier(word, whole, frequency)
        if len(word) < SHORTEST or frequency >= KNOWN:
            return word
        corrected = self._corrected(word, frequency, 1 if known else FARTHEST)
        return corrected if corrected != word or known else self._apart(word)

    def _joined(self, asked: Sequence[str], corrections: dict[str, str]) -> list[str]:
        """Words of which one is none of the shop's, and which are one together: "gore tex" where it sells goretex."""
        out: list[str] = []
        for word in asked:
            whole = out[-1] + word if out else word
            both = [unaccented(one) for one in (*out[-1:], word)]
            apart = out and not all(one in self._plain for one in both) and self.tongue.small.isdisjoint(both)
            if apart and len(whole) >= WHOLE and self.counts.get(whole, 0) >= NAMES:
                corrections[f"{out[-1]} {word}"], out[-1] = whole, whole
            else:
                out.append(word)
        return out

    def _apart(self, word: str) -> str:
        """Two words of the shop that a shopper wrote as one ("trekkingpoles"), those that most products say."""
        ways = [(word[:at], word[at:]) for at in range(PART, len(word) - PART + 1)]
        ways = [way for way in ways if all(self.counts.get(part, 0) >= NAMES for part in way)]
        return " ".join(max(ways, key=lambda way: min(map(self.counts.__getitem__, way)))) if ways else word

    def _likelier(self, word: str, whole: str, frequency: float) -> str:
        """ "crem" may begin "creme" or be a misspelt "cream": the one that is far more common, here and anywhere."""
        near = self._corrected(word, frequency) if len(word) >= SHORTEST else word
        commoner = self.counts.get(near, 0) > COMMONER * self.counts[whole]
        return near if commoner and self._frequency(near) > self._frequency(whole) else whole

    def complete(self, prefix: str) -> str | None:
        """The word of most products that begins so."""
        return next(iter(self.completions(prefix, 1)), None)

    def completions(self, prefix: str, limit: int) -> list[str]:
        """The shop's words that begin so, those of most products first."""
        from bisect import bisect_left

        plain = unaccented(prefix)
        start, end = bisect_left(self._sorted, (plain, "")), bisect_left(self._sorted, (plain + "\U0010ffff", ""))
        begun = (word for _, word in self._sorted[start:end])
        return sorted(begun, key=lambda word: (-self.counts[word], word))[:limit]

    def _corrected(self, word: str, frequency: float, most: int = FARTHEST) -> str:
        from symspellpy import Verbosity

        farthest = 1 if len(word) < 6 else most
        near = self._index().lookup(word, Verbosity.ALL, max_edit_distance=farthest)
        near = [s for s in near if s.term[:1] == word[:1] or s.distance == 1]
        if not near:
            return word
        # one edit fewer outweighs any frequency; among equals the shop decides: to whom "soks" is sons, and not socks,
        # knows the language alone
        best = min(near, key=lambda s: (s.distance, -self._worth(word, s), -self._frequency(s.term), s.term))
        rarer = not self._frequencies or self._frequency(best.term) >= frequency + RARER
        name = frequency == 0 and best.distance == 1 and best.count >= NAMES and len(word) >= NAME
        return str(best.term) if rarer or name else word

    def _worth(self, typed: str, near: Any) -> float:
        """How many products say a word, times how likely it is mistyped just so (Kernighan, Church and Gale 1990)."""
        idle = IDLE if near.term in self.tongue.small else 1
        return float(near.count * (EASY if _slipped(typed, near.term) else 1) / idle)

    def _frequency(self, word: str) -> float:
        if not self._frequencies:
            return 0.0
        from wordfreq import zipf_frequency

        return float(zipf_frequency(word, self.tongue.spelled))

    @cached_property
    def _stems(self) -> frozenset[str]:
        return frozenset(map(self.tongue.stem, self.counts))

    def _index(self) -> Any:
        if self._symspell is None:
            from symspellpy import SymSpell

            index = SymSpell(max_dictionary_edit_distance=FARTHEST, prefix_length=7)
            for word, count in self.counts.items():
                index.create_dictionary_entry(word, count)
            self._symspell = index
        return self._symspell

    def save(self, folder: Path) -> None:
        """Write the words."""
        folder.mkdir(parents=True)
        (folder / "words.json").write_text(json.dumps([self.language, self.counts], ensure_ascii=False), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the words."""
        language, counts = json.loads((folder / "words.json").read_text("utf-8"))
        return cls(counts, language)


def _slipped(typed: str, meant: str) -> bool:
    """Was a letter left out or typed twice, or did two change places: there are few such mistakes of a word, where any
    of its letters may have become any other."""
    if len(meant) == len(typed) + 1:
        return any(meant[:at] + meant[at + 1 :] == typed for at in range(len(meant)))
    if len(typed) == len(meant) + 1:
        return any(typed[at] == typed[at - 1] and typed[:at] + typed[at + 1 :] == meant for at in range(1, len(typed)))
    return sorted(typed) == sorted(meant)


@cache
def _has_frequencies(language: str) -> bool:
    """Does wordfreq know the language, and is what it needs to cut its words installed."""
    from wordfreq import zipf_frequency

    try:
        zipf_frequency("a", language)
    except (LookupError, ValueError, ImportError):
        return False
    return True
