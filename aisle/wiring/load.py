"""`load`: files, DataFrames and iterables → rows of the log. Good rows are kept, bad ones set aside with a reason."""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from aisle.engines.generations import current
from aisle.errors import SourceError
from aisle.records.digest import digest
from aisle.records.event import Event, Fault, Judgement, Shopper
from aisle.records.issue import Loaded, LoadReport
from aisle.records.product import Product
from aisle.records.row import Kind, Record, Row, row_of
from aisle.records.times import ONLINE
from aisle.sources.parse import NAMES, Feed, Part
from aisle.sources.tables import table
from aisle.stages import Progress, Source
from aisle.wiring.live import Live

# rows acknowledged at once: while they are written nobody else writes. Where nothing is served nobody waits, and a tree
# of keys at random is written a quarter as often
BATCH, UNSERVED = 5000, 50_000
REMEMBERED = 500_000  # products whose last word is kept in memory between two loads
TITLE = '"title":"'  # in the body of a product that has one
SHOWN = 20  # faults kept in the report; the log keeps all
KINDS: dict[Part, Kind] = {
    "products": "product",
    "events": "event",
    "users": "user",
    "judgements": "judgement",
}


def load(live: Live, progress: Progress, **origins: Any) -> LoadReport:
    """Load every part that is given, products first. Raises SourceError for one that cannot be read at all."""
    unknown = set(origins) - set(KINDS)
    if unknown:
        raise SourceError("load", sorted(unknown), "products, events, users or judgements")
    tables = [(part, origins[part]) for part in KINDS if origins.get(part) is not None]
    return LoadReport(tuple(_part(live, part, origin, progress) for part, origin in tables))


def _part(live: Live, part: Part, origin: Any, progress: Progress) -> Loaded:
    start, source = time.perf_counter(), table(origin)
    reading = live.reading()
    versions: _Versions = live.versions.pop(part, None) or _Versions(part)
    versions.follow(live)
    rows = accepted = known = quarantined = early = 0
    earlier, empty = versions.new, part == "events" and not any(live.store.read(kinds=("event",)))
    faults: list[Fault] = []
    unserved = part == "events" and current(live.folder / "generations") is None  # products may be of any length
    batch_size = UNSERVED if unserved else BATCH
    feed: Source = Feed(part, source, reading)
    records = progress(feed.read(), f"loading {part}", _size(origin))
    while batch := [versions.checked(record, source.name, rows + at) for at, record in
                    enumerate(islice(records, batch_size), 1)]:  # fmt: skip
        wrong = [record for record in batch if isinstance(record, Fault)]
        good = [record for record in batch if not isinstance(record, Fault)]
        new = versions.stored(live, good)
        live.record([_fault_row(part, fault) for fault in wrong])
        rows, accepted, quarantined = rows + len(batch), accepted + len(good), quarantined + len(wrong)
        known += len(good) - new
        early += sum(isinstance(one, Event) and one.timestamp is not None and one.timestamp < ONLINE for one in good)
        faults += wrong[: SHOWN - len(faults)]
    if part == "products" and len(versions) <= REMEMBERED:  # the next price need not read all of them again
        live.versions[part] = versions
    notes = [*source.notes, *_unserved(live, versions.new - earlier)]
    notes += _doubtful(early, known if empty else 0, bool(rows) and not accepted)
    return Loaded(part, source.name, rows, accepted, quarantined, known, tuple(faults), tuple(notes),
                  round(time.perf_counter() - start, 2))  # fmt: skip


def _doubtful(early: int, doubled: int, nothing: bool) -> Iterator[str]:
    """What looks like a mistake, though every row could be read: early times, rows of one id, or none at all."""
    if early:
        yield f"{early} events are from before 1990: a day's number counts as seconds; write 2024-01-15"
    if doubled:
        yield (f"{doubled} rows have the id of another row and were not kept: lines of one order share `order`, "
               "and each has an `id` of its own, or none")  # fmt: skip
    if nothing:
        yield "nothing of it could be read"


