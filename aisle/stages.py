"""The architecture on one page: every stage of the request path and every engine port, as protocols.

A request is prepared once (Preparer), candidates are found (Retriever), described (Feature), scored (Scorer) and
arranged (Reranker). Stages are synchronous and pure: they read no clock, do no I/O and swallow no failure.
A stage that learns also has `fit`, `save(folder)` and the class method `load(folder)` in its own file.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from aisle.catalogue.catalogue import Catalogue
from aisle.records.candidates import Candidates
from aisle.records.history import Bools, Floats, Interactions, Ints, Longs
from aisle.records.issue import Issue
from aisle.records.request import Context, Request
from aisle.records.row import Kind, Record, Row
from aisle.records.slate import Arrangement, Because

T = TypeVar("T")


class Source(Protocol):
    """Facts from outside; a row that cannot be read comes as a `Fault`, never as an exception."""

    def read(self) -> Iterator[Record]: ...


class Check(Protocol):
    """One question about the data's quality: a function that returns its findings."""

    def __call__(self, catalogue: Catalogue, events: Interactions) -> list[Issue]: ...


class Encoder(Protocol):
    """Things → float32 (n, dim) of unit length; always two-dimensional, (0, dim) for none."""

    dim: int

    def encode(self, things: Sequence[str]) -> Floats: ...


class QueryEncoder(Encoder, Protocol):
    """An encoder that serves, and knows whether it can read a text at all."""

    def reads(self, text: str) -> bool: ...


class Judge(Protocol):
    """Pairs of a query and a text → how relevant the one is to the other, float32 (n,), about 0 to 1."""

    def score(self, pairs: Sequence[tuple[str, str]]) -> Floats: ...


class Preparer(Protocol):
    """Adds to the context what later stages read: history, the query as read, vectors, the mask."""

    def prepare(self, request: Request, context: Context) -> Context: ...


class Feature(Protocol):
    """Named numbers about candidates: float32 (n, len(names)), NaN = unknown. A pure function of the context,
    whose history and moment are folds of the log; so online and replay cannot differ."""

    names: tuple[str, ...]

    def values(self, context: Context, rows: Ints) -> Floats: ...


class Retriever(Protocol):
    """Candidates from one source, best first, only rows that the mask allows; `why` says it to a shopper."""

    name: str

    def retrieve(self, context: Context, limit: int) -> Candidates: ...
    def why(self, context: Context, rows: Sequence[int]) -> list[Because]: ...


class Scorer(Protocol):
    """The same rows with named columns added."""

    def score(self, context: Context, candidates: Candidates) -> Candidates: ...


class Reranker(Protocol):
    """The slate as a whole: reorders, or removes with a reason; never adds. The last column is the blend."""

    def rerank(self, context: Context, ranked: Candidates, size: int) -> Arrangement: ...


class Metric(Protocol):
    """One number a request: hits (requests, places) and wanted (requests,) → float64 (requests,)."""

    def __call__(self, hits: Bools, wanted: NDArray[np.float64]) -> NDArray[np.float64]: ...


class Store(Protocol):
    """The log. An append is one transaction and durable when it returns; a known key is a no-op."""

    def append(self, rows: Sequence[Row], sync: bool = True) -> int: ...
    def read(self, after: int = 0, kinds: Sequence[Kind] = ()) -> Iterator[Sequence[Row]]: ...
    def end(self) -> int: ...
    def issued(self) -> int: ...
    def erase(self, user: str) -> int: ...
    def expire(self, kind: Kind, before: int) -> int: ...
    def close(self) -> None: ...


class TextIndex(Protocol):
    """Words → rows. Documents are one mapping of field → text a row; scores are comparable within one answer."""

    def search(self, words: Sequence[str], mask: Bools, limit: int) -> tuple[Ints, Floats]: ...


class VectorIndex(Protocol):
    """Unit vectors → rows by inner product, only those that the mask allows."""

    def search(self, vectors: Floats, mask: Bools, limit: int) -> list[tuple[Ints, Floats]]: ...
    def take(self, rows: Ints | Longs) -> Floats: ...
    def save(self, folder: Path) -> None: ...


class Progress(Protocol):
    """Tells a person how far a long work is: wraps what is iterated."""

    def __call__(self, things: Iterable[T], what: str, total: int | None = None) -> Iterator[T]: ...
