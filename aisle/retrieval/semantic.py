"""Semantic: what the texts of a shopper's products lead to, as learned from the shop's own histories.

A history is the mean of its products' text vectors, the latest weighing most, and what comes next lies near it: in the
space of vectors that `adapting.py` learns, and not in the bare language model's, where only what reads alike does.
Ids count for nothing, so a product that nobody bought is found as soon as it has a text.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import numpy as np

from aisle.catalogue.traits import Traits
from aisle.records.candidates import Candidates, found, nothing
from aisle.records.history import Floats, Interactions, Ints
from aisle.records.mapped import mapped
from aisle.records.request import Context
from aisle.records.slate import Because
from aisle.retrieval.adapting import STEP, TEMPERATURE, Adapter, Language, Lessons
from aisle.retrieval.moved import Moved
from aisle.retrieval.pairs import Seeds, likest
from aisle.retrieval.windows import BATCH, Windows
from aisle.stages import Progress, VectorIndex

READER = "reader"
SEEDS = 30  # of a shopper's latest rows that count
REACH = 300  # rows named: farther away, likeness says nothing
ENOUGH = 3000  # steps with a next one
EPOCHS, ONWARD = 8, 2  # readings of the first log, and of each that goes on from it
BATCHES, MOST = 400, 60  # a short log is read more often, until it was so many batches, but not more often than MOST


@dataclass(frozen=True)
class Reader:
    """How the text of a product is read. bend: weights by which it is bent; traits: float32 (n, k), what is added for
    each trait, by its name."""

    bend: Mapping[str, Floats]
    traits: Floats
    names: Sequence[str] = ()

    def read(self, texts: Floats, traits: Traits, rows: Ints) -> Floats:
        """The adapted vectors of some rows, float32 (n, k), unit length, from those of their texts, and from today's
        traits, of which it knows those that it learned."""
        known = {name: at for at, name in enumerate(self.names)}
        at = np.array([known.get(name, len(self.names)) for name in traits.names], np.int64)
        added = np.r_[self.traits, np.zeros((1, texts.shape[1]), np.float32)][at].reshape(-1, texts.shape[1])
        return _bent(self.bend, texts, traits.mean(added, rows) if len(added) else 0)

    def save(self, folder: Path) -> None:
        """Write it, array by array: only a refresh reads them."""
        folder.mkdir()
        for name, values in (*self.bend.items(), ("traits", self.traits)):
            np.save(folder / f"{name}.npy", values)
        (folder / "names.json").write_text(json.dumps(list(self.names)), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote; arrays are memory-mapped."""
        arrays = {file.stem: mapped(file) for file in sorted(folder.glob("*.npy"))}
        return cls(arrays, arrays.pop("traits"), json.loads((folder / "names.json").read_text("utf-8")))


@dataclass
class Semantic:
    """A `Retriever`. index: the adapted vectors of every row, unit length; bend: weights by which a history is bent;
    types: codes of the behaviours read; reader: how products that come later are read, None where the language model
    itself learned. Its column is the log of a share among the products found."""

    index: VectorIndex
    bend: Mapping[str, Floats]
    types: tuple[int, ...]
    reader: Reader | None = None
    name: str = "semantic"

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """The rows nearest to the history."""
        seeds = self._seeds(context)
        if not len(seeds.rows):
            return nothing(self.name)
        asked = _bent(self.bend, _unit(seeds.weights @ self.index.take(seeds.rows)))
        [(rows, scores)] = self.index.search(asked[None].astype(np.float32), context.mask, min(limit, REACH))
        if not len(rows):
            return nothing(self.name)
        odds = scores / TEMPERATURE  # a share, unlike a cosine, means the same however long the model has learned
        shares = odds - odds.max() - np.log(np.exp(odds - odds.max()).sum())
        return found(self.name, rows, shares.astype(np.float32), limit)

    def _seeds(self, context: Context) -> Seeds:
        return context.once(("semantic", self.types), lambda: self._latest(context))

    def _latest(self, context: Context) -> Seeds:
        rows = context.history.of(self.types).rows[::-1][:SEEDS]
        return Seeds(rows, (STEP ** np.arange(len(rows))).astype(np.float32))

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """The product of the history that each lies nearest to."""
        seeds = self._seeds(context)
        if not len(seeds.rows):
            return [Because("goes with what you chose")] * len(rows)
        return [Because("goes with {title}", seed) for seed, _ in likest(self.index, seeds, rows)]

    def moved(self, moved: Moved, index_of: Callable[[Floats], VectorIndex]) -> Self:
        """The same over today's rows; what came since is read as products were, or borrows where nothing says how."""
        made = moved.vectors(self.index.take)
        if self.reader is not None and moved.texts is not None and moved.traits is not None:
            made[moved.new] = self.reader.read(moved.texts(moved.new), moved.traits, moved.new)
        else:
            made[moved.new] = _unit(made[moved.new])
        return replace(self, index=index_of(made))

    def save(self, folder: Path) -> None:
        """Write the vectors."""
        self.index.save(folder)
        if self.reader is not None:
            self.reader.save(folder / READER)
        np.savez(folder / "bend.npz", **self.bend)  # type: ignore[arg-type]
        np.save(folder / "types.npy", np.array(self.types, np.int64))

    @classmethod
    def load(cls, folder: Path, index_at: Callable[[Path], VectorIndex]) -> Self:
        """Read what `save` wrote."""
        with np.load(folder / "bend.npz") as file:
            bend = {name: file[name] for name in file.files}
        reader = Reader.load(folder / READER) if (folder / READER).exists() else None
        return cls(index_at(folder), bend, tuple(int(code) for code in np.load(folder / "types.npy")), reader)


@dataclass
class TextCourse:
    """Learning that goes on from one moment of a log to the next. texts: float32 (rows, k), the language model's own
    vectors; most: steps that an epoch reads; language: the model, where it learns, too; traits: what products are said
    to be beside their text."""

    texts: Floats
    types: tuple[int, ...]
    seed: int
    most: int
    progress: Progress
    language: Language | None = None
    traits: Traits | None = None
    figures: list[float] = field(default_factory=list)
    _adapter: Adapter | None = None

    def until(self, past: Interactions, index_of: Callable[[Floats], VectorIndex]) -> Semantic | None:
        """What was learned by the end of `past`; None where there is too little to learn from."""
        windows = Windows.of(past.of(self.types), self.seed)
        if len(windows.targets) < ENOUGH:
            return None
        first, onward = readings(len(windows.targets))
        epochs = first if self._adapter is None else onward
        self._adapter = self._adapter or Adapter(self.texts, self.seed, self.language, self.traits)
        self.figures = Lessons(self._adapter, windows, self.seed).learn(epochs, self.most, self.progress)
        reader = None
        if self.language is None:
            reader = Reader(self._adapter.bend("product"), *self._adapter.told())
        return Semantic(index_of(self._adapter.everything()), self._adapter.bend("history"), self.types, reader)


def readings(steps: int) -> tuple[int, int]:
    """How often a log of so many steps is read at the first moment, and at each later one."""
    first = min(MOST, max(EPOCHS, BATCHES * BATCH // max(steps, 1)))
    return first, max(ONWARD, first // 4)


def _bent(bend: Mapping[str, Floats], vectors: Floats, told: Floats | int = 0) -> Floats:
    """What `Adapter` makes of vectors, float32 (…, k), unit length."""
    inner = np.maximum(vectors @ bend["in"].T + bend["in_bias"], 0)
    return _unit(vectors + inner @ bend["out"].T + bend["out_bias"] + told)


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9), np.float32)
