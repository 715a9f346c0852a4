"""`aisle serve` as processes: workers that share one log, and an end that loses nothing."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.serving.shops import LONG, furnished, until


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return furnished(tmp_path_factory.mktemp("server") / "shop")


@contextmanager
def server(folder: Path, workers: int) -> Iterator[tuple[subprocess.Popen[bytes], int, Path]]:
    """`aisle serve` in a process of its own: the process, its port, and where its log is written."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    log = folder.with_suffix(".log")
    command = [sys.executable, "-m", "aisle.cli", "serve", "--shop", str(folder), "--port", str(port), "--workers",
               str(workers)]  # fmt: skip
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, "OMP_WAIT_POLICY": "PASSIVE"})
    try:
        until(lambda: process.poll() is not None or log.read_text().count('"started"') == workers)
        assert process.poll() is None, log.read_text()
        until(lambda: listening(port))  # a single worker says that it started before it listens
        yield process, port, log
    finally:
        process.terminate()
        process.wait(30)


def pids(log: Path) -> set[int]:
    """Which workers have answered."""
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return {line["pid"] for line in lines if line["event"] == "request"}


def test_two_workers_share_one_log(trained: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    shutil.copytree(trained, folder)
    with server(folder, 2) as (process, port, log):
        events = {"events": [{"type": "purchase", "user": "new", "product": "lamp"}]}
        httpx.post(f"http://127.0.0.1:{port}/v1/events", json=events, timeout=LONG).raise_for_status()
        asked = {"scenario": "again", "user": "new", "repeat": "allow"}

        def answered_by_both() -> bool:
            answer = httpx.post(f"http://127.0.0.1:{port}/v1/recommend", json=asked, timeout=LONG)
            assert [p["product"] for p in answer.json()["placements"]] == ["lamp"]
            return len(pids(log)) == 2

        until(answered_by_both)
        process.terminate()
        assert process.wait(LONG) == 0
        assert log.read_text().count('"stopped"') == 2


def test_connections_are_spread_evenly_over_the_workers(trained: Path) -> None:
    with server(trained, 2) as (_, port, log), ExitStack() as lines:
        answered(lines, port, 12, "then")
        until(lambda: len(answers(log, "then")) == 12)
        spread = Counter(answers(log, "then")).values()
        assert len(spread) == 2 and min(spread) >= 4, "six each, but for a worker that stood still for a while"


def answered(stack: ExitStack, port: int, many: int, name: str) -> None:
    """So many connections at once, each asked once and kept open until the stack ends."""
    lines = [http.client.HTTPConnection("127.0.0.1", port, timeout=LONG) for _ in range(many)]
    for line in lines:
        stack.callback(line.close)
        line.connect()
    for number, line in enumerate(lines):
        line.request("GET", "/v1/health", headers={"x-request-id": f"{name}-{number}"})
        line.getresponse().read()


def answers(log: Path, name: str) -> list[int]:
    """The worker of each request whose id begins with a name."""
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return [line["pid"] for line in lines if line.get("request", "").startswith(f"{name}-")]


def test_a_request_under_way_is_finished_before_the_server_stops(trained: Path, tmp_path: Path) -> None:
    folder = tmp_path / "stopped"
    shutil.copytree(trained, folder)
    body = b'{"query": "walnut bed", "size": 1}'
    head = f"POST /v1/search HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    with server(folder, 1) as (process, port, log):
        with closing(socket.create_connection(("127.0.0.1", port), LONG)) as line:
            line.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode() + body[:5])
            assert line.recv(1000).startswith(b"HTTP/1.1 100 Continue"), "the request is under way"
            process.terminate()
            until(lambda: not listening(port))
            line.sendall(body[5:])
            answer = b"".join(iter(lambda: line.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 200") and b'"bed-walnut"' in answer
        assert process.wait(LONG) == 0
        assert '"stopped"' in log.read_text(), "the shop was closed"


def test_a_server_that_is_told_to_stop_ends_well(trained: Path, tmp_path: Path) -> None:
    folder = tmp_path / "told"
    shutil.copytree(trained, folder)
    with server(folder, 1) as (process, _, _):
        process.terminate()
        assert process.wait(LONG) == 0


def listening(port: int) -> bool:
    """Does anybody still take new connections?"""
    try:
        with closing(socket.create_connection(("127.0.0.1", port), LONG)):
            return True
    except OSError:
        return False
