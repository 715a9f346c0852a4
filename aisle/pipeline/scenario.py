"""A scenario: home, search, product page … as one frozen value. Two scenarios differ in nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aisle.catalogue.catalogue import Catalogue
from aisle.records.history import Ints
from aisle.records.request import Context
from aisle.stages import Preparer, Reranker, Retriever, Scorer


@dataclass(frozen=True, slots=True)
class Scenario:
    """What one scenario is made of, in the order in which it is used.

    sources: weight of each retriever's column in the fusion; objectives: weight of each scored column in the blend;
    fallback: the retriever asked when the others found too little;
    rest: the one for what is missing even then, whose rows stand behind all others, and from which nothing is learned;
    needs: seconds that must be left for a scorer, by its class, which is left out otherwise;
    candidates: how many of what was found are scored; reserved: retrievers all of whose rows are among these;
    base: the column without which the others mean nothing: where it was not scored, the fusion decides;
    facets: what the products that answer are counted by; variants: rows → the units that stand for them.
    """

    name: str
    preparers: tuple[Preparer, ...]
    retrievers: tuple[Retriever, ...]
    scorers: tuple[Scorer, ...]
    objectives: Mapping[str, float]
    sources: Mapping[str, float] = field(default_factory=dict)
    rerankers: tuple[Reranker, ...] = ()
    fallback: Retriever | None = None
    rest: Retriever | None = None
    needs: Mapping[str, float] = field(default_factory=dict)
    candidates: int = 500
    reserved: frozenset[str] = frozenset()
    base: str = "fusion"
    facets: tuple[str, ...] = ("brand", "category")
    variants: Callable[[Context, Ints], Ints] = lambda context, rows: rows


@dataclass(frozen=True, slots=True)
class Generation:
    """A catalogue and the stages fitted on it, all of one version; captured once a request."""

    id: str
    catalogue: Catalogue
    scenarios: Mapping[str, Scenario]
