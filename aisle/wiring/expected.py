"""What is expected next: the models that learn histories, moment after moment, as parts of a generation."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from aisle.engines.faiss_index import FaissIndex
from aisle.records.history import Floats, Interactions, Longs
from aisle.retrieval.kindred import Kindred
from aisle.retrieval.linear import Linear, LinearCourse
from aisle.retrieval.moved import Moved
from aisle.retrieval.semantic import Semantic, TextCourse
from aisle.retrieval.sequence import Course, Sequential
from aisle.stages import Retriever
from aisle.wiring.report import one_thread


@dataclass(frozen=True)
class Expected:
    """The models as of one moment; those that the data do not carry are None."""

    sequence: Sequential | None = None
    semantic: Semantic | None = None
    linear: Linear | None = None
    kindred: Kindred | None = None

    @property
    def retrievers(self) -> tuple[Retriever, ...]:
        """Those that are there and name products that have buyers."""
        return tuple(one for one in (self.sequence, self.semantic, self.linear) if one is not None)

    @property
    def reading(self) -> tuple[Retriever, ...]:
        """Those that know a product which nobody chose, by its text."""
        return tuple(one for one in (self.semantic, self.kindred) if one is not None)

    def moved(self, moved: Moved, index_of: Callable[[Floats], FaissIndex]) -> "Expected":
        """The same over today's rows."""
        return Expected(
            None if self.sequence is None else self.sequence.moved(moved, index_of),
            None if self.semantic is None else self.semantic.moved(moved, index_of),
            None if self.linear is None else self.linear.moved(moved),
            None if self.kindred is None else self.kindred.moved(moved),
        )

    def save(self, folder: Path) -> None:
        """Write them."""
        for one in (self.sequence, self.semantic, self.linear, self.kindred):
            if one is not None:
                one.save(folder / one.name)

    @classmethod
    def load(cls, folder: Path) -> "Expected":
        """Read what `save` wrote."""
        sequence, semantic, linear, kindred = (folder / kind.name for kind in (Sequential, Semantic, Linear, Kindred))
        return cls(
            Sequential.load(sequence, FaissIndex.load) if sequence.exists() else None,
            Semantic.load(semantic, FaissIndex.load) if semantic.exists() else None,
            Linear.load(linear) if linear.exists() else None,
            Kindred.load(kindred) if kindred.exists() else None,
        )


def with_kindred(made: Expected, sold: Longs) -> Expected:
    """And what products that nobody bought borrow; sold: int64 (rows,), purchases of each."""
    if made.linear is None or made.semantic is None:
        return made
    with one_thread():
        return replace(made, kindred=Kindred.of(made.linear, sold, made.semantic.index.take))


@dataclass(frozen=True)
class Courses:
    """What learns them: asked for moments in order of time, each goes on from where it stood."""

    sequence: Course | None = None
    semantic: TextCourse | None = None
    linear: LinearCourse | None = None

    def until(self, past: Interactions) -> Expected:
        """The models as of the end of `past`, with the indexes that serve: a replay finds what a request would."""
        sequence = None if self.sequence is None else self.sequence.until(past, FaissIndex)
        semantic = None if self.semantic is None else self.semantic.until(past, FaissIndex)
        with one_thread():  # the same sums, whatever the machine has
            linear = None if self.linear is None else self.linear.until(past)
        return Expected(sequence, semantic, linear)
