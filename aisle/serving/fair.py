"""Connections spread evenly over the workers.

Workers share one listening socket, and the kernel wakes whichever it likes: of sixteen connections that arrive together
one of two workers was seen to get fourteen, and was saturated at half of what both could carry. Here a worker takes a
connection only when no other has fewer. How many each has stands in a small file that all of them map.
"""

import asyncio
import fcntl
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import uvloop

WORKERS = "AISLE_WORKERS"  # tells the workers where the file lies
SLOTS = 256
PATIENCE, PAUSE = 50, 0.001  # how often, and for how many seconds, a worker waits for one that has fewer


@contextmanager
def shared() -> Iterator[str]:
    """The file, until the server stops."""
    with tempfile.NamedTemporaryFile(prefix="aisle-workers-") as file:
        file.write(bytes(4 * SLOTS))
        file.flush()
        yield file.name


class Counts:
    """Open connections of every worker; 0 stands for no worker, one more than there are for the others."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("r+b")
        self._slot = next(slot for slot in range(SLOTS) if self._free(slot))
        self._all = np.memmap(self._file, np.uint32, "r+", shape=(SLOTS,))
        self.mine, self._left = 0, False
        self.add(0)

    def _free(self, slot: int) -> bool:
        """Nobody holds this slot: a lock ends with its process."""
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 4, 4 * slot)
        except OSError:
            return False
        return True

    def add(self, more: int) -> None:
        """This worker has more (or fewer) connections."""
        self.mine += more
        if not self._left:
            self._all[self._slot] = self.mine + 1

    def leave(self) -> None:
        """This worker accepts no more: nobody waits for it, and its slot is free."""
        self._left, self._all[self._slot] = True, 0
        self._file.close()

    def is_my_turn(self) -> bool:
        """Has no worker fewer?"""
        others = self._all[self._all > 0]
        return self.mine < int(others.min(initial=self.mine + 1))


class Fair:
    """Accepts connections of one listening socket in turn with the other workers; as much of asyncio's `Server` as
    uvicorn asks for."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, protocol: Callable[[], Any], listener: socket.socket, backlog: int,
        counts: Counts,
    ) -> None:  # fmt: skip
        self._loop, self._protocol, self._listener, self._counts = loop, protocol, listener, counts
        listener.setblocking(False)
        listener.listen(backlog)
        self._waiting = asyncio.Event()
        loop.add_reader(listener, self._waiting.set)
        self._task: asyncio.Task[None] | None = loop.create_task(self._accept())

    async def _accept(self) -> None:
        while True:
            await self._waiting.wait()
            for _ in range(PATIENCE):  # a worker that died, or is busy, holds nobody up for long
                if self._counts.is_my_turn():
                    break
                await asyncio.sleep(PAUSE)
            self._waiting.clear()
            try:
                connection, _ = self._listener.accept()
            except OSError:  # another worker was quicker, or the client has gone
                await asyncio.sleep(0)
                continue
            connection.setblocking(False)
            with suppress(OSError):
                await self._loop.connect_accepted_socket(self._made, connection)

    def _made(self) -> Any:
        """A protocol whose connection counts from the moment it is made until it is lost."""
        protocol = self._protocol()
        made, lost = protocol.connection_made, protocol.connection_lost

        def connection_made(transport: asyncio.BaseTransport) -> None:
            self._counts.add(1)
            made(transport)

        def connection_lost(error: Exception | None) -> None:
            self._counts.add(-1)
            lost(error)

        protocol.connection_made, protocol.connection_lost = connection_made, connection_lost
        return protocol

    def close(self) -> None:
        """Accept no more; connections that are open go on."""
        if self._task is not None:
            self._task.cancel()
            self._counts.leave()
            self._loop.remove_reader(self._listener)
            self._task = None

    async def wait_closed(self) -> None:
        """There is nothing to wait for."""


class FairLoop(uvloop.Loop):
    """uvloop's loop, whose servers share their connections fairly where several workers share a socket."""

    async def create_server(self, protocol_factory: Any, *args: Any, sock: Any = None, **options: Any) -> Any:
        """A server over a socket of several workers is a fair one; others are uvloop's."""
        path = os.environ.get(WORKERS)
        if sock is None or not path:
            return await super().create_server(protocol_factory, *args, sock=sock, **options)
        return Fair(self, protocol_factory, sock, options.get("backlog") or 100, Counts(Path(path)))
