"""Facets: how many of the products that answer have which brand, category or attribute.

What answers is what was ranked, without what only comes near, and, beyond the candidates, every product that may be
shown and whose text has all words of the query or of another wording of it.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from aisle.catalogue.catalogue import NO_CODE
from aisle.errors import SettingsError
from aisle.pipeline.run import Run
from aisle.records.history import Bools, Ints, Longs, spans
from aisle.wiring.parts import Content, Parts

MOST = 20  # values of one facet, those of most products
OWN = ("brand", "category")


def known(content: Content, names: Sequence[str]) -> tuple[str, ...]:
    """The facets that shop.toml names. Raises SettingsError for one that no product has."""
    have = {*OWN, *content.catalogue.attribute_names}
    for name in names:
        if name not in have:
            raise SettingsError("shop.toml, search.facets", name, "brand, category, or an attribute of some product")
    return tuple(names)


def answering(parts: Parts, made: Run, rows: Ints) -> Ints:
    """int32 (n,): rows of the ranked that answer, and in a search all others that hold its words."""
    reading, about = made.context.reading, parts.content.relevance.about
    if not reading.words:
        return rows
    held = np.zeros(len(parts.content.catalogue), bool)
    for wording in (reading.words, *map(about.split, reading.others)):
        held[about.holding(wording)] = True
    held &= made.context.mask
    held[made.ranked.rows] = False  # what a rule took out of the ranked is none of the answer
    held[rows] = True
    return np.flatnonzero(held).astype(np.int32)


def counted(parts: Parts, names: Sequence[str], rows: Ints, units: Bools) -> Mapping[str, Mapping[str, int]]:
    """How many of some rows have which value; of an attribute, those with a unit that may be shown and has it."""
    catalogue = parts.content.catalogue
    made: dict[str, Mapping[str, int]] = {}
    for name in names:
        if name == "brand":
            codes, values = catalogue.brands
            made[name] = _most(codes[rows], values)
            continue
        if name == "category":
            codes, starts, flat, values = parts.under
            held = rows[codes[rows] != NO_CODE]
            made[name] = _by_value(held, codes[held], starts, flat, values)
            continue
        codes, here = catalogue.attribute_codes(name)[0], spans(catalogue.starts, rows)
        here = here[units[here] & (codes[here] != NO_CODE)]
        made[name] = _by_value(catalogue.row_of[here], codes[here], *catalogue.attribute_values(name))
    return made


def _by_value(rows: Ints, codes: Ints, starts: Longs, flat: Ints, values: Sequence[str]) -> dict[str, int]:
    """Rows counted once for every value that one of their sets holds."""
    held = flat[spans(starts, codes)]
    owners = np.repeat(rows, starts[codes + 1] - starts[codes])
    once = np.unique(owners.astype(np.int64) * max(len(values), 1) + held) % max(len(values), 1)
    return _most(once.astype(np.int32), values)


def _most(codes: Ints, names: Sequence[str]) -> dict[str, int]:
    counts = np.bincount(codes[codes != NO_CODE], minlength=1)
    order = np.argsort(-counts, kind="stable")[:MOST]
    return {names[code]: int(counts[code]) for code in order if counts[code]}
