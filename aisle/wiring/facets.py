"""Facets: how many of the products that answer have which brand, category or attribute.

Counts are exact: beside what was ranked they hold every product that may be shown and whose text has all words of the
query, or of another wording of it.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from aisle.catalogue.catalogue import NO_CODE
from aisle.errors import SettingsError
from aisle.pipeline.run import Run
from aisle.records.history import Bools, Ints, Longs
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
    """int32 (n,): the rows that were ranked, and in a search all that hold its words."""
    reading, about = made.context.reading, parts.content.relevance.about
    if not reading.words:
        return rows
    held = np.zeros(len(parts.content.catalogue), bool)
    for wording in (reading.words, *map(about.split, reading.alternatives)):
        held[about.postings.rows_of_all([about.stem(word) for word in about.asked(wording)])] = True
    held &= made.context.mask
    held[rows] = True
    return np.flatnonzero(held).astype(np.int32)


def counted(parts: Parts, names: Sequence[str], rows: Ints, units: Bools) -> Mapping[str, Mapping[str, int]]:
    """How many of some rows have which value; of an attribute, those with a unit that may be shown and has it."""
    catalogue = parts.content.catalogue
    made: dict[str, Mapping[str, int]] = {}
    for name in names:
        if name in OWN:
            codes, values = catalogue.brands if name == "brand" else parts.tops
            made[name] = _most(codes[rows], values)
            continue
        codes, sets = catalogue.attribute_codes(name)
        starts = catalogue.starts
        sizes = starts[rows + 1] - starts[rows]
        here = np.repeat(starts[rows] - np.r_[0, np.cumsum(sizes)[:-1]], sizes) + np.arange(sizes.sum())
        here = here[units[here] & (codes[here] != NO_CODE)]
        made[name] = _by_value(catalogue.row_of[here].astype(np.int64), codes[here], sets)
    return made


def _by_value(rows: Longs, codes: Ints, sets: Sequence[Sequence[str]]) -> dict[str, int]:
    """Rows counted once for every value that one of their sets holds."""
    pairs = np.unique(rows * max(len(sets), 1) + codes)
    values = list(dict.fromkeys(value for some in sets for value in some))
    at = {value: k for k, value in enumerate(values)}
    held = [np.array([at[value] for value in some], np.int64) for some in sets]
    owners, chosen = np.divmod(pairs, max(len(sets), 1))
    flat = np.concatenate([np.zeros(0, np.int64), *(held[k] for k in chosen)])
    rows_of = np.repeat(owners, [len(held[k]) for k in chosen])
    once = np.unique(rows_of * max(len(values), 1) + flat) % max(len(values), 1)
    return _most(once.astype(np.int32), values)


def _most(codes: Ints, names: Sequence[str]) -> dict[str, int]:
    counts = np.bincount(codes[codes != NO_CODE], minlength=1)
    order = np.argsort(-counts, kind="stable")[:MOST]
    return {names[code]: int(counts[code]) for code in order if counts[code]}
