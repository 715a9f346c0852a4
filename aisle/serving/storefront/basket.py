"""The basket, which lives in a cookie: a few products and how many of each."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from aisle.records.product import LONGEST_ID

COOKIE = "basket"
MOST_ITEMS = 50
MOST_OF_ONE = 99
LARGEST = 3800  # bytes: browsers drop a cookie of more than 4096


@dataclass(frozen=True)
class Basket:
    """Product id → quantity, in the order of adding."""

    items: Mapping[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many things are in it."""
        return sum(self.items.values())

    def with_quantity(self, product: str, quantity: int) -> "Basket":
        """The basket with so many of a product; none takes it out."""
        items = {**self.items, product: min(quantity, MOST_OF_ONE)}
        return Basket({known: many for known, many in items.items() if many > 0})

    @property
    def fits(self) -> bool:
        """Can a cookie hold it?"""
        return len(self.items) <= MOST_ITEMS and len(self.cookie()) <= LARGEST

    def cookie(self) -> str:
        """As a cookie's value."""
        return quote(json.dumps(list(self.items.items()), separators=(",", ":")), safe="")


def basket(cookie: str) -> Basket:
    """What a cookie says; whatever is not a basket is an empty one, and an item that is none is left out."""
    try:
        said = json.loads(unquote(cookie))
    except (ValueError, RecursionError):
        return Basket()
    items: dict[str, int] = {}
    for item in said[:MOST_ITEMS] if isinstance(said, list) else ():
        if isinstance(item, list) and len(item) == 2 and _is_id(item[0]) and _is_quantity(item[1]):
            items[item[0]] = item[1]
    return Basket(items)


def _is_id(value: object) -> bool:
    if not isinstance(value, str) or not value or "\0" in value:
        return False
    try:
        return len(value.encode()) <= LONGEST_ID
    except UnicodeEncodeError:  # half a character
        return False


def _is_quantity(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_OF_ONE
