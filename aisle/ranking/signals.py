"""Signals of relevance: numbers about a query and each of some products, from which trees learn what judges mean.

Whole words by their stems, weighted by what they tell (idf); letters (trigrams), so that a misspelt, joined or split
word still counts; where in the title words stand, and whether it is of the thing that is asked for; numbers; the two
texts' vectors; and how much of the shop answers.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress, pairwise

import numpy as np

from aisle.ranking.postings import Postings
from aisle.ranking.titles import NOWHERE, Some, Titles
from aisle.records.history import Bools, Floats, Ints
from aisle.stages import VectorIndex

BASIC = ("cosine", "coverage", "title_coverage", "whole", "query_words", "title_words", "thing", "thing_in")
CLOSE = (
    "letters", "letters_least", "letters_second", "letters_mean", "letters_whole", "matched",
    "last_in", "first_in", "last_at", "first_at", "pairs", "numbers", "query_numbers", "missing",
    "query_weight", "title_length", "text_words",
)  # fmt: skip
SHOP = ("best_cosine", "mean_best", "below_best", "below_mean", "rows_with_all")
SIGNALS = (*BASIC, *CLOSE, *SHOP)
WITHOUT = ("无", "不含", "不", "非", "免", "零")  # the same in Chinese
ZERO, FREE = "zero", "free"  # before a word, and behind it: that it is not in there
ENDINGS = ("frei", "los", "vrij", "loos", "fri", "fritt")  # of a compound: the same ("zuckerfrei")
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
FORMS = 2  # letters: "pots" is a form of "pot", "potting" another word of its stem
SEEN = 4096  # titles that are asked whether they call something so
NEAREST = 10  # of the whole shop, whose cosines tell how well it answers at all


@dataclass
class Signals:
    """postings: which rows hold which stems; titles: their words in order; stems: of the words of a text;
    asking: which words of a query ask for something; linking: those behind which it only tells of what it asks for;
    split: a text's words; denied: the stem of a word → what stands for it where a text denies it; leads: the language
    names a thing before what tells of it; piled: in a query it stands anywhere."""

    postings: Postings
    titles: Titles
    stems: Callable[[Sequence[str]], list[str]]
    vectors: VectorIndex | None = None
    asking: Callable[[Sequence[str]], Sequence[bool]] = lambda words: [True] * len(words)
    linking: frozenset[str] = frozenset()
    split: Callable[[str], Sequence[str]] = str.split
    denied: Callable[[str], str] = str
    leads: bool = False
    piled: bool = False
    _everything: Bools = field(default_factory=lambda: np.zeros(0, bool))

    def asked(self, words: Sequence[str]) -> list[str]:
        """The words of a query that ask for something, or all where none does."""
        return list(compress(words, self.asking(words))) or list(words)

    def sought(self, words: Sequence[str]) -> list[str]:
        """Their stems; of a word that the shop only denies ("gluten"), what stands for that."""
        every = self._sought(words)
        return list(compress(every, self.asking(words))) or every

    def _sought(self, words: Sequence[str]) -> list[str]:
        known, found = self.postings, self.stems(words)
        return [self.denied(stem) if stem not in known and self.denied(stem) in known else stem for stem in found]

    def saying(self, words: Sequence[str], rows: Ints) -> Bools:
        """bool (asked, n): which rows say which word that asks for something, anywhere in their text."""
        said = [self.postings.holding(stem, rows)[0] for stem in self.sought(words)]
        return np.array(said, bool).reshape(-1, len(rows))

    def telling(self, words: Sequence[str], rows: Ints) -> Bools:
        """bool (n,): do rows say any of these words; all do where no product of the shop does ("sku")."""
        known = [stem for stem in self.sought(words) if stem in self.postings]
        said = [self.postings.holding(stem, rows)[0] for stem in known]
        return np.any(said, axis=0) if said else np.ones(len(rows), bool)

    def holding(self, words: Sequence[str]) -> Ints:
        """Rows that say all that is asked for, int32 ascending."""
        return self.postings.rows_of_all(self.sought(words))

    def titled(self, text: str) -> int:
        """How many titles say the words of a text one behind the other; a character alone in any word."""
        if len(text) == 1:
            return int(text in self._characters)
        said = list(self.split(text))
        return int(self.together(said, self.holding(said)).sum())

    def calls(self, text: str) -> bool:
        """Does a title say the words of a text one behind the other; SEEN of those that hold them all are asked."""
        said = list(self.split(text))
        return bool(said) and bool(self.together(said, self.holding(said)[:SEEN]).any())

    @cached_property
    def _characters(self) -> frozenset[str]:
        """The characters of words that stand in titles."""
        ends = np.cumsum(np.r_[0, self.postings.titled])[self.postings.indptr]
        some = np.flatnonzero(np.diff(ends))
        names = list(self.postings.words)
        return frozenset(c for code in some for c in names[code])

    def says(self, words: Sequence[str]) -> bool:
        """Does a title say some words one behind the other, or, where no title holds them all, another text? A soap
        dish is no dish soap, and potting soil no pot: forms of a word are FORMS letters apart at most."""
        stems = self.sought(words)
        rows = self.postings.rows_of_all(stems)
        titled = np.all([self.postings.holding(stem, rows)[1] for stem in stems], axis=0)
        return bool(len(rows)) and not (titled.any() and not self.together(words, rows).any())

    def together(self, words: Sequence[str], rows: Ints) -> Bools:
        """bool (n,): whose title says what some words ask for one behind the other, each in a form of it."""
        if not len(rows):
            return np.zeros(0, bool)
        some = self.titles.some(rows)
        here = np.array([self.titles.matching(some, stem) for stem in self.sought(words)])
        for word, held in zip(self.asked(words), here, strict=True):
            held &= np.abs(self.titles.letters[some.codes] - len(word)) <= FORMS
        said = here[0]
        for at, word in enumerate(here[1:], 1):
            said = said & np.r_[word[at:], np.zeros(at, bool)]
        return np.asarray(np.logical_or.reduceat(said, some.starts))

    def lacking(self, thing: str) -> Bools:
        """bool (rows,): products that do not have this: their text lacks one of its words, or their title says that
        they do not ("sugar free", "no sugar", 无糖)."""
        held = self._having(thing)
        out = np.ones(len(self.postings.lengths), bool)
        out[held[~self._free(thing, held)]] = False
        return out

    def sparing(self, thing: str) -> Bools:
        """bool (rows,): products that say that they do not have this ("lactose-free milk", "free from milk")."""
        held, stems = self._having(thing), self.stems(self.split(thing))
        out = np.zeros(len(self.postings.lengths), bool)
        out[held[self._free(thing, held)]] = True
        if stems:
            out[self.postings.rows_of_all([self.denied(stems[0]), *stems[1:]])] = self.denied(stems[0]) != stems[0]
        return out

    def _free(self, thing: str, held: Ints) -> Bools:
        """bool (held,): which titles of these rows, that hold a thing, say that it is not in there."""
        some, stems = self.titles.some(held), self.stems(self.split(thing))
        free = np.zeros(len(held), bool)
        if len(held) and not HAN.search(thing):
            asked = (*self.stems([ZERO]), stems[0], stems[-1], *self.stems([FREE]))
            before, here, last, behind = (self.titles.matching(some, stem) for stem in asked)
            said = (here & np.r_[False, before[:-1]]) | (last & np.r_[behind[1:], False])
            for stem in self.stems([f"{thing}{ending}" for ending in ENDINGS]):
                said |= self.titles.matching(some, stem)
            free = np.logical_or.reduceat(said, some.starts)
        elif len(held):
            free = np.isin(held, np.concatenate([self._having(f"{no}{thing[0]}") for no in WITHOUT]))
            if len(stems[0]) > 1:  # a number is no part of pairs: 0酒精
                zero, here = (self.titles.matching(some, stem) for stem in ("0", stems[0]))
                free |= np.logical_or.reduceat(here & np.r_[False, zero[:-1]], some.starts)
        return free

    def _having(self, thing: str) -> Ints:
        """Rows whose text holds every word of a thing; of one Chinese character any pair that holds it."""
        if len(thing) == 1 and HAN.match(thing):
            some = [self.postings.rows_of(held) for held in self.postings.words if thing in held]
            return np.unique(np.concatenate([np.zeros(0, np.int32), *some])).astype(np.int32)
        return self.postings.rows_of_all(self.stems(self.split(thing)))

    def basic(self, words: Sequence[str], vector: Floats, rows: Ints) -> Floats:
        """float32 (n, len(BASIC)); cosine is NaN without a vector, thing_in where the query does not say what for."""
        asked = sorted(set(self.sought(words)))
        weights = {word: self.postings.weight(word) for word in asked}
        thing, told_of = self._thing(words)
        if thing in weights and not self.piled:  # however common it is: boots for the winter are no winter coat
            weights[thing] = max(weights.values())
        total = sum(weights.values()) or 1.0
        out = np.zeros((len(rows), len(BASIC)), np.float32)
        titled = np.zeros(len(rows), np.int64)
        for word, weight in weights.items():
            in_text, in_title = self.postings.holding(word, rows)
            out[:, 1] += in_text * np.float32(weight / total)
            out[:, 2] += in_title * np.float32(weight / total)
            titled += in_title
        out[:, 3] = titled == len(asked)
        out[:, 4], out[:, 5] = len(asked), self.postings.lengths[rows]
        out[:, 6] = self.titles.of_thing(rows, thing)
        out[:, 7] = self.titles.saying(self.titles.some(rows), thing) if told_of and len(rows) else np.nan
        out[:, 0] = np.nan
        if self.vectors is not None and len(vector) and len(rows):
            out[:, 0] = self.vectors.take(rows) @ vector
        return out

    def shared(self, seeds: Ints, weights: Floats, rows: Ints) -> Floats:
        """float32 (n,): how much of what the titles of `seeds`, weighed by `weights`, tell do those of rows say."""
        weights = weights / max(float(weights.sum()), float(np.finfo(np.float32).tiny))  # of years ago nearly nothing
        owners, stems = self.titles.distinct(seeds)
        telling = self._telling[stems] * weights[owners]
        telling /= np.maximum(np.bincount(owners, self._telling[stems], len(seeds)), 1e-9)[owners]
        wanted = np.bincount(stems, telling, len(self._telling))
        owners, stems = self.titles.distinct(rows)
        said = np.bincount(owners, wanted[stems], len(rows))
        return np.asarray(said, np.float32)

    @cached_property
    def _telling(self) -> Floats:
        """The weight of every stem of titles, float32 (stems,)."""
        return np.array([self.postings.weight(stem) for stem in self.titles.stemmed], np.float32)

    def _thing(self, words: Sequence[str]) -> tuple[str, bool]:
        """The stem of what a query is for, and does it tell of it ("for", "with") behind that."""
        end = next((at for at, word in enumerate(words) if at and word in self.linking), len(words))
        if not words:
            return "", False
        sought = self._sought(words)
        last = next((at for at in range(end - 1, -1, -1) if sought[at] not in self.titles.telling), end - 1)
        return sought[0 if self.leads else last], end < len(words)

    def all(self, words: Sequence[str], vector: Floats, rows: Ints) -> Floats:
        """float32 (n, len(SIGNALS)); NaN where there is nothing to tell by."""
        basic = self.basic(words, vector, rows)
        if not len(rows):
            return np.zeros((0, len(SIGNALS)), np.float32)
        stems = self.sought(words)
        close = self._close(self.asked(words), stems, rows)
        return np.column_stack([basic, close, self._shop(stems, vector, basic[:, 0])])

    def _close(self, asked: Sequence[str], stems: Sequence[str], rows: Ints) -> Floats:
        """How nearly each title says the query, float32 (n, len(CLOSE))."""
        titles, some, n = self.titles, self.titles.some(rows), len(rows)
        lengths = (titles.starts[rows + 1] - titles.starts[rows]).astype(np.float32)
        if not asked:
            return np.full((n, len(CLOSE)), np.nan, np.float32)
        weights = np.array([self.postings.weight(stem) for stem in stems], np.float32)
        alike = np.stack([some.best(titles.likeness(word)) for word in asked])
        letters = np.sort(alike, axis=0)
        here = [titles.matching(some, stem) for stem in stems]
        at = np.stack([_first(some, one) for one in here])
        held = at < NOWHERE
        places = np.where(held, at / np.maximum(lengths, 1), 2)
        both = [np.maximum.reduceat(a & np.r_[b[1:], False], some.starts)
                for a, b in pairwise(here)]  # fmt: skip
        numeric = np.array([stem[:1].isdigit() for stem in stems])
        return np.column_stack([
            weights @ alike / max(float(weights.sum()), 1e-9), letters[0], letters[min(1, len(letters) - 1)],
            alike.mean(axis=0), titles.contained(some, "".join(asked)), held.mean(axis=0),
            held[-1], held[0], places[-1], places[0], np.mean(both, axis=0) if both else np.zeros(n),
            held[numeric].mean(axis=0) if numeric.any() else np.full(n, np.nan), np.full(n, numeric.sum()),
            np.where(held, 0, weights[:, None]).max(axis=0), np.full(n, weights.sum()), lengths,
            self.postings.texts[rows],
        ]).astype(np.float32)  # fmt: skip

    def _shop(self, stems: Sequence[str], vector: Floats, cosine: Floats) -> Floats:
        """How well the whole shop answers, float32 (n, len(SHOP))."""
        out = np.full((len(cosine), len(SHOP)), np.nan, np.float32)
        out[:, 4] = np.log1p(len(self.postings.rows_of_all(stems)))
        if self.vectors is None or not len(vector):
            return out
        if len(self._everything) != len(self.postings.lengths):
            self._everything = np.ones(len(self.postings.lengths), bool)
        best = self.vectors.search(vector[None, :], self._everything, NEAREST)[0][1]
        out[:, 0], out[:, 1] = best.max(initial=0), best.mean() if len(best) else 0
        out[:, 2:4] = cosine[:, None] - out[:, :2]
        return out


def _first(some: Some, here: Bools) -> Ints:
    """Where each title first holds a word, int32 (rows,); NOWHERE if it does not."""
    return np.asarray(np.minimum.reduceat(np.where(here, some.places, NOWHERE), some.starts), np.int32)
