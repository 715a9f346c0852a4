"""Which rows state a value of a brand, of the end of a category, or of an attribute: found in microseconds."""

from functools import cache

import numpy as np

from aisle.catalogue.catalogue import Catalogue, coded
from aisle.records.history import Bools, Ints, Longs, among, spans

Index = tuple[dict[str, int], Longs, Ints]  # the code of each value; value c is stated by rows[starts[c]:starts[c + 1]]


class Stated:
    """Told of an attribute when it is first asked for; its index is kept."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._index = cache(self._made)

    def by(self, attribute: str, value: str, rows: Ints) -> Bools:
        """bool (n,): of these rows, those of which a unit states the value. brand and category are those of products
        (the end of the path), every other name an attribute, also where it is called as a column is."""
        codes, starts, stating = self._index(attribute)
        code = codes.get(value, -1)
        held = stating[starts[code] : starts[code + 1]] if code >= 0 else stating[:0]
        return among(rows, held)[0]

    def _made(self, attribute: str) -> Index:
        codes, values, rows = self._pairs(attribute)
        pairs = np.unique(codes.astype(np.int64) * max(len(self._catalogue), 1) + rows)
        owners, stating = np.divmod(pairs, max(len(self._catalogue), 1))
        starts = np.searchsorted(owners, np.arange(len(values) + 1)).astype(np.int64)
        return {value: code for code, value in enumerate(values)}, starts, stating.astype(np.int32)

    def _pairs(self, attribute: str) -> tuple[Ints, list[str], Ints]:
        """Codes of values, these, and the row that states each."""
        catalogue = self._catalogue
        if attribute not in ("brand", "category"):
            sets, _ = catalogue.attribute_codes(attribute)
            known = np.flatnonzero(sets >= 0)
            starts, flat, values = catalogue.attribute_values(attribute)
            many = np.diff(starts)[sets[known]]
            return flat[spans(starts, sets[known])], values, np.repeat(catalogue.row_of[known], many)
        codes, said = catalogue.codes(attribute)
        known = np.flatnonzero(codes >= 0)
        ends, values = coded([one[-1] if attribute == "category" else one for one in said])
        return ends[codes[known]], values, catalogue.row_of[known]
