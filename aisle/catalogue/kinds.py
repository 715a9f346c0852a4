"""What products have in common under a field that the shop names: one code a unit."""

import numpy as np

from aisle.catalogue.catalogue import LEVELS, NO_CODE, Catalogue, coded
from aisle.catalogue.filters import WORDS, passing
from aisle.errors import InputError
from aisle.records.history import Ints

TITLE = "title"
DEPTHS = tuple(f"category_{depth + 1}" for depth in range(LEVELS))


def kinds(catalogue: Catalogue, field: str, value: str = "") -> Ints:
    """int32 (units,): equal codes where units say the same, NO_CODE where they say nothing; with a `value`, 0 for those
    that have it and NO_CODE for the others. Titles are alike where they differ in size alone. Raises InputError for a
    field that no product has."""
    if value:
        mask = passing(catalogue, catalogue.offers, {"category" if field in DEPTHS else field: value})
        return np.where(mask, 0, NO_CODE).astype(np.int32)
    if field == TITLE:
        said = zip(catalogue.column("title"), catalogue.column("unit_size"), strict=True)
        return coded([without_size(title, size).lower() or None for title, size in said])[0]
    if field in DEPTHS:
        return np.asarray(catalogue.levels[catalogue.row_of, DEPTHS.index(field)], np.int32)
    if field == "category" or field in WORDS:
        return catalogue.codes(field)[0]
    if field in catalogue.attribute_names:
        return catalogue.attribute_codes(field)[0]
    known = sorted({TITLE, *DEPTHS, "category", *WORDS, *catalogue.attribute_names})
    raise InputError("field", field, "one of " + ", ".join(known[:40]))


def without_size(title: str, size: str) -> str:
    """A title without the size at its end, which says nothing of what the thing is."""
    return title.removesuffix(size).rstrip(" ,") if size else title
