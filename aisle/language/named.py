"""Brands, kinds and attributes that a query names: what the catalogue mostly means by a phrase.

"nike" is a brand where at least half of the products that say it state it; in a grocer's "apple juice" the word is said
by many products, few of which are of the brand Apple, so it names nothing.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Self

from aisle.language.words import unaccented, words

LONGEST = 4  # words of a phrase
FEWEST = 2  # products that must state a value
ENDING = 2  # letters by which forms of a word differ
MOSTLY = 0.5  # of the products that say a phrase, those that state it
BRAND = "brand"
Stem = Callable[[str], str]
Value = tuple[str, str]  # attribute, and a value of it as the shop writes it


class Named:
    """Phrases that name a value."""

    def __init__(self, values: dict[tuple[str, ...], Value], stem: Stem) -> None:
        self.values, self._stem = values, stem
        self._bent = dict[tuple[str, ...], list[tuple[str, ...]]]()
        for phrase, (attribute, _) in values.items():
            if attribute != BRAND:
                self._bent.setdefault(tuple(map(stem, phrase)), []).append(phrase)

    @classmethod
    def fit(
        cls, stated: Iterable[Iterable[Value]], saying: Callable[[Sequence[str]], int], stem: Stem,
        split: Callable[[str], Sequence[str]] = words,
    ) -> Self:  # fmt: skip
        """stated: what each product states; saying: how many products say all of these words; split: a text's."""
        times = Counter(value for some in stated for value in dict.fromkeys(some))
        written: dict[tuple[tuple[str, ...], str], list[Value]] = defaultdict(list)
        for attribute, value in sorted(times, key=lambda one: (-times[one], one)):
            phrase = tuple(map(unaccented, split(value)))
            if phrase and len(phrase) <= LONGEST and any(not word.isdigit() for word in phrase):
                written[phrase, attribute].append((attribute, value))
        best: dict[tuple[str, ...], tuple[int, Value]] = {}
        for (phrase, _), forms in written.items():
            products = sum(times[form] for form in forms)
            if products > best.get(phrase, (FEWEST - 1, None))[0]:
                best[phrase] = products, forms[0]
        kept = {phrase: value for phrase, (products, value) in best.items() if products >= MOSTLY * saying(phrase)}
        return cls(kept, stem)

    def read(self, query: Sequence[str], borders: frozenset[int] | None = None) -> tuple[Value, ...]:
        """The values that the words of a query name, in their order; a word belongs to the longest phrase from the
        left. "ethernet cable" names the kind "ethernet cables"; a brand is called as it is written. borders: places at
        which a phrase may begin and end, everywhere where None: in 面包车 nobody asks for 包车."""
        found, at, query = list[Value](), 0, [unaccented(word) for word in query]
        while at < len(query):
            sizes = [n for n in range(LONGEST, 0, -1) if borders is None or {at, at + n} <= borders]
            values = ((size, self._value(tuple(query[at : at + size]))) for size in sizes if not _unit(query, at, size))
            size, value = next(((size, value) for size, value in values if value is not None), (1, None))
            found += [] if value is None else [value]
            at += size
        return tuple(dict.fromkeys(found))

    def _value(self, phrase: tuple[str, ...]) -> Value | None:
        alike = [*[phrase][: phrase in self.values], *self._bent.get(tuple(map(self._stem, phrase)), ())]
        return next((self.values[one] for one in alike if all(map(_forms, one, phrase))), None)

    def save(self, folder: Path) -> None:
        """Write the phrases."""
        folder.mkdir(parents=True)
        told = [[*phrase, *value] for phrase, value in self.values.items()]
        (folder / "named.json").write_text(json.dumps(told, ensure_ascii=False), "utf-8")

    @classmethod
    def load(cls, folder: Path, stem: Stem) -> Self:
        """What `save` wrote."""
        told = json.loads((folder / "named.json").read_text("utf-8"))
        return cls({tuple(phrase): (attribute, value) for *phrase, attribute, value in told}, stem)


def _unit(query: Sequence[str], at: int, size: int) -> bool:
    """Is this one letter behind a number, which counts by it: who asks for a rope of 70 m wants no size M."""
    return size == 1 and at > 0 and len(query[at]) == 1 and query[at].isascii() and query[at - 1].isdecimal()


def _forms(one: str, other: str) -> bool:
    """Can two words of one stem be forms of one word: "bed" and "beds", not "bed" and "bedding"."""
    return abs(len(one) - len(other)) <= ENDING
