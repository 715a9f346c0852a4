"""Filters as masks over units: `{"brand": ["Acme", "Bo"], "price": {"lte": 200}}`, all of them together.

A value or a list asks for any of its members; `{"not": …}` for none of them; `gte, gt, lte, lt` compare numbers.
A category matches at any depth: "Bedroom" finds "Furniture > Bedroom > Beds", and so does "Furniture > Bedroom". A
value that the shop nowhere writes so means those that differ from it in capitals only.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.catalogue.catalogue import Catalogue
from aisle.catalogue.offers import NO_PRICE, Overlay
from aisle.errors import InputError
from aisle.records.history import Bools, Ints
from aisle.records.money import LARGEST, exponent

COMPARE: Mapping[str, Callable[[NDArray[np.float64], float], Bools]] = {
    "gte": lambda values, limit: values >= limit,
    "gt": lambda values, limit: values > limit,
    "lte": lambda values, limit: values <= limit,
    "lt": lambda values, limit: values < limit,
}
PRIVATE = ("cost", "margin")  # what a rule may ask and no request: who filters by it learns it
NUMBERS = ("price", "list_price", "created_at", *PRIVATE)
WORDS = ("id", "group", "brand", "seller", "language", "currency", "unit_size", "gtin")
NUMBERED = ("id", "group", "gtin")  # their capitals tell apart
SWITCHES = ("available",)


def passing(catalogue: Catalogue, overlay: Overlay, filters: Mapping[str, Any], market: str = "") -> Bools:
    """bool (units,): the units that pass every filter. Raises InputError for an unknown field or comparison."""
    mask = np.ones(len(catalogue.units), bool)
    for field, wanted in filters.items():
        mask &= _one(catalogue, overlay, field, wanted, market)
    return mask


def _one(catalogue: Catalogue, overlay: Overlay, field: str, wanted: Any, market: str) -> Bools:
    if isinstance(wanted, Mapping) and set(wanted) == {"not"}:
        return ~_one(catalogue, overlay, field, wanted["not"], market)
    if field in NUMBERS and not (field in PRIVATE and field in catalogue.attribute_names):
        return _compared(field, numbers(catalogue, overlay, field, market), wanted)
    if field not in (*SWITCHES, *WORDS, "category") and field not in catalogue.attribute_names:
        known = {*NUMBERS, *WORDS, *SWITCHES, "category"}.difference(PRIVATE) | catalogue.attribute_names
        raise InputError("filters", field, "one of " + ", ".join(sorted(known)[:40]))
    if isinstance(wanted, Mapping):
        raise InputError(f"filter {field}", dict(wanted), "a value, a list of values, or {'not': …}")
    values = list(wanted) if isinstance(wanted, Sequence | Set) and not isinstance(wanted, str) else [wanted]
    if field in SWITCHES:
        if any(isinstance(value, str) or value not in (True, False) for value in values):
            raise InputError(f"filter {field}", wanted, "true or false")
        return np.isin(overlay.offers(market).available, [bool(value) for value in values])
    asked = {str(value) for value in values}
    if field == "category":
        coded = catalogue.codes("category")
        asked = _as_written(asked, (name for path in coded[1] for name in _names(path)))
        return _saying(coded, lambda path: in_category(path, asked))
    if field in WORDS:
        coded = catalogue.codes(field)
        asked = asked if field in NUMBERED else _as_written(asked, coded[1])
        return _saying(coded, asked.__contains__)
    asked = _as_written(asked, catalogue.attribute_values(field)[2])
    return _saying(catalogue.attribute_codes(field), lambda values: not asked.isdisjoint(values))


def _as_written(asked: set[str], said: Iterable[str]) -> set[str]:
    """Values as the shop writes them; one that it does not write so, in whatever capitals it does."""
    known = set(said)
    folded = {value.casefold() for value in asked - known}
    return asked | {value for value in known if value.casefold() in folded} if folded else asked


def _saying(coded: tuple[Ints, list[Any]], test: Callable[[Any], bool]) -> Bools:
    """bool (units,): units whose value passes a test, which is asked once for every distinct value."""
    codes, values = coded
    passed = np.array([*(test(value) for value in values), False], bool)
    return passed[codes]  # NO_CODE, -1, is the last: it never passes


def numbers(catalogue: Catalogue, overlay: Overlay, field: str, market: str) -> NDArray[np.float64]:
    """float64 (units,): money in major units, times in ms; NaN where the shop did not say. A cost is in the currency of
    the market that names none; margin: the price less the cost, where both are in one currency."""
    if field == "created_at":
        return catalogue.created_at
    if field == "margin":
        same = overlay.offers(market).currency == overlay.offers("").currency
        price, cost = (numbers(catalogue, overlay, one, market) for one in ("price", "cost"))
        return np.where(same, price - cost, np.nan)
    offers = overlay.offers("" if field == "cost" else market)
    if field == "cost":
        minor = np.array(catalogue.table.column("cost").to_numpy(), np.float64)
    else:
        minor = np.where(getattr(offers, field) == NO_PRICE, np.nan, getattr(offers, field)).astype(np.float64)
    for code in np.unique(offers.currency):
        if code:
            minor[offers.currency == code] /= 10 ** exponent(str(code))
    return minor


def _compared(field: str, values: NDArray[np.float64], wanted: Any) -> Bools:
    limits = wanted if isinstance(wanted, Mapping) else {"gte": wanted, "lte": wanted}
    mask = ~np.isnan(values)
    for comparison, limit in limits.items():
        number = isinstance(limit, int | float) and not isinstance(limit, bool) and abs(limit) <= LARGEST
        if comparison not in COMPARE or not (number or limit in (float("inf"), float("-inf"))):
            expected = "a number, or numbers under gte, gt, lte, lt"
            raise InputError(f"filter {field}", {comparison: limit}, expected)
        mask &= COMPARE[comparison](values, float(limit))
    return mask


def in_category(path: Sequence[str] | None, asked: set[str]) -> bool:
    """Does a category path lie in one of the categories asked for, named by a node or by the path from the root."""
    return not asked.isdisjoint(_names(path))


def _names(path: Sequence[str] | None) -> list[str]:
    """What a category path lies in: its nodes, and the path down to each."""
    nodes = list(path or ())
    return nodes + [" > ".join(nodes[: k + 1]) for k in range(len(nodes))]
