"""How fast a shop answers over HTTP, from outside: latencies, the rate at which it saturates, and memory.

    python -m benchmarks.latency [--json] [--shop demo-shop] [--also FOLDER …] [--workers 2] [--seed 0]

The shop of `make demo` (92,331 products) is copied and served by `aisle serve`; `--also` adds further trained shops
(benchmarks/resampled.py makes some of 10,000 and 1,000,000 products). 2,400 distinct queries are made of the shop's own
words, and as many shoppers as its log has ask for recommendations; nothing is cached between requests. The client
shares the machine's cores: its CPU a request is printed and subtracted. Beside the runs stand two calibrations: a fixed
loop of Python and numpy, before and after (machines that are shared run at different speeds by the minute: 0.55 ms was
the best seen where these figures were taken), and a GET of /v1/health, which does nothing, by the same client.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import psutil

from aisle import Shop
from benchmarks.client import Connection, Load, at_rate, crowd, one_by_one, request
from benchmarks.demo_search import right_types
from benchmarks.rows import Row, show

QUERIES = 2400
RATES = (50, 100, 150, 200, 250, 300, 400)
CONNECTIONS = 16
HELD = 100  # a second: also over as many connections as there are workers, so that none waits while another is idle
STALLED = 200.0  # ms: a p99 beyond which a rate counts as not carried


def queries_of(shop: Path, seed: int) -> list[str]:
    """Distinct queries: the benchmark's own, then one to three neighbouring words of the shop's titles, one in ten of
    them misspelt."""
    with Shop(shop) as opened:
        titles = opened._live.served().generation.catalogue.said_of_leader("title")
    random = np.random.default_rng(seed)
    made = dict.fromkeys(query["query"] for query in right_types())
    while len(made) < QUERIES:
        words = titles[int(random.integers(len(titles)))].lower().replace(",", "").split()
        start, size = int(random.integers(max(len(words), 1))), int(random.integers(1, 4))
        text = " ".join(words[start : start + size])
        if len(text) > 5 and random.random() < 0.1:
            at = int(random.integers(1, len(text) - 1))
            text = text[:at] + text[at + 1 :]
        if len(text) > 2:
            made.setdefault(text)
    return list(made)[:QUERIES]


def shoppers_of(shop: Path) -> int:
    """How many households the demo's log has; the benchmark's shoppers are numbered as there."""
    facts = sorted((shop / "generations").glob("*/facts.json"))[-1]
    return int(json.loads(facts.read_text())["shoppers"])


@contextmanager
def served(shop: Path, workers: int) -> Iterator[tuple[int, psutil.Process]]:
    """`aisle serve` over a shop, on a free port, until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "aisle.cli", "serve", "--shop", str(shop), "--port", str(port), "--workers",
               str(workers)]  # fmt: skip
    environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=environment)
    try:
        _until_ready(port, process)
        yield port, psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(1200):
        if process.poll() is not None:
            raise SystemExit("aisle serve ended before it was ready")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/ready", timeout=60) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.25)
    raise SystemExit("aisle serve was not ready within five minutes")


def memory_mib(process: psutil.Process) -> float:
    """What all workers hold together, MiB: proportional set size, so that shared pages count once."""
    total = 0.0
    for one in [process, *process.children(recursive=True)]:
        try:
            total += one.memory_full_info().pss / 2**20
        except psutil.NoSuchProcess:
            continue
    return total


def calibration() -> float:
    """Milliseconds that a fixed loop takes, the median of 200: how fast the machine is just now."""
    taken = []
    for _ in range(200):
        start, total = time.perf_counter(), 0
        for number in range(20_000):
            total += number * number
        squares = np.arange(20_000.0)
        (squares * squares).sum()
        taken.append(1000 * (time.perf_counter() - start))
    return float(np.median(taken))


class Sheet:
    """The rows of one shop."""

    def __init__(self, name: str, seed: int) -> None:
        self.name, self.seed, self.rows = name, seed, list[Row]()

    def add(self, model: str, metric: str, value: float, **more: float) -> None:
        """One figure."""
        self.rows.append(Row(self.name, model, metric, value, seed=str(self.seed), **more))

    def load(self, model: str, run: Load) -> None:
        """The latencies of one run, the client's CPU subtracted, with that CPU beside them."""
        for share in (50, 95, 99):
            self.add(model, f"p{share} ms", run.net(share))
        self.add(model, "client CPU ms a request", run.cpu_ms)
        if run.failed:
            self.add(model, "failed", run.failed)


