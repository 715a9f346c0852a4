"""How often each product was shown, and how often somebody then did anything with it: what exploration learns from."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

import numpy as np

from aisle.catalogue.catalogue import Catalogue
from aisle.records.history import Ints, Longs
from aisle.records.row import Row


class Exposure:
    """shown, touched: int64 (rows,), placements on recorded slates, and interactions of any kind."""

    def __init__(self, shown: Longs, touched: Longs) -> None:
        self.shown, self.touched = shown, touched

    @classmethod
    def none(cls, rows: int) -> Self:
        """Nothing was shown yet."""
        return cls(np.zeros(rows, np.int64), np.zeros(rows, np.int64))

    def add_slates(self, pages: Iterable[Sequence[Row]], catalogue: Catalogue) -> Self:
        """Count the slates among rows of the log."""
        for page in pages:
            slates = [json.loads(row.body).get("products", ()) for row in page if row.kind == "served"]
            shown = [catalogue.row_of_id(product) for products in slates for product in products]
            np.add.at(self.shown, np.array([row for row in shown if row >= 0], np.int64), 1)
        return self

    def add_touches(self, rows: Ints) -> Self:
        """Count interactions."""
        np.add.at(self.touched, rows, 1)
        return self

    def save(self, path: Path) -> None:
        """Write the counts."""
        np.savez(path, shown=self.shown, touched=self.touched)

    @classmethod
    def load(cls, path: Path, rows: int) -> Self:
        """The counts that `save` wrote; none where an earlier version wrote no such file."""
        if not path.exists():
            return cls.none(rows)
        with np.load(path) as file:
            return cls(file["shown"], file["touched"])
