"""Where the next page goes on: behind which products, and as of when. What a shopper does between two pages, or what
sells meanwhile, puts the second in another order than the first had; by a place alone products would come twice, or
never."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from aisle.errors import InputError

LARGEST = 1 << 53  # number in a cursor
LONGEST = 1 << 16  # rows that pages may have shown: more than a scenario ranks
EXPECTED = "the cursor of a slate of the current generation"


@dataclass(frozen=True)
class Cursor:
    """shown: rows of the pages before, in their order; begun: when the first was asked for, UTC ms; 0 of no page."""

    shown: tuple[int, ...] = ()
    begun: int = 0

    def written(self, generation: str) -> str:
        """What a slate carries."""
        told = json.dumps([generation, self.begun, self.shown], separators=(",", ":"))
        return base64.urlsafe_b64encode(told.encode()).decode()


def generation_of(cursor: Any) -> str:
    """The generation that wrote a cursor; empty for what is none."""
    try:
        return str(json.loads(base64.urlsafe_b64decode(cursor.encode()))[0])
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError, binascii.Error):
        return ""


def read(cursor: Any, generation: str) -> Cursor:
    """What `written` wrote. Raises InputError for anything else, and for an older generation's: its rows are others."""
    if cursor is None or cursor == "":
        return Cursor()
    try:
        of, begun, shown = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        sound = len(shown) <= LONGEST and all(type(one) is int and 0 <= one < LARGEST for one in (begun, *shown))
        if of == generation and sound and len(set(shown)) == len(shown):
            return Cursor(tuple(shown), begun)
    except (ValueError, TypeError, AttributeError, RecursionError, binascii.Error):
        pass
    raise InputError("cursor", cursor, EXPECTED)
