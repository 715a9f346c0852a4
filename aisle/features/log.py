"""Rows of the log → columns of interactions: ids become rows of one catalogue, once, here."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from aisle.catalogue.catalogue import Catalogue
from aisle.records.digest import number
from aisle.records.event import CODES
from aisle.records.history import DTYPES, NO_TIME, Floats, History, Interactions, Longs, market_code, stacked
from aisle.records.liking import DISMISS, RATING, unliked_below
from aisle.records.row import Row
from aisle.records.times import last_of

MARKET = '"market":'  # in the body of an event that names one


@lru_cache(maxsize=1 << 16)
def order_code(order: str | None) -> int:
    """An order's id as 63 bits; -1 for none. Two orders of one shopper collide about never."""
    if not order:
        return -1
    return number(order)


def columns_of(rows: Sequence[Row], catalogue: Catalogue) -> tuple[list[str], History, Floats]:
    """Event rows → their shoppers, columns and the values of ratings (float32, NaN for all else), in the order given;
    products not in the catalogue are left out."""
    units = [catalogue.ids.get(row.product or "", -1) for row in rows]
    kept = [(row, unit) for row, unit in zip(rows, units, strict=True) if unit >= 0]
    unit_column = np.array([unit for _, unit in kept], np.int32)
    nan = float("nan")
    columns = {
        "rows": catalogue.row_of[unit_column] if len(kept) else unit_column,
        "units": unit_column,
        "types": [CODES.get(row.type or "", -1) for row, _ in kept],
        "times": [NO_TIME if row.timestamp is None else row.timestamp for row, _ in kept],
        "orders": [order_code(row.order) for row, _ in kept],
        "quantities": [nan if row.quantity is None else row.quantity for row, _ in kept],
        "offsets": [row.offset for row, _ in kept],
        "markets": [
            market_code(json.loads(row.body).get("market", "") if MARKET in row.body else "") for row, _ in kept
        ],
    }
    history = History(**{name: np.asarray(columns[name], dtype) for name, dtype in DTYPES.items()})
    values = [nan if row.value is None or row.type != "rating" else row.value for row, _ in kept]
    return [row.user or "" for row, _ in kept], history, np.array(values, np.float32)


def judged(columns: History, values: Floats, below: float) -> History:
    """The same, and what was rated below a value is dismissed."""
    low = (columns.types == RATING) & (values < below)
    return replace(columns, types=np.where(low, np.int8(DISMISS), columns.types)) if low.any() else columns


def gathered(pages: Iterable[Sequence[Row]], catalogue: Catalogue) -> Interactions:
    """The whole log → interactions by shopper, time and offset. Events of forgotten shoppers are left out."""
    shoppers: list[str] = []
    parts: list[History] = []
    ratings: list[Floats] = []
    forgotten: dict[str, int] = {}
    strange, stranger = 0, ""  # events of products that no feed has, and one of these
    for page in pages:
        events = [row for row in page if row.kind == "event"]
        unknown = [row.product for row in events if row.product and row.product not in catalogue.ids]
        strange, stranger = strange + len(unknown), next(iter(unknown), stranger)
        forgotten.update((row.user or "", row.offset) for row in page if row.kind == "forget")
        names, part, values = columns_of(events, catalogue)
        shoppers += names
        parts.append(part)
        ratings.append(values)
    values = np.concatenate([np.zeros(0, np.float32), *ratings])
    below = unliked_below(values[~np.isnan(values)])
    log = arranged(shoppers, judged(stacked(parts), values, below), forgotten)
    return replace(log, below=below, disliked=int((values < below).sum()), strange=(strange, stranger))


def arranged(shoppers: Sequence[str], columns: History, forgotten: dict[str, int] | None = None) -> Interactions:
    """Columns in any order → sorted by shopper, time and offset. Times count only if most events have one; the others
    are left out then, for nobody knows when they were, and the few that are dated ahead happen when the log ends."""
    names, owners = _numbered(shoppers)
    known = columns.times != NO_TIME
    timed = bool(len(columns)) and float(known.mean()) > 0.5
    lost = int((~known).sum()) if timed else 0
    if lost:
        owners, columns = owners[known], columns.take(known)
    end = last_of(columns.times) if timed else 0
    ahead = int((columns.times > end).sum()) if timed else 0
    if ahead:
        columns = replace(columns, times=np.minimum(columns.times, end))
    for name, offset in (forgotten or {}).items():
        at = int(np.searchsorted(names, name))
        if at < len(names) and names[at] == name:
            keep = (owners != at) | (columns.offsets > offset)
            owners, columns = owners[keep], columns.take(keep)
    order = np.lexsort((columns.offsets, columns.times, owners))
    counts = np.bincount(owners, minlength=len(names)) if len(names) else np.zeros(0, np.int64)
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Interactions(names, indptr, columns.take(order), timed, lost, ahead)


def _numbered(shoppers: Sequence[str]) -> tuple[NDArray[np.str_], Longs]:
    """Distinct names, sorted, and which of them each is: an array of all would be as wide as the longest of them."""
    number: dict[str, int] = {}
    first = np.fromiter((number.setdefault(name, len(number)) for name in shoppers), np.int64, len(shoppers))
    names = sorted(number)
    place = np.empty(len(names), np.int64)
    place[[number[name] for name in names]] = np.arange(len(names))
    return np.array(names, np.str_), place[first]
