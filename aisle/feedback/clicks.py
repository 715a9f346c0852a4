"""The log → what shoppers saw in answer to a query, at which place, and what of it they acted on.

Seen is a place on a recorded search slate, or an `impression` with a query. An answer is an event that speaks for the
product and names the slate on which it was seen, or the query itself; a product counts once a slate.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from sys import intern
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.records.event import ANSWERS
from aisle.records.row import Row

SHOWING = "impression"
COUNTED = ANSWERS | {SHOWING}
TOLD = ('"slate":', '"query":')  # in the body of an event that says where its product was seen
CELLS, SLATES = 2_000_000, 100_000  # counted, and of the latest slates, at most: about a gibibyte
PLACES = 50  # further down a place is as good as this one
Cell = tuple[str, str, int]  # query, product, place from 0


@dataclass(frozen=True)
class Seen:
    """Cells of a pair and a place. pairs: (query, product); pair: int64 (n,) their numbers; place: int64 (n,);
    shown, clicked: float64 (n,), how often."""

    pairs: Sequence[tuple[str, str]]
    pair: NDArray[np.int64]
    place: NDArray[np.int64]
    shown: NDArray[np.float64]
    clicked: NDArray[np.float64]


def seen(pages: Iterable[Sequence[Row]], most: int = CELLS, latest: int = SLATES) -> Seen:
    """What slates, impressions and answers among rows of the log come to, in the order of the log. most, latest: cells
    and slates that are held at once."""
    counting = _Counting(most, latest)
    for page in pages:
        for row in page:
            counting.add(row)
    return counting.made()


@dataclass
class _Slate:
    """Of a search: what was asked, which products stood from which place on, and which of them were acted on."""

    query: str
    first: int
    products: tuple[str, ...]
    answered: set[str] = field(default_factory=set)


class _Counting:
    """Counts in bounded memory: what answers a slate follows soon, and what was asked once in a long log tells no rate.
    slates: the latest searches."""

    def __init__(self, most: int, latest: int) -> None:
        self.slates, self.most, self.latest = dict[str, _Slate](), most, latest
        self.shown, self.clicked, self.often = Counter[Cell](), Counter[Cell](), Counter[str]()
        self.seldom = 0  # how often a query was asked at most that is no longer counted

    def add(self, row: Row) -> None:
        """Count one row."""
        if max(len(self.shown), len(self.often)) > self.most:
            self._forget()
        if row.kind == "served":
            self._slate(row.key, json.loads(row.body))
        elif row.product and row.type in COUNTED and any(name in row.body for name in TOLD):
            self._event(row.type == SHOWING, row.product, json.loads(row.body))

    def _slate(self, name: str, said: dict[str, Any]) -> None:
        query = asked(said.get("request", {}).get("query", ""))
        if not query or said.get("request", {}).get("sort"):
            return  # where a shopper chose the order, the place says nothing
        products = tuple(map(intern, said.get("products", ())))
        slate = _Slate(intern(query), int(said["request"].get("offset", 0)), products)
        self.slates[name] = slate
        if len(self.slates) > self.latest:
            del self.slates[next(iter(self.slates))]
        self.often[slate.query] += 1
        self.shown.update((slate.query, one, _place(slate.first + at)) for at, one in enumerate(slate.products))

    def _event(self, showing: bool, product: str, said: dict[str, Any]) -> None:
        slate = self.slates.get(said.get("slate", ""))
        if slate is not None:
            if not showing and product in slate.products and product not in slate.answered:
                slate.answered.add(product)
                place = _place(slate.first + slate.products.index(product))
                self.clicked[slate.query, product, place] += 1
            return
        query, at = asked(said.get("query", "")), said.get("position")
        if query and at is not None:
            cell = query, product, _place(at)
            if showing:
                self.often[query] += 1
                self.shown[cell] += 1
            elif cell in self.shown:  # a click on what was never shown tells no rate
                self.clicked[cell] += 1

    def _forget(self) -> None:
        """Leave out the queries that were asked least, with all that was seen of them, until a half is left (after
        lossy counting, Manku and Motwani, VLDB 2002)."""
        while max(len(self.shown), len(self.often)) > self.most // 2:
            self.seldom = max(self.seldom + 1, min(self.often.values()))
            kept = {query for query, often in self.often.items() if often > self.seldom}
            self.shown, self.clicked = (Counter({cell: often for cell, often in counts.items() if cell[0] in kept})
                                        for counts in (self.shown, self.clicked))  # fmt: skip
            self.often = Counter({query: often for query, often in self.often.items() if query in kept})

    def made(self) -> Seen:
        """All that was counted. What was clicked where it was never shown tells no rate, and is left out."""
        pairs = {pair: number for number, pair in enumerate(dict.fromkeys((q, p) for q, p, _ in self.shown))}
        clicked = np.array([self.clicked[cell] for cell in self.shown], np.float64)
        shown = np.array(list(self.shown.values()), np.float64)
        return Seen(
            list(pairs), np.array([pairs[q, p] for q, p, _ in self.shown], np.int64),
            np.array([at for *_, at in self.shown], np.int64), shown, np.minimum(clicked, shown),
        )  # fmt: skip


def asked(query: str) -> str:
    """A query as it is counted: wordings that differ in case and spaces are one."""
    return " ".join(query.casefold().split())


def _place(at: float) -> int:
    return min(max(int(at), 0), PLACES - 1)
