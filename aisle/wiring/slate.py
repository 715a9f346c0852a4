"""A finished run → the slate that is shown: variants, prices, reasons, facets, and what the log keeps of it."""

import json
import uuid
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.catalogue.filters import numbers
from aisle.language.denials import denied
from aisle.language.words import is_paired, words
from aisle.pipeline.run import BLENDED, Run
from aisle.pipeline.scenario import Scenario
from aisle.ranking.relevance import COVERAGE, WHOLE
from aisle.records.event import Served as ServedRecord
from aisle.records.history import Bools, Ints
from aisle.records.request import Request
from aisle.records.slate import Placement, Removal, Slate
from aisle.reranking.quotas import Quotas
from aisle.wiring.cursor import Cursor
from aisle.wiring.facets import answering, counted
from aisle.wiring.live import Served
from aisle.wiring.propensities import propensities
from aisle.wiring.reasons import reasons

KEPT = 100  # candidates that a served record holds
EXCLUDED = 100  # ids of what stood above it that it holds


def slate_of(served: Served, scenario: Scenario, made: Run, request: Request, place: Cursor, size: int) -> Slate:
    """The slate's part of a run: variants chosen, stock and hidden checked once more, reasons, facets. place: behind
    which pages this one stands."""
    catalogue, context = served.generation.catalogue, made.context
    units = served.overlay.showable(request.market) & context.units  # checked once more, as late as can be
    order = np.array(made.order, np.int64)
    rows = made.ranked.rows[order]
    unchanged = served.overlay.revision == context.offers
    context = context if unchanged else replace(context, units=units)
    here = np.ones(len(rows), bool) if unchanged else catalogue.any_unit(units)[rows]
    gone = [Removal(catalogue.groups[row], "stock", "sold out or hidden while the request ran") for row in rows[~here]]
    order, rows = order[here], rows[here]
    if request.sort:
        anew = _sorted(served, request, scenario.variants(context, rows), made.ranked.near()[order])
        order, rows = order[anew], rows[anew]
        for quotas in (reranker for reranker in scenario.rerankers if isinstance(reranker, Quotas)):
            kept = quotas.held(context, made.ranked.take(order))
            gone += [Removal(catalogue.groups[rows[at]], "Quotas", why) for at, why in kept.removed]
            order, rows = order[list(kept.order)], rows[list(kept.order)]
    left = np.flatnonzero(~np.isin(rows, place.shown))
    shown = scenario.variants(context, rows[left[:size]]).tolist()
    page = [(int(order[at]), unit) for at, unit in zip(left[:size], shown, strict=True)]
    placements = placed(served, scenario, made, page, len(place.shown))
    found = answering(served.parts, made, rows[~made.ranked.near()[order]])
    following = Cursor((*place.shown, *rows[left[:size]].tolist()), context.now)
    return Slate(
        id=uuid.uuid4().hex, scenario=scenario.name, placements=placements, generation=served.generation.id,
        removed=(*made.removed, *gone), facets=counted(served.parts, scenario.facets, found, units),
        total=len(found),
        cursor=following.written(served.generation.id) if 0 < size < len(left) else None, timings=dict(made.timings),
        degraded=tuple(made.degraded), notes=(*context.notes, *nearest(served, made)),
        propensities=propensities(made, scenario, rows, left[:size].tolist()), query=context.reading.corrected,
        trace=made.trace(tuple(int(made.ranked.rows[at]) for at, _ in page)),
    )  # fmt: skip


