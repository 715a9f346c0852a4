"""Retrievers in parallel within a deadline. A Python thread cannot be cancelled, so one that is late is left out of
the answer, and not asked again until it has come back."""

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Protocol

from aisle.records.candidates import Candidates
from aisle.records.request import Context
from aisle.stages import Retriever

THREADS = 4
LEAST = 0.02  # seconds that retrievers are given even where preparing took all the time: late beats empty


@dataclass(slots=True)
class Gathered:
    """What was found; `late` and `failed` name the retrievers that are missing, `millis` what each took."""

    found: dict[str, Candidates] = field(default_factory=dict)
    degraded: list[str] = field(default_factory=list)
    millis: dict[str, float] = field(default_factory=dict)


class Gather(Protocol):
    """Asks every retriever."""

    def __call__(self, retrievers: Sequence[Retriever], context: Context, limit: int) -> Gathered: ...


def _ask(retriever: Retriever, context: Context, limit: int) -> tuple[Candidates, float]:
    start = time.perf_counter()
    found = retriever.retrieve(context, limit)
    return found, 1000 * (time.perf_counter() - start)


def in_turn(retrievers: Sequence[Retriever], context: Context, limit: int) -> Gathered:
    """Ask one after the other without a deadline: for training and evaluation, where every source must answer."""
    gathered = Gathered()
    for retriever in retrievers:
        gathered.found[retriever.name], gathered.millis[retriever.name] = _ask(retriever, context, limit)
    return gathered


class Pool:
    """Asks in parallel. The only place that swallows a stage's failure: it is named on the slate instead."""

    def __init__(self, threads: int = THREADS) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="retriever")
        self._stragglers: dict[int, Future[tuple[Candidates, float]]] = {}

    def __call__(self, retrievers: Sequence[Retriever], context: Context, limit: int) -> Gathered:
        """Everything that came in time and whole."""
        gathered, asked = Gathered(), {}
        for retriever in retrievers:
            straggler = self._stragglers.get(id(retriever))
            if straggler is not None and not straggler.done():
                gathered.degraded.append(f"{retriever.name}: still busy with an earlier request")
                continue
            self._stragglers.pop(id(retriever), None)
            asked[self._executor.submit(_ask, retriever, context, limit)] = retriever
        left = max(LEAST, context.deadline - time.monotonic())
        wait(asked, timeout=left if context.deadline != float("inf") else None)
        for future, retriever in asked.items():
            if not future.done():
                self._stragglers[id(retriever)] = future
                gathered.degraded.append(f"{retriever.name}: later than the deadline")
            elif (error := future.exception()) is not None:
                gathered.degraded.append(f"{retriever.name}: {type(error).__name__}: {error}")
            else:
                gathered.found[retriever.name], gathered.millis[retriever.name] = future.result()
        return gathered

    def close(self) -> None:
        """Let the threads end; a straggler is not waited for."""
        self._executor.shutdown(wait=False, cancel_futures=True)
