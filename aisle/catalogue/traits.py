"""Traits: what products are said to be beside their text, brand, categories and attributes, as sets of integer codes.

A shop's own terms need no language: that two products share a tag nobody can read is as good as that they share a word.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from aisle.catalogue.catalogue import Catalogue
from aisle.records.history import Floats, Ints, Longs, spans

FEWEST, KEPT = 5, 5000  # rows that must have a trait, and how many traits are told apart: those of most rows
FILE = "traits.npz"
Trait = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Traits:
    """Row r has the traits `codes[starts[r]:starts[r + 1]]`, ascending: int64 (rows + 1,), int32 (n,); size: how many
    traits there are; names: what each is, the same in every catalogue."""

    starts: Longs
    codes: NDArray[np.int32]
    size: int
    names: Sequence[str] = ()

    @cached_property
    def worth(self) -> Floats:
        """What each trait tells, log(rows / rows that have it), float32 (size,)."""
        held = np.bincount(self.codes, minlength=self.size)
        return np.log((len(self.starts) - 1) / np.maximum(held, 1)).astype(np.float32)

    def agreement(self, seeds: Ints, weights: Floats, rows: Ints) -> Floats:
        """How much of what the traits of `seeds`, weighed by `weights`, tell is true of each of some rows, too:
        float32 (n,) in [0, 1], zeros where the seeds have none."""
        counts = self.starts[seeds + 1] - self.starts[seeds]
        wanted = np.bincount(self.codes[spans(self.starts, seeds)], np.repeat(weights, counts), self.size) * self.worth
        counts = self.starts[rows + 1] - self.starts[rows]
        owners = np.repeat(np.arange(len(rows)), counts)
        held = np.bincount(owners, wanted[self.codes[spans(self.starts, rows)]], len(rows))
        return np.asarray(held / max(float(wanted.sum()), 1e-9), np.float32)

    def mean(self, vectors: Floats, rows: Ints) -> Floats:
        """The mean of the vectors of each row's traits, float32 (n, k), zeros for a row without any: vectors float32
        (size, k)."""
        counts = self.starts[rows + 1] - self.starts[rows]
        codes, owners = self.codes[spans(self.starts, rows)], np.repeat(np.arange(len(rows)), counts)
        shares = (np.repeat(1 / np.maximum(counts, 1), counts), (owners, codes))
        return np.asarray(sp.csr_matrix(shares, shape=(len(rows), self.size), dtype=np.float32) @ vectors, np.float32)

    def save(self, folder: Path) -> None:
        """Write them."""
        names = np.array(json.dumps(list(self.names)))
        np.savez(folder / FILE, starts=self.starts, codes=self.codes, size=self.size, names=names)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        with np.load(folder / FILE) as file:
            return cls(file["starts"], file["codes"], int(file["size"]), json.loads(str(file["names"])))


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
    names = [json.dumps(trait, ensure_ascii=False) for trait in number]
    return Traits(starts, np.array([code for some in held for code in some], np.int32), len(number), names)