def nearest(served: Served, made: Run) -> tuple[str, ...]:
    """That a search has only what comes near, where no product has every word of any wording of its query."""
    if COVERAGE not in made.ranked.columns or not len(made.ranked):
        return ()
    if made.ranked.column(COVERAGE).max() > WHOLE or not np.isnan(made.ranked.some(["identified"])).all():
        return ()
    about, reading = served.parts.content.relevance.about, made.context.reading
    if is_paired(reading.text) and not reading.said:
        return ()  # pairs of characters are no words
    if len(held := about.holding(reading.words)):
        within = "within what is asked for, nothing has all of these words: these are the nearest"
        return () if made.context.mask[held].any() else (within,)
    if is_paired(reading.text):
        unknown = [word for word in reading.said if not len(about.holding(words(word)))]
    else:
        asked = zip(about.asked(reading.words), about.sought(reading.words), strict=True)
        unknown = [denied(word) if stem == denied(stem) else word for word, stem in asked if stem not in about.postings]
    why = ", ".join(map(repr, unknown)) if unknown else "all of these words"
    return (f"nothing has {why}: these are the nearest",)


def _sorted(served: Served, request: Request, units: Ints, near: Bools) -> NDArray[np.int64]:
    """Positions in the order that the request sorts by, of the units that are shown: a price is that of the variant on
    the page. Those without that number come last, equals stay in the order of relevance, and so does what only comes
    `near`, bool (n,), behind everything that answers."""
    values = numbers(served.generation.catalogue, served.overlay, request.sort.lstrip("-"), request.market)
    keys = np.asarray(values, np.float64)[units]
    keys = -keys if request.sort.startswith("-") else keys
    keys[near] = 0
    return np.lexsort((keys, near))  # stable, and NaN is last


def placed(
    served: Served, scenario: Scenario, made: Run, page: Sequence[tuple[int, int]], offset: int
) -> tuple[Placement, ...]:
    """A page of (position into the ranked, unit) → products at their places, with reasons that a shopper can read."""
    catalogue, ranked = served.generation.catalogue, made.ranked
    offers = served.overlay.offers(made.context.request.market)
    rows = [int(ranked.rows[at]) for at, _ in page]
    said = catalogue.lines([unit for _, unit in page], ("title", "texts", "brand", "category", "image"))
    why = reasons(served, scenario, made, [at for at, _ in page])
    scores, placements = ranked.column(BLENDED), []
    for place, (at, unit) in enumerate(page):
        price, facts = int(offers.price[unit]), said[place]
        placements.append(Placement(
            product=catalogue.units[unit], group=catalogue.groups[rows[place]], position=offset + place,
            score=float(scores[at]), reasons=why[place], title=spoken(facts, made.context.request.language),
            price=price if price >= 0 else None,
            currency=str(offers.currency[unit]), brand=facts["brand"], category=tuple(facts["category"] or ()),
            image=facts["image"],
            columns=ranked.told(at),
        ))  # fmt: skip
    return tuple(placements)


def spoken(facts: Mapping[str, Any], language: str) -> str:
    """The title in the language asked for, where the shop has it."""
    tagged = json.loads(facts["texts"]) if language and facts["texts"] else {}
    return str(tagged.get(f"title@{language}") or facts["title"])


def record_of(slate: Slate, request: Request, made: Run, served: Served, now: int, size: int) -> ServedRecord:
    """What the log keeps of a slate that is shown `now`, which for a later page is not the moment as of which it was
    made; size: of the products asked for. The query is kept, who asked only under their pseudonym."""
    catalogue, first = served.generation.catalogue, slate.placements[0].position if slate.placements else 0
    return ServedRecord(
        id=slate.id, scenario=slate.scenario, generation=slate.generation, products=tuple(slate.ids),
        propensities=slate.propensities, user=request.user, session=request.session, timestamp=now,
        request={"query": request.query, "anchor": list(request.anchor), "filters": _storable(request.filters),
                 "market": request.market, "sort": request.sort, "size": size, "repeat": made.context.repeat,
                 **({"exclude": list(request.exclude[:EXCLUDED])} if request.exclude else {}),
                 **({"answers": dict(request.answers)} if request.answers else {}),
                 **({"offset": first} if first else {})},
        candidates=tuple(catalogue.groups[row] for row in made.rows[:KEPT]), seed=slate.seed,
    )  # fmt: skip


def _storable(filters: Mapping[str, Any]) -> Any:
    return json.loads(json.dumps(dict(filters), default=_plain))


def _plain(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, Set) else str(value)
