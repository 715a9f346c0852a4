"""Whose turn it is: requests of one worker are answered one after the other, on the event loop's own thread.

A slate is a few milliseconds of computing. Two at once in one process would only wait for each other (one interpreter
lock), and the way to another thread and back costs cold caches, a tenth of the time at p99. So a worker computes where
it reads, and the machine's other cores have other workers. Long verbs (check, reports) have a thread of their own, so
that nobody waits behind them, and what is written (load, forget) has another: who asks to be forgotten waits for no
report.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Turns:
    """The three queues of a worker."""

    def __init__(self) -> None:
        self._long = ThreadPoolExecutor(1, thread_name_prefix="long")
        self._written = ThreadPoolExecutor(1, thread_name_prefix="written")

    async def quick(self, work: Callable[[], T]) -> T:
        """Work of milliseconds, at once: whoever asks meanwhile is read when it is done."""
        return work()

    async def long(self, work: Callable[[], T]) -> T:
        """Work of seconds, in turn."""
        return await asyncio.get_running_loop().run_in_executor(self._long, work)

    async def written(self, work: Callable[[], T]) -> T:
        """What is kept or erased, in turn."""
        return await asyncio.get_running_loop().run_in_executor(self._written, work)

    def close(self) -> None:
        """Finish what has begun."""
        self._long.shutdown(cancel_futures=True)
        self._written.shutdown(cancel_futures=True)
