"""The thing that a text is of: its last word before what only tells of it, "ink cartridge, black, for HP printers".

A title that says "printer" behind "for" is of no printer, and a query for "ink for hp printer" asks for ink.
"""

import re

from aisle.language.words import words

LINKING = frozenset({"for", "with", "without", "in", "on", "of", "by", "w"})  # not "to": "ready to drink"
CUT = re.compile(r"[,;(|\[，；（｜【]|\s[-–—]\s")
FEWEST = 2  # words before a sign that ends what the thing is called: "Acme, bed frame" has its name behind it


def until_thing(title: str) -> int:
    """How many of a title's words there are up to that word."""
    whole = words(title)
    first = len(words(CUT.split(title, maxsplit=1)[0]))
    end = first if first >= FEWEST else len(whole)
    return next((at for at, word in enumerate(whole[:end]) if at and word in LINKING), end)
