"""`explain`: why a product is on a slate, or why it is not."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aisle.catalogue.filters import passing
from aisle.errors import InputError
from aisle.pipeline.run import BLENDED
from aisle.ranking.described import Ranking
from aisle.records.campaign import RUNNING, Campaign
from aisle.records.slate import Explanation, Slate, Trace
from aisle.wiring.live import Live, Served

TOLD = 8  # contributions shown


def explain(live: Live, slate: Slate, product: str) -> Explanation:
    """The whole way of one product through the request that made `slate`."""
    served, trace = live.served(), getattr(slate, "trace", None)
    if trace is None:
        raise InputError("slate", getattr(slate, "id", slate), "a slate as this process returned it")
    if slate.generation != served.generation.id:
        raise InputError("slate", f"generation {slate.generation}", f"the current one, {served.generation.id}")
    row = served.generation.catalogue.row_of_id(product)
    if row < 0:
        return Explanation(product, False, "it is not in the catalogue of this generation")
    group = served.generation.catalogue.groups[row]
    # somebody else's list keeps at its end what may not be shown
    held = any(removal.stage == "rank" and removal.group in (product, group) for removal in slate.removed)
    placed = None if held else next((p for p in slate if p.group == group), None)
    sources = ranks_in_sources(trace, row)
    at = np.flatnonzero(trace.ranked.rows == row)
    rank = int(at[0]) + 1 if len(at) else None
    columns = trace.ranked.told(int(at[0])) if len(at) else {}
    hides = served.generation.catalogue.units_of(*live.settings.rules.hides)
    verdict = _verdict(slate, product, placed is not None, row, rank, sources, served, trace, hides)
    if rank is not None and (placed or verdict.startswith("it came")):
        verdict += _moved(live, served, trace, row)
    return Explanation(
        product, placed is not None, verdict, placed.position if placed else None, rank, sources, columns,
        contributions(served, slate, trace, int(at[0])) if len(at) else {}, placed.reasons if placed else (),
    )  # fmt: skip


def _verdict(
    slate: Slate, product: str, shown: bool, row: int, rank: int | None, sources: dict[str, int], served: Served,
    trace: Trace, hides: NDArray[np.int64],
) -> str:  # fmt: skip
    group = served.generation.catalogue.groups[row]
    if shown:
        return _shown(slate, product, group, served, trace)
    removal = next((r for r in slate.removed if r.group in (group, product)), None)
    if removal is not None:
        return f"{removal.stage} removed it: {removal.why}"
    if row in trace.context.anchors:
        return "the request stands on it, so it is not shown again"
    if not trace.context.mask[row]:
        return _masked(served, trace, row, hides)
    if not sources:
        return "no source named it for this request"
    if rank is None:
        return f"{len(sources)} sources named it, but it was not among the candidates that were ranked"
    earlier = "on an earlier page or " if slate.placements and slate.placements[0].position else ""
    near = ", for it only comes near what was searched for" if trace.ranked.near()[rank - 1] else ""
    return f"it came {rank}. of {len(trace.ranked)} ranked candidates, {earlier}behind the end of the slate{near}"


def _shown(slate: Slate, product: str, group: str, served: Served, trace: Trace) -> str:
    """Of a product itself, or of the variant that stands for its group."""
    if product in slate.ids:
        return "it is shown"
    other = next(placement.product for placement in slate if placement.group == group)
    if product != group and not trace.context.units[served.generation.catalogue.units_of(product)].any():
        return f"it may not be shown (out of stock, hidden, or filtered out); {other!r} stands for its group"
    return f"it is shown, by {other!r}, the variant that stands for its group"


def _moved(live: Live, served: Served, trace: Trace, row: int) -> str:
    """What rules and running campaigns did to its place."""
    row_of, market = served.generation.catalogue.row_of_id, trace.context.request.market
    told = [f"rules.{name} names it" for name in ("pins", "buries")
            if row in map(row_of, getattr(live.settings.rules, name))]  # fmt: skip
    running: Sequence[Campaign] = trace.context.memo.get(RUNNING, ())
    for campaign in running:
        does = {
            "pins": row in campaign.pins,
            "boosts": campaign.boosted is not None and campaign.boosted(market)[row],
            "buries": campaign.buried is not None and campaign.buried(market)[row],
        }
        told += [f"the campaign {campaign.name!r} {what} it" for what, holds in does.items() if holds]
    return "".join(f"; {one}" for one in told)


def _masked(served: Served, trace: Trace, row: int, hides: NDArray[np.int64]) -> str:
    """Which of the rules of the mask held it back, the most lasting first. hides: units that rules.hides names."""
    catalogue, request = served.generation.catalogue, trace.context.request
    units = np.arange(catalogue.starts[row], catalogue.starts[row + 1])
    offers = served.overlay.offers(request.market)
    if not offers.present[units].any():
        return f"it is not listed in market {request.market!r}"
    if offers.hidden[units].all():
        return "it is hidden"
    kept = served.overlay.withholds(request.market)[units]
    gone = ~offers.available[units] | offers.hidden[units]
    if served.safety is not None and kept.any() and (kept | gone).all():
        return f"it is withheld: {served.safety.why(served.overlay, served.decisions, int(units[kept.argmax()]))}"
    if not (offers.available[units] & ~offers.hidden[units]).any():
        return "it is out of stock"
    if np.isin(units, hides).all():
        return "the shop's rules hide it"
    return _asked_away(served, trace, row, units)


def _asked_away(served: Served, trace: Trace, row: int, units: NDArray[np.int64]) -> str:
    """What of the request itself, or of what this shopper did, holds it back."""
    catalogue, request = served.generation.catalogue, trace.context.request
    if row in map(catalogue.row_of_id, request.exclude):
        return "the request excludes it: it stands elsewhere on the page"
    if not request.query and row in trace.context.refused:
        return "this shopper dismissed it, or sent it back"
    mine = trace.context.history.of(tuple(served.parts.facts["target"])).rows
    if trace.context.repeat == "exclude" and (mine == row).any():
        return "this shopper has it already, and this request excludes repeats"
    if trace.context.scenario == "again" and not (mine == row).any():
        return "this shopper never took it"
    if request.filters and not passing(catalogue, served.overlay, request.filters, request.market)[units].any():
        return f"it does not pass the filters {dict(request.filters)}"
    running: Sequence[Campaign] = trace.context.memo.get(RUNNING, ())
    for campaign in running:
        if campaign.hidden is not None and campaign.hidden(request.market)[units].all():
            return f"the campaign {campaign.name!r} hides it"
    if trace.context.reading.without or trace.context.reading.price != (None, None):
        return f"the query leaves it out ({', '.join(trace.context.notes)})"
    return "the shop's rules hide it"


def ranks_in_sources(trace: Trace, row: int) -> dict[str, int]:
    """Its rank, from 1, in every source that named it."""
    at = np.flatnonzero(trace.found.rows == row)
    if not len(at):
        return {}
    named = {}
    for name in trace.found.columns:
        column = trace.found.column(name)
        if not np.isnan(column[at[0]]):
            named[name] = int((column > column[at[0]]).sum()) + 1
    return named


def contributions(served: Served, slate: Slate, trace: Trace, at: int) -> dict[str, float]:
    """The features that moved the ranker most, or the parts of the blend where no trees decide."""
    scenario = served.generation.scenarios[slate.scenario]
    ranker = next((s for s in scenario.scorers if isinstance(s, Ranking)), None)
    if ranker is not None and (found := ranker.contributions(trace.context, trace.ranked, at)):
        return dict(list(found.items())[:TOLD])
    columns = trace.ranked.told(at)
    parts = {name: round(w * columns[name], 6) for name, w in scenario.objectives.items() if name in columns}
    return parts or {BLENDED: columns.get(BLENDED, 0.0)}
