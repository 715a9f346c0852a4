"""Which rows hold which word: in their titles, and anywhere in their text. Arrays on disk: a million products fit."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from aisle.records.history import Bools, Ints, Longs, among
from aisle.records.mapped import mapped

ARRAYS = ("indptr", "rows", "titled", "lengths", "texts")


class Postings:
    """Word w is held by the rows `rows[indptr[w]:indptr[w + 1]]`, ascending; `titled` says whether by their titles.

    indptr: int64 (words + 1,); rows: int32 (n,); titled: bool (n,); lengths: int32 (rows,), distinct words of a title;
    texts: int32 (rows,), of all of its text.
    """

    def __init__(self, words: list[str], indptr: Longs, rows: Ints, titled: Bools, lengths: Ints, texts: Ints) -> None:
        self.words = {word: code for code, word in enumerate(words)}
        self.indptr, self.rows, self.titled, self.lengths, self.texts = indptr, rows, titled, lengths, texts
        size = len(lengths)
        counts = np.diff(indptr)
        self.idf: Any = np.log(1 + size / (counts + 0.5))
        self.unknown = float(np.log(1 + size / 0.5)) if size else 1.0

    @classmethod
    def fit(cls, texts: Iterable[tuple[frozenset[str], frozenset[str]]]) -> Self:
        """From the words of each row's title, and the further words of its text."""
        codes: dict[str, int] = {}
        held: list[int] = []
        owners: list[int] = []
        titled: list[bool] = []
        lengths: list[int] = []
        everything: list[int] = []
        for row, (title, rest) in enumerate(texts):
            lengths.append(len(title))
            everything.append(len(title | rest))
            for word in sorted(title | rest):
                held.append(codes.setdefault(word, len(codes)))
                owners.append(row)
                titled.append(word in title)
        order = np.argsort(np.array(held, np.int64), kind="stable")
        counts = np.bincount(held, minlength=len(codes)) if held else np.zeros(0, np.int64)
        return cls(list(codes), np.r_[0, np.cumsum(counts)].astype(np.int64), np.array(owners, np.int32)[order],
                   np.array(titled, bool)[order], np.array(lengths, np.int32),
                   np.array(everything, np.int32))  # fmt: skip

    def __contains__(self, word: str) -> bool:
        return word in self.words

    def weight(self, word: str) -> float:
        """The inverse document frequency of a word, log(1 + rows / (count + ½)); of an unknown one the largest."""
        code = self.words.get(word)
        return self.unknown if code is None else float(self.idf[code])

    def rows_of(self, word: str) -> Ints:
        """The rows that hold a word anywhere in their text, int32 ascending."""
        code = self.words.get(word)
        start, end = (0, 0) if code is None else (int(self.indptr[code]), int(self.indptr[code + 1]))
        return np.asarray(self.rows[start:end], np.int32)

    def holding(self, word: str, rows: Ints) -> tuple[Bools, Bools]:
        """bool (n,) each: do these rows hold the word in their text, and in their title."""
        code = self.words.get(word)
        if code is None:
            return np.zeros(len(rows), bool), np.zeros(len(rows), bool)
        part = slice(int(self.indptr[code]), int(self.indptr[code + 1]))
        held, at = among(rows, self.rows[part])
        return held, held & self.titled[part][at]

    def rows_of_all(self, words: Sequence[str]) -> Ints:
        """The rows that hold all of these words anywhere in their text, int32 ascending; none of no words."""
        every = sorted((self.rows_of(word) for word in dict.fromkeys(words)), key=len)
        left = every[0] if every else np.zeros(0, np.int32)
        for held in every[1:]:
            left = left[among(left, held)[0]]
        return left

    def save(self, folder: Path) -> None:
        """Write words and arrays into a folder."""
        (folder / "words.txt").write_text("\n".join(self.words), "utf-8")
        for name in ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """What `save` wrote; arrays are memory-mapped."""
        text = (folder / "words.txt").read_text("utf-8")
        arrays: Any = [mapped(folder / f"{name}.npy") for name in ARRAYS]
        return cls(text.split("\n") if text else [], *arrays)
