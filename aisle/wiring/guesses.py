"""What a query may mean where no product says it: a broader kind that the shop has, else the needs it is near to.

Who asks a grocer for a spatula is shown kitchen utensils, if nothing there is called a spatula.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from aisle.language.thesaurus import Thesaurus, cut_of, shipped_kinds
from aisle.language.tongue import tongue
from aisle.ranking.signals import Signals
from aisle.records.history import Floats
from aisle.records.request import Reading
from aisle.wiring.needs import WORDS, Needs


@dataclass
class Guesses:
    """about: what products say; needs: of a shop that reads by meaning; kinds: a book of things and what they are kinds
    of, narrow ones first."""

    about: Signals
    needs: Needs | None
    kinds: Thesaurus | None

    def of(self, reading: Reading, vector: Floats) -> Sequence[str]:
        """What else to look for; nothing where a product says all of the query or of another wording of it."""
        wordings = [reading.words, *map(self.about.split, reading.alternatives)]
        if any(len(self.about.holding(words)) for words in wordings):
            return ()
        broader = dict.fromkeys(kind for words in wordings for kind in self._broader(words))
        return list(broader) or ([] if reading.alternatives else self._needed(reading, vector))

    def _broader(self, words: Sequence[str]) -> Sequence[str]:
        """The narrowest kind of the thing that some words name, all of them, that some product says; none or one."""
        kinds = () if self.kinds is None else self.kinds.saying(words)
        return [kind for kind in kinds if self.about.says(self.about.split(kind))][:1]

    def _needed(self, reading: Reading, vector: Floats) -> Sequence[str]:
        """What answers the needs that a query is nearest to, if it has several words, one of which is no word of this
        shop, and no product says all the others: who asks for headphones of a brand that nobody sells wants
        headphones."""
        asked = self.about.sought(reading.words)
        known = [word for word in asked if word in self.about.postings]
        strange = any(word.isalpha() for word in asked if word not in self.about.postings)
        if self.needs is None or not len(vector) or len(reading.words) < WORDS or not strange:
            return ()
        return () if len(self.about.postings.rows_of_all(known)) else self.needs.answering(vector)


@cache
def kinds(language: str) -> Thesaurus | None:
    """The book of kinds that comes with the package; None for most languages."""
    texts = shipped_kinds(language)
    return Thesaurus.read([texts], tongue(language), cut_of(language)) if texts else None
