"""The thing that a text is of: its last word before what only tells of it, "ink cartridge, black, for HP printers".

A title that says "printer" behind "for" is of no printer, and a query for "ink for hp printer" asks for ink.
"""

import re
from collections.abc import Callable, Sequence

from aisle.language.tongue import Tongue
from aisle.language.words import words

CUT = re.compile(r"[,;(|\[，；（｜【]|\s[-–—]\s")
# what a number counts; behind it the thing has been named
COUNTED = (
    "mm cm m km in inch inches ft feet foot yd mg g kg oz ounce ounces lb lbs ml cl l liter liters litre litres qt gal "
    "pt w kw v a ah mah hz khz mhz ghz mb gb tb mp px k pack packs pk pc pcs piece pieces count ct pair pairs set sets "
    "sheet sheets st stk stück stücke pièces pz piezas pezzi шт"
)
UNITS = frozenset(COUNTED.split())
FEWEST = 2  # words before a sign that ends what the thing is called: "Acme, bed frame" has its name behind it


def until_thing(title: str, tongue: Tongue, telling: frozenset[str] = frozenset()) -> int:
    """How many of a title's words there are up to that word; one where the language names the thing first. telling:
    stems of words that name none (colours, sizes)."""
    whole = words(title)
    if tongue.leads:
        return min(len(whole), 1)
    first = len(words(CUT.split(title, maxsplit=1)[0]))
    end = first if first >= FEWEST else len(whole)
    end = next((at for at, word in enumerate(whole[:end]) if at and word in tongue.linking), end)
    return _measured(whole, end, lambda word: tongue.stem(word) in telling)


def _measured(whole: Sequence[str], end: int, tells: Callable[[str], bool]) -> int:
    """Without the sizes and colours at the end: "Oak bed 160x200 cm" is a bed, and no cm."""
    while end > 1:
        if whole[end - 1][:1].isdigit() or tells(whole[end - 1]):
            end -= 1
        elif end > 2 and whole[end - 1] in UNITS and whole[end - 2][:1].isdigit():
            end -= 2
        elif end > 2 and whole[end - 1] == "x" and whole[end - 2][:1].isdigit():
            end -= 1
        else:
            break
    return end
