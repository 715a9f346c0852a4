"""The words of every title in their order, and the trigrams of their letters: what says where a query's words stand,
and how nearly a misspelt or joined one does. Arrays on disk: a million products fit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from aisle.records.history import Bools, Floats, Ints, Longs, spans
from aisle.records.mapped import mapped

BUCKETS = 1 << 16  # of trigrams, by their hash
NOWHERE = 1 << 20  # the place of a word that a title does not hold
ARRAYS = ("starts", "codes", "gram_starts", "grams", "stems", "sizes", "holders", "first", "said")


@dataclass(frozen=True)
class Some:
    """The titles of some rows, one after the other, each behind it a word that nobody asks for.

    codes: int32 (n,), words; places: int32 (n,), within their title; starts: int64 (rows,), where each title begins.
    """

    codes: Ints
    places: Ints
    starts: Longs
    rows: Ints

    def best(self, of_word: Floats) -> Floats:
        """The largest value of a title's words, float32 (rows,): of_word float32 (words + 1,)."""
        return np.asarray(np.maximum.reduceat(of_word[self.codes], self.starts), np.float32)


class Titles:
    """codes[starts[r]:starts[r + 1]] are the words of row r; grams likewise its trigrams, written as one word.

    stems: int32 (words + 1,), the code of each word's stem; the last word is none at all; sizes: float32 (words + 1,),
    how many trigrams each has; holders[first[g]:first[g + 1]]: int32, the words that hold trigram g; said: int32
    (rows,), how many words of a title say what the thing is, the last of them its name; telling: stems of words that
    are no name of a thing, colours and sizes, where the language lets them stand behind it.
    """

    def __init__(
        self, words: list[str], stemmed: list[str], starts: Longs, codes: Ints, gram_starts: Longs,
        grams: NDArray[np.uint16], stems: Ints, sizes: Floats, holders: Ints, first: Longs,
        said: Ints, telling: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        self.telling = telling
        self.words, self.stemmed = words, stemmed
        self.starts, self.codes, self.gram_starts, self.grams, self.stems = starts, codes, gram_starts, grams, stems
        self.sizes, self.holders, self.first, self.said = sizes, holders, first, said
        self._stem_codes = {stem: code for code, stem in enumerate(stemmed)}

    @cached_property
    def letters(self) -> Ints:
        """int32 (words + 1,): how many letters each word has, 0 of none at all."""
        return np.array([*map(len, self.words), 0], np.int32)

    @classmethod
    def fit(
        cls, titles: Iterable[Sequence[str]], stems: Iterable[Sequence[str]], said: Sequence[int],
        telling: frozenset[str] = frozenset(),
    ) -> Self:  # fmt: skip
        """From the words of every title, their stems, and how many of them say what the thing is."""
        words, stemmed = dict[str, int](), dict[str, int]()
        stem_of, codes, lengths = list[int](), list[int](), list[int]()
        grams = [np.zeros(0, np.uint16)]
        for title, reduced in zip(titles, stems, strict=True):
            for word, stem in zip(title, reduced, strict=True):
                if word not in words:
                    words[word] = len(words)
                    stem_of.append(stemmed.setdefault(stem, len(stemmed)))
                codes.append(words[word])
            lengths.append(len(title))
            grams.append(grams_of("".join(title)))
        held = [grams_of(word) for word in words]
        flat = np.concatenate([*held, np.zeros(0, np.uint16)])
        owners = np.repeat(np.arange(len(held), dtype=np.int32), [len(one) for one in held])
        return cls(
            list(words), list(stemmed), _starts(lengths), np.array(codes, np.int32), _starts(map(len, grams[1:])),
            np.concatenate(grams), np.array([*stem_of, -1], np.int32),
            np.array([*map(len, held), 1], np.float32), owners[np.argsort(flat, kind="stable")],
            _starts(np.bincount(flat, minlength=BUCKETS)), np.array(said, np.int32), telling,
        )  # fmt: skip

    def some(self, rows: Ints) -> Some:
        """The titles of these rows."""
        lengths = self.starts[rows + 1] - self.starts[rows]
        starts = np.r_[0, np.cumsum(lengths + 1)].astype(np.int64)
        places = (np.arange(starts[-1]) - np.repeat(starts[:-1], lengths + 1)).astype(np.int32)
        codes = np.full(starts[-1], len(self.words), np.int32)
        held = places < np.repeat(lengths, lengths + 1)
        codes[held] = self.codes[np.repeat(self.starts[rows], lengths) + places[held]]
        return Some(codes, places, starts[:-1], rows)

    def distinct(self, rows: Ints) -> tuple[Longs, Ints]:
        """The stems of these rows' titles, each once: at which of the rows, int64 (n,), ascending, and int32 codes."""
        lengths = self.starts[rows + 1] - self.starts[rows]
        stems = self.stems[self.codes[spans(self.starts, rows)]].astype(np.int64)
        of = max(len(self.stemmed), 1)
        pairs = np.sort(np.repeat(np.arange(len(rows)), lengths) * of + stems)
        first = np.r_[True, pairs[1:] != pairs[:-1]][: len(pairs)]  # a fifth of the time of np.unique
        owners, codes = np.divmod(pairs[first], of)
        return owners, codes.astype(np.int32)

    def likeness(self, word: str) -> Floats:
        """The Jaccard likeness of a word's trigrams to those of every word, float32 (words + 1,)."""
        asked = grams_of(word)
        holders = [self.holders[self.first[gram] : self.first[int(gram) + 1]] for gram in asked]
        both = np.bincount(np.concatenate(holders), minlength=len(self.words) + 1).astype(np.float32)
        return np.asarray(both / (len(asked) + self.sizes - both), np.float32)

    def matching(self, titles: Some, stem: str) -> Bools:
        """bool (n,): is each word of some titles this one, by its stem."""
        return np.asarray(self.stems[titles.codes] == self._stem_codes.get(stem, -2), bool)

    def of_thing(self, rows: Ints, stem: str) -> Bools:
        """bool (n,): is what each title is of called so, by its stem."""
        last = np.clip(self.starts[rows] + self.said[rows] - 1, 0, max(len(self.codes) - 1, 0))
        named = self.said[rows] > 0
        code = self._stem_codes.get(stem, -2)
        return np.asarray(named & (self.stems[self.codes[last]] == code), bool) if len(self.codes) else named

    def saying(self, titles: Some, stem: str) -> Bools:
        """bool (rows,): do the words that say what each thing is hold this one."""
        lengths = np.diff(np.r_[titles.starts, len(titles.codes)])
        here = self.matching(titles, stem) & (titles.places < np.repeat(self.said[titles.rows], lengths))
        return np.asarray(np.logical_or.reduceat(here, titles.starts), bool)

    def contained(self, titles: Some, text: str) -> Floats:
        """The share of a text's trigrams, written as one word, that each title holds, float32 (rows,)."""
        asked, rows = grams_of(text), titles.rows
        lengths = self.gram_starts[rows + 1] - self.gram_starts[rows]
        ends = np.cumsum(lengths)
        wanted = np.zeros(BUCKETS, bool)
        wanted[asked] = True
        hits = np.r_[0, np.cumsum(wanted[self.grams[spans(self.gram_starts, rows)]])]
        return np.asarray((hits[ends] - hits[ends - lengths]) / max(len(asked), 1), np.float32)

    def save(self, folder: Path) -> None:
        """Write words and arrays into a folder."""
        (folder / "title_words.txt").write_text("\n".join(self.words), "utf-8")
        (folder / "title_stems.txt").write_text("\n".join(self.stemmed), "utf-8")
        (folder / "title_telling.txt").write_text("\n".join(sorted(self.telling)), "utf-8")
        for name in ARRAYS:
            np.save(folder / f"title_{name}.npy", getattr(self, name))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """What `save` wrote; arrays are memory-mapped."""
        words, stems, telling = (
            (folder / f"title_{name}.txt").read_text("utf-8").split("\n") for name in ("words", "stems", "telling")
        )
        arrays: Any = [mapped(folder / f"title_{name}.npy") for name in ARRAYS]
        words, stems = (some if some != [""] else [] for some in (words, stems))
        made = cls(words, stems, *arrays)
        made.telling = frozenset(filter(None, telling))
        return made


def _starts(lengths: Iterable[int]) -> Longs:
    """Where each of several runs begins, and where the last ends, int64 (n + 1,)."""
    return np.asarray(np.r_[0, np.cumsum(np.fromiter(lengths, np.int64))], np.int64)


def grams_of(word: str) -> NDArray[np.uint16]:
    """The distinct trigrams of a word with its ends marked, hashed, uint16 ascending."""
    marked = f"^{word}$"
    return np.array(sorted({crc32(marked[k : k + 3].encode()) % BUCKETS for k in range(len(marked) - 2)}), np.uint16)
