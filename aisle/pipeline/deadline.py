"""Retrievers within a deadline. A Python thread cannot be cancelled, so one that is late is left out of the answer, and
not asked again until it has come back.

They are asked one after the other: each is a millisecond of computing, and two threads of one process would only take
the interpreter from each other (measured: asking in parallel took a fifth longer). Those that only compute over what
this process holds are asked by the request's own thread, for the way to another and back costs a tenth of a request;
the rest, which may wait for something, by one thread beside it: one that holds the others up is left behind, and
another thread asks the rest.
"""

import time
from collections import deque
from collections.abc import Sequence, Set
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Protocol

from aisle.records.candidates import Candidates
from aisle.records.request import Context
from aisle.stages import Retriever

THREADS = 4
LEAST = 0.02  # seconds that retrievers are given even where preparing took all the time: late beats empty
PATIENCE = 0.05  # seconds that one retriever may hold up the others; at most half of what is left


@dataclass(slots=True)
class Gathered:
    """What was found; `late` and `failed` name the retrievers that are missing, `millis` what each took."""

    found: dict[str, Candidates] = field(default_factory=dict)
    degraded: list[str] = field(default_factory=list)
    millis: dict[str, float] = field(default_factory=dict)


class Gather(Protocol):
    """Asks every retriever."""

    def __call__(self, retrievers: Sequence[Retriever], context: Context, limit: int) -> Gathered: ...


def in_turn(retrievers: Sequence[Retriever], context: Context, limit: int) -> Gathered:
    """Ask one after the other without a deadline: for training and evaluation, where every source must answer."""
    gathered = Gathered()
    for retriever in retrievers:
        start = time.perf_counter()
        gathered.found[retriever.name] = retriever.retrieve(context, limit)
        gathered.millis[retriever.name] = 1000 * (time.perf_counter() - start)
    return gathered


class _Walk:
    """One request's way through its retrievers: each asked once, by whichever thread is walking.

    The only place that swallows a stage's failure: it is named on the slate instead.
    """

    def __init__(self, retrievers: Sequence[Retriever], context: Context, limit: int) -> None:
        self.todo, self.asking, self.done = deque(retrievers), dict[int, Retriever](), Gathered()
        self._context, self._limit, self._walker = context, limit, 0

    def go(self, walker: int, end: float = float("inf")) -> None:
        """Ask what is left until `end` (monotonic seconds), as long as nobody else has taken over."""
        while self.todo and walker == self._walker and time.monotonic() < end:
            retriever = self.asking[walker] = self.todo.popleft()
            start = time.perf_counter()
            try:
                found = retriever.retrieve(self._context, self._limit)
            except Exception as error:
                self.done.degraded.append(f"{retriever.name}: {type(error).__name__}: {error}")
            else:
                self.done.millis[retriever.name] = 1000 * (time.perf_counter() - start)
                self.done.found[retriever.name] = found
            del self.asking[walker]

    def take_over(self) -> int:
        """The number of the walker that goes on; the one before stops after what it is asking."""
        self._walker += 1
        return self._walker


class Pool:
    """The threads beside the requests of one process. computed: names of the retrievers that only compute."""

    def __init__(self, threads: int = THREADS, computed: Set[str] = frozenset()) -> None:
        self._computed = computed
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="retriever")
        self._stragglers: dict[int, Future[None]] = {}

    def __call__(self, retrievers: Sequence[Retriever], context: Context, limit: int) -> Gathered:
        """Everything that came in time and whole."""
        self._stragglers = {who: future for who, future in self._stragglers.items() if not future.done()}
        busy = [retriever for retriever in retrievers if id(retriever) in self._stragglers]
        asked = [retriever for retriever in retrievers if retriever not in busy]
        walk = _Walk([one for one in asked if one.name in self._computed], context, limit)
        walkers: dict[int, Future[None]] = {}
        end = max(context.deadline, time.monotonic() + LEAST)
        walk.go(0, end)
        walk.todo.extend(one for one in asked if one.name not in self._computed)
        while walk.todo and (left := end - time.monotonic()) > 0:
            walker = walk.take_over()
            walkers[walker] = self._executor.submit(walk.go, walker)
            self._progress(walk, walkers[walker], left)
        left = max(0.0, end - time.monotonic())
        wait(walkers.values(), timeout=None if left == float("inf") else left)
        walk.take_over()
        return self._collected(walk, walkers, busy)

    def _progress(self, walk: _Walk, walker: Future[None], left: float) -> None:
        """Wait while the walker gets on: until it has ended, stands still for too long, or the time is over."""
        end = time.monotonic() + left
        while not walker.done() and (now := time.monotonic()) < end:
            before = len(walk.todo)
            wait([walker], timeout=min(PATIENCE, (end - now) / 2) if walk.todo or left < float("inf") else None)
            if not walker.done() and len(walk.todo) == before:
                return

    def _collected(self, walk: _Walk, walkers: dict[int, Future[None]], busy: Sequence[Retriever]) -> Gathered:
        late = dict(walk.asking)
        self._stragglers |= {id(retriever): walkers[walker] for walker, retriever in late.items()}
        gathered = Gathered(dict(walk.done.found), list(walk.done.degraded), dict(walk.done.millis))
        gathered.degraded += [f"{one.name}: still busy with an earlier request" for one in busy]
        names = [one.name for one in (*late.values(), *walk.todo)]
        gathered.degraded += [f"{name}: later than the deadline" for name in names if name not in gathered.found]
        return gathered

    def close(self) -> None:
        """Let the threads end; a straggler is not waited for."""
        self._executor.shutdown(wait=False, cancel_futures=True)
