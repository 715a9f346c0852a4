"""Progress of long works for a person who looks on."""

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

T = TypeVar("T")


def bars(quiet: bool) -> stages.Progress:
    """Progress for a person, on stderr; nothing where output is for machines or nobody looks. A work of no steps is a
    remark, which stays."""
    console = Console(stderr=True)

    def progress(things: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
        if total == 0 and not quiet:
            console.print(what, style="dim", highlight=False)
        if quiet or not console.is_terminal or total == 0:
            yield from things
            return
        columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                   TimeRemainingColumn())  # fmt: skip
        with Progress(*columns, console=console, transient=True) as bar:
            yield from bar.track(things, total=total, description=what)

    return progress
