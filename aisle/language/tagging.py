"""What the words of a title are: a brand, a colour, a kind of thing. Learned from titles whose words were told.

A linear chain of conditional random fields (Lafferty, McCallum and Pereira, ICML 2001; the library is CRFsuite): each
token is told apart by itself, its neighbours, its letters and where it stands, and labels that follow each other are
weighed, too. Han text is read by characters, each of which also knows the word that jieba finds around it.
"""

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Self

from aisle.language.glosses import segmenter
from aisle.language.words import HAN, LETTER, is_han

# a Han character, a number, a run of other letters, or any other sign by itself
TOKEN = re.compile(rf"[{HAN}]|\d+(?:[.,]\d+)*|(?:{LETTER})+|\S")
OUTSIDE = "O"
PENALTIES = {"c1": 0.1, "c2": 0.1, "max_iterations": 100, "feature.possible_transitions": True}  # chosen on validation
AROUND = 3  # tokens to each side that count
TENTHS = 10  # parts of a title, for where a token stands


@dataclass(frozen=True, slots=True)
class Span:
    """Tokens `start` to `end` (behind the last) are a `label`; sure: the least probability among them."""

    start: int
    end: int
    label: str
    sure: float


class Tagger:
    """Labels of tokens, as B-x where an x begins, I-x inside it, O for what is none."""

    def __init__(self, model: bytes) -> None:
        from pycrfsuite import Tagger as Crf

        self._model, self._crf = model, Crf()  # the library reads the bytes where they lie
        self._crf.open_inmemory(model)

    @classmethod
    def fit(cls, titles: Sequence[Sequence[str]], labels: Sequence[Sequence[str]]) -> Self:
        """Learn from tokens and a label for each. The same input gives the same tagger."""
        from pycrfsuite import Trainer

        trainer = Trainer(verbose=False)
        trainer.set_params(PENALTIES)
        for tokens, told in zip(titles, labels, strict=True):
            trainer.append(features(tokens), list(told))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "tagger"
            trainer.train(str(path))
            return cls(path.read_bytes())

    def tag(self, tokens: Sequence[str]) -> list[str]:
        """The likeliest labels."""
        return list(self._crf.tag(features(tokens))) if tokens else []

    def spans(self, tokens: Sequence[str]) -> list[Span]:
        """What was found, in its order, each with how sure it is."""
        labels = self.tag(tokens)
        return [
            Span(start, end, label, min(self._crf.marginal(labels[k], k) for k in range(start, end)))
            for start, end, label in spans(labels)
        ]


def tokens(text: str) -> list[tuple[int, int]]:
    """Where the tokens of a text stand: first character and the one behind the last."""
    return [found.span() for found in TOKEN.finditer(text)]


def spans(labels: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """(start, end, label) of labels B-x, I-x and O; an I-x that follows no x begins one."""
    start, open_ = 0, ""
    for k, label in enumerate([*labels, OUTSIDE]):
        if open_ and label != f"I-{open_}":
            yield start, k, open_
            open_ = ""
        if label != OUTSIDE and not open_:
            start, open_ = k, label[2:]


def features(tokens: Sequence[str]) -> list[list[str]]:
    """What tells each token apart, as CRFsuite reads it."""
    low = [token.lower() for token in tokens]
    edge = range(1, AROUND + 1)
    said = [*(f"<{k}" for k in reversed(edge)), *low, *(f">{k}" for k in edge)]
    made = []
    for k, (token, word) in enumerate(zip(tokens, _words(low), strict=True)):
        at = k + AROUND
        one = [f"{o}={said[at + o]}" for o in range(-AROUND, AROUND + 1)]
        two = [f"{o},{o + 1}={said[at + o]} {said[at + o + 1]}" for o in range(-2, 2)]
        three = [f"{o}..={said[at + o]} {said[at + o + 1]} {said[at + o + 2]}" for o in (-2, -1, 0)]
        where = [f"tenth={TENTHS * k // len(tokens)}", f"begins={k < AROUND}"]
        shapes = [f"shape{o}={_shape(said[at + o])}" for o in (-1, 0, 1)]
        letters = [f"written={_shape(token)}", f"from={low[k][:3]}", f"to={low[k][-3:]}"]
        made.append(["all", *one, *two, *three, *where, *shapes, *letters, *word])
    return made


def _shape(token: str) -> str:
    """Han, digits, letters as they are cased, or another sign."""
    if is_han(token):
        return "han"
    if token[0].isdigit():
        return "number"
    if not token[0].isalpha():
        return "sign"
    return "upper" if token.isupper() else "title" if token.istitle() else "lower"


def _words(low: Sequence[str]) -> list[list[str]]:
    """Of each token the word that it belongs to, the words beside it, and its place in it."""
    words: list[str] = []
    for han, run in groupby(low, is_han):
        said = list(run)
        words += segmenter().lcut("".join(said)) if han and find_spec("jieba") else said
    around, made = ["<", *words, ">"], list[list[str]]()
    for k, word in enumerate(words, 1):
        parts = len(word) if is_han(word) else 1
        for part in range(parts):
            place = "whole" if parts == 1 else "first" if part == 0 else "last" if part == parts - 1 else "inside"
            said = [f"{place}", f"word={word}", f"{place} {word}", f"before={around[k - 1]}", f"behind={around[k + 1]}"]
            made.append(said)
    return made


def told(title: Sequence[str], values: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """Labels of a title's tokens of which values are known, as (label, tokens of the value) in lower case; the first
    place that says a value counts, and what one value took no other takes."""
    low, labels = [token.lower() for token in title], [OUTSIDE] * len(title)
    for label, value in values:
        size = len(value)
        for at in range(len(low) - size + 1):
            free = all(known == OUTSIDE for known in labels[at : at + size])
            if size and low[at : at + size] == list(value) and free:
                labels[at : at + size] = [f"B-{label}", *[f"I-{label}"] * (size - 1)]
                break
    return labels
