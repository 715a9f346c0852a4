"""kill -9 at random moments of load, train and record: nothing acknowledged is lost, nothing half-built is served.

    python -m benchmarks.crash [--kills 200] [--seed 0] [--json]

A child process works on a shop and says on a pipe what it was told is done; the parent kills it at a random moment and
opens the shop as a user would. A shop lives through ROUND kills: each start stands on what the kill before left.
"""

import argparse
import json
import os
import random
import select
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import aisle.wiring.train  # noqa: F401 - imported before the forks, so that a child begins at once
from aisle import Shop
from aisle.engines.generations import current
from benchmarks.rows import Row, peak_mib, show

SETTINGS = '[encoder]\nmodel = ""\n'
PRODUCTS = 40
ROUND = 25  # kills that one shop lives through
MANY = 120  # events of one load
LOADED = 500_000_000  # ids of events that came by load begin here
BATCH = 3  # events of one record: stored all or not at all


def products(version: int) -> list[dict[str, Any]]:
    """A feed whose every price is its version."""
    return [{"id": f"p{k}", "title": f"Product number {k}", "price": f"{version}.00"} for k in range(PRODUCTS)]


def events(number: int, count: int) -> list[dict[str, Any]]:
    """Events whose ids tell which call they belong to."""
    return [
        {"id": f"e{number}-{k}", "type": "purchase", "user": f"u{k % 7}", "product": f"p{(number + k) % PRODUCTS}",
         "timestamp": 1_700_000_000 + number % 10_000 * 60 + k, "order": f"o{number}-{k}"}
        for k in range(count)
    ]  # fmt: skip


def work(folder: Path, what: str, first: int, pipe: int) -> None:
    """Record, load or train for ever, and say what is done."""

    def say(text: str) -> None:
        os.write(pipe, f"{text} {number}\n".encode())

    shop = Shop(folder)
    for number in range(first, first + 10_000):
        say(f"began {what}")
        if what == "record":
            shop.record(events(number, BATCH))
            say("record")
        elif what == "load":
            shop.load(products=products(number), events=events(number + LOADED, MANY))
            say("load")
        else:
            say("train " + shop.train().generation)


def kill(folder: Path, what: str, first: int, after: float) -> list[str]:
    """Let a child work for `after` seconds, kill it, and return what it said."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        work(folder, what, first, writer)
        os._exit(0)
    os.close(writer)
    told, deadline = b"", time.monotonic() + after
    while (left := deadline - time.monotonic()) > 0:
        if select.select([reader], [], [], left)[0]:
            part = os.read(reader, 1 << 16)
            if not part:
                break
            told += part
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    while part := os.read(reader, 1 << 16):
        told += part
    os.close(reader)
    if os.WIFEXITED(status):
        raise RuntimeError(f"the child ended by itself with {os.WEXITSTATUS(status)}")
    return told.decode().splitlines()


def wrong(folder: Path, due: set[str], newest: int, trained: str) -> list[str]:
    """What a shop lacks that was acknowledged (event keys due, the newest feed's number, the last generation), or
    shows that is half done. Opened as a user would, without repair."""
    with Shop(folder) as shop:
        keys, prices = set(), {}
        for page in shop._live.store.read():
            keys |= {row.key for row in page if row.kind == "event"}
            prices.update({row.product: json.loads(row.body).get("price") for row in page if row.kind == "product"})
        found = [f"lost {key}" for key in sorted(due - keys)]
        found += [f"lost the price of {p}: {v} is older than {newest}" for p, v in prices.items() if v < newest * 100]
        found += _halves(keys)
        name = current(folder / "generations")
        if trained and (name is None or name < trained):
            found.append(f"generation {trained} was acknowledged, {name} is current")
        # repeats allowed: where they are not, a shopper who has everything is rightly shown nothing
        if name is not None and not len(shop.recommend("home", user="u1", repeat="allow")):
            found.append(f"generation {name} does not answer")
    return found


def promised(line: str) -> set[str]:
    """The events that an acknowledgement promises."""
    what, *_, number = line.split()
    if what == "record":
        return {str(e["id"]) for e in events(int(number), BATCH)}
    return {str(e["id"]) for e in events(int(number) + LOADED, MANY)} if what == "load" else set()


def _halves(keys: set[str]) -> list[str]:
    counts = Counter(key.split("-")[0] for key in keys if int(key[1:].split("-")[0]) < LOADED)
    return [f"{count} of {BATCH} events of {batch}" for batch, count in counts.items() if count != BATCH]


def campaign(kills: int, seed: int, place: Path) -> dict[str, Any]:
    """Kill `kills` times; returns during what, what was acknowledged, and everything that went wrong."""
    dice = random.Random(seed)
    due: set[str] = set()
    newest, trained, acknowledged = 0, "", 0
    during: Counter[str] = Counter()
    mistakes: list[str] = []
    (place / "shop.toml").write_text(SETTINGS)
    with Shop(place) as shop:
        shop.load(products=products(0), events=events(LOADED, MANY))
    for number in range(kills):
        what = dice.choice(("record", "load", "train"))
        told = kill(place, what, 1 + number * 10_000, dice.uniform(0.02, 1.2))
        began = [line for line in told if line.startswith("began")]
        done = [line for line in told if not line.startswith("began")]
        during["opening" if not began else f"between two {what}s" if len(began) == len(done) else what] += 1
        acknowledged += len(done)
        due = due.union(*(promised(line) for line in done))
        newest = max([newest, *(int(line.split()[-1]) for line in done if line.startswith("load"))])
        trained = max([trained, *(line.split()[1] for line in done if line.startswith("train"))])
        mistakes += [f"kill {number}: {mistake}" for mistake in wrong(place, due, newest, trained)]
    return {
        "kills": kills,
        "during": dict(during),
        "acknowledged": acknowledged,
        "mistakes": mistakes,
        "seed": seed,
    }


def rounds(kills: int, seed: int, place: Path) -> dict[str, Any]:
    """Campaigns of at most ROUND kills, each on a shop of its own: a log that grew for ever would only slow them."""
    total: dict[str, Any] = {"kills": kills, "during": Counter(), "acknowledged": 0, "mistakes": [], "seed": seed}
    for number, first in enumerate(range(0, kills, ROUND)):
        folder = place / str(number)
        folder.mkdir()
        found = campaign(min(ROUND, kills - first), seed * 1000 + number, folder)
        total["during"].update(found["during"])
        total["acknowledged"] += found["acknowledged"]
        total["mistakes"] += [f"shop {number}, {mistake}" for mistake in found["mistakes"]]
    return total


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    place, start = Path(tempfile.mkdtemp()), time.perf_counter()
    try:
        found = rounds(options.kills, options.seed, place)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    seconds = time.perf_counter() - start
    rows = [
        Row("crash", "aisle", f"kills during {what}", n, seed=str(options.seed)) for what, n in found["during"].items()
    ]
    rows.append(Row("crash", "aisle", "acknowledged", found["acknowledged"], seed=str(options.seed)))
    rows.append(Row("crash", "aisle", "mistakes", len(found["mistakes"]), seconds=seconds, peak_mib=peak_mib(),
                    seed=str(options.seed)))  # fmt: skip
    show(rows, options.json, f"kill -9, {options.kills} times")
    for mistake in found["mistakes"][:20]:
        sys.stderr.write(mistake + "\n")
    raise SystemExit(1 if found["mistakes"] else 0)


if __name__ == "__main__":
    main()
