"""Wordings of one thing: queries after which shoppers took the same products, and the phrases in which these differ.

Two queries are as alike as their products: the cosine of how many shoppers took each (square roots, so that one best
seller does not make everything alike). Where they say the same but for one stretch, the two stretches are two wordings:
"cheap nappies" and "cheap diapers". Only what several shoppers asked counts: what one asked may tell who it was.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from aisle.feedback.clicks import TOLD, asked
from aisle.records.event import ANSWERS
from aisle.records.row import Row

SHOPPERS = 3  # who must have asked and taken something, of each query
ALIKE = 0.5  # cosine from which two queries are taken for one
LONGEST = 4  # words of a wording, as in a thesaurus
Answers = Mapping[str, Mapping[str, set[str]]]  # query → product → who took it


@dataclass(frozen=True, slots=True)
class Wording:
    """Two stretches of words for one thing; alike: mean cosine of the queries that differ in them; shoppers: who asked
    the rarer query of each pair, summed."""

    one: tuple[str, ...]
    other: tuple[str, ...]
    alike: float
    shoppers: int


def answers(pages: Iterable[Sequence[Row]]) -> Answers:
    """What was taken in answer to each query, of rows in the order of the log."""
    slates: dict[str, str] = {}
    taken: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for page in pages:
        for row in page:
            if row.kind == "served":
                slates[row.key] = asked(json.loads(row.body).get("request", {}).get("query", ""))
            elif row.product and row.user and row.type in ANSWERS and any(name in row.body for name in TOLD):
                said = json.loads(row.body)
                query = slates.get(said.get("slate", ""), "") or asked(said.get("query", ""))
                if query:
                    taken[query][row.product].add(row.user)
    return taken


def wordings(told: Answers, split: Callable[[str], Sequence[str]]) -> list[Wording]:
    """Stretches in which queries for the same products differ, those of most shoppers first."""
    queries = [query for query, products in told.items() if len(set().union(*products.values())) >= SHOPPERS]
    if len(queries) < 2:
        return []
    words = [tuple(split(query)) for query in queries]
    asked_by = [len(set().union(*told[query].values())) for query in queries]
    near = sp.triu(_likeness([told[query] for query in queries]), 1).tocoo()
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], list[tuple[float, int]]] = defaultdict(list)
    for i, j, cosine in zip(near.row, near.col, near.data, strict=True):
        pair = differing(words[i], words[j])
        if cosine >= ALIKE and pair is not None:
            found[min(pair, pair[::-1])].append((float(cosine), min(asked_by[i], asked_by[j])))
    made = [Wording(one, other, float(np.mean([cosine for cosine, _ in each])), sum(many for _, many in each))
            for (one, other), each in found.items()]  # fmt: skip
    return sorted(made, key=lambda wording: (-wording.shoppers, wording.one, wording.other))


def _likeness(taken: Sequence[Mapping[str, set[str]]]) -> Any:
    """Cosines of queries by the products taken, sparse (n, n)."""
    number: dict[str, int] = {}
    cells = [(at, number.setdefault(product, len(number)), np.sqrt(len(who)))
             for at, products in enumerate(taken) for product, who in products.items()]  # fmt: skip
    at, products, values = zip(*cells, strict=True)
    table = sp.csr_matrix((values, (at, products)), shape=(len(taken), len(number)))
    lengths = np.sqrt(np.asarray(table.multiply(table).sum(axis=1)).ravel())
    unit = sp.diags(1 / lengths) @ table
    return unit @ unit.T


def differing(one: Sequence[str], other: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The stretches in which two queries differ, each of one to LONGEST words; None if there is more or nothing."""
    first = next((k for k, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    left, right = list(one[first:]), list(other[first:])
    while left and right and left[-1] == right[-1]:
        left.pop()
        right.pop()
    fits = 0 < len(left) <= LONGEST and 0 < len(right) <= LONGEST
    return (tuple(left), tuple(right)) if fits else None
