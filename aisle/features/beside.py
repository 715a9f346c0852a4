"""What a candidate has in common with the products that a request stands on: a product page, a basket, an order."""

from dataclasses import dataclass, field

import numpy as np

from aisle.catalogue.levels import Levels
from aisle.records.history import Floats, Ints
from aisle.records.request import Context


@dataclass
class Beside:
    """A `Feature` of (anchors, product): `anchors`, how many there are; `beside_<level>`, the share of them that are of
    the product's own level; `dearer`, its log price less their mean one. NaN where the request stands on nothing.

    price: float32 (rows,), log of major units, NaN where unknown.
    """

    price: Floats
    levels: Levels
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.names = ("anchors", "dearer", *(f"beside_{name}" for name in self.levels.names))

    def values(self, context: Context, rows: Ints) -> Floats:
        """float32 (n, len(names))."""
        out, anchors = np.full((len(rows), len(self.names)), np.nan, np.float32), context.anchors
        if not len(anchors):
            return out
        known = self.price[anchors][~np.isnan(self.price[anchors])]
        out[:, 0] = len(anchors)
        out[:, 1] = self.price[rows] - known.mean() if len(known) else np.nan
        asked = self.levels.flat[rows]
        shares = self.levels.counted(anchors)[asked] / len(anchors)
        out[:, 2:] = np.where(self.levels.nowhere[asked], np.nan, shares)
        return out
