"""The log → what shoppers saw in answer to a query, at which place, and what of it they acted on.

Seen is a place on a recorded search slate, or an `impression` with a query. An answer is an event that speaks for the
product and names the slate on which it was seen, or the query itself; a product counts once a slate.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.records.event import ANSWERS
from aisle.records.row import Row

SHOWING = "impression"
COUNTED = ANSWERS | {SHOWING}
TOLD = ('"slate":', '"query":')  # in the body of an event that says where its product was seen
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


def seen(pages: Iterable[Sequence[Row]]) -> Seen:
    """What slates, impressions and answers among rows of the log come to, in the order of the log."""
    counting = _Counting()
    for page in pages:
        for row in page:
            counting.add(row)
    return counting.made()


class _Counting:
    """slates: of a search, what was asked and where each product stood."""

    def __init__(self) -> None:
        self.slates: dict[str, tuple[str, dict[str, int]]] = {}
        self.shown, self.clicked = Counter[Cell](), Counter[Cell]()
        self.answered: set[tuple[str, str]] = set()

    def add(self, row: Row) -> None:
        """Count one row."""
        if row.kind == "served":
            self._slate(row.key, json.loads(row.body))
        elif row.product and row.type in COUNTED and any(name in row.body for name in TOLD):
            self._event(row.type == SHOWING, row.product, json.loads(row.body))

    def _slate(self, name: str, said: dict[str, Any]) -> None:
        query = asked(said.get("request", {}).get("query", ""))
        if not query or said.get("request", {}).get("sort"):
            return  # where a shopper chose the order, the place says nothing
        first = int(said["request"].get("offset", 0))
        places = {product: first + at for at, product in enumerate(said.get("products", ()))}
        self.slates[name] = (query, places)
        self.shown.update((query, product, _place(at)) for product, at in places.items())

    def _event(self, showing: bool, product: str, said: dict[str, Any]) -> None:
        query, places = self.slates.get(said.get("slate", ""), ("", {}))
        if query:
            if not showing and product in places and (said["slate"], product) not in self.answered:
                self.answered.add((said["slate"], product))
                self.clicked[query, product, _place(places[product])] += 1
            return
        query, at = asked(said.get("query", "")), said.get("position")
        if query and at is not None:
            (self.shown if showing else self.clicked)[query, product, _place(at)] += 1

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
