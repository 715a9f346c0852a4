"""Traits: what products are said to be beside their text, brand, categories and attributes, as sets of integer codes.

A shop's own terms need no language: that two products share a tag nobody can read is as good as that they share a word.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aisle.catalogue.catalogue import Catalogue
from aisle.records.history import Longs

FEWEST, KEPT = 5, 5000  # rows that must have a trait, and how many traits are told apart: those of most rows
Trait = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Traits:
    """Row r has the traits `codes[starts[r]:starts[r + 1]]`, ascending: int64 (rows + 1,), int32 (n,); size: how many
    traits there are."""

    starts: Longs
    codes: NDArray[np.int32]
    size: int


def traits_of(catalogue: Catalogue) -> Traits:
    """Those that enough rows share, and not all of them."""
    brands, paths = catalogue.said_of_leader("brand"), catalogue.said_of_leader("category")
    attributes = catalogue.attributes

    def said(row: int) -> Iterator[Trait]:
        if brands[row]:
            yield "brand", brands[row]
        path = tuple(paths[row] or ())
        yield from (("category", *path[: depth + 1]) for depth in range(len(path)))
        for unit in range(catalogue.starts[row], catalogue.starts[row + 1]):
            yield from ((name, value) for name, values in attributes[unit].items() for value in values)

    every = [dict.fromkeys(said(row)) for row in range(len(catalogue))]
    rows = Counter(trait for some in every for trait in some)
    shared = sorted((-count, trait) for trait, count in rows.items() if FEWEST <= count < len(catalogue))
    number = {trait: code for code, (_, trait) in enumerate(shared[:KEPT])}
    held = [sorted(number[trait] for trait in some if trait in number) for some in every]
    starts = np.r_[0, np.cumsum([len(some) for some in held])].astype(np.int64)
    return Traits(starts, np.array([code for some in held for code in some], np.int32), len(number))
