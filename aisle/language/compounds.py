"""Words that are written together, taken apart: "Damenlaufschuhe" are "schuhe", and "l'étagère" is an "étagère".

A part is a word that the shop writes alone, or that is common in the language. A word that has no such parts, and one
of a language that writes words apart, stays whole. After Koehn and Knight, Empirical methods for compound splitting
(EACL 2003): of several ways to take a word apart the one counts whose rarest part is the most common. A first part may
have lost its ending: a "Gießkanne" is for "gießen", "Wollsocken" are of "Wolle".
"""

from collections.abc import Callable, Mapping

from aisle.language.tongue import Tongue
from aisle.language.words import unaccented

SHORTEST, LONGEST = 7, 40  # letters of a compound
KEPT = 1 << 17  # words that are remembered
SHORT, PART = 3, 4  # letters of a part, and of one that may be rare: the shop's own, or before a known head
COMMON = {3: 4.5, 4: 3.5, 5: 3.3}  # Zipf frequency (per billion, log10) of a part by its letters
ANY, LONG, RARE = 3.0, 7, 2.4  # of a longer one, and of one of so many letters
WHOLE = 4  # letters of a part that lost its ending, and of what stands behind it
ENDINGS = frozenset(["ende", "enden", "chen"])  # of words, and no heads
NEARLY = 0.5  # a whole word may be so much more common than its rarest part
TSHIRT = "tshirt"  # as `words` writes it
HEAD = 5  # of a last part behind what is no word
UNHEARD = 2.0  # Zipf frequency below which the language does not know a word
OWN = 4.5  # what a word of the shop's own counts as
ELIDED, VOWELS = 3, frozenset("aeiouyh")  # letters of a word behind an apostrophe, and its first one
RARER = 1.0  # how much rarer the two together must be than that word, in Zipf units


class Compounds:
    """counts: the shop's words and in how many products each occurs; frequency: a word's in the language, Zipf."""

    def __init__(self, tongue: Tongue, counts: Mapping[str, int], frequency: Callable[[str], float]) -> None:
        self._tongue, self._counts, self._frequency = tongue, counts, frequency
        self._kept: dict[str, tuple[str, ...]] = {}

    def parts(self, word: str) -> tuple[str, ...]:
        """What a word is made of, in its order; nothing where it is whole."""
        if not (self._tongue.elided or self._tongue.joins is not None) or not word.isalpha() or len(word) > LONGEST:
            return ()
        if word not in self._kept:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[word] = self._elided(word) or (self._apart(word) if self._tongue.joins is not None else ())
        return self._kept[word]

    def _elided(self, word: str) -> tuple[str, ...]:
        """The word behind an article that is written with it, where that is by far the more common one."""
        for article in self._tongue.elided:
            rest = word.removeprefix(article)
            behind = rest != word and len(rest) >= ELIDED and unaccented(rest)[0] in VOWELS
            if behind and self._worth(rest) > self._frequency(word) + RARER:
                return (rest,)
        return ()

    def _apart(self, word: str) -> tuple[str, ...]:
        if len(word) < SHORTEST:
            return ()
        best, found = max(self._frequency(word) - NEARLY, 0.0), tuple[str, ...]()
        for at in range(SHORT, len(word) - SHORT + 1):
            head = self._worth(word[at:])
            if head <= best:
                continue
            known = [one for one in self._before(word[:at]) if self._worth(one)]
            for before in known or self._ended(word[:at], word[at:]):
                if (worth := min(head, self._worth(before))) > best:
                    best, found = worth, (before, word[at:])
        if not found:
            return self._chained(word) or self._head(word)
        return tuple(piece for part in found for piece in (part, *(self.parts(part) if part in word else ())))

    def _chained(self, word: str) -> tuple[str, ...]:
        """A known last part behind a compound: "damenlauf" + "schuhe"."""
        for at in range(SHORTEST, len(word) - SHORT + 1):
            if self._worth(word[at:]):
                for before in self._before(word[:at]):
                    if (parts := self.parts(before)) and len(before) >= SHORTEST:
                        return (*parts, word[at:])
        return ()

    def _head(self, word: str) -> tuple[str, ...]:
        """What a compound is a kind of, where nobody knows what kind: a "bohrmaschine" is a machine. It must be a word
        of the shop's, or a long one in what the language has no other word for."""
        unheard = self._frequency(word) < UNHEARD
        for at in range(PART, len(word) - HEAD + 1):
            head = word[at:]
            if head.startswith(TSHIRT):  # a sweatshirt is none
                continue
            if head in self._counts or (unheard and len(head) > HEAD and self._worth(head)):
                return (head,)
        return ()

    def _before(self, part: str) -> list[str]:
        """The first part as it is, and without what joins it to the second."""
        joined = (part.removesuffix(join) for join in self._tongue.joins or () if part.endswith(join))
        return [part, *(bare for bare in joined if len(bare) >= SHORT)]

    def _ended(self, part: str, head: str) -> list[str]:
        """What a first part may have been before it lost its ending."""
        if min(len(part), len(head)) < WHOLE or head in ENDINGS:
            return []
        return [whole for ending in self._tongue.dropped if self._worth(whole := part + ending)][:1]

    def _worth(self, part: str) -> float:
        """How common a part is; 0 where it is none."""
        if part in self._tongue.small:
            return 0.0
        frequency = self._frequency(part)
        if part in self._counts and len(part) >= PART:
            frequency = max(frequency, OWN)
        least = RARE if len(part) >= LONG else COMMON.get(len(part), ANY)
        return frequency if frequency >= least else 0.0
