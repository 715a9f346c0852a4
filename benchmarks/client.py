"""An HTTP client that costs little: requests are bytes made beforehand, answers are read by length and not parsed.

Closed loop: each connection asks as soon as it was answered. Open loop: requests leave on a schedule whatever happened
to the ones before, and a latency counts from the moment on the schedule, so a stalled server is not flattered
(coordinated omission). The client's own CPU is measured a request, so that it can be subtracted: it shares the machine.
"""

import asyncio
import json
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEAD = "POST {path} HTTP/1.1\r\nHost: benchmark\r\nContent-Type: application/json\r\nContent-Length: {size}\r\n\r\n"


@dataclass
class Load:
    """What a run came to. latencies: float64 (n,) ms; cpu_ms: the client's own CPU a request; rate: answers/s."""

    latencies: NDArray[np.float64]
    cpu_ms: float
    rate: float
    failed: int = 0
    stages: dict[str, list[float]] = field(default_factory=dict)

    def net(self, share: float) -> float:
        """A percentile of the latencies without the client's CPU, ms."""
        return float(np.percentile(self.latencies, share)) - self.cpu_ms


def request(path: str, body: dict[str, Any]) -> bytes:
    """A POST as it goes over the wire."""
    data = json.dumps(body).encode()
    return HEAD.format(path=path, size=len(data)).encode() + data


class Connection:
    """One kept-alive connection, blocking."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, data: bytes) -> tuple[int, bytes]:
        """Status and body."""
        self._socket.sendall(data)
        head, _, body = self._until(b"", b"\r\n\r\n").partition(b"\r\n\r\n")
        size = _length(head)
        while len(body) < size:
            body += self._socket.recv(1 << 18)
        return int(head[9:12]), body

    def _until(self, got: bytes, mark: bytes) -> bytes:
        while mark not in got:
            part = self._socket.recv(1 << 18)
            if not part:
                raise ConnectionError("the server closed the connection")
            got += part
        return got

    def close(self) -> None:
        """Let go."""
        self._socket.close()


def _length(head: bytes) -> int:
    return int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])


def one_by_one(port: int, requests: Sequence[bytes], keep_stages: bool = True) -> Load:
    """Closed loop at one client. The server's own timings of the stages come from the answers, read afterwards."""
    connection, taken, answers, failed = Connection(port), [], [], 0
    cpu, start = time.process_time(), time.perf_counter()
    for data in requests:
        begun = time.perf_counter()
        status, body = connection.ask(data)
        taken.append(1000 * (time.perf_counter() - begun))
        failed += status != 200
        answers.append(body)
    cpu, seconds = time.process_time() - cpu, time.perf_counter() - start
    connection.close()
    stages: dict[str, list[float]] = {}
    for body in answers if keep_stages else ():
        for name, millis in json.loads(body).get("timings", {}).items():
            stages.setdefault(name, []).append(millis)
    return Load(np.array(taken), 1000 * cpu / len(requests), len(requests) / seconds, failed, stages)


def at_rate(port: int, requests: Sequence[bytes], rate: float, connections: int, seed: int) -> Load:
    """Open loop: Poisson arrivals at `rate` a second over `connections` kept-alive connections."""
    gaps = np.random.default_rng(seed).exponential(1 / rate, len(requests))
    return asyncio.run(_scheduled(port, requests, np.cumsum(gaps), connections))


def crowd(port: int, requests: Sequence[bytes], connections: int) -> Load:
    """Closed loop at several clients: how many answers a second the server gives when it is never idle."""
    return asyncio.run(_scheduled(port, requests, np.zeros(len(requests)), connections))


async def _scheduled(port: int, requests: Sequence[bytes], due: NDArray[np.float64], connections: int) -> Load:
    streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(connections)]
    free: asyncio.Queue[Any] = asyncio.Queue()
    for stream in streams:
        free.put_nowait(stream)
    taken, failed = np.zeros(len(requests)), 0
    cpu, start = time.process_time(), time.perf_counter()

    async def one(number: int, stream: Any) -> None:
        nonlocal failed
        reader, writer = stream
        begun = max(start + due[number], 0.0) if due[-1] else time.perf_counter()
        writer.write(requests[number])
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(_length(head))
        taken[number] = 1000 * (time.perf_counter() - begun)
        failed += not head.startswith(b"HTTP/1.1 200")
        free.put_nowait(stream)

    running = set()
    for number in range(len(requests)):
        if (wait := start + due[number] - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        stream = await free.get()
        task = asyncio.create_task(one(number, stream))
        running.add(task)
        task.add_done_callback(running.discard)
    while running:
        await asyncio.sleep(0.001)
    cpu, seconds = time.process_time() - cpu, time.perf_counter() - start
    for _, writer in streams:
        writer.close()
    return Load(taken, 1000 * cpu / len(requests), len(requests) / seconds, failed)
