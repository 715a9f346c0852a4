"""What is read of a catalogue: words by field, sentences for the encoder, phrases to suggest, relevance over words."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from aisle.catalogue.catalogue import Catalogue
from aisle.catalogue.kinds import without_size
from aisle.engines.faiss_index import FaissIndex
from aisle.engines.tantivy_index import LETTERS
from aisle.language.compounds import Compounds
from aisle.language.denials import denied, stems_of
from aisle.language.fillers import asking
from aisle.language.glosses import apart, cuts, simplified
from aisle.language.guess import ENGLISH, guessed
from aisle.language.named import Named, Value
from aisle.language.phrases import Phrases
from aisle.language.things import until_thing
from aisle.language.tongue import Tongue, known, tongue
from aisle.language.words import characters, is_paired, normalise, words, written
from aisle.ranking.postings import Postings
from aisle.ranking.relevance import Relevance
from aisle.ranking.signals import Signals
from aisle.ranking.titles import Titles
from aisle.records.product import Product

SAID = ("title", "unit_size", "brand", "category", "description")  # what a sentence is made of
LONG_TEXT = 300  # characters of a description that the encoder reads
PARTS = "parts"  # what a title's compounds are made of
LONGEST_VALUE = 3  # words of a colour or a size
FEWEST, RARELY = 5, 0.1  # products that state one, and of these as many titles may end with it that do not
# words of the names of attributes whose values tell of a thing and are none, as shops write them
TELLING = (
    "color colors colour colours farbe farben kleur kleuren färg farve farge szín väri size sizes größe grösse groesse "
    "größen maat maten storlek størrelse koko méret gender geschlecht geslacht kön køn kjønn zielgruppe doelgroep age"
)


def split_of(tongue: Tongue) -> Callable[[str], tuple[str, ...]]:
    """How texts of a shop are split: where Chinese is read, in simplified characters."""
    return (lambda text: words(simplified(text))) if cuts(tongue.code) else words


def documents(catalogue: Catalogue, tongue: Tongue) -> list[dict[str, tuple[str, ...]]]:
    """Words of every row, by field: what its variants say, each thing once."""
    split = split_of(tongue)
    units, gtins, texts = range(len(catalogue.units)), catalogue.column("gtin"), catalogue.column("texts")
    titles, brands, descriptions = (catalogue.column(name) for name in ("title", "brand", "description"))
    categories, made = [" ".join(path or ()) for path in catalogue.column("category")], []
    for row in range(len(catalogue)):
        mine = units[catalogue.starts[row] : catalogue.starts[row + 1]]
        tagged = " ".join(v for u in mine if texts[u] for v in json.loads(texts[u]).values())
        attributes = {value for u in mine for name, vs in catalogue.attributes[u].items() for value in vs}
        said = {"brand": brands, "category": categories, "description": descriptions}
        codes = [code for u in mine for code in (catalogue.units[u], gtins[u]) if code]
        made.append({
            "title": split(" ".join(dict.fromkeys([*(titles[u] for u in mine), tagged]))),
            **{name: split(" ".join(dict.fromkeys(of[u] for u in mine if of[u]))) for name, of in said.items()},
            "attributes": (*split(" ".join(sorted(attributes))), *(code.lower() for code in codes)),
        })  # fmt: skip
        made[-1][LETTERS] = tuple(sorted(characters(made[-1]["title"] + made[-1]["brand"] + made[-1]["category"])))
    return made


def language_of(catalogue: Catalogue) -> str:
    """What most products are written in."""
    return Counter(catalogue.column("language")).most_common(1)[0][0] if len(catalogue.units) else ENGLISH


def spoken_by(products: Sequence[Product], told: str) -> list[Product]:
    """Products, each with a language: its own; else what the shop says; else what most products say, if it is known how
    that is spoken; else what their titles look like."""
    said = Counter(product.language for product in products).most_common(1)
    if not told:
        most = said[0][0] if said else ""
        told = most if tongue(most).code in known() else guessed(product.title for product in products)
    return [product if product.language else replace(product, language=told) for product in products]


def take_apart(made: list[dict[str, tuple[str, ...]]], compounds: Compounds) -> None:
    """Add to the words of every row what its compounds are made of, and what stands behind an elided article."""
    for document in made:
        said = (word for name in ("title", "category") for word in document[name] if word not in document["brand"])
        made_of = [(word, part) for word in dict.fromkeys(said) for part in compounds.parts(word)]
        if made_of:
            document["attributes"] = (*document["attributes"], *dict.fromkeys(part for _, part in made_of))
            document[PARTS] = tuple(dict.fromkeys(part for word, part in made_of if word.endswith(part)))


def sentences(catalogue: Catalogue) -> list[str]:
    """What the encoder reads of every row."""
    said = [catalogue.said_of_leader(name) for name in SAID]
    return [_sentence(*values) for values in zip(*said, strict=True)]


def sentence(catalogue: Catalogue, row: int) -> str:
    """The same of one row."""
    said = catalogue.lines([catalogue.leader(row)], SAID)[0]
    return _sentence(*(said[name] for name in SAID))


def _sentence(title: str, size: str, brand: str, path: Sequence[str] | None, description: str) -> str:
    """Title, the end of its category, brand, the beginning of its description.

    The size at the end of a title is left out: it would move the vector all the same.
    """
    title = without_size(title, size)
    ends = [node for node in (path or ())[-2:] if node.lower() not in title.lower()]
    return ". ".join(part for part in (title, *ends, brand, description[:LONG_TEXT]) if part)


def phrases_of(catalogue: Catalogue, demand: NDArray[np.int64], tongue: Tongue) -> Phrases:
    """What may be suggested: demand counts the events of every row."""
    titles, sizes = catalogue.said_of_leader("title"), catalogue.said_of_leader("unit_size")
    brands, paths = catalogue.said_of_leader("brand"), catalogue.said_of_leader("category")
    texts = (_parted(without_size(title, size), tongue) for title, size in zip(titles, sizes, strict=True))
    names = ((brand, *(path or ())[-1:]) for brand, path in zip(brands, paths, strict=True))
    return Phrases.fit(texts, names, (1.0 + demand).tolist(), tongue.small)


def _parted(title: str, tongue: Tongue) -> Sequence[str]:
    """The words of a title as a person reads them; none where they are pairs of characters."""
    if is_paired(title):
        return normalise(apart(title)).split() if cuts(tongue.code) else ()
    return written(title) if tongue.elided else words(title)


def named_of(catalogue: Catalogue, relevance: Relevance, tongue: Tongue) -> Named:
    """What a query's phrases name: brands, ends of categories, values of attributes."""
    about, attributes = relevance.about, catalogue.attributes
    brands, paths = catalogue.said_of_leader("brand"), catalogue.said_of_leader("category")

    def stated(row: int) -> Iterator[Value]:
        yield from [("brand", brands[row])] * bool(brands[row])
        yield from [("category", (paths[row] or [""])[-1])] * bool(paths[row])
        for unit in range(catalogue.starts[row], catalogue.starts[row + 1]):
            for name, values in attributes[unit].items():
                yield from ((name, value) for value in values)

    def saying(phrase: Sequence[str]) -> int:
        return len(about.postings.rows_of_all(about.stems(phrase)))

    def split(value: str) -> tuple[str, ...]:
        return words(apart(simplified(value)) if cuts(tongue.code) else value)

    return Named.fit(map(stated, range(len(catalogue))), saying, tongue.stem, split)


