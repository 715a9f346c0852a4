"""What a long work tells: how far it is, how long each step took, what it fitted, what it skipped and why."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aisle.stages import Progress

T = TypeVar("T")
TOLD = 10.0  # seconds of a step from which it is told of as it ends
STRANGE = "events of products that no feed has"


@dataclass
class Trained:
    """What a training run did."""

    generation: str
    seconds: dict[str, float] = field(default_factory=dict)
    fitted: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)  # what → why
    figures: dict[str, Any] = field(default_factory=dict)


def plain(things: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
    """Progress for nobody."""
    return iter(things)


def one_thread() -> AbstractContextManager[Any]:
    """Linear algebra on one thread: a request's products are small, and a second thread waits longer than it helps."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1)  # type: ignore[no-any-return]


class Clock:
    """Seconds of each step, by name; a long one is told of when it is done."""

    def __init__(self, report: Trained, progress: Progress = plain) -> None:
        self._report, self._progress = report, progress

    def time(self, what: str, work: Callable[[], T]) -> T:
        """Run `work` and note how long it took."""
        start = time.perf_counter()
        result = work()
        seconds = time.perf_counter() - start
        self._report.seconds[what] = round(seconds, 2)
        if seconds >= TOLD:
            list(self._progress((), f"{what}: {seconds:.0f} s", 0))
        return result
