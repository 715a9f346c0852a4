"""What shoppers may be typing: phrases of the shop's own titles, categories and brands, those of most demand first.

A phrase of two or three words that nearly always goes on in the same way ("frozen bagged" vegetables) is left to the
longer one. A phrase is found by the beginning of any of its words, also of one behind an apostrophe: "piz" finds
"frozen pizza", "été" and "robe d'é" find "robe d'été".
"""

import json
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

from aisle.language.words import is_paired, normalise, unaccented

LONGEST = 3  # words of a phrase taken from a title
FEWEST = 2  # rows that must say it
KEPT = 50_000  # phrases
GOES_ON = 0.9  # share of a phrase's demand that a longer one must have to stand for it
LATER = 0.5  # what a phrase counts that is found by a later word than its first
ARTICLE = 2  # letters of one before an apostrophe
LAST = "\U0010ffff"


class Phrases:
    """Phrases and the demand for each."""

    def __init__(self, demand: dict[str, float]) -> None:
        self.demand = demand
        starts = [(unaccented(phrase), phrase) for phrase in demand]
        for phrase in demand:
            starts += [(unaccented(phrase[at + 1 :]), phrase) for at, letter in enumerate(phrase) if letter in " '"]
            if "'" in phrase:
                starts.append((unaccented(phrase.replace("'", "")), phrase))
        starts.sort()
        self._keys, self._phrases = [key for key, _ in starts], [phrase for _, phrase in starts]

    @classmethod
    def fit(
        cls, titles: Iterable[Sequence[str]], names: Iterable[Iterable[str]], demand: Sequence[float],
        fillers: frozenset[str] = frozenset(),
    ) -> Self:  # fmt: skip
        """titles: each row's words; names: each row's brand and the end of its category; demand: of each row; fillers:
        words with which no phrase begins or ends."""
        said: Counter[str] = Counter()
        weight: dict[str, float] = defaultdict(float)
        for title, called, wanted in zip(titles, names, demand, strict=True):
            for phrase in {*_phrases(title, fillers), *(normalise(name) for name in called)} - {""}:
                said[phrase] += 1
                weight[phrase] += wanted
        common = {phrase: weight[phrase] for phrase, rows in said.items() if rows >= FEWEST}
        for phrase in sorted(common, key=lambda p: -p.count(" ")):
            for part in (phrase.rpartition(" ")[0], phrase.partition(" ")[2]):
                if " " in part and common.get(part, 0) and common.get(phrase, 0) >= GOES_ON * common[part]:
                    del common[part]
        best = sorted(common, key=lambda phrase: (-common[phrase], phrase))[:KEPT]
        return cls({phrase: round(common[phrase], 3) for phrase in best})

    def completions(self, typed: str, limit: int) -> list[str]:
        """Phrases that begin, at one of their words, with what was typed; those of most demand first."""
        typed = unaccented(typed)
        start, end = bisect_left(self._keys, typed), bisect_left(self._keys, typed + LAST)
        found: dict[str, float] = {}
        for key, phrase in zip(self._keys[start:end], self._phrases[start:end], strict=True):
            worth = self.demand[phrase] * (1.0 if len(key) >= len(phrase) - phrase.count("'") else LATER)
            found[phrase] = max(found.get(phrase, 0.0), worth)
        return sorted(found, key=lambda phrase: (-found[phrase], phrase))[:limit]

    def save(self, folder: Path) -> None:
        """Write the phrases."""
        folder.mkdir(parents=True)
        (folder / "phrases.json").write_text(json.dumps(self.demand, ensure_ascii=False), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """What `save` wrote."""
        return cls(json.loads((folder / "phrases.json").read_text("utf-8")))


def _says(word: str) -> bool:
    """Is this a word of letters, and no single one."""
    letters = word.replace("'", "")
    return letters.isalpha() and (len(letters) > 1 or is_paired(word))


def _bare(word: str) -> str:
    """A word with which a phrase begins, without the article before its apostrophe ("d'olive")."""
    article, _, rest = word.partition("'")
    return rest if rest and len(article) <= ARTICLE else word


def _phrases(title: Sequence[str], fillers: frozenset[str]) -> set[str]:
    """Runs of one to three words that begin and end with a word that says something."""
    found = set()
    for start in range(len(title)):
        for end in range(start + 1, min(start + LONGEST, len(title)) + 1):
            run = [_bare(title[start]), *title[start + 1 : end]]
            if not any(word in fillers or not _says(word) for word in (run[0], run[-1])):
                found.add(("" if all(map(is_paired, run)) else " ").join(run))
    return found
