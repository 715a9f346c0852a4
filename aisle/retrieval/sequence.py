"""Sequence: what a transformer over the shopper's history expects next, by what products are and how they were bought.

It learns once on the past of an early moment and goes on from there to later ones, so that a replay of each moment is
answered by a network that saw nothing behind it, at little more than the cost of one.
"""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import numpy as np

from aisle.records.candidates import Candidates, found, nothing
from aisle.records.history import Floats, History, Interactions
from aisle.records.request import Context
from aisle.records.slate import Because
from aisle.retrieval.learning import Learner, Network
from aisle.retrieval.moved import Moved
from aisle.retrieval.transformer import LONGEST, Steps, Transformer, gap_of
from aisle.retrieval.windows import AMONG as RANKED
from aisle.retrieval.windows import BATCH, Windows
from aisle.stages import Progress, VectorIndex

EPOCHS = 8
BATCHES = 800  # a short log is read more often, until it was as many batches
MOST = 40  # epochs, though
ONWARD = 3  # epochs that go on to a later moment
BESIDE = 8  # numbers behind a vector, one of them its bias: a scan of 65 numbers takes four times as long as one of 72
AMONG = 200  # rows
ENOUGH = 3000  # steps with a next one


@dataclass
class Sequential:
    """A `Retriever`. index: the products' vectors with their biases beside them; types: the codes of the
    behaviours that are read; target: the one that is asked for. Its column is the log of a share among the
    AMONG best of those that may be shown, however many are asked for."""

    network: Transformer
    index: VectorIndex
    types: tuple[int, ...]
    target: int
    name: str = "sequence"

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """What is likely to come next; nothing for a shopper without history."""
        history = context.history.of(self.types)
        if not len(history):
            return nothing(self.name)
        asked = self.network.query(*self._read(history.take(np.arange(len(history))[-LONGEST:]), context.now))
        [(rows, scores)] = self.index.search(beside(asked[None], np.ones(1, np.float32)), context.mask, limit)
        if not len(rows):
            return nothing(self.name)
        best = np.partition(scores, -AMONG)[-AMONG:] if len(scores) > AMONG else scores
        shares = scores - scores.max() - np.log(np.exp(best - scores.max()).sum())
        return found(self.name, rows, shares.astype(np.float32), limit)

    def _read(self, history: History, now: int) -> tuple[Floats, Steps]:
        """The vectors of a history and its steps; what follows the last is the target, now."""
        times, orders = np.append(history.times, now), np.append(history.orders, -1)
        gaps = gap_of(times[:-1], times[1:], (orders[:-1] >= 0) & (orders[:-1] == orders[1:]))
        following = np.append(history.types[1:], self.target).astype(np.int8)
        return self.index.take(history.rows)[:, :-BESIDE], Steps(history.rows, history.types, following, gaps)

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """It follows from the order of what was chosen."""
        return [Because("comes next for shoppers who chose what you chose")] * len(rows)

    def moved(self, moved: Moved, index_of: Callable[[Floats], VectorIndex]) -> Self:
        """The same over today's rows; what came since is as popular as products are on the mean."""
        made = moved.vectors(self.index.take)
        made[moved.new, -BESIDE] = made[moved.was >= 0, -BESIDE].mean() if (moved.was >= 0).any() else 0
        return replace(self, index=index_of(made))

    def save(self, folder: Path) -> None:
        """Write network and vectors."""
        self.index.save(folder)
        self.network.save(folder / "network.npz")
        np.save(folder / "types.npy", np.array([self.target, *self.types], np.int64))

    @classmethod
    def load(cls, folder: Path, index_at: Callable[[Path], VectorIndex]) -> Self:
        """Read what `save` wrote."""
        target, *types = (int(code) for code in np.load(folder / "types.npy"))
        return cls(Transformer.load(folder / "network.npz"), index_at(folder), tuple(types), target)


@dataclass
class Course:
    """Learning that goes on from one moment of a log to the next. texts: float32 (rows, k) or None; most: steps that
    an epoch reads; checkpoints: a folder in which a run that is killed finds what it had done."""

    size: int
    texts: Floats | None
    types: tuple[int, ...]
    target: int
    seed: int
    most: int
    progress: Progress
    checkpoints: Path
    figures: list[float] = field(default_factory=list)
    seen: int = 0  # steps learned from, and the seconds that it took, over all moments
    seconds: float = 0.0
    _network: Network | None = None
    _mark: str = ""  # of what it learned last

    def until(self, past: Interactions, index_of: Callable[[Floats], VectorIndex]) -> Sequential | None:
        """The network as of the end of `past`; None where there is too little to learn from."""
        log = past.of(self.types)
        windows = Windows.of(log, self.seed)
        if len(windows.targets) < ENOUGH:
            return None
        first, onward = readings(len(windows.targets))
        epochs = first if self._network is None else onward
        if self._network is None:
            self._network = Network(self.size, self.texts, self.seed)
        learner, self._mark = Learner(self._network, windows, self.seed), self._marked(log)
        start = time.perf_counter()
        self.figures = learner.learn(epochs, self.most, self.progress, self.checkpoints / f"{self._mark}.pt")
        self.seen, self.seconds = self.seen + learner.seen, self.seconds + time.perf_counter() - start
        self._network.forget(np.flatnonzero(np.bincount(log.columns.rows, minlength=self.size) == 0))
        vectors, biases = self._network.everything()
        network = Transformer(self._network.weights())
        return Sequential(network, index_of(beside(vectors, biases)), self.types, self.target)

    def _marked(self, log: Interactions) -> str:
        """The name of what is learned: the same for the same log, texts and seed after the same lessons."""
        kept = hashlib.blake2b(self._mark.encode(), digest_size=8)
        for part in (log.columns.rows, log.columns.types, log.columns.times, log.indptr, np.array([
            self.size, self.seed, self.most, RANKED, *([] if self.texts is None else self.texts[0])
        ])):  # fmt: skip
            kept.update(np.ascontiguousarray(part).tobytes())
        return kept.hexdigest()


def readings(steps: int) -> tuple[int, int]:
    """How often a log of so many steps is read at the first moment, and at each later one."""
    first = min(MOST, max(EPOCHS, BATCHES * BATCH // max(steps, 1)))
    return first, max(ONWARD, first // 3)


def beside(vectors: Floats, numbers: Floats) -> Floats:
    """Vectors (n, dim) with a number (n,) and zeros behind each, (n, dim + BESIDE)."""
    made = np.zeros((len(vectors), vectors.shape[1] + BESIDE), np.float32)
    made[:, : vectors.shape[1]], made[:, vectors.shape[1]] = vectors, numbers
    return made


def steps_of(log: Interactions) -> int:
    """Steps of a log that have a next one: what a course would learn from."""
    return int(np.maximum(np.diff(log.indptr) - 1, 0).sum())
