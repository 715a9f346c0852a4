"""`search` and `recommend`: a request → a slate, recorded before it is returned."""

import time
from dataclasses import replace

from aisle.catalogue.filters import PRIVATE
from aisle.errors import InputError, StoreError
from aisle.language.words import LONGEST
from aisle.pipeline.deadline import within
from aisle.pipeline.prepare import Repeat, past_of
from aisle.pipeline.run import run
from aisle.records.liking import liked
from aisle.records.request import Context, Request
from aisle.records.row import Row, row_of
from aisle.records.slate import Slate
from aisle.records.times import DAY
from aisle.wiring.asked import whole
from aisle.wiring.cursor import EXPECTED
from aisle.wiring.live import Live, Served
from aisle.wiring.slate import record_of, slate_of

SORTS = ("price", "-price", "created_at", "-created_at")


def answer(
    live: Live,
    scenario: str,
    request: Request,
    size: int = 10,
    now: object = None,
    repeat: str = "auto",
    cursor: str | None = None,
    record: bool = True,
) -> Slate:
    """One slate, kept in the log unless `record` is False. Raises InputError for what cannot be asked."""
    served = live.served()
    chosen = served.generation.scenarios.get(scenario) if isinstance(scenario, str) else None
    if chosen is None:
        raise InputError("scenario", scenario, "one of " + ", ".join(served.generation.scenarios))
    check(live, request, repeat)
    size = whole("size", size, 0, live.settings.serve.largest)
    place, moment = served.place(cursor), moment_of(live, served, now)
    if place.begun and place.begun > moment + DAY:
        raise InputError("cursor", cursor, EXPECTED)
    notes = (f"query cut to {LONGEST} characters",) if len(request.query) > LONGEST else ()
    asked, shown = replace(request, query=cut(request.query), user=live.pseudonym(request.user)), moment
    if place.begun and now is None:  # in the order of the first page, but for what was refused or taken since
        asked = replace(asked, exclude=(*asked.exclude, *_gone(served, asked, moment, _repeat(repeat, served))))
        moment = place.begun
    context = Context(
        asked, scenario, moment, notes=notes, repeat=_repeat(repeat, served),
        shown=tuple(row for row in place.shown if 0 <= row < len(served.generation.catalogue)),
        deadline=time.monotonic() + live.settings.serve.deadline_ms / 1000,
    )  # fmt: skip
    catalogue = served.generation.catalogue
    start = time.perf_counter()
    with live.calm.one_thread():
        made = run(
            chosen, asked, context, len(place.shown) + size, chosen.candidates,
            lambda row: catalogue.groups[row], within,
        )  # fmt: skip
        asked = made.context.request
        made.degraded += filter(None, [live.unread, live.unopened])
        slate = slate_of(served, chosen, made, asked, place, size)
    slate.timings["total"] = 1000 * (time.perf_counter() - start)  # type: ignore[index]
    if record and live.settings.serve.record_slates:
        slate = _kept(live, slate, row_of(record_of(slate, asked, made, served, shown, size)))
    if record:
        live.watch(slate)
    return slate


def cut(query: str) -> str:
    """What is read of a query: so many characters, and "?" for half of one, which cannot be stored."""
    return query[:LONGEST].encode("utf-8", "replace").decode()


def _gone(served: Served, asked: Request, now: int, repeat: str) -> list[str]:
    """What a shopper has refused, and where repeats are excluded what they have."""
    history, refused = liked(past_of(served.parts.state, asked, now))
    held = Repeat(tuple(served.parts.facts["target"])).held(asked, repeat, history, refused)
    return [served.generation.catalogue.groups[int(row)] for row in held]


def _kept(live: Live, slate: Slate, row: Row) -> Slate:
    """A slate is recorded before it is shown; where the log takes no writes shoppers are answered all the same."""
    try:
        live.record([row], sync=False)
    except StoreError as error:
        return replace(slate, degraded=(*slate.degraded, f"not recorded: {error}"))
    return slate


def moment_of(live: Live, served: Served, now: object) -> int:
    """The moment to answer as of, UTC ms: what was asked for, or what the shop's clock says."""
    if now is None:
        return live.now(served)
    try:
        return live.millis(now)
    except InputError as error:
        raise InputError("now", error.found, error.expected) from None


def check(live: Live, request: Request, repeat: str) -> None:
    """Is this something that can be asked? Raises InputError for the first thing that is not."""
    if repeat not in ("allow", "exclude", "auto"):
        raise InputError("repeat", repeat, "allow, exclude or auto")
    if request.sort and request.sort not in SORTS:
        raise InputError("sort", request.sort, "one of " + ", ".join(SORTS))
    known = live.served().generation.catalogue.attribute_names
    private = next((name for name in PRIVATE if name in request.filters and name not in known), None)
    if private is not None:
        raise InputError("filters", private, "a field that shoppers may know; rules may filter by it")


def _repeat(repeat: str, served: Served) -> str:
    return str(served.parts.facts["repeat"]) if repeat == "auto" else repeat
