"""A server beside us, for a while: `aisle serve` as a process, and the proof that its page answers."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from aisle.errors import StoreError

PORT = 8000  # asked for first
PATIENCE = 120.0  # seconds until it must be ready


@dataclass(frozen=True)
class Preview:
    """A server that answers. millis: what its home page took, the second time it was asked for."""

    url: str
    status: int
    millis: float
    process: "subprocess.Popen[bytes]"


@contextmanager
def preview(folder: Path) -> Iterator[Preview]:
    """Serve a shop's folder until the block ends."""
    port = _free(PORT)
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "aisle.cli", "serve", "--shop", str(folder), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _until_ready(f"{url}/v1/ready", process)
        _asked(url)
        start = time.perf_counter()
        status = _asked(url)
        yield Preview(url, status, round(1000 * (time.perf_counter() - start), 1), process)
    finally:
        process.terminate()
        process.wait(30)


def _free(wanted: int) -> int:
    """The port wanted, or if somebody has it any other."""
    for port in (wanted, 0):
        with suppress(OSError), socket.socket() as free:
            free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            free.bind(("127.0.0.1", port))
            return int(free.getsockname()[1])
    raise StoreError("port", wanted, "a free port on this machine")


def _until_ready(url: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError):
            _asked(url)
            return
        time.sleep(0.2)
    raise StoreError("aisle serve", f"not ready, status {process.poll()}", "an answer within two minutes")


def _asked(url: str) -> int:
    with urllib.request.urlopen(url, timeout=60) as answer:
        answer.read()
        return int(answer.status)