@dataclass(frozen=True)
class Telling:
    """Stems of words that name no thing, and those of them that each row's own attributes state."""

    stems: frozenset[str] = frozenset()
    own: Sequence[frozenset[str]] = ()

    def of(self, row: int) -> frozenset[str]:
        """Those that stand for nothing in a row's title."""
        return self.own[row] if self.own else frozenset()


def relevance_of(
    made: list[dict[str, tuple[str, ...]]], titles: Sequence[str], vectors: FaissIndex | None, tongue: Tongue,
    telling: Telling | None = None,
) -> Relevance:  # fmt: skip
    """The relevance scorer over the words of every row, which begin with those of its leader's title; telling: words
    that name no thing."""
    telling = telling or Telling()

    def stems(document: dict[str, tuple[str, ...]], *names: str) -> frozenset[str]:
        return frozenset(word for name in names for word in stems_of(document.get(name, ()), tongue))

    def bare(document: dict[str, tuple[str, ...]]) -> frozenset[str]:  # "no" is a value, or ends a sentence
        told = stems_of(document.get("description", ()), tongue, tongue.denying & tongue.linking)
        listed = (*document.get("attributes", ()), *document.get(LETTERS, ()))
        return frozenset([*told, *map(tongue.stem, listed)])

    def titled(document: dict[str, tuple[str, ...]]) -> frozenset[str]:
        letters = characters(document["title"])  # a query of one character means them
        return stems(document, "title", PARTS) | frozenset(map(tongue.stem, letters))

    texts = ((titled(d), stems(d, "brand", "category") | bare(d)) for d in made)
    all_words = [d["title"] for d in made]
    stemmed = (stems_of(title, tongue) for title in all_words)
    said = [until_thing(title, tongue, telling.of(row)) for row, title in enumerate(titles)]
    return relevance_over(Postings.fit(texts), Titles.fit(all_words, stemmed, said, telling.stems), vectors, tongue)


