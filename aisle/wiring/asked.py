"""What a caller asks, as the engine takes it: ids as text however they come, lists of them, numbers in their bounds.
Raises InputError, which names the field, what was found and what was expected."""

import operator
from collections.abc import Iterable, Mapping, Set
from typing import Any

from aisle.errors import InputError, shorten
from aisle.records.request import Request
from aisle.records.text import as_text

DEEPEST = 8  # levels of a filter


def request(
    query: object = "", *, anchor: object = (), user: object = "", session: object = "", filters: object = None,
    market: object = "", language: object = "", sort: object = "", exclude: object = (),
) -> Request:  # fmt: skip
    """A request of these fields."""
    if not isinstance(query, str):
        raise InputError("query", shorten(query), "text")
    return Request(
        query=query, anchor=ids("anchor", anchor), user=word("user", user), session=word("session", session),
        filters=_filters(filters), market=word("market", market), language=word("language", language),
        sort=word("sort", sort), exclude=ids("exclude", exclude),
    )  # fmt: skip


def word(where: str, value: object) -> str:
    """A text, or an id as one; empty for None."""
    return "" if value is None else text(where, value)


def text(where: str, value: object) -> str:
    """A text, or an id as one."""
    try:
        return as_text(value.item() if hasattr(value, "item") else value)
    except ValueError as error:
        raise InputError(where, shorten(value), str(error)) from None


def ids(where: str, some: object) -> tuple[str, ...]:
    """Ids: one, several, or none for None."""
    some = some.tolist() if hasattr(some, "tolist") else some
    if some is None:
        return ()
    if isinstance(some, str | bytes | int | float) or not isinstance(some, Iterable):
        return (text(where, some),)
    if isinstance(some, Mapping):
        raise InputError(where, shorten(some), "an id, or a list of ids")
    return tuple(text(where, one) for one in some)


def whole(where: str, value: object, least: int, most: int) -> int:
    """A whole number from `least` to `most`."""
    try:
        number = least - 1 if isinstance(value, bool) else operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        number = least - 1
    if not least <= number <= most:
        raise InputError(where, shorten(value), f"a whole number from {least} to {most}")
    return number


def _filters(filters: object) -> Mapping[str, Any]:
    if filters is None:
        return {}
    if not isinstance(filters, Mapping):
        raise InputError("filters", shorten(filters), "a mapping of field to value")
    return {text("filters", field): _wanted(f"filter {field}", value) for field, value in filters.items()}


def _wanted(where: str, value: Any, depth: int = 0) -> Any:
    """What a filter asks for, its texts checked and its arrays as lists."""
    if depth > DEEPEST:
        raise InputError("filters", "a filter within a filter within …", f"at most {DEEPEST} levels")
    value = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(value, Mapping):
        return {text(where, name): _wanted(where, one, depth + 1) for name, one in value.items()}
    if isinstance(value, list | tuple | Set):
        many = [one.item() if hasattr(one, "item") else one for one in value]
        if any(isinstance(one, Mapping | list | tuple | Set) for one in many):
            raise InputError(where, shorten(value), "values, and no lists or mappings in a list")
        return [_wanted(where, one, depth + 1) for one in many]
    return text(where, value) if isinstance(value, str | bytes) else value
