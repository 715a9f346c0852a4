"""What products have in common under a field that the shop names: one code a row."""

import numpy as np

from aisle.catalogue.catalogue import LEVELS, NO_CODE, Catalogue
from aisle.catalogue.filters import WORDS, passing
from aisle.errors import InputError
from aisle.records.history import Ints

DEPTHS = tuple(f"category_{depth + 1}" for depth in range(LEVELS))


def kinds(catalogue: Catalogue, field: str, value: str = "") -> Ints:
    """int32 (rows,): equal codes where the leaders say the same, NO_CODE where they say nothing; with a `value`, 0 for
    rows of which a unit has it and NO_CODE for the others. Raises InputError for a field that no product has."""
    if value:
        mask = passing(catalogue, catalogue.offers, {"category" if field in DEPTHS else field: value})
        return np.where(catalogue.any_unit(mask), 0, NO_CODE).astype(np.int32)
    if field in DEPTHS:
        return catalogue.levels[:, DEPTHS.index(field)]
    if field == "category" or field in WORDS:
        return catalogue.codes(field)[0][catalogue.starts[:-1]]
    if field in catalogue.attribute_names:
        return catalogue.attribute_codes(field)[0][catalogue.starts[:-1]]
    known = sorted({*DEPTHS, "category", *WORDS, *catalogue.attribute_names})
    raise InputError("field", field, "one of " + ", ".join(known[:40]))
