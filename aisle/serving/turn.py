"""Whose turn it is: requests of one worker are answered one after the other, beside the event loop.

A slate is a few milliseconds of computing. Two at once in one process would only wait for each other (one interpreter
lock, one set of caches), so a worker has one thread for them and the machine's other cores have other workers. Long
verbs (load, check) have a thread of their own, so that nobody waits behind them.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Turns:
    """The two queues of a worker."""

    def __init__(self) -> None:
        self._quick = ThreadPoolExecutor(1, thread_name_prefix="slates")
        self._long = ThreadPoolExecutor(1, thread_name_prefix="long")

    async def quick(self, work: Callable[[], T]) -> T:
        """Work of milliseconds, in turn."""
        return await asyncio.get_running_loop().run_in_executor(self._quick, work)

    async def long(self, work: Callable[[], T]) -> T:
        """Work of seconds, in turn."""
        return await asyncio.get_running_loop().run_in_executor(self._long, work)

    def close(self) -> None:
        """Finish what has begun."""
        self._quick.shutdown(cancel_futures=True)
        self._long.shutdown(cancel_futures=True)
