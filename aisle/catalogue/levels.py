"""The levels in which products belong together: category depths, brand, maker, and equal titles, as integer codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.catalogue.catalogue import LEVELS, NO_CODE, Catalogue, coded
from aisle.records.history import Bools, Ints, Longs, Moment

Doubles = NDArray[np.float64]

MAKER = "manufacturer"  # schema.org names it beside the brand
WEIGHTS = {
    "category_1": 0.2,
    "category_2": 0.15,
    "category_3": 0.35,
    "brand": 0.1,
    "maker": 0.3,
    "title": 0.1,
}


@dataclass(frozen=True, eq=False)
class Levels:
    """codes: int32 (rows, k), NO_CODE (-1) where a row has no such level; names: k.

    `flat` holds the same as one code space, one level behind the other, so that a request counts all levels at once:
    level j owns the codes from `starts[j]` to `starts[j + 1]`, of which the last stands for "none".
    """

    codes: NDArray[np.int32]
    names: tuple[str, ...]

    @property
    def weights(self) -> tuple[float, ...]:
        """How much of a shopper's taste lies in each level."""
        return tuple(WEIGHTS[name] for name in self.names)

    @cached_property
    def starts(self) -> Longs:
        """int64 (k + 1,): where each level's codes begin; the last is how many codes there are."""
        sizes = self.codes.max(axis=0, initial=-1).astype(np.int64) + 2
        return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)

    @cached_property
    def flat(self) -> Longs:
        """int64 (rows, k)."""
        return np.where(self.codes < 0, self.starts[1:] - 1, self.codes + self.starts[:-1])

    @cached_property
    def nowhere(self) -> Bools:
        """bool (codes,): does a code stand for "none"?"""
        nowhere = np.zeros(int(self.starts[-1]), bool)
        nowhere[self.starts[1:] - 1] = True
        return nowhere

    def counted(self, rows: Ints, weights: NDArray[Any] | None = None) -> Doubles:
        """float64 (codes,): Σ weight over some rows (n,), under every code that they have."""
        spread = None if weights is None else np.repeat(weights, len(self.names))
        return np.asarray(np.bincount(self.flat[rows].ravel(), spread, int(self.starts[-1])), np.float64)

    def by_level(self, values: Doubles) -> Doubles:
        """float64 (k,): the sum of (codes,) values over each level."""
        return np.add.reduceat(values, self.starts[:-1]) if self.names else np.zeros(0)

    def total(self, moment: Moment, name: str) -> Doubles:
        """float64 (codes,): the sum of tally `name` over each code, in the tally's own units."""
        every = np.arange(len(self.codes), dtype=np.int32)
        return moment.once((self, name), lambda columns: self.counted(every, columns[name].astype(np.float64)))

    def shares(self, moment: Moment) -> Doubles:
        """float64 (codes,): the part of the shop's orders that each code has of its level, smoothed by one order."""
        return moment.once((self, "shares"), lambda _: self._smoothed(self.total(moment, "orders") + 1))

    def _smoothed(self, orders: Doubles) -> Doubles:
        return orders / np.repeat(self.by_level(orders), np.diff(self.starts))


def levels_of(catalogue: Catalogue, names: Sequence[str] | None = None) -> Levels:
    """The levels of these names; by default those that tell products apart: one that is empty, or where every row is
    alone, is left out."""
    columns = {f"category_{k + 1}": catalogue.levels[:, k] for k in range(LEVELS)}
    columns["brand"] = catalogue.brands[0]
    attributes = catalogue.attributes
    makers = [(attributes[unit].get(MAKER) or [None])[0] for unit in catalogue.starts[:-1]]
    columns["maker"] = coded(makers)[0]
    columns["title"] = coded(catalogue.said_of_leader("title"))[0]
    useful = {name: codes for name, codes in columns.items() if (_useful(codes) if names is None else name in names)}
    codes = np.column_stack(list(useful.values())) if useful else np.zeros((len(catalogue), 0), np.int32)
    return Levels(codes.astype(np.int32), tuple(useful))


def _useful(codes: NDArray[np.int32]) -> bool:
    said = codes[codes != NO_CODE]
    distinct = len(np.unique(said))
    return distinct > 1 and len(said) >= len(codes) // 5 and distinct <= 0.9 * len(said)
