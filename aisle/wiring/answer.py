"""`search`, `recommend`, `rank`, `relevance`, `suggest`: a request → a slate, recorded before it is returned."""

import base64
import binascii
import json
import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

import numpy as np

from aisle.catalogue.catalogue import NO_CODE
from aisle.catalogue.filters import numbers
from aisle.errors import InputError
from aisle.language.words import LONGEST
from aisle.pipeline.deadline import in_turn
from aisle.pipeline.run import BLENDED, FOUND, FUSED, Run, blend, run, score
from aisle.pipeline.scenario import Scenario
from aisle.records.candidates import Candidates, together
from aisle.records.event import Served as ServedRecord
from aisle.records.history import Floats
from aisle.records.request import Context, Request
from aisle.records.row import row_of
from aisle.records.slate import Placement, Reason, Removal, Slate
from aisle.records.times import to_millis
from aisle.wiring.judge import signals_of
from aisle.wiring.live import Live, Served

SORTS = ("price", "-price", "created_at", "-created_at")
KEPT = 100  # candidates that a served record holds
REASONS = 3  # a placement


def answer(
    live: Live,
    scenario: str,
    request: Request,
    size: int = 10,
    now: object = None,
    repeat: str = "auto",
    cursor: str | None = None,
) -> Slate:
    """One slate. Raises InputError for what cannot be asked."""
    served = live.served()
    chosen = served.generation.scenarios.get(scenario)
    if chosen is None:
        raise InputError("scenario", scenario, "one of " + ", ".join(served.generation.scenarios))
    check(live, request, size, repeat)
    moment = live.now(served) if now is None else to_millis(now)
    offset = _offset(cursor, served)
    cut = request.query[:LONGEST].encode("utf-8", "replace").decode()  # half a character cannot be stored
    notes = (f"query cut to {LONGEST} characters",) if len(request.query) > LONGEST else ()
    asked = replace(request, query=cut, user=live.pseudonym(request.user))
    context = Context(
        asked, scenario, moment, notes=notes, repeat=_repeat(repeat, served),
        deadline=time.monotonic() + live.settings.serve.deadline_ms / 1000,
    )  # fmt: skip
    catalogue = served.generation.catalogue
    start = time.perf_counter()
    made = run(
        chosen, asked, context, offset + size, live.settings.serve.candidates,
        lambda row: catalogue.groups[row], live.pool,
    )  # fmt: skip
    slate = slate_of(served, chosen, made, asked, offset, size)
    slate.timings["total"] = 1000 * (time.perf_counter() - start)  # type: ignore[index]
    if live.settings.serve.record_slates:
        live.record([row_of(record_of(slate, asked, made, served))])
    return slate


def check(live: Live, request: Request, size: int, repeat: str) -> None:
    """Is this something that can be asked? Raises InputError for the first thing that is not."""
    largest = live.settings.serve.largest
    if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size <= largest:
        raise InputError("size", size, f"a whole number from 0 to {largest}")
    if repeat not in ("allow", "exclude", "auto"):
        raise InputError("repeat", repeat, "allow, exclude or auto")
    if request.sort and request.sort not in SORTS:
        raise InputError("sort", request.sort, "one of " + ", ".join(SORTS))
    for name in ("query", "user", "session", "market", "language"):
        if not isinstance(getattr(request, name), str):
            raise InputError(name, getattr(request, name), "text")
    if not isinstance(request.filters, Mapping):
        raise InputError("filters", request.filters, "a mapping of field to value")
    said = {"anchor": request.anchor, "session": (request.session,), "market": (request.market,)}
    for name, texts in (*said.items(), *((f"filter {f}", _texts(v)) for f, v in request.filters.items())):
        for text in texts:
            if not isinstance(text, str) or _halved(text):
                raise InputError(name, text, "text in Unicode")


def _texts(wanted: Any) -> list[str]:
    """The texts that a filter asks for, however deep they lie."""
    if isinstance(wanted, Mapping):
        return [text for value in wanted.values() for text in _texts(value)]
    many = wanted if isinstance(wanted, list | tuple | Set) else [wanted]
    return [value for value in many if isinstance(value, str)]


def _storable(filters: Mapping[str, Any]) -> Any:
    return json.loads(json.dumps(dict(filters), default=_plain))


def _plain(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, Set) else str(value)


