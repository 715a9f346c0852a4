"""The tile of a product without a picture: a drawing and a colour that its category decides, the same every time."""

import re
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

from aisle.serving.storefront.motifs import MOTIFS, Motif

HUES = 24
SCENES = 4  # arrangements behind the drawing
PLAIN = ("basket", "tag", "blocks", "gift")  # for categories whose words say nothing
_PATTERNS = [(motif, re.compile(rf"\b(?:{motif.words})\b")) for motif in MOTIFS.values()]


@dataclass(frozen=True)
class Tile:
    """What is drawn."""

    hue: int
    body: str
    lines: str
    scene: int


@lru_cache(maxsize=4096)
def tile(category: tuple[str, ...], product: str = "", title: str = "") -> Tile:
    """The words of a category choose, the most exact first; where there is none, the title's. An unknown category
    has a colour of its own, by its top."""
    scene = crc32(product.encode("utf-8", "replace")) % SCENES
    for text in (*reversed(category), *(() if category else (title,))):
        found = _called(text.lower()[:200])
        if found is not None:
            return Tile(found.hue, found.body, found.lines, scene)
    mark = crc32((category[0] if category else title).encode("utf-8", "replace"))
    plain = MOTIFS[PLAIN[mark % len(PLAIN)]]
    return Tile(mark // 7 % HUES, plain.body, plain.lines, scene)


@lru_cache(maxsize=4096)
def _called(text: str) -> Motif | None:
    for motif, pattern in _PATTERNS:
        if pattern.search(text):
            return motif
    return None
