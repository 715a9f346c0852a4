"""Retrievers within a deadline, one after the other, by the request's own thread.

Each is a millisecond of computing in this process, and two threads would only take the interpreter from each other
(docs/decisions/0002-serving.md). So one that has begun is waited for, and those that no time is left for are left out.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from aisle.records.candidates import Candidates
from aisle.records.request import Context
from aisle.stages import Retriever

LEAST = 0.02  # seconds that retrievers are given even where preparing took all the time: late beats empty


@dataclass(slots=True)
class Gathered:
    """What was found, by retriever; why others are missing; and the milliseconds that each took."""

    found: dict[str, Candidates] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    millis: dict[str, float] = field(default_factory=dict)

    @property
    def degraded(self) -> list[str]:
        """The missing ones, in words; who was asked again and answered is none of them."""
        return [f"{name}: {why}" for name, why in self.missing.items() if name not in self.found]

    def add(self, other: "Gathered") -> None:
        """What was asked afterwards."""
        self.found |= other.found
        self.missing |= other.missing
        self.millis |= other.millis


class Gather(Protocol):
    """Asks every retriever."""

    def __call__(self, retrievers: Sequence[Retriever], context: Context, limit: int) -> Gathered: ...


def in_turn(retrievers: Sequence[Retriever], context: Context, limit: int) -> Gathered:
    """Ask all of them: for training and evaluation, where every source must answer."""
    gathered = Gathered()
    for retriever in retrievers:
        _ask(retriever, context, limit, gathered)
    return gathered


def within(retrievers: Sequence[Retriever], context: Context, limit: int) -> Gathered:
    """Ask until the context's deadline; one that fails is named instead of what it found."""
    gathered, end = Gathered(), max(context.deadline, time.monotonic() + LEAST)
    for retriever in retrievers:
        if time.monotonic() >= end:
            gathered.missing[retriever.name] = "later than the deadline"
            continue
        try:
            _ask(retriever, context, limit, gathered)
        except Exception as error:
            gathered.missing[retriever.name] = f"{type(error).__name__}: {error}"
    return gathered


def _ask(retriever: Retriever, context: Context, limit: int, gathered: Gathered) -> None:
    start = time.perf_counter()
    gathered.found[retriever.name] = retriever.retrieve(context, limit)
    gathered.millis[retriever.name] = 1000 * (time.perf_counter() - start)
