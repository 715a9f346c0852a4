"""What products have in common under a field that the shop names: one code a row."""

import numpy as np

from aisle.catalogue.catalogue import LEVELS, NO_CODE, Catalogue, coded
from aisle.catalogue.filters import WORDS, passing
from aisle.errors import InputError
from aisle.records.history import Ints

TITLE = "title"
DEPTHS = tuple(f"category_{depth + 1}" for depth in range(LEVELS))


def kinds(catalogue: Catalogue, field: str, value: str = "") -> Ints:
    """int32 (rows,): equal codes where the leaders say the same, NO_CODE where they say nothing; with a `value`, 0 for
    rows of which a unit has it and NO_CODE for the others. Titles are alike where they differ in size alone. Raises
    InputError for a field that no product has."""
    if value:
        mask = passing(catalogue, catalogue.offers, {"category" if field in DEPTHS else field: value})
        return np.where(catalogue.any_unit(mask), 0, NO_CODE).astype(np.int32)
    if field == TITLE:
        said = zip(catalogue.said_of_leader("title"), catalogue.said_of_leader("unit_size"), strict=True)
        return coded([without_size(title, size).lower() or None for title, size in said])[0]
    if field in DEPTHS:
        return catalogue.levels[:, DEPTHS.index(field)]
    if field == "category" or field in WORDS:
        return catalogue.codes(field)[0][catalogue.starts[:-1]]
    if field in catalogue.attribute_names:
        return catalogue.attribute_codes(field)[0][catalogue.starts[:-1]]
    known = sorted({TITLE, *DEPTHS, "category", *WORDS, *catalogue.attribute_names})
    raise InputError("field", field, "one of " + ", ".join(known[:40]))


def without_size(title: str, size: str) -> str:
    """A title without the size at its end, which says nothing of what the thing is."""
    return title.removesuffix(size).rstrip(" ,") if size else title
