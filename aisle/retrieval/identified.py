"""Identified: products whose number the query says. They come first, unless it is as short as a word, the query says
more, and nothing of that is said of them: to a shop that numbers a bag A100 a "samsung a100 case" is no bag."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from aisle.catalogue.codes import Codes
from aisle.records.candidates import Candidates, found, nothing
from aisle.records.history import Bools, Ints
from aisle.records.request import NUMBERED, Context
from aisle.records.slate import Because

WORDLIKE = 5  # characters of a number that may as well be a word


@dataclass
class Identified:
    """A `Retriever` for queries: 1 for what is named. split: a text's words; telling: words → bool (n,), do rows
    say any of them."""

    codes: Codes
    row_of: Ints  # int32 (units,)
    split: Callable[[str], Sequence[str]] = str.split
    telling: Callable[[Sequence[str], Ints], Bools] | None = None
    name: str = "identified"

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """Products that are named and may be shown."""
        units = context.once(NUMBERED, lambda: self._named(context.reading.text))
        rows = np.unique(self.row_of[units[context.units[units]]])
        rows = rows[context.mask[rows]]
        if not len(rows):
            return nothing(self.name)
        return found(self.name, rows, np.ones(len(rows), np.float32), limit)

    def _named(self, query: str) -> Ints:
        """Units, int32 ascending."""
        kept = [np.zeros(0, np.int32)]
        for text, units in self.codes.named(query).items():
            short = len(text) <= WORDLIKE
            others = [word for word in self.split(query) if word not in self.split(text)] if short else []
            kept.append(units[self.telling(others, self.row_of[units])] if others and self.telling else units)
        return np.unique(np.concatenate(kept)).astype(np.int32)

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """Its number was asked for."""
        return [Because("has the number you asked for", whole=True)] * len(rows)
