"""Progress of long works for a person who looks on."""

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from aisle import stages

MINUTE = 60.0  # seconds
T = TypeVar("T")


def bars(quiet: bool) -> stages.Progress:
    """Progress for a person, on stderr; nothing where output is for machines. A work of no steps is a remark, which
    stays; where nobody looks (a file, a nightly job) a line a minute tells what is slow from what is stuck."""
    console = Console(stderr=True)

    def progress(things: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
        if total == 0 and not quiet:
            console.print(what, style="dim", highlight=False)
        if quiet or total == 0:
            yield from things
            return
        if not console.is_terminal:
            yield from _by_the_minute(things, what, total, console)
            return
        columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                   TimeRemainingColumn())  # fmt: skip
        with Progress(*columns, console=console, transient=True) as bar:
            yield from bar.track(things, total=total, description=what)

    return progress


def _by_the_minute(things: Iterable[T], what: str, total: int | None, console: Console) -> Iterator[T]:
    begun = told = time.monotonic()
    for done, thing in enumerate(things):
        now = time.monotonic()
        if now - told >= MINUTE:
            told, of = now, "" if total is None else f" of {total:,}"
            console.print(f"{what}: {done:,}{of} after {now - begun:.0f} s", style="dim", highlight=False)
        yield thing
