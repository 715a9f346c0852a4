"""THE REQUEST PATH: prepare → gather → fuse → score → blend → arrange → slate. The only place with this order.

A failed or late retriever and a failed scorer or reranker are left out, and the slate says so; nothing else is
swallowed. Replays for training and evaluation take the same steps.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from aisle.pipeline.deadline import Gather, in_turn
from aisle.pipeline.scenario import Scenario
from aisle.records.candidates import RANK, Candidates, reciprocal, together
from aisle.records.history import Floats
from aisle.records.request import Context, Request
from aisle.records.slate import Removal, Trace

FUSED, BLENDED = "fusion", "blend"
FOUND = 300  # rows a retriever may name at least: the columns of the few that are fused are nearly complete
BEHIND = 1e-6  # weight of the fallback: it fills up behind what the sources found, and moves none of it


@dataclass(slots=True)
class Run:
    """One request on its way: what each step has made, how long it took, what went wrong."""

    context: Context
    found: Candidates
    ranked: Candidates
    order: tuple[int, ...]  # positions into `ranked`, best first
    removed: tuple[Removal, ...] = ()
    degraded: list[str] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def rows(self) -> list[int]:
        """Rows in the order in which they are shown."""
        return list(map(int, self.ranked.rows[list(self.order)]))

    def trace(self, shown: tuple[int, ...]) -> Trace:
        """What a later explanation needs."""
        return Trace(self.context, self.found, self.ranked, shown)


def run(
    scenario: Scenario,
    request: Request,
    context: Context,
    size: int,
    candidates: int,
    name_of: Callable[[int], str] = str,
    gather: Gather = in_turn,
) -> Run:
    """One request through one scenario; `context` carries the clock and deadline, `name_of` a row's public name."""
    timings: dict[str, float] = {}
    with _timed(timings, "prepare"):
        context = prepare(scenario, request, context)
    with _timed(timings, "retrieve"):
        found, degraded, millis = retrieve(scenario, context, candidates, gather)
    with _timed(timings, "fuse"):
        fused = fuse(scenario, found, candidates)
    with _timed(timings, "score"):
        scored = score(scenario, context, fused, degraded)
        ranked = blend(scenario, scored)
    with _timed(timings, "rerank"):
        order, removed = arrange(scenario, context, ranked, size, degraded)
    gone = tuple(Removal(name_of(int(ranked.rows[at])), stage, why) for at, stage, why in removed)
    timings |= {f"retrieve {name}": taken for name, taken in millis.items()}
    return Run(context, found, ranked, order, gone, degraded, timings)


def prepare(scenario: Scenario, request: Request, context: Context) -> Context:
    """History, market, query, vectors and mask: once, before anything is retrieved."""
    for preparer in scenario.preparers:
        context = preparer.prepare(request, context)
        request = context.request
    return context


def retrieve(
    scenario: Scenario, context: Context, candidates: int, gather: Gather
) -> tuple[Candidates, list[str], Mapping[str, float]]:
    """All sources as one table of rows and columns, and what went wrong. Whether the fallback is asked does not depend
    on the size of the slate, or a second page would be made of others than the first."""
    limit = max(FOUND, candidates)
    gathered = gather(scenario.retrievers, context, limit)
    found = together(list(gathered.found.values()))
    fallback = scenario.fallback
    if fallback is not None and fallback.name not in gathered.found and len(found) < candidates:
        gathered.add(gather([fallback], context, limit))
        found = together(list(gathered.found.values()))
    if scenario.rest is not None and len(found) < candidates:
        mask = context.mask.copy()
        mask[found.rows] = False
        gathered.add(gather([scenario.rest], replace(context, mask=mask), candidates - len(found)))
        found = together(list(gathered.found.values()))
    return found, gathered.degraded, gathered.millis


def fuse(scenario: Scenario, found: Candidates, limit: int) -> Candidates:
    """Reciprocal rank fusion, Σ weight / (60 + rank): many columns → the best few hundred rows, best first, with the
    rank that each source gave beside its score."""
    ranks = found.ranks()
    total = reciprocal(ranks, weights_of(scenario, found))
    order = np.lexsort((found.rows, -total))
    if scenario.reserved:
        named = ~np.isnan(found.some(sorted(scenario.reserved))[order]).all(axis=1)
        order = order[named | (np.cumsum(~named) <= limit - named.sum())]
    order = order[:limit]
    return found.take(order).beside(names_of_ranks(found), ranks[order]).beside([FUSED], total[order, None])


def weights_of(scenario: Scenario, found: Candidates) -> Floats:
    """What each column of sources counts in the fusion, float32 (columns,)."""
    behind = {one.name for one in (scenario.fallback, scenario.rest) if one is not None}
    asked = {retriever.name for retriever in scenario.retrievers}
    return np.array([BEHIND if name in behind and name not in asked else scenario.sources.get(name, 1.0)
                     for name in found.columns], np.float32)  # fmt: skip


def names_of_ranks(found: Candidates) -> list[str]:
    """Names of the columns that `Candidates.ranks` gives."""
    return [RANK + name for name in found.columns]


def score(scenario: Scenario, context: Context, fused: Candidates, degraded: list[str]) -> Candidates:
    """Every scorer adds its columns; one that fails, or for which no time is left, adds none."""
    for scorer in scenario.scorers:
        name = type(scorer).__name__
        if context.deadline - time.monotonic() < scenario.needs.get(name, float("-inf")):
            degraded.append(f"{name}: no time was left for it")
            continue
        try:
            fused = scorer.score(context, fused)
        except Exception as error:
            degraded.append(f"{name}: {type(error).__name__}: {error}")
    return fused


def blend(scenario: Scenario, scored: Candidates) -> Candidates:
    """Σ weight · column over the objectives, nothing where one is NaN; best first.

    Where the scenario's own score is missing (its scorer failed), the fusion decides.
    """
    known = {name: w for name, w in scenario.objectives.items() if name in scored.columns}
    if scenario.base not in scored.columns:
        known = {}
    total: Floats = np.zeros(len(scored), np.float32)
    for name, weight in (known or {FUSED: 1.0}).items():
        column = scored.column(name)
        total = np.asarray(total + weight * np.nan_to_num(column), np.float32)
    order = np.lexsort((scored.rows, -scored.column(FUSED), -total, scored.behind()))
    return scored.take(order).beside([BLENDED], total[order, None])


def arrange(
    scenario: Scenario, context: Context, ranked: Candidates, size: int, degraded: list[str]
) -> tuple[tuple[int, ...], list[tuple[int, str, str]]]:
    """The rerankers in turn, over the slate and its reserve; positions into `ranked`, and (position, stage, why)."""
    order: tuple[int, ...] = tuple(range(len(ranked)))
    removed: list[tuple[int, str, str]] = []
    for reranker in scenario.rerankers:
        stage = type(reranker).__name__
        try:
            made = reranker.rerank(context, ranked.take(np.array(order, np.int64)), size)
        except Exception as error:
            degraded.append(f"{stage}: {type(error).__name__}: {error}")
            continue
        removed += [(order[at], stage, why) for at, why in made.removed]
        order = tuple(map(order.__getitem__, made.order))
    return order, removed


class _timed:  # noqa: N801 - reads as a statement
    def __init__(self, timings: dict[str, float], name: str) -> None:
        self._timings, self._name, self._start = timings, name, 0.0

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._timings[self._name] = 1000 * (time.perf_counter() - self._start)
