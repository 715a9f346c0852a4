"""Numbers that name a product: its id, its GTIN, its model or part number, also one that only its title says.
"AB-123/X", "ab123x", "AB 123 X" are one."""

import re
from collections import Counter
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from aisle.catalogue.catalogue import Catalogue
from aisle.records.digest import digest
from aisle.records.history import Ints

# attributes that name a product, by their names without case and separators
KINDS = "sku mpn model modelnumber modelno partnumber partno itemnumber articlenumber ean upc isbn asin"
NAMED = frozenset(KINDS.split())
SHORTEST = 4  # characters of a code, one of them a digit
DIGITS = re.compile(r"\d.*\d.*\d")
TITLED = re.compile(r"[a-z](?=(?:.*\d){3}).{4,}")  # wd65735; what begins with a digit is a measure: 500ml, 24x36in
FEW = 3  # products that say a number in their titles: more are of a kind that is called so
LONG = 8  # digits of a number that names a product wherever it stands: a GTIN; a shorter one may be a count or a year
Hashes = NDArray[np.uint64]


class Codes:
    """hashes: uint64 (n,), ascending; units: int32 (n,), what each names."""

    def __init__(self, hashes: Hashes, units: Ints) -> None:
        self.hashes, self.units = hashes, units

    @classmethod
    def of(cls, catalogue: Catalogue) -> Self:
        """Every code of a catalogue."""
        gtins, hashes, units = catalogue.column("gtin"), list[int](), list[int]()
        titled = _titled(catalogue)
        for unit, said in enumerate(catalogue.attributes):
            named = [value for name, values in said.items() if plain(name) in NAMED for value in values]
            codes = {known for text in (catalogue.units[unit], gtins[unit], *named) if (known := code_of(text))}
            for code in codes | titled[unit]:
                hashes.append(_hash(code))
                units.append(unit)
        made = np.array(hashes, np.uint64)
        order = np.argsort(made, kind="stable")
        return cls(made[order], np.array(units, np.int32)[order])

    def named(self, query: str) -> dict[str, Ints]:
        """Units that a query, or one of its words, names: what names them → these, int32 ascending."""
        said = [word for word in query.split() if len(code := code_of(word)) >= LONG or not code.isdigit()]
        found = {text: self._of(_hash(code)) for text in (query, *said) if (code := code_of(text))}
        return {text: np.unique(units).astype(np.int32) for text, units in found.items() if len(units)}

    def _of(self, code: int) -> Ints:
        start, end = (np.searchsorted(self.hashes, np.uint64(code), side) for side in ("left", "right"))
        return np.asarray(self.units[start:end], np.int32)

    def save(self, folder: Path) -> None:
        """Write the codes."""
        np.savez(folder / "codes.npz", hashes=self.hashes, units=self.units)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """What `save` wrote."""
        with np.load(folder / "codes.npz") as file:
            return cls(file["hashes"], file["units"])


def _titled(catalogue: Catalogue) -> list[set[str]]:
    """Of every unit the numbers that its title says, and few others do."""
    said = [{code for word in title.split() if DIGITS.search(word) and TITLED.fullmatch(code := plain(word))}
            if DIGITS.search(title) else set[str]() for title in catalogue.column("title")]  # fmt: skip
    rows = Counter(code for code, _ in {(code, row) for codes, row in zip(said, catalogue.row_of.tolist(), strict=True)
                                        for code in codes})  # fmt: skip
    return [{code for code in codes if rows[code] <= FEW} for codes in said]


def plain(text: str) -> str:
    """Letters and digits alone, without case."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def code_of(text: str | None) -> str:
    """A text as a code, empty where it is none; zeros before a number do not count."""
    code = plain(text or "")
    if len(code) < SHORTEST or not any(letter.isdigit() for letter in code):
        return ""
    return code.lstrip("0") if code.isdigit() else code


def _hash(code: str) -> int:
    return int.from_bytes(digest(code), "little")
