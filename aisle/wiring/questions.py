"""What a quiz may ask, and how the shoppers of a log would answer: categories, brands, attributes, and products."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from aisle.catalogue.catalogue import LEVELS, NO_CODE, Catalogue
from aisle.records.history import Interactions, Ints, Longs
from aisle.records.quiz import Question
from aisle.records.times import DAY
from aisle.retrieval.interview import Interview

SHOPPERS = 3000  # of the log that stand for the new one
ASKED = 400  # questions to choose from
TOLD = 300  # products of which answers shall tell, those most taken
PRODUCTS = 400  # that may be asked about by themselves
USUAL = (0.02, 0.98)  # share of yes, outside of which a question is not worth asking
OFTEN, LATELY = 80, 28  # half-lives in days
EXAMPLES = 3
Subject = tuple[str, str, Ints]  # field, value, and the rows that have it


@dataclass(frozen=True, eq=False)
class Questions:
    """Every question, and who would say yes."""

    asked: tuple[Question, ...]
    interview: Interview


def questions_of(catalogue: Catalogue, log: Interactions, target: tuple[int, ...]) -> Questions:
    """The questions that a log can answer, those that tell most; target: codes of the types that count as taking."""
    taken, often_taken = _taken(log, len(catalogue), target)
    often = np.asarray((taken > 0).sum(axis=0)).ravel()
    subjects = [(field, value, rows) for field, value, rows in _subjects(catalogue, often) if often[rows].any()]
    ends = np.cumsum([0, *(len(rows) for *_, rows in subjects)])
    held = np.concatenate([np.zeros(0, np.int32), *(rows for *_, rows in subjects)])
    about = sp.csc_matrix((np.ones(len(held), np.float32), held, ends), shape=(len(catalogue), len(subjects)))
    has = ((taken @ about) > 0).astype(np.float32).toarray()
    share = has.mean(axis=0) if len(has) else np.zeros(len(subjects))
    usual = np.flatnonzero((share > USUAL[0]) & (share < USUAL[1]))
    each = often_taken[:, np.argsort(-often, kind="stable")[:TOLD]].toarray()
    every = np.maximum(np.asarray(often_taken.sum(axis=1)), 1e-9)
    told = np.column_stack([each / every, 1 - each.sum(axis=1) / every.ravel()]).astype(np.float32)
    keys = tuple(f"{field}:{value}" for field, value, _ in (subjects[at] for at in usual))
    interview, kept = Interview(keys, has[:, usual], taken, told).narrowed(ASKED)
    made = tuple(_question(catalogue, subjects[at], often, float(share[at])) for at in usual[kept])
    return Questions(made, interview)


def _taken(log: Interactions, rows: int, target: tuple[int, ...]) -> tuple[Any, Any]:
    """Some shoppers × rows, sparse float32: how lately each took what, and how often, older times counting less."""
    here = np.isin(log.columns.types, target)
    owners = log.owners()
    drawn = np.sort(np.random.default_rng(0).permutation(np.unique(owners[here]))[:SHOPPERS])
    place = np.full(len(log.shoppers), -1)
    place[drawn] = np.arange(len(drawn))
    here &= place[owners] >= 0
    times = log.columns.times[here]
    ages = (times.max(initial=0) - times) / DAY if log.timed else np.zeros(len(times))
    at = (place[owners[here]], log.columns.rows[here])
    often = sp.csr_matrix((np.exp2(-ages / OFTEN).astype(np.float32), at), shape=(len(drawn), rows))
    pairs, firsts = np.unique(at[0].astype(np.int64) * rows + at[1], return_inverse=True)
    lately = np.zeros(len(pairs), np.float32)
    np.maximum.at(lately, firsts, np.exp2(-ages / LATELY).astype(np.float32))
    return sp.csr_matrix((lately, np.divmod(pairs, max(rows, 1))), shape=(len(drawn), rows)), often


def _subjects(catalogue: Catalogue, often: Longs) -> Iterator[Subject]:
    """(field, value, its rows) of everything that may be asked about."""
    paths = catalogue.said_of_leader("category")
    for depth in range(LEVELS):
        for rows in _alike(catalogue.levels[:, depth]):
            yield "category", " > ".join(paths[rows[0]][: depth + 1]), rows
    codes, names = catalogue.brands
    for rows in _alike(codes):
        yield "brand", names[codes[rows[0]]], rows
    for name in sorted(catalogue.attribute_names):
        codes, sets = catalogue.attribute_codes(name)
        codes = codes[catalogue.starts[:-1]]
        holding: dict[str, list[Ints]] = {}
        for rows in _alike(codes):
            for value in sets[codes[rows[0]]]:
                holding.setdefault(value, []).append(rows)
        for value, parts in holding.items():
            yield name, value, np.sort(np.concatenate(parts))
    for row in np.argsort(-often, kind="stable")[:PRODUCTS]:
        yield "product", catalogue.groups[row], np.array([row], np.int32)


def _alike(codes: Ints) -> Iterator[Ints]:
    """The rows of every code, ascending."""
    order = np.argsort(codes, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(codes[order])) + 1):
        if len(rows) and codes[rows[0]] != NO_CODE:
            yield rows.astype(np.int32)


def _question(catalogue: Catalogue, subject: Subject, often: Longs, share: float) -> Question:
    field, value, rows = subject
    best = rows[np.argsort(-often[rows], kind="stable")[: 2 * EXAMPLES]]
    titles = dict.fromkeys(str(catalogue.said("title", catalogue.leader(int(row)))) for row in best)
    return Question(f"{field}:{value}", field, value, round(share, 3), tuple(titles)[:EXAMPLES])
