"""Which units state a value of a brand, of the end of a category, or of an attribute: found in microseconds."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache, cached_property

import numpy as np

from aisle.catalogue.catalogue import Catalogue, coded
from aisle.records.history import Bools, Floats, Ints, Longs, among, spans

Index = tuple[dict[str, int], Longs, Ints]  # the code of a value; c is stated by units[starts[c]:starts[c + 1]]
AXIS = 2000  # values of an attribute beyond which it tells no variants apart


class Stated:
    """Told of an attribute when it is first asked for; its index is kept. fold: a text → its words, as queries' words
    are compared with them."""

    def __init__(self, catalogue: Catalogue, fold: Callable[[str], Sequence[str]] = str.split) -> None:
        self._catalogue, self._fold = catalogue, fold
        self._index = cache(self._made)

    def most(self, named: Sequence[tuple[str, str]], rows: Ints, units: Bools) -> Floats:
        """float32 (n,): of some (attribute, value), the part that one unit of each row states, of those units, bool
        (units,), that may be shown. brand and category are those of products (the end of the path), every other name an
        attribute, also where it is called as a column is."""
        here = spans(self._catalogue.starts, rows).astype(np.int32)
        held = np.zeros(len(here), np.int64)
        for attribute, value in named:
            held += among(here, self._stating(attribute, value))[0]
        sizes = self._catalogue.starts[rows + 1] - self._catalogue.starts[rows]
        best = np.maximum.reduceat(held * units[here], np.cumsum(sizes) - sizes) if len(rows) else held
        return np.asarray(best / max(len(named), 1), np.float32)

    def said(self, folded: Iterable[str], units: Longs) -> Longs:
        """int64 (n,): how many of some words, as `fold` gives them, the attributes of each unit say."""
        out = np.zeros(len(units), np.int64)
        for word in dict.fromkeys(folded):
            hits = [np.isin(self._catalogue.attribute_codes(name)[0][units], codes)
                    for name, codes in self._saying.get(word, ())]  # fmt: skip
            out += np.any(hits, axis=0) if hits else False
        return out

    @cached_property
    def _saying(self) -> dict[str, list[tuple[str, list[int]]]]:
        """Of every word the attributes whose values say it, and the codes of these."""
        made: dict[str, list[tuple[str, list[int]]]] = {}
        for name in sorted(self._catalogue.attribute_names):
            sets, codes = self._catalogue.attribute_codes(name)[1], dict[str, list[int]]()
            for code, values in enumerate(sets if len(sets) <= AXIS else ()):
                for word in {word for value in values for word in self._fold(value)}:
                    codes.setdefault(word, []).append(code)
            for word, some in codes.items():
                made.setdefault(word, []).append((name, some))
        return made

    def _stating(self, attribute: str, value: str) -> Ints:
        """The units that state a value, ascending."""
        codes, starts, stating = self._index(attribute)
        code = codes.get(value, -1)
        return stating[starts[code] : starts[code + 1]] if code >= 0 else stating[:0]

    def _made(self, attribute: str) -> Index:
        codes, values, units = self._pairs(attribute)
        order = np.lexsort((units, codes))
        starts = np.searchsorted(codes[order], np.arange(len(values) + 1)).astype(np.int64)
        return {value: code for code, value in enumerate(values)}, starts, units[order].astype(np.int32)

    def _pairs(self, attribute: str) -> tuple[Ints, list[str], Longs]:
        """Codes of values, these, and the unit that states each."""
        catalogue = self._catalogue
        if attribute not in ("brand", "category"):
            sets, _ = catalogue.attribute_codes(attribute)
            known = np.flatnonzero(sets >= 0)
            starts, flat, values = catalogue.attribute_values(attribute)
            many = np.diff(starts)[sets[known]]
            return flat[spans(starts, sets[known])], values, np.repeat(known, many)
        codes, said = catalogue.codes(attribute)
        known = np.flatnonzero(codes >= 0)
        ends, values = coded([one[-1] if attribute == "category" else one for one in said])
        return ends[codes[known]], values, known