def _halved(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _repeat(repeat: str, served: Served) -> str:
    return str(served.parts.facts["repeat"]) if repeat == "auto" else repeat


def _offset(cursor: str | None, served: Served) -> int:
    """Where a page begins. A cursor of an older generation is refused: its order is not ours."""
    if cursor is None or cursor == "":
        return 0
    if not isinstance(cursor, str):
        raise InputError("cursor", cursor, "the cursor of a slate of the current generation")
    try:
        generation, offset = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        if generation == served.generation.id and isinstance(offset, int) and offset >= 0:
            return offset
    except (ValueError, TypeError, binascii.Error):
        pass
    raise InputError("cursor", cursor, "the cursor of a slate of the current generation")


def slate_of(served: Served, scenario: Scenario, made: Run, request: Request, offset: int, size: int) -> Slate:
    """The slate's part of a run: variants chosen, stock and hidden checked once more, reasons, facets."""
    order, catalogue = list(made.order), served.generation.catalogue
    units = served.overlay.showable(request.market) & made.context.units  # checked once more, as late as can be
    removed, shown = list(made.removed), []
    for at in _sorted(order, made, served, request):
        row = int(made.ranked.rows[at])
        unit = variant(served, row, made.context, units)
        if unit < 0:
            removed.append(Removal(catalogue.groups[row], "stock", "sold out or hidden while the request ran"))
        else:
            shown.append((at, unit))
    page = shown[offset : offset + size]
    placements = tuple(
        placement(served, scenario, made, at, unit, offset + place) for place, (at, unit) in enumerate(page)
    )
    more = offset + size < len(shown) and size > 0
    cursor = json.dumps([served.generation.id, offset + size]).encode() if more else b""
    return Slate(
        id=uuid.uuid4().hex, scenario=scenario.name, placements=placements, generation=served.generation.id,
        removed=tuple(removed), facets=facets(served, [unit for _, unit in shown]), total=len(shown),
        cursor=base64.urlsafe_b64encode(cursor).decode() if more else None, timings=dict(made.timings),
        degraded=tuple(made.degraded), notes=made.context.notes, propensities=(1.0,) * len(placements),
        query=made.context.reading.corrected,
        trace=made.trace(tuple(int(made.ranked.rows[at]) for at, _ in page)),
    )  # fmt: skip


def _sorted(order: list[int], made: Run, served: Served, request: Request) -> list[int]:
    """By relevance, or by what the request sorts by; products without that number come last."""
    if not request.sort:
        return order
    catalogue, falling = served.generation.catalogue, request.sort.startswith("-")
    values = numbers(catalogue, served.overlay, request.sort.lstrip("-"), request.market)
    keys = {at: values[catalogue.leader(int(made.ranked.rows[at]))] for at in order}
    return sorted(order, key=lambda at: (np.isnan(keys[at]), -keys[at] if falling else keys[at]))


def variant(served: Served, row: int, context: Context, units: Any) -> int:
    """The unit that stands for a row: the one this shopper bought last, else the one that sells most; -1 for none."""
    catalogue = served.generation.catalogue
    members = np.arange(catalogue.starts[row], catalogue.starts[row + 1])
    members = members[units[members]]
    if not len(members):
        return -1
    if len(members) == 1:
        return int(members[0])
    mine = context.history.units[context.history.rows == row]
    mine = mine[np.isin(mine, members)]
    if len(mine):
        return int(mine[-1])
    return int(members[int(np.argmax(served.parts.unit_sales[members]))])


def placement(served: Served, scenario: Scenario, made: Run, at: int, unit: int, position: int) -> Placement:
    """One product at one place, with reasons that a shopper can read."""
    catalogue, row = served.generation.catalogue, int(made.ranked.rows[at])
    offers = served.overlay.offers(made.context.request.market)
    price = int(offers.price[unit])
    scores = dict(zip(made.ranked.columns, made.ranked.scores[at], strict=True))
    return Placement(
        product=catalogue.units[unit], group=catalogue.groups[row], position=position, score=float(scores[BLENDED]),
        reasons=reasons(served, scenario, made, row), title=catalogue.said("title", unit),
        price=price if price >= 0 else None, currency=str(offers.currency[unit]),
        columns={name: round(float(value), 6) for name, value in scores.items() if not np.isnan(value)},
    )  # fmt: skip


def reasons(served: Served, scenario: Scenario, made: Run, row: int) -> tuple[Reason, ...]:
    """Why: of the sources that named the row, those in whose list it stands highest, first the likeliest."""
    found, asked = made.found, []
    at = int(np.searchsorted(found.rows, row))
    for retriever in (*scenario.retrievers, *([scenario.fallback] if scenario.fallback else [])):
        if retriever.name in found.columns and at < len(found) and found.rows[at] == row:
            column = found.column(retriever.name)
            if not np.isnan(column[at]):
                rank = int((column > column[at]).sum())
                asked.append(((rank + 1) / scenario.sources.get(retriever.name, 1.0), retriever))
    asked.sort(key=lambda pair: pair[0])
    told: dict[str, Reason] = {}
    for _, retriever in asked[:REASONS]:
        because = retriever.why(made.context, row)
        title = served.generation.catalogue.said("title", served.generation.catalogue.leader(because.row)) if (
            because.row >= 0) else "what you chose"  # fmt: skip
        told.setdefault(retriever.name, Reason(retriever.name, because.text.replace("{title}", title)))
    return tuple(told.values()) or (Reason("rules", "chosen by the shop"),)


def facets(served: Served, units: Sequence[int]) -> Mapping[str, Mapping[str, int]]:
    """How many of the products found have which brand and category."""
    catalogue = served.generation.catalogue
    rows = catalogue.row_of[np.array(units, np.int64)] if len(units) else np.zeros(0, np.int64)
    codes, names = catalogue.brands
    brands = Counter(names[code] for code in codes[rows] if code != NO_CODE)
    tops: Counter[str] = Counter()
    for row in rows:
        path = served.parts.paths[row]
        if path:
            tops[path[0]] += 1
    return {"brand": dict(brands.most_common(20)), "category": dict(tops.most_common(20))}


def record_of(slate: Slate, request: Request, made: Run, served: Served) -> ServedRecord:
    """What the log keeps of a slate. The query is kept, who asked only under their pseudonym."""
    catalogue = served.generation.catalogue
    return ServedRecord(
        id=slate.id, scenario=slate.scenario, generation=slate.generation, products=tuple(slate.ids),
        propensities=slate.propensities, user=request.user, session=request.session, timestamp=made.context.now,
        request={"query": request.query, "anchor": list(request.anchor), "filters": _storable(request.filters),
                 "market": request.market, "sort": request.sort, "size": len(slate)},
        candidates=tuple(catalogue.groups[row] for row in made.rows[:KEPT]), seed=slate.seed,
    )  # fmt: skip


def rank(live: Live, products: Sequence[str], request: Request, now: object = None) -> Slate:
    """A permutation of the products given: best first; unknown and hidden ones last, with a reason."""
    served = live.served()
    scenario = served.generation.scenarios["search" if request.query.strip() else "home"]
    check(live, request, min(len(products), 1), "allow")
    asked = replace(request, query=request.query[:LONGEST], user=live.pseudonym(request.user))
    moment = live.now(served) if now is None else to_millis(now)
    context = Context(asked, scenario.name, moment)
    for preparer in scenario.preparers:
        context = preparer.prepare(asked, context)
    catalogue = served.generation.catalogue
    units = [catalogue.ids.get(product, -1) for product in products]
    rows = [int(catalogue.row_of[unit]) if unit >= 0 else -1 for unit in units]
    known = np.array(list(dict.fromkeys(row for row in rows if row >= 0)), np.int32)
    degraded: list[str] = []
    found = described(scenario, context, known)
    scored = score(scenario, context, found, degraded)
    ranked = blend(scenario, scored)
    place = {int(row): at for at, row in enumerate(ranked.rows)}
    value = {int(row): float(s) for row, s in zip(ranked.rows, ranked.scores[:, -1], strict=True)}
    showable = served.overlay.showable(request.market) & context.units

    def key(at: int) -> tuple[bool, bool, int, int]:
        return units[at] < 0, units[at] >= 0 and not showable[units[at]], place.get(rows[at], 0), at

    order, placements, removed = sorted(range(len(products)), key=key), [], []
    for position, at in enumerate(order):
        why = "not in the catalogue" if units[at] < 0 else "" if showable[units[at]] else "hidden or sold out"
        if why:
            removed.append(Removal(products[at], "rank", why))
        title = catalogue.said("title", units[at]) if units[at] >= 0 else ""
        group = catalogue.groups[rows[at]] if rows[at] >= 0 else products[at]
        placements.append(Placement(products[at], group, position, value.get(rows[at], float("-inf")),
                                    (Reason("rank", why or "ranked as asked"),), title))  # fmt: skip
    made = Run(context, found, ranked, tuple(range(len(ranked))))
    return Slate(
        uuid.uuid4().hex, scenario.name, tuple(placements), served.generation.id, tuple(removed), total=len(products),
        degraded=tuple(degraded), query=context.reading.corrected, propensities=(1.0,) * len(placements),
        trace=made.trace(tuple(row for row in rows if row >= 0)),
    )  # fmt: skip


def described(scenario: Scenario, context: Context, rows: Any) -> Candidates:
    """Rows as if every source had been asked about them: with the columns of those that name them."""
    gathered = in_turn(scenario.retrievers, context, FOUND)
    found = together([*gathered.found.values(), Candidates(rows, np.zeros((len(rows), 1), np.float32), (FUSED,))])
    return found.take(np.flatnonzero(np.isin(found.rows, rows)))


def relevance(live: Live, pairs: Sequence[tuple[str, str]]) -> Floats:
    """float32 (n,), higher is more relevant; a product that is not in the catalogue has the lowest of all, -1."""
    content = live.served().parts.content
    wrong = next((p for p in pairs if len(p) != 2 or not all(isinstance(v, str) for v in p)), None)
    if wrong is not None:
        raise InputError("relevance", wrong, "pairs of a query and a product id")
    signals = signals_of(content, [(query[:LONGEST], product) for query, product in pairs])
    unknown = np.isnan(signals).all(axis=1) if len(signals) else np.zeros(0, bool)
    return np.where(unknown, -1.0, content.relevance.of(np.where(unknown[:, None], 0, signals))).astype(np.float32)


def suggest(live: Live, beginning: str, size: int = 8) -> list[str]:
    """Completions of what is being typed: the last word from the shop's vocabulary, what most products hold first."""
    if not isinstance(beginning, str):
        raise InputError("query", beginning, "text")
    speller = live.served().parts.content.speller
    typed = beginning[:LONGEST].lower().split()
    if not typed or beginning.endswith(" "):
        return []
    before, last = typed[:-1], typed[-1]
    return [" ".join([*before, word]) for word in speller.completions(last, size)]
