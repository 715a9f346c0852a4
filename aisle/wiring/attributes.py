"""`attributes`: values that titles say and the feed leaves out, for a shop to read and take over.

Every product that states a brand, a size or an attribute, and says it in its title, is a lesson. What is learned is
asked of products that were kept aside: from which sureness on its answers are right often enough, and how many of
what there was it finds. Only then is it asked of the products that state nothing. A shop loads what it believes.
"""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from aisle.errors import InputError, MissingPackageError
from aisle.evaluation.bootstrap import Interval, interval
from aisle.language.tagging import OUTSIDE, Tagger, tokens, told
from aisle.language.words import normalise
from aisle.stages import Progress
from aisle.wiring.live import Live

RIGHT = 0.95  # of what is proposed, on products kept aside
FEWEST = 50  # titles that say a value
MOST = 20_000  # titles learned from
TOLD_BY = 30  # proposals of products kept aside that a sureness must be judged by
FIELDS = ("brand", "unit_size")  # of a product; every other name is an attribute
FOLDS = 5  # one chooses the sureness, one tells, the others teach
SELDOM = f"less than {RIGHT:.0%} of what would be proposed is right"
VALUE = "value"  # the one label of a tagger of one attribute
COLUMNS = ("product", "title", "attribute", "value", "sure", "known")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A product's title says this value; sure: how sure the tagger is, in [0, 1]; known: do other products state it,
    too. What only has the place of a brand in a title need not be one, so the others want a reader."""

    product: str
    title: str
    attribute: str
    value: str
    sure: float
    known: bool


@dataclass(frozen=True, slots=True)
class Learned:
    """How well one attribute is read. titles: different ones that say it, learned from and kept aside; sure: from which
    sureness on it is proposed; right: of what is proposed, over products kept aside that chose nothing; found: the
    share of their values that is; proposed: products that stated nothing and get a proposal."""

    attribute: str
    titles: int
    sure: float
    right: Interval
    found: Interval
    proposed: int


@dataclass(frozen=True, slots=True)
class Attributes:
    """What was learned, what is proposed, and why other attributes were left alone."""

    learned: tuple[Learned, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Title:
    """One title. values: those stated, as they compare; units: products that have it; labels: of its words, by what is
    stated."""

    text: str
    words: tuple[str, ...]
    values: frozenset[str]
    units: tuple[int, ...]

    @property
    def labels(self) -> list[str]:
        """Labels of the words by what is stated, the longest values first."""
        values = sorted((_words(value) for value in self.values), key=lambda words: (-len(words), words))
        return told(self.words, [(VALUE, words) for words in values])

    @property
    def says(self) -> bool:
        """Does it say a value that is stated."""
        return any(label != OUTSIDE for label in self.labels)


@dataclass(frozen=True, slots=True)
class _Reader:
    """A tagger, how the shop writes each value, and whether a product has but one."""

    tagger: Tagger
    written: Mapping[str, str]
    single: bool

    def read(self, title: _Title) -> list[tuple[str, float]]:
        """Values as the shop writes them, and how sure each is."""
        ends = tokens(title.text)
        found = dict[str, float]()
        for span in self.tagger.spans(title.words):
            text = title.text[ends[span.start][0] : ends[span.end - 1][1]]
            value = self.written.get(normalise(text), text)
            found[value] = max(span.sure, found.get(value, 0.0))
        best = sorted(found.items(), key=lambda pair: -pair[1])
        return best[:1] if self.single else best

    def judged(self, titles: Sequence[_Title]) -> list[tuple[float, bool]]:
        """How sure each proposal is, and whether the product states just that."""
        return [(sure, normalise(value) in title.values) for title in titles for value, sure in self.read(title)]


def attributes(live: Live, progress: Progress, seed: int = 0, names: Sequence[str] = ()) -> Attributes:
    """Proposals for every product that states nothing, the surest of each attribute first.

    Raises InputError for a name that is no attribute of this catalogue, MissingPackageError without `aisle[train]`.
    """
    if not find_spec("pycrfsuite"):
        raise MissingPackageError("attributes", "no python-crfsuite", "pip install 'aisle[train]'")
    catalogue = live.served().generation.catalogue
    have = [*FIELDS, *sorted(catalogue.attribute_names)]
    for name in names:
        if name not in have:
            raise InputError("attributes", name, f"one of {', '.join(have)}")
    learned, proposals, skipped = list[Learned](), list[Proposal](), dict[str, str]()
    texts = catalogue.column("title")
    values = {
        name: {*catalogue.column(name)} if name in FIELDS else catalogue.attribute_values(name)[2] for name in have
    }
    stating = {name: {normalise(value) for value in some if value} for name, some in values.items()}
    for name in progress([name for name in have if not names or name in names], "attributes"):
        column = catalogue.column(name) if name in FIELDS else [said.get(name) for said in catalogue.attributes]
        stated = [((said,) if isinstance(said, str) else tuple(said)) if said else () for said in column]
        titles = _titles(texts, stated)
        made = _learned(name, titles, _written(stated), seed)
        if isinstance(made, str):
            skipped[name] = made
            continue
        reader, told_of = made
        known = set(reader.written.values())
        # "black" in the place of a size is a colour, where products say so
        foreign = {value for other in have if other != name for value in stating[other]}.difference(stating[name])
        some = [Proposal(catalogue.units[unit], title.text, name, value, round(sure, 4), value in known)
                for title in titles if not title.values
                for value, sure in reader.read(title) if sure >= told_of.sure and normalise(value) not in foreign
                for unit in title.units]  # fmt: skip
        proposals += sorted(some, key=lambda one: (-one.sure, one.product))
        learned.append(replace(told_of, proposed=len({one.product for one in some})))
    return Attributes(tuple(learned), tuple(proposals), skipped)


def _written(stated: Sequence[Sequence[str]]) -> dict[str, str]:
    """A value as it compares → as most products write it."""
    times = Counter(value for values in stated for value in values)
    return {normalise(value): value for value in sorted(times, key=lambda value: (times[value], value))}


def _titles(texts: Sequence[str], stated: Sequence[Sequence[str]]) -> list[_Title]:
    """Different titles with what is stated of them: variants of one title are one lesson, and kept aside as one."""
    units: dict[tuple[str, bool], list[int]] = {}
    for unit, (text, values) in enumerate(zip(texts, stated, strict=True)):
        units.setdefault((text, bool(values)), []).append(unit)
    return [_Title(text, _words(text), frozenset(normalise(v) for unit in some for v in stated[unit]), tuple(some))
            for (text, _), some in units.items()]  # fmt: skip


def _words(text: str) -> tuple[str, ...]:
    return tuple(text[start:end] for start, end in tokens(text))


def _learned(
    name: str, titles: Sequence[_Title], written: Mapping[str, str], seed: int
) -> tuple[_Reader, Learned] | str:
    """Who reads an attribute, and how well; or why nobody does."""
    known = [title for title in titles if title.values and title.words]
    known = [known[at] for at in np.random.default_rng(seed).permutation(len(known))[:MOST]]
    said = sum(title.says for title in known)
    if said < FEWEST:
        return f"{said} titles say the value that their product states, {FEWEST} are needed"
    part = np.arange(len(known)) % FOLDS
    choose, tell, teach = ([known[at] for at in np.flatnonzero(of)] for of in (part == 0, part == 1, part > 1))

    def taught(lessons: Sequence[_Title]) -> _Reader:
        tagger = Tagger.fit([title.words for title in lessons], [title.labels for title in lessons])
        return _Reader(tagger, written, name in FIELDS)

    reader = taught(teach)
    sure = sureness(reader.judged(choose))
    if sure is None:
        return SELDOM
    right = [good for least, good in reader.judged(tell) if least >= sure]
    if not right or interval(np.array(right, float)).high < RIGHT:
        return SELDOM
    there = [title for title in tell if title.says]
    found = [any(least >= sure and normalise(value) in title.values for value, least in reader.read(title))
             for title in there]  # fmt: skip
    told_of = Learned(name, said, sure, interval(np.array(right, float)), interval(np.array(found, float)), 0)
    return taught(known), told_of


def sureness(judged: Sequence[tuple[float, bool]]) -> float | None:
    """The least sureness from which on RIGHT of at least TOLD_BY proposals are, or None. judged: of each proposal how
    sure it is, and whether it is right."""
    if not judged:
        return None
    sure, good = (np.array(values) for values in zip(*sorted(judged, reverse=True), strict=True))
    share = np.cumsum(good) / np.arange(1, len(good) + 1)
    last = np.append(sure[1:] != sure[:-1], True)  # equals are proposed together
    enough = np.flatnonzero((share >= RIGHT) & (np.arange(1, len(good) + 1) >= TOLD_BY) & last)
    return float(sure[enough[-1]]) if len(enough) else None


def written(found: Sequence[Proposal], path: Path) -> int:
    """Write proposals as CSV. How many they are. Raises InputError where the file cannot be written."""
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(COLUMNS)
            lines.writerows([getattr(one, name) for name in COLUMNS] for one in found)
    except OSError as error:
        raise InputError(str(path), str(error), "a file that can be written") from None
    return len(found)
