"""`look`: the whole trace of one request, for people who want to know what each step did."""

import numpy as np

from aisle.errors import InputError
from aisle.pipeline.scenario import Scenario
from aisle.records.event import TYPES
from aisle.records.history import NO_TIME
from aisle.records.look import CandidateLook, Did, Look, Named, SourceLook
from aisle.records.slate import Slate, Trace
from aisle.reranking.discovery import Discovery
from aisle.reranking.diversity import Diversity
from aisle.reranking.quotas import Quotas, amount
from aisle.reranking.rules import PinsAndBuries
from aisle.wiring.explain import ranks_in_sources
from aisle.wiring.live import Live, Served

BEST = 10  # of each source
CANDIDATES = 50
LAST = 12  # things this shopper did


def look(live: Live, slate: Slate) -> Look:
    """What each step of the request that made `slate` read, found, scored and removed."""
    served, trace = live.served(), getattr(slate, "trace", None)
    if trace is None:
        raise InputError("slate", getattr(slate, "id", slate), "a slate as this process returned it")
    if slate.generation != served.generation.id:
        raise InputError("slate", f"generation {slate.generation}", f"the current one, {served.generation.id}")
    scenario, context = served.generation.scenarios[slate.scenario], trace.context
    return Look(
        slate=slate.id, scenario=slate.scenario, generation=slate.generation, now=context.now,
        query=context.request.query, reading=context.reading, vector=bool(len(context.vector)),
        history=_history(served, trace), events=len(context.history),
        anchors=tuple(_title(served, int(row)) for row in context.anchors), masks=_masks(served, trace),
        sources=tuple(_source(served, scenario, trace, name, slate) for name in trace.found.columns),
        candidates=_candidates(served, slate, trace), ranked=len(trace.ranked), objectives=dict(scenario.objectives),
        rules=tuple(_rule(rule) for rule in scenario.rerankers), removed=slate.removed, notes=slate.notes,
        degraded=slate.degraded, timings=dict(slate.timings),
    )  # fmt: skip


def _title(served: Served, row: int) -> str:
    catalogue = served.generation.catalogue
    return str(catalogue.said("title", catalogue.leader(row)))


def _history(served: Served, trace: Trace) -> tuple[Did, ...]:
    """The last things this shopper did, latest first."""
    history, catalogue = trace.context.history, served.generation.catalogue
    told = []
    for at in range(len(history) - 1, max(-1, len(history) - 1 - LAST), -1):
        unit, time = int(history.units[at]), int(history.times[at])
        known = None if time == NO_TIME else time
        told.append(Did(TYPES[history.types[at]], catalogue.units[unit], str(catalogue.said("title", unit)), known))
    return tuple(told)


def _masks(served: Served, trace: Trace) -> dict[str, int]:
    """How many ranked products were left after each rule."""
    catalogue, context = served.generation.catalogue, trace.context
    offers = served.overlay.offers(context.request.market)

    def left(units: np.ndarray) -> int:
        return int(catalogue.any_unit(units).sum())

    return {
        "in the catalogue": len(catalogue), "listed in this market": left(offers.present),
        "in stock and not hidden": left(served.overlay.showable(context.request.market)),
        "passing rules, page and filters": left(context.units),
        "not an anchor nor an excluded repeat": int(context.mask.sum()),
    }  # fmt: skip


def _source(served: Served, scenario: Scenario, trace: Trace, name: str, slate: Slate) -> SourceLook:
    column = trace.found.column(name)
    named = np.flatnonzero(~np.isnan(column))
    order = named[np.lexsort((trace.found.rows[named], -column[named]))][:BEST]
    rows = [int(row) for row in trace.found.rows[order]]
    best = tuple(
        Named(served.generation.catalogue.groups[row], _title(served, row), place, round(float(column[at]), 4))
        for place, (at, row) in enumerate(zip(order, rows, strict=True), 1)
    )
    millis = slate.timings.get(f"retrieve {name}")
    return SourceLook(name, scenario.sources.get(name, 1.0), millis, len(named), best)


def _candidates(served: Served, slate: Slate, trace: Trace) -> tuple[CandidateLook, ...]:
    """The best candidates after blending, and whatever is on the slate."""
    groups = served.generation.catalogue.groups
    places = {placement.group: placement.position + 1 for placement in slate}
    removed = {removal.group: f"{removal.stage}: {removal.why}" for removal in slate.removed}
    rows = [int(row) for row in trace.ranked.rows]
    shown = [at for at, row in enumerate(rows) if at < CANDIDATES or groups[row] in places]
    return tuple(
        CandidateLook(groups[rows[at]], _title(served, rows[at]), at + 1, places.get(groups[rows[at]]),
                      trace.ranked.told(at), ranks_in_sources(trace, rows[at]), removed.get(groups[rows[at]], ""))
        for at in shown
    )  # fmt: skip


def _rule(rule: object) -> str:
    """A reranker and what it was set to."""
    match rule:
        case Diversity():
            told = f"{rule.method}, weight {rule.weight:g}" + ", by appetite" * rule.appetite
            wider = rule.widen > 0 and rule.method in ("intents", "calibrated", "tree")
            told += f", widened by {rule.widen:g}" * wider
        case Discovery():
            told = f"{rule.places} of every ten"
        case PinsAndBuries():
            told = f"{len(rule.pins)} pinned, {len(rule.buries)} buried"
        case Quotas():
            told = "; ".join(f"{one.name}: {amount(one.most, one.least, one.of)}" for one in rule.quotas) or "none"
        case _:
            told = ""
    return f"{type(rule).__name__}: {told}"
