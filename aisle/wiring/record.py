"""`record` and `forget`: one event in, durably; one user out, for good."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeGuard

from pydantic import ValidationError

from aisle.errors import InputError, NotTrainedError, UnknownError
from aisle.records.event import Event, guest
from aisle.records.row import Row, row_of
from aisle.records.sound import sound
from aisle.sources.parse import event
from aisle.sources.values import Reading
from aisle.wiring.live import Live
from aisle.wiring.safety import Decision, row_of_decision

LONGEST_WHY = 1000


def record(live: Live, events: Mapping[str, Any] | Event | Iterable[Mapping[str, Any] | Event]) -> int:
    """Store one event, or a batch in one transaction; returns how many were new. A known id is a no-op.

    Raises InputError naming the first event and field that cannot be read; then nothing of the batch is stored.
    """
    reading, seen = live.reading(), Counter[bytes]()
    moment = live.moment()  # of events that say no time: in a historical shop now is not the wall's now
    batch: list[Any] = list(events) if _is_batch(events) else [events]
    return live.record([_row(live, given, number, reading, seen, moment) for number, given in enumerate(batch)])


def _is_batch(events: Any) -> TypeGuard[Iterable[Any]]:
    return isinstance(events, Iterable) and not isinstance(events, Mapping | Event | str | bytes)


def _row(
    live: Live, given: Mapping[str, Any] | Event, number: int, reading: Reading, seen: Counter[bytes], moment: int
) -> Row:
    if isinstance(given, Event):
        try:
            given = sound(given)
        except InputError as error:
            raise InputError(f"event {number}, {error.where}", error.found, error.expected) from None
        timed = given if given.timestamp is not None else replace(given, timestamp=moment)
        return row_of(event_with(_happened(timed), live))
    if not isinstance(given, Mapping):
        raise InputError(f"event {number}", given, "a mapping of column to value")
    values = {name: value for name, value in given.items() if value is not None and value != ""}
    values.setdefault("timestamp", datetime.fromtimestamp(moment / 1000, UTC))
    try:
        return row_of(_happened(event(values, reading, seen)))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = f"event {number}, {'.'.join(str(part) for part in first['loc'])}"
        missing = first["type"] == "missing"
        expected = "a value" if missing else first["msg"].removeprefix("Input should be ")
        raise InputError(where, None if missing else first["input"], expected) from None
    except InputError as error:
        raise InputError(f"event {number}, {error.where}", error.found, error.expected) from None


def _happened(one: Event) -> Event:
    """A device whose clock runs ahead tells of what has happened: it counts at once."""
    wall = time.time_ns() // 1_000_000
    return one if one.timestamp is None or one.timestamp <= wall else replace(one, timestamp=wall)


def event_with(given: Event, live: Live) -> Event:
    """An event record under the name by which the store knows its user."""
    return replace(given, user=live.pseudonym(given.user)) if given.user else given


def forget(live: Live, user: str, session: str) -> int:
    """Erase what the log holds of a user or of a guest's session; returns how many rows. The running generation
    forgets them at once, and the next one never knew them."""
    if bool(user) == bool(session):
        raise InputError("forget", {"user": user, "session": session}, "a user or a session")
    name = live.pseudonym(user) if user else guest(session)
    # first: what another process records of them in between is erased with the rest
    live.record([Row("forget", key=f"{name}:{time.time_ns()}", user=name)])
    return live.store.erase(name)


def moderate(live: Live, product: str, show: bool, why: str, by: str) -> None:
    """Keep a decision of a product or a group; where nothing can be served yet, of any id."""
    if not _known(live, product):
        raise UnknownError("product", product, "an id of the catalogue that is served")
    if not isinstance(show, bool):
        raise InputError("show", show, "true or false")
    for name, value in (("why", why), ("by", by)):
        if len(value) > LONGEST_WHY:
            raise InputError(name, value, f"text of at most {LONGEST_WHY} characters")
    live.record([row_of_decision(Decision(product, show, why, by, time.time_ns() // 1_000_000))])


def _known(live: Live, product: str) -> bool:
    try:
        return live.served().generation.catalogue.row_of_id(product) >= 0
    except NotTrainedError:  # no training yet, or one by another Aisle: the log is too long to be looked through
        return True