def _unserved(live: Live, new: int) -> list[str]:
    """What there is to know of products that no generation has seen."""
    if not new or current(live.folder / "generations") is None:
        return []
    return [f"{new} products are new: `aisle refresh` lets them be found (a server does so by itself)"]


class _Versions:
    """Facts that change (products, users, judgements) are stored when they differ from the last word on them;
    so a feed loaded twice changes nothing, and one that goes back to an earlier price is not lost."""

    def __init__(self, part: Part) -> None:
        self._part, self._seen = part, 0  # the offset up to which the log was read
        self._latest: dict[str, tuple[int, str]] = {}  # identity → (version, content)
        self.new = 0  # products that were never loaded before
        self._ids = set[str]()  # of products, in whatever market
        self._titled = set[str]()  # products that were given with a title

    def __len__(self) -> int:
        return len(self._latest)

    def follow(self, live: Live) -> None:
        """Read what the log has come to: another load may run beside this one."""
        for page in live.store.read(after=self._seen, kinds=(KINDS[self._part],)) if self._part != "events" else ():
            for row in page:
                number, _, identity = row.key.partition(":")
                newest = max(int(number), self._latest.get(identity, (0, ""))[0])
                self._latest[identity], self._seen = (newest, _digest(row.body)), row.offset
                if row.kind == "product":
                    self._ids.add(identity.partition("\x1f")[0])
                    if TITLE in row.body:
                        self._titled.add(identity)

    def checked(self, record: Record, file: str, number: int) -> Record:
        """A row of a feed says all of a product: one of stock alone would take away its name, price and category."""
        if isinstance(record, Product) and not record.title and identity_of(record) in self._titled:
            expected = "all of a product, as it was given before: what a row leaves out is taken away"
            return Fault(file, number, "title", f"nothing for {record.id!r}", expected)
        return record

    def stored(self, live: Live, records: Sequence[Record]) -> int:
        """Append what is new; returns how many rows. A version that another load took first is numbered again, so the
        later word is the one that holds."""
        if self._part == "events":
            return live.record([row_of(record) for record in records])
        stored = 0
        while True:
            self.follow(live)
            rows = [row for record in records if (row := self._changed(record)) is not None]
            new = live.record(rows)
            stored += new
            if new == len(rows):
                return stored

    def _changed(self, record: Record) -> Row | None:
        row, identity = row_of(record), identity_of(record)
        number, last = self._latest.get(identity, (0, ""))
        content = _digest(row.body)
        if content == last:
            return None
        self._latest[identity] = (number + 1, content)
        if number == 0 and isinstance(record, Product) and record.id not in self._ids:
            self.new += 1
            self._ids.add(record.id)
        return row._replace(key=f"{number + 1}:{identity}")


def identity_of(record: Record) -> str:
    """What a later fact replaces: a product in a market, a user, a judged pair."""
    if isinstance(record, Product):
        return f"{record.id}\x1f{record.market}"
    if isinstance(record, Judgement):
        return f"{record.product}\x1f{record.query}"
    return record.id if isinstance(record, Shopper | Event) else str(record)


def _digest(body: str) -> str:
    return digest(body, 12).hex()


def _fault_row(part: Part, fault: Fault) -> Row:
    """What the log keeps of a row that was set aside. Where rows tell of shoppers any field may hold who they are (two
    columns changed places, or a column is called as one of them), so only the shape of what was found is kept: `forget`
    could not find it."""
    if part in ("events", "users"):
        field = fault.field if fault.field in NAMES else _shape(fault.field)
        fault = replace(fault, field=field, found=_shape(fault.found))
    return row_of(fault, key=f"{part}:{fault.file}:{fault.row}:{fault.field}:{_digest(fault.found)}")


def _shape(text: str) -> str:
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", text))


def _size(origin: Any) -> int | None:
    try:
        return len(origin) if not isinstance(origin, str) else None
    except TypeError:
        return None
