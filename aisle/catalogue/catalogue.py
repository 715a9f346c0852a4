"""The catalogue: immutable columns of products. A *unit* is what is sold, a *row* the group that is ranked.

Units are ordered so that row r owns the units `starts[r]:starts[r + 1]`; the first of them speaks for the group.
Text and facts live in one Arrow table, one line a unit, memory-mapped from the generation's folder.
"""

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
from numpy.typing import NDArray

from aisle.catalogue.offers import Offers, Overlay
from aisle.errors import InputError
from aisle.records.history import Bools, Ints, Longs

NO_CODE = -1
LEVELS = 3  # of the category tree that are coded: department, category, type in a grocer's words


class Catalogue:
    """Columns of one version of a shop's products.

    ids: unit id → unit; groups: str (rows,); row_of: int32 (units,), the row of each unit;
    starts: int64 (rows + 1,); offers: what the shop asked for them when this version was built.
    """

    def __init__(self, table: pa.Table, offers: Overlay) -> None:
        self.table, self.offers = table, offers
        self._codes: dict[str, tuple[Ints, list[Any]]] = {}
        self._values: dict[str, tuple[Longs, Ints, list[str]]] = {}
        self.units: list[str] = table.column("id").to_pylist()
        if len(set(self.units)) != len(self.units):
            raise InputError("catalogue", "an id twice", "unique ids")
        self.ids = {unit_id: unit for unit, unit_id in enumerate(self.units)}
        groups = table.column("group").to_pylist()
        first = [u for u, group in enumerate(groups) if u == 0 or groups[u - 1] != group]
        self.groups: list[str] = [groups[u] for u in first]
        self.rows = {group: row for row, group in enumerate(self.groups)}
        self.starts: Longs = np.array([*first, len(groups)], np.int64)
        self.row_of: Ints = np.repeat(np.arange(len(first), dtype=np.int32), np.diff(self.starts))

    def __len__(self) -> int:
        """How many rows can be ranked."""
        return len(self.groups)

    def column(self, name: str) -> list[Any]:
        """A column as Python values, one a unit."""
        return self.table.column(name).to_pylist()  # type: ignore[no-any-return]

    def said(self, name: str, unit: int) -> Any:
        """One value of one unit."""
        return self.table.column(name)[unit].as_py()

    def lines(self, units: Sequence[int], names: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """What the shop said of some units, by column (of `names`, or of all)."""
        columns = {name: self.table.column(name) for name in names or self.table.column_names}
        return [{name: column[unit].as_py() for name, column in columns.items()} for unit in units]

    def leader(self, row: int) -> int:
        """The unit that speaks for a row where nothing else is known."""
        return int(self.starts[row])

    def any_unit(self, mask: Bools) -> Bools:
        """bool (units,) → bool (rows,): rows of which at least one unit passes."""
        return np.logical_or.reduceat(mask, self.starts[:-1]) if len(mask) else np.zeros(0, bool)

    def row_of_id(self, any_id: str) -> int:
        """The row of a product or group id, -1 for one that is not in the catalogue."""
        unit = self.ids.get(any_id)
        return int(self.row_of[unit]) if unit is not None else self.rows.get(any_id, -1)

    def units_of(self, *any_ids: str) -> Longs:
        """The units that ids name, int64 ascending: all of a group's, the one of a product's, none for an unknown."""
        named = set[int]()
        for one in any_ids:
            row, unit = self.rows.get(one), self.ids.get(one)
            named.update(range(*self.starts[row : row + 2]) if row is not None else () if unit is None else (unit,))
        return np.array(sorted(named), np.int64)

    def codes(self, name: str) -> tuple[Ints, list[Any]]:
        """int32 (units,) codes of a column's values, and these; NO_CODE for nothing said. Kept: filters ask often."""
        if name not in self._codes:
            said = [tuple(v) if isinstance(v, list) else v for v in self.column(name)]
            self._codes[name] = coded([value or None for value in said])
        return self._codes[name]

    def attribute_codes(self, name: str) -> tuple[Ints, list[Any]]:
        """The same for an attribute: its distinct sets of values."""
        key = f"attribute {name}"
        if key not in self._codes:
            self._codes[key] = coded([tuple(sorted(said.get(name, ()))) or None for said in self.attributes])
        return self._codes[key]

    def attribute_values(self, name: str) -> tuple[Longs, Ints, list[str]]:
        """The values of each set that `attribute_codes` codes: set k holds `values[flat[starts[k]:starts[k + 1]]]`."""
        if name not in self._values:
            _, sets = self.attribute_codes(name)
            flat, values = coded([value for some in sets for value in some])
            self._values[name] = np.r_[0, np.cumsum([len(some) for some in sets])].astype(np.int64), flat, values
        return self._values[name]

    @cached_property
    def created_at(self) -> NDArray[np.float64]:
        """float64 (units,): when the shop says a product came, UTC ms; NaN where it does not."""
        return np.array([np.nan if v is None else v for v in self.column("created_at")], np.float64)

    @cached_property
    def attributes(self) -> list[dict[str, list[str]]]:
        """Attributes of every unit: name → values."""
        return [json.loads(text) if text else {} for text in self.column("attributes")]

    @cached_property
    def attribute_names(self) -> frozenset[str]:
        """Every attribute that some product has."""
        return frozenset(name for values in self.attributes for name in values)

    @cached_property
    def brands(self) -> tuple[Ints, list[str]]:
        """int32 (rows,) codes of the leaders' brands and their names; NO_CODE where there is none."""
        return coded([brand or None for brand in self.said_of_leader("brand")])

    @cached_property
    def levels(self) -> NDArray[np.int32]:
        """int32 (rows, LEVELS): codes of the category path down to each level; NO_CODE where the path is shorter."""
        paths = self.said_of_leader("category")
        codes = [coded([tuple(p[: k + 1]) if p and len(p) > k else None for p in paths])[0] for k in range(LEVELS)]
        return np.stack(codes, axis=1) if paths else np.zeros((0, LEVELS), np.int32)

    @cached_property
    def ends(self) -> Ints:
        """int32 (rows,): codes of the category path as far as it goes, at most LEVELS deep; NO_CODE where none is."""
        return coded([tuple(path[:LEVELS]) if path else None for path in self.said_of_leader("category")])[0]

    def said_of_leader(self, name: str) -> list[Any]:
        """A column as Python values, one a row: what each row's leader says."""
        return self.table.column(name).take(pa.array(self.starts[:-1])).to_pylist()  # type: ignore[no-any-return]

    def save(self, folder: Path) -> None:
        """Write the catalogue as files of `folder`, which must not exist."""
        folder.mkdir(parents=True)
        feather.write_feather(self.table, str(folder / "products.arrow"), compression="uncompressed")
        for index, (market, offers) in enumerate(self.offers.markets.items()):
            columns = {name: getattr(offers, name) for name in Offers.__slots__}
            np.savez(folder / f"offers-{index}.npz", market=np.array(market), **columns)

    @classmethod
    def load(cls, folder: Path) -> "Catalogue":
        """The catalogue that `save` wrote; the table is memory-mapped."""
        markets = {}
        for path in sorted(folder.glob("offers-*.npz"), key=lambda p: int(p.stem.split("-")[1])):
            with np.load(path) as file:
                markets[str(file["market"])] = Offers(**{name: file[name] for name in Offers.__slots__})
        table = feather.read_table(str(folder / "products.arrow"), memory_map=True)
        return cls(table, Overlay(markets))


def coded(values: Sequence[Any]) -> tuple[Ints, list[Any]]:
    """Values → int32 codes in order of first appearance and the values coded; None → NO_CODE."""
    known: dict[Any, int] = {}
    codes = [NO_CODE if value is None else known.setdefault(value, len(known)) for value in values]
    return np.array(codes, np.int32), list(known)
