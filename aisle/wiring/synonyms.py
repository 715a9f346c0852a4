"""`synonyms`: words for one thing that the log and the catalogue suggest, for a shop to read and take over.

Nothing of it is used by itself: a wrong synonym shows every shopper the wrong thing. The lines are those of the file
that `search.synonyms` names, so what a shop takes over it can also change.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from aisle.errors import InputError
from aisle.feedback.wordings import Answers, answers, wordings
from aisle.language.words import is_paired, words
from aisle.wiring.live import Live, Served, thesaurus_of

SURE = 0.8  # likeness from which two phrases that the shop uses itself are one thing
TITLES = 2  # that must say a thing each way
SHORTEST = 3  # letters of each half of a word that is written apart
Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Synonym:
    """Who asks for `phrase` may mean `other`; why: what speaks for it."""

    phrase: str
    other: str
    why: str


def synonyms(live: Live) -> list[Synonym]:
    """Suggestions that the shop's thesaurus does not know yet, those of most shoppers first."""
    served = live.served()
    told = answers(live.store.read(kinds=("served", "event")))
    made = [*_asked(served, told), *_written(served)]
    book = thesaurus_of(live.folder, live.settings, served.parts.content.speller.tongue)

    def known(one: Synonym) -> bool:
        return book is not None and one.other in book.alternatives(words(one.phrase))[0]

    return list({(one.phrase, one.other): one for one in reversed(made) if not known(one)}.values())[::-1]


def _asked(served: Served, told: Answers) -> Iterable[Synonym]:
    """What the log says: the wording that the shop does not use stands for the one that it does."""
    content = served.parts.content
    for found in wordings(told, words):
        why = f"{found.shoppers} shoppers took the same products ({found.alike:.2f})"
        for phrase, other in ((found.one, found.other), (found.other, found.one)):
            misspelt = content.speller.read(" ".join(phrase)).words == other
            wanted = not _uses(served, phrase) or found.alike >= SURE
            if _uses(served, other) and wanted and not misspelt and not _same(served, phrase, other):
                yield Synonym(_text(phrase), _text(other), why)


def _uses(served: Served, phrase: Phrase) -> bool:
    """Does any product say all of it."""
    about = served.parts.content.relevance.about
    return bool(len(about.postings.rows_of_all(about.stems(phrase))))


def _same(served: Served, one: Phrase, other: Phrase) -> bool:
    """Singular and plural are looked for as one."""
    stems = served.parts.content.relevance.about.stems
    return stems(one) == stems(other)


def _text(phrase: Phrase) -> str:
    return ("" if all(map(is_paired, phrase)) else " ").join(phrase)


def _written(served: Served) -> Iterable[Synonym]:
    """What the catalogue says: a word that other titles write apart."""
    catalogue = served.generation.catalogue
    whole, apart = Counter[str](), Counter[Phrase]()
    for title in catalogue.said_of_leader("title"):
        said = words(str(title))
        whole.update(set(said))
        apart.update(set(pairwise(said)))
    for halves, times in sorted(apart.items(), key=lambda pair: (-pair[1], pair[0])):
        word = "".join(halves)
        if min(times, whole[word]) >= TITLES and all(len(half) >= SHORTEST and half.isalpha() for half in halves):
            why = f"{whole[word]} titles say {word!r}, {times} {_text(halves)!r}"
            yield Synonym(word, _text(halves), why)
            yield Synonym(_text(halves), word, why)


def written(found: Sequence[Synonym], path: Path) -> int:
    """Append suggestions to a shop's file, each with its reason; phrases of it are left as they are. How many were new.

    Raises InputError where the file cannot be read or written."""
    try:
        before = path.read_text("utf-8") if path.exists() else ""
        known = {line.partition("\t")[0].strip().casefold() for line in before.splitlines()}
        new: dict[str, list[Synonym]] = {}
        for one in found:
            if one.phrase not in known:
                new.setdefault(one.phrase, []).append(one)
        lines = [f"# {'; '.join(dict.fromkeys(s.why for s in each))}\n{phrase}\t{'; '.join(s.other for s in each)}\n"
                 for phrase, each in new.items()]  # fmt: skip
        with path.open("a", encoding="utf-8") as file:
            file.write(("\n" if before and not before.endswith("\n") else "") + "".join(lines))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(str(path), str(error), "a file of phrases in UTF-8 that can be written") from None
    return len(new)
