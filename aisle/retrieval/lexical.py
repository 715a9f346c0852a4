"""Lexical: products that use the query's words, weighted by field (BM25)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from aisle.records.candidates import Candidates, best_of, found, nothing
from aisle.records.history import Bools, Ints
from aisle.records.request import Context
from aisle.records.slate import Because
from aisle.stages import TextIndex

REACH = 300  # rows named for one wording where other sources name more


@dataclass
class Lexical:
    """A `Retriever` for queries over a text index. asked: of the words of a query those that ask for something; saying:
    bool (asked, n), which of some rows say which of these; reach: how many rows it names for one wording."""

    index: TextIndex
    split: Callable[[str], Sequence[str]]
    saying: Callable[[Sequence[str], Ints], Bools]
    asked: Callable[[Sequence[str]], Sequence[str]] = list
    reach: int = REACH
    name: str = "lexical"

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """The best matches; none without a query."""
        if not context.reading.words:
            return nothing(self.name)
        # what is only said otherwise is not found by its "de" and "for" alone
        wordings = [context.reading.words, *(tuple(self.asked(self.split(other))) for other in context.reading.others)]
        limit = min(limit, self.reach)
        parts = [self.index.search(wording, context.mask, limit) for wording in wordings]
        return found(self.name, *best_of(parts), limit)

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """The wording whose words they say: all of it, or those that they do."""
        reading, shown = context.reading, np.array(rows, np.int32)
        texts = [reading.meant.strip(), *reading.others]
        wordings = [reading.words, *map(self.split, reading.others)]
        said = [self.saying(words, shown) for words in wordings]
        best = np.argmax([each.mean(axis=0) if len(each) else np.zeros(len(rows)) for each in said], axis=0)
        told = []
        for at, wording in enumerate(best.tolist()):
            here = said[wording][:, at]
            some = here.any() and (reading.cheap or not here.all())  # no product says that it is cheap
            said_of = _together(self.asked(wordings[wording]), here) if some else texts[wording]
            told.append(Because(f"matches “{said_of}”", whole=bool(here.all() and len(here))))
        return told


def _together(words: Sequence[str], kept: Bools) -> str:
    """Those words of a query that are kept; pairs of characters that overlap in it are one word again."""
    text, last = "", -2
    for at in np.flatnonzero(kept).tolist():
        overlap = at == last + 1 and not words[at].isascii() and text[-1:] == words[at][:1]
        text += words[at][1:] if overlap else f" {words[at]}"
        last = at
    return text.strip()
