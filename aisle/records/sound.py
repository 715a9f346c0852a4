"""Is a record made of what its fields say? One that came as a row was read by pydantic; one that a caller made himself
was read by nobody, and a text where a number belongs would stop every fold of the log from then on."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, get_type_hints

from aisle.errors import InputError, shorten
from aisle.records.text import halved

T = TypeVar("T")
MOST = 1e15  # of a quantity or a grade: its square is a number, too
LARGEST = 2**63 - 1
Test = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return value is None or (isinstance(value, str) and (value.isascii() or not halved(value)))


def _texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(map(_said, value))


def _said(value: Any) -> bool:
    return _text(value) or _number(value) or isinstance(value, bool)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MOST


def _mapping(value: Any) -> bool:
    return isinstance(value, Mapping) and all(_text(k) and (_said(v) or _texts(v)) for k, v in value.items())


def _lists(value: Any) -> bool:
    return isinstance(value, Mapping) and all(_text(k) and _texts(v) for k, v in value.items())


def _switch(value: Any) -> bool:
    return isinstance(value, bool)


TESTS: Mapping[Any, tuple[Test, str]] = {
    str: (_text, "text in Unicode"), int: (_whole, "a whole number of 64 bits"),
    float: (_number, f"a number of at most {MOST:g}"), bool: (_switch, "true or false"),
    tuple[str, ...]: (_texts, "texts"), Mapping[str, tuple[str, ...]]: (_lists, "lists of texts by name"),
}  # fmt: skip


@cache
def _tests(kind: Any) -> tuple[Callable[[Any], Any], list[tuple[str, Test, str]]]:
    """How to read all fields of a record at once, and the test of each."""
    tests = []
    for name, hint in get_type_hints(kind).items():
        plain = next((one for one in TESTS if hint in (one, one | None)), None)
        test, expected = TESTS.get(plain, (_mapping, "a mapping of texts"))
        maybe = plain is not None and hint == plain | None
        tests.append((name, (lambda value, test=test: value is None or test(value)) if maybe else test, expected))
    return attrgetter(*(name for name, *_ in tests)), tests


def sound(record: T) -> T:
    """The record, NumPy's numbers and decimals as Python's own. Raises InputError for the first field that is not what
    it should be."""
    read, tests = _tests(type(record))  # type: ignore[arg-type]
    values = read(record) if len(tests) > 1 else (read(record),)
    plain: dict[str, Any] = {}
    for value, (name, test, expected) in zip(values, tests, strict=True):
        if not test(value):
            plain[name] = (
                float(value) if isinstance(value, Decimal) else value.item() if hasattr(value, "item") else value
            )
            if not test(plain[name]):
                raise InputError(name, shorten(value), expected)
    return replace(record, **plain) if plain else record  # type: ignore[type-var]
