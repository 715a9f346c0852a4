"""How long a recommendation takes in process, with every source on, at 12,101 products and how that grows.

    python -m benchmarks.scoring [--copies 1 8 83] [--shop FOLDER] [--requests 2000] [--folder FOLDER] [--json]

The shop is Amazon Beauty; of `--copies` more than one, every product is there so often, and every user shops in one
copy, drawn at random, whose products nobody else chooses. So the larger shops are thinly bought, and are there to be
timed, not judged: they train briefly. `--shop` times one that `next_product --set beauty --folder FOLDER` trained
(FOLDER/beauty) instead. A request is `Shop.recommend("home")` of one shopper, nothing recorded and nothing cached
between requests, one after the other on one thread; the first tenth warms up. A fixed loop before and after tells what
the machine is worth.
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from aisle import Shop
from benchmarks.latency import calibration
from benchmarks.next_product_beauty import Beauty
from benchmarks.next_product_board import told
from benchmarks.next_product_shop import SETTINGS, Options, workplace
from benchmarks.rows import Row, peak_mib, show

BRIEF = "[train]\nranker = 'trees'\nshoppers = 1000\nsequence_events = 2000000\n[encoder]\ntune_events = 1000000\n"
STAGES = ("retrieve", "score", "total")  # total: from the request to the slate, without what is asked of the store
SHARES = (50, 95, 99)


def goods(beauty: Beauty, copies: int) -> Iterator[dict[str, Any]]:
    """Every product as often as said."""
    for copy in range(copies):
        yield from ({**product, "id": f"{product['id']}-{copy}"} for product in beauty.products)


def events(beauty: Beauty, copies: int, seed: int) -> Iterator[dict[str, Any]]:
    """Every user's purchases in one copy."""
    homes = np.random.default_rng(seed).integers(copies, size=len(beauty.users))
    for user, sequence, home in zip(beauty.users, beauty.sequences, homes, strict=True):
        for product in sequence[:-1]:
            yield {"type": "purchase", "user": user, "product": f"{beauty.ids[product]}-{home}"}


def trained(folder: Path, beauty: Beauty, copies: int, seed: int) -> Shop:
    """A shop of so many copies."""
    (folder / "shop.toml").write_text(SETTINGS + BRIEF)
    shop = Shop(folder)
    shop.load(products=goods(beauty, copies), events=events(beauty, copies, seed))
    start = time.perf_counter()
    report = shop.train(seed)
    told(f"{copies} copies trained in {time.perf_counter() - start:.0f} s, {report.figures['forecast']}")
    return shop


def made(shop: Path | None, folder: Path, beauty: Beauty, copies: int, seed: int) -> Shop:
    """One that was trained before, or a new one."""
    return Shop(shop) if shop else trained(folder, beauty, copies, seed)


def stages_of(shop: Shop) -> str:
    """What answers `home`."""
    home = shop._live.served().generation.scenarios["home"]
    return ", ".join([*(one.name for one in home.retrievers), *(type(one).__name__ for one in home.scorers)])


def timed(shop: Shop, users: list[str]) -> dict[str, np.ndarray[Any, Any]]:
    """Milliseconds of every request and of its stages."""
    taken: dict[str, list[float]] = {name: [] for name in ("request", *STAGES)}
    for user in users:
        start = time.perf_counter()
        slate = shop.recommend("home", user=user, record=False)
        taken["request"].append(1000 * (time.perf_counter() - start))
        if slate.degraded:
            raise SystemExit(f"a stage failed: {slate.degraded}")
        for name in STAGES:
            taken[name].append(slate.timings[name])
    return {name: np.array(values[len(users) // 10 :]) for name, values in taken.items()}


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copies", type=int, nargs="+", default=[1, 8, 83])
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--shop", type=Path)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    beauty, rows = Beauty.read(), list[Row]()
    asked = np.random.default_rng(given.seed).choice(len(beauty.users), given.requests, replace=False)
    for copies in [1] if given.shop else given.copies:
        place = workplace(Options(folder=given.folder), f"scoring-{copies}")
        with place as folder, made(given.shop, folder, beauty, copies, given.seed) as shop:
            name = f"{len(shop._live.served().generation.catalogue):,} products"
            before = calibration()
            taken = timed(shop, [beauty.users[user] for user in asked])
            after = calibration()
            told(f"{name}: {stages_of(shop)}")
        rows += [Row(name, stage, f"p{share} ms", float(np.percentile(values, share)), peak_mib=peak_mib())
                 for stage, values in taken.items() for share in SHARES]  # fmt: skip
        rows += [Row(name, "fixed loop", when, value) for when, value in (("before, ms", before), ("after, ms", after))]
    show(rows, given.json, "Recommendations in process, one thread")


if __name__ == "__main__":
    main()
