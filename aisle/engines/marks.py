"""Is a log the one that a generation was made of, or another: a backup that was put back, and grew since."""

from collections.abc import Sequence

from aisle.records.digest import digest
from aisle.records.row import Row
from aisle.stages import Store

KEPT = 20  # rows at the end of the log by which a generation knows it
Marks = Sequence[tuple[int, str]]  # offsets, and digests of what stood there


def marks_of(store: Store, end: int) -> list[tuple[int, str]]:
    """The last rows up to an offset."""
    rows = [row for page in store.read(after=max(end - KEPT, 0)) for row in page if row.offset <= end]
    return [(row.offset, _digest(row)) for row in rows]


def is_same(store: Store, marks: Marks, offset: int) -> bool:
    """Has the log come as far as `offset`, and do no other rows stand where these stood; some may be erased."""
    if store.issued() < offset:
        return False
    known = {int(at): digest for at, digest in marks}
    if not known:
        return True
    page = next(iter(store.read(after=min(known) - 1)), ())
    return all(known.get(row.offset, stood) == stood for row in page if (stood := _digest(row)))


def _digest(row: Row) -> str:
    return digest(f"{row.kind} {row.key} {row.recorded_at}").hex()