def telling_of(catalogue: Catalogue, tongue: Tongue) -> Telling:
    """The words of colours, sizes, and of whom things are for, as the catalogue states them: in "Kleid schwarz 38" the
    thing is the dress. A word tells so where FEWEST products state it, and hardly any that does not ends with it: in a
    shop of roses "Rose" is no colour. None where shoppers put a colour before its thing, as the English do."""
    if tongue.joins is None:
        return Telling()
    split, names = split_of(tongue), frozenset(TELLING.split())
    known = {name for some in catalogue.attributes for name in some}
    telling = {name for name in known if not names.isdisjoint(words(name.replace("_", " ")))}
    if not telling:
        return Telling(frozenset(map(tongue.stem, tongue.sizing)))
    own, titles = list[frozenset[str]](), catalogue.said_of_leader("title")
    stated, ending = Counter[str](), Counter[str]()
    for row, title in enumerate(titles):
        units = range(catalogue.starts[row], catalogue.starts[row + 1])
        values = {v for unit in units for name in telling & catalogue.attributes[unit].keys()
                  for v in catalogue.attributes[unit][name]}  # fmt: skip
        said = {word for value in values if len(parts := split(value)) <= LONGEST_VALUE for word in parts}
        mine = frozenset(map(tongue.stem, said))
        stated.update(mine)
        last = split(title)[: until_thing(title, tongue)][-1:]
        ending.update({stem for stem in map(tongue.stem, last) if stem not in mine})
        own.append(mine)
    kept = {stem for stem, rows in stated.items() if rows >= FEWEST and ending[stem] < RARELY * rows}
    sizing = frozenset(map(tongue.stem, tongue.sizing))
    return Telling(frozenset(kept) | sizing, [(mine & kept) | sizing for mine in own])


def same(tongue: Tongue, asked: Sequence[str]) -> str:
    """What queries share that ask for the same: the stems of their words, in alphabetical order."""
    return " ".join(sorted({tongue.stem(word) for word in compress(asked, asking(asked, tongue.small, tongue.sizing))}))


def relevance_over(postings: Postings, titles: Titles, vectors: FaissIndex | None, tongue: Tongue) -> Relevance:
    """The relevance scorer over words that are at hand."""
    stemmed = partial(stems_of, tongue=tongue)
    asked = partial(asking, small=tongue.small, sizing=tongue.sizing)
    return Relevance(Signals(postings, titles, stemmed, vectors, asked, tongue.linking, words, denied, tongue.leads,
                             tongue.piled))  # fmt: skip
