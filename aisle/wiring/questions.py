"""What a quiz may ask, and how the shoppers of a log would answer: categories, brands, attributes, and products."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from aisle.catalogue.catalogue import LEVELS, NO_CODE, Catalogue
from aisle.records.history import Bools, Interactions, Ints, Longs
from aisle.records.quiz import Question
from aisle.records.times import DAY
from aisle.retrieval.interview import Interview

SHOPPERS = 3000  # of the log that stand for the new one
ASKED = 400  # questions to choose from
TOLD = 300  # products of which answers shall tell, those most taken
PRODUCTS = 400  # that may be asked about by themselves
USUAL = (0.02, 0.98)  # share of yes, outside of which a question is not worth asking
FEWEST = 5  # shoppers who say yes, or a question would tell of one of them
OFTEN, LATELY = 80, 28  # half-lives in days
EXAMPLES, SHOWN = 24, 3  # products of a question that are known, and that are shown of those which may be
WORDED = re.compile(r"[^\W\d_]{2}")  # a value that a person can be asked about, no code
Subject = tuple[str, str, Ints]  # field, value, and the rows that have it


@dataclass(frozen=True, eq=False)
class Questions:
    """Every question, and who would say yes. rows: of each the products most taken; shoppers: who stand for the new
    one, by their place in the interview."""

    asked: tuple[Question, ...]
    rows: tuple[Ints, ...]
    interview: Interview
    shoppers: dict[str, int]

    def forget(self, names: frozenset[str]) -> None:
        """Count these shoppers no more; a question needs FEWEST of them, so none is about one alone."""
        gone = np.array([self.shoppers.pop(name) for name in names & self.shoppers.keys()], np.int32)
        if len(gone):
            self.interview.forget(gone)

    def shown(self, number: int, catalogue: Catalogue, mask: Bools) -> Question:
        """A question with examples of what may be shown."""
        rows = self.rows[number][mask[self.rows[number]]]
        titles = dict.fromkeys(str(catalogue.said("title", catalogue.leader(int(row)))) for row in rows[: 2 * SHOWN])
        return replace(self.asked[number], examples=tuple(titles)[:SHOWN])

    def barred(self, mask: Bools) -> frozenset[int]:
        """Questions of which no product may be shown."""
        return frozenset(number for number, rows in enumerate(self.rows) if not mask[rows].any())


def questions_of(catalogue: Catalogue, log: Interactions, target: tuple[int, ...]) -> Questions:
    """The questions that a log can answer, those that tell most; target: codes of the types that count as taking."""
    drawn, lately, often = _taken(log, len(catalogue), target)
    buyers = np.asarray((often > 0).sum(axis=0)).ravel()
    subjects = list(_subjects(catalogue, buyers))
    ends = np.cumsum([0, *(len(rows) for *_, rows in subjects)])
    held = np.concatenate([np.zeros(0, np.int32), *(rows for *_, rows in subjects)])
    about = sp.csc_matrix((np.ones(len(held), np.float32), held, ends), shape=(len(catalogue), len(subjects)))
    yes = (often @ about > 0).tocsc()
    usual = _asked(yes, [f"{field}:{value}" for field, value, _ in subjects])
    each = often[:, np.argsort(-buyers, kind="stable")[:TOLD]].toarray()
    every = np.maximum(np.asarray(often.sum(axis=1)), 1e-9)
    told = np.column_stack([each / every, 1 - each.sum(axis=1) / every.ravel()]).astype(np.float32)
    keys = tuple(f"{field}:{value}" for field, value, _ in (subjects[at] for at in usual))
    has = yes[:, usual].toarray().astype(np.float32)
    interview, kept = Interview(keys, has, lately, told, np.zeros(len(drawn), bool)).narrowed(ASKED)
    chosen = [subjects[at] for at in usual[kept]]
    interview = replace(interview, about=tuple(rows for *_, rows in chosen))
    shares = interview.has.mean(axis=0) if len(drawn) else np.zeros(len(chosen))
    asked = tuple(Question(f"{field}:{value}", field, value, round(float(share), 3), ())
                  for (field, value, _), share in zip(chosen, shares, strict=True))  # fmt: skip
    best = tuple(rows[np.argsort(-buyers[rows], kind="stable")[:EXAMPLES]] for *_, rows in chosen)
    return Questions(asked, best, interview, {str(log.shoppers[at]): k for k, at in enumerate(drawn)})


def _asked(yes: Any, keys: Sequence[str]) -> Longs:
    """Which subjects are worth a question: neither nearly all nor nearly nobody takes them, and no other question has
    their key, or the same answer of everybody."""
    shoppers, counts = yes.shape[0], np.diff(yes.indptr)
    usual = (counts >= max(USUAL[0] * shoppers, FEWEST)) & (counts <= USUAL[1] * shoppers)
    seen: set[object] = set()
    kept = []
    for at in np.flatnonzero(usual).tolist():
        same = np.sort(yes.indices[yes.indptr[at] : yes.indptr[at + 1]]).tobytes()
        if same not in seen and keys[at] not in seen:
            kept.append(at)
            seen |= {same, keys[at]}
    return np.array(kept, np.int64)


def _taken(log: Interactions, rows: int, target: tuple[int, ...]) -> tuple[Longs, Any, Any]:
    """Some shoppers, int64; and of these × rows, sparse float32: how lately each took what, and how often, older times
    counting less."""
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
    return drawn, sp.csr_matrix((lately, np.divmod(pairs, max(rows, 1))), shape=(len(drawn), rows)), often


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
            for value in filter(WORDED.search, sets[codes[rows[0]]]):
                holding.setdefault(value, []).append(rows)
        for value, parts in holding.items():
            yield name, value, np.sort(np.concatenate(parts))
    titles, seen = catalogue.said_of_leader("title"), set[str]()
    for row in np.argsort(-often, kind="stable")[:PRODUCTS].tolist():
        if titles[row] not in seen:  # who said no to one cannot tell it from the other
            seen.add(titles[row])
            yield "product", catalogue.groups[row], np.array([row], np.int32)


def _alike(codes: Ints) -> Iterator[Ints]:
    """The rows of every code, ascending."""
    order = np.argsort(codes, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(codes[order])) + 1):
        if len(rows) and codes[rows[0]] != NO_CODE:
            yield rows.astype(np.int32)
