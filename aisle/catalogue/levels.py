"""The levels in which products belong together: category depths, brand, maker, and equal titles, as integer codes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aisle.catalogue.catalogue import LEVELS, NO_CODE, Catalogue, coded

MAKER = "manufacturer"  # schema.org names it beside the brand
WEIGHTS = {
    "category_1": 0.2,
    "category_2": 0.15,
    "category_3": 0.35,
    "brand": 0.1,
    "maker": 0.3,
    "title": 0.1,
}


@dataclass(frozen=True)
class Levels:
    """codes: int32 (rows, k), NO_CODE (-1) where a row has no such level; names: k; weights: k, for taste."""

    codes: NDArray[np.int32]
    names: tuple[str, ...]

    @property
    def weights(self) -> tuple[float, ...]:
        """How much of a shopper's taste lies in each level."""
        return tuple(WEIGHTS[name] for name in self.names)


def levels_of(catalogue: Catalogue) -> Levels:
    """The levels that tell products apart: one that is empty, or where every row is alone, is left out."""
    columns = {f"category_{k + 1}": catalogue.levels[:, k] for k in range(LEVELS)}
    columns["brand"] = catalogue.brands[0]
    attributes = catalogue.attributes
    makers = [(attributes[unit].get(MAKER) or [None])[0] for unit in catalogue.starts[:-1]]
    columns["maker"] = coded(makers)[0]
    columns["title"] = coded(catalogue.said_of_leader("title"))[0]
    useful = {name: codes for name, codes in columns.items() if _useful(codes)}
    codes = np.column_stack(list(useful.values())) if useful else np.zeros((len(catalogue), 0), np.int32)
    return Levels(codes.astype(np.int32), tuple(useful))


def _useful(codes: NDArray[np.int32]) -> bool:
    said = codes[codes != NO_CODE]
    distinct = len(np.unique(said))
    return distinct > 1 and len(said) >= len(codes) // 5 and distinct <= 0.9 * len(said)
