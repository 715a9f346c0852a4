"""How often each product was shown, and how often somebody answered: what exploration learns from.

Shown is a place on a recorded slate. An answer is an event of a kind that speaks for the product and that names the
slate on which it was seen; what shoppers do elsewhere with it says nothing about the place.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Self

import numpy as np

from aisle.catalogue.catalogue import Catalogue
from aisle.records.digest import number
from aisle.records.event import ANSWERS
from aisle.records.history import Longs
from aisle.records.row import Row

RECENT = 50_000  # answered places that are remembered
SLATE = '"slate":'  # in the body of an event that names one


class Exposure:
    """shown, answered: int64 (rows,); recent: the latest places that were answered, for one counts once."""

    def __init__(self, shown: Longs, answered: Longs, recent: Iterable[int] = ()) -> None:
        self.shown, self.answered = shown, answered
        self.recent = dict.fromkeys(recent)

    @classmethod
    def none(cls, rows: int) -> Self:
        """Nothing was shown yet."""
        return cls(np.zeros(rows, np.int64), np.zeros(rows, np.int64))

    def add(self, rows: Sequence[Row], catalogue: Catalogue) -> None:
        """Count the slates and the answers among rows of the log."""
        slates = [json.loads(row.body).get("products", ()) for row in rows if row.kind == "served"]
        answers = [row.product or "" for row in rows if row.kind == "event" and self._answers(row)]
        for counts, ids in ((self.shown, [p for products in slates for p in products]), (self.answered, answers)):
            known = [row for row in map(catalogue.row_of_id, ids) if row >= 0]
            np.add.at(counts, np.array(known, np.int64), 1)

    def _answers(self, row: Row) -> bool:
        """Is this the first answer to a place: who clicks, looks and buys answers once."""
        slate = json.loads(row.body).get("slate") if row.type in ANSWERS and SLATE in row.body else None
        if not slate:
            return False
        place = number(f"{slate} {row.product}")
        if place in self.recent:
            return False
        self.recent[place] = None
        if len(self.recent) > RECENT:
            del self.recent[next(iter(self.recent))]
        return True

    def passing(self, pages: Iterable[Sequence[Row]], catalogue: Catalogue, end: int) -> Iterator[Sequence[Row]]:
        """The pages of a log up to offset `end`, counted as they pass: what is behind it is folded in when it is read,
        and would stand twice in a history."""
        for page in pages:
            part = [row for row in page if row.offset <= end]
            self.add(part, catalogue)
            yield part

    def save(self, path: Path) -> None:
        """Write the counts."""
        np.savez(path, shown=self.shown, answered=self.answered, recent=np.array(list(self.recent), np.int64))

    @classmethod
    def load(cls, path: Path, rows: int) -> Self:
        """The counts that `save` wrote; none where an earlier version wrote no such file."""
        if not path.exists():
            return cls.none(rows)
        with np.load(path) as file:
            return cls(file["shown"], file["answered"], file["recent"].tolist())