def measure(shop: Path, workers: int, seed: int) -> list[Row]:
    """Everything of one shop."""
    queries, shoppers = queries_of(shop, seed), shoppers_of(shop)
    sheet = Sheet(shop.name, seed)
    random = np.random.default_rng(seed)
    searches = [request("/v1/search", {"query": query}) for query in queries]
    users = [str(number) for number in 1 + random.permutation(max(shoppers, 1))[:QUERIES]]
    homes = [request("/v1/recommend", {"user": user}) for user in users]
    mixed = [request("/v1/search", {"query": queries[at], "user": users[at % len(users)]})
             for at in random.permutation(len(queries))]  # fmt: skip
    health = [asking("/v1/health")] * 500
    typing = [asking(f"/v1/suggest?products=3&q={quote(query[: 3 + at % 6])}") for at, query in enumerate(queries)]
    with served(shop, workers) as (port, process):
        sheet.add("calibration loop, before", "p50 ms", calibration())
        one_by_one(port, searches[:100] + homes[:100], keep_stages=False)  # every worker has its pages in memory
        sheet.load("health, 1 client", one_by_one(port, health, keep_stages=False))
        for model, asked in (
            ("search, 1 client", searches),
            ("recommend, 1 client", homes),
            ("suggest, 3 products", typing),
        ):
            run = one_by_one(port, asked)
            sheet.load(model, run)
            _stages(sheet, model, run)
        for rate in RATES:
            run = at_rate(port, mixed[: int(12 * rate)], rate, CONNECTIONS, seed)
            sheet.load(f"search, {rate}/s offered", run)
            if run.net(99) > STALLED:
                break
        time.sleep(1)  # until the workers know that earlier connections are gone: these are spread over them anew
        held = at_rate(port, mixed[: int(12 * HELD)], HELD, workers, seed)
        sheet.load(f"search, {HELD}/s offered, a connection a worker", held)
        for model, asked in (("search", mixed), ("recommend", homes)):
            full = crowd(port, asked, CONNECTIONS)
            sheet.add(f"{model}, {CONNECTIONS} clients", "answers a second at saturation", full.rate)
        sheet.load("event → other worker's slate", across(port, random))
        sheet.add("calibration loop, after", "p50 ms", calibration())
        sheet.add(f"{workers} workers", "memory MiB (PSS)", memory_mib(process))
    return sheet.rows


def asking(path: str) -> bytes:
    """A GET as it goes over the wire."""
    return f"GET {path} HTTP/1.1\r\nHost: benchmark\r\n\r\n".encode()


def _stages(sheet: Sheet, model: str, run: Load) -> None:
    for name, millis in run.stages.items():
        if name in ("prepare", "retrieve", "fuse", "score", "rerank", "total"):
            sheet.add(f"{model}, {name}", "p99 ms in the server", float(np.percentile(millis, 99)))


def across(port: int, random: np.random.Generator, times: int = 400) -> Load:
    """From sending an event on one connection until a slate asked for on another shows that it is known: an unused
    session views a product, and its next slate must say so. Connections are spread over the workers by the kernel."""
    connections = [Connection(port) for _ in range(8)]
    products = json.loads(connections[0].ask(request("/v1/recommend", {"scenario": "popular", "size": 50}))[1])
    ids = [placement["product"] for placement in products["placements"]]
    taken, start, failed = [], time.process_time(), 0
    for number in range(times):
        session, product = f"bench-{random.integers(1 << 60)}", ids[number % len(ids)]
        event = {"events": [{"type": "view", "session": session, "product": product}]}
        one, other = random.choice(len(connections), 2, replace=False)
        begun = time.perf_counter()
        connections[one].ask(request("/v1/events", event))
        asked = {"recommend": {"session": session}}
        body = json.loads(connections[other].ask(request("/v1/look", asked))[1])
        taken.append(1000 * (time.perf_counter() - begun))
        failed += body["events"] != 1
    return Load(np.array(taken), 1000 * (time.process_time() - start) / times, float("nan"), failed)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--shop", type=Path, default=Path("demo-shop"))
    parser.add_argument("--also", type=Path, nargs="*", default=[])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rows: list[Any] = []
    for shop in (options.shop, *options.also):
        if not (shop / "shop.db").exists():
            raise SystemExit(f"{shop}: no shop here; `make demo` makes demo-shop, benchmarks/resampled.py the others")
        with tempfile.TemporaryDirectory() as place:  # events are recorded: not in the shop itself
            copy = Path(place) / shop.name
            shutil.copytree(shop, copy)
            rows += measure(copy, options.workers, options.seed)
    show(rows, options.json, f"Latency over HTTP, {options.workers} workers, client's CPU subtracted")


if __name__ == "__main__":
    main()
