"""Does a shop that learns from its own slates narrow what shoppers see? Rounds of recommend → buy → train, simulated.

    python -m benchmarks.homogenisation [--json] [--seeds 0 1 2] [--rounds 50] [--ways greedy aisle …] [--plot FILE]

The simulated shop (experiments/simulator.py, with the habits that experiments/calibration.py fitted to Complete
Journey) sells to 400 shoppers, without slates for eight rounds; then every shopper is shown a slate of ten a round, and
the whole shop is trained anew on what came of it.

- greedy: the engine as it is by default, which ranks by what will be bought. aisle: with the settings in AISLE.
  popularity: what was bought most in the last eight rounds. organic: no slates.
- effective size: exp(entropy) of what is shown over products, in products, and as a part of all that there are (two
  more come a round); of what is bought beside it.
- entropy: mean over shoppers of the entropy of what they are shown (in five rounds) over the simulator's latent topics,
  which the engine never sees; of what they bought beside it.
- start and end: the first and the last five rounds with slates. Purchases: all of a round, mean over the last half.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from aisle import Shop
from benchmarks.rows import Row, peak_mib, show
from experiments.simulator import Habits, World, entropy_of

FITTED = Habits(concentration=1.6, spread=0.9, habit=0.2)  # python -m experiments.calibration
WARM, PLACES, SPAN = 8, 10, 5
GREEDY = """
[shop]
clock = "last-event"
currency = "USD"
[encoder]
model = ""
[train]
ranker = "trees"
cutoffs = 4
spacing_days = 14
horizon_days = 7
sequence_events = 0
shoppers = 400
[serve]
deadline_ms = 60000.0
"""
AISLE = (
    GREEDY
    + """diversity = 0.5
diversify = "calibrated"
widen = 0.5
discovery = 1
explore = true
[objectives.home]
unseen = 2.0
"""
)


@dataclass
class Diary:
    """What happened: shown and bought, int64 (rounds, shoppers, topics) and (rounds, products); purchases a round."""

    world: World
    shown: list[Any] = field(default_factory=list)
    bought: list[Any] = field(default_factory=list)
    topics_shown: list[Any] = field(default_factory=list)
    topics_bought: list[Any] = field(default_factory=list)
    here: list[int] = field(default_factory=list)
    worth: list[float] = field(default_factory=list)

    def write(self, slates: dict[int, list[str]], events: list[dict[str, Any]], now: int) -> None:
        """One round."""
        taken = [(int(e["user"][1:]), int(e["product"][1:])) for e in events if e["type"] == "purchase"]
        put = [(shopper, int(name[1:])) for shopper, slate in slates.items() for name in slate]
        for pairs, totals, topics in ((put, self.shown, self.topics_shown), (taken, self.bought, self.topics_bought)):
            users, items = np.array(pairs, np.int64).reshape(-1, 2).T
            totals.append(np.bincount(items, minlength=len(self.world.price)))
            counts = np.zeros((self.world.shoppers, self.world.kinds))
            np.add.at(counts, (users, self.world.topics.argmax(axis=1)[items]), 1)
            topics.append(counts)
        self.here.append(int((self.world.arrives <= now).sum()))
        self.worth.append(float(sum(self.world.price[item] for _, item in taken)))

    def size(self, of: list[Any], rounds: slice, part: bool = True) -> float:
        """exp(entropy) over products, as a part of those there are or in products, the mean of some rounds."""
        sizes = [np.exp(entropy_of(counts)[0]) / (n if part else 1)
                 for counts, n in zip(of[rounds], self.here[rounds], strict=True)]  # fmt: skip
        return float(np.mean(sizes))

    def entropy(self, of: list[Any], rounds: slice) -> float:
        """The mean over shoppers of the entropy over topics of what some rounds brought them."""
        return float(np.nanmean(entropy_of(np.sum(of[rounds], axis=0))))


Slates = Callable[[int], dict[int, tuple[str, list[str]]]]


def played(way: str, seed: int, rounds: int, told: Callable[[str], None]) -> Diary:
    """One way in one world; the same seed draws the same products and the same shoppers."""
    world = World(seed, FITTED, rounds=WARM + rounds)
    diary = Diary(world)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "shop.toml").write_text(AISLE if way == "aisle" else GREEDY)
        with Shop(folder) as shop:
            for now in range(WARM + rounds):
                shop.load(products=world.sold(now))
                slates = {} if now < WARM or way == "organic" else shown_by(way, shop, world, diary, seed)
                events = list(world.organic(now))
                utility = world.utility()
                for shopper, (slate, products) in slates.items():
                    events += world.shown(shopper, products, now, utility[shopper], slate)
                shop.load(events=[{"id": f"{now}-{k}", **event} for k, event in enumerate(events)])
                diary.write({shopper: products for shopper, (_, products) in slates.items()}, events, now)
                world.drifted()
                told(f"{way} seed {seed} round {now}: {diary.bought[-1].sum()} bought")
    return diary


def shown_by(way: str, shop: Shop, world: World, diary: Diary, seed: int) -> dict[int, tuple[str, list[str]]]:
    """Every shopper's slate: its id, if it has one, and its products."""
    if way == "popularity":
        lately = np.sum(diary.bought[-WARM:], axis=0)
        best = [f"p{item}" for item in np.argsort(-lately, kind="stable")[:PLACES]]
        return {shopper: ("", best) for shopper in range(world.shoppers)}
    shop.train(seed=seed)
    slates = {shopper: shop.recommend("home", user=f"u{shopper}", size=PLACES) for shopper in range(world.shoppers)}
    return {shopper: (slate.id, list(slate.ids)) for shopper, slate in slates.items()}


def rows_of(way: str, diary: Diary, seed: int, rounds: int, seconds: float) -> list[Row]:
    """The figures of one diary."""
    start, end = slice(WARM, WARM + SPAN), slice(-SPAN, None)
    measured: list[tuple[str, float]] = []
    for name, of, topics in (("shown", diary.shown, diary.topics_shown), ("bought", diary.bought, diary.topics_bought)):
        if way == "organic" and name == "shown":
            continue
        for what, value in (("effective products", (diary.size(of, start, False), diary.size(of, end, False))),
                            ("effective size", (diary.size(of, start), diary.size(of, end))),
                            ("entropy", (diary.entropy(topics, start), diary.entropy(topics, end)))):  # fmt: skip
            measured += [(f"{what} {name}, start", value[0]), (f"{what} {name}, end", value[1]),
                         (f"{what} {name}, change", value[1] / value[0] - 1)]  # fmt: skip
    late = slice(WARM + rounds // 2, None)
    measured.append(("purchases a round", float(np.mean([counts.sum() for counts in diary.bought[late]]))))
    measured.append(("revenue a round", float(np.mean(diary.worth[late]))))
    return [Row("simulator", way, name, value, seconds=seconds, peak_mib=peak_mib(), seed=str(seed))
            for name, value in measured]  # fmt: skip


def together(rows: list[Row]) -> list[Row]:
    """The mean over seeds, with the smallest and the largest as an interval."""
    made: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        made.setdefault((row.model, row.metric), []).append(row)
    seeds = ",".join(sorted({row.seed for row in rows}))
    return [Row("simulator", model, metric, float(np.mean([row.value for row in each])),
                min(row.value for row in each), max(row.value for row in each),
                sum(row.seconds for row in each), max(row.peak_mib for row in each), seeds)
            for (model, metric), each in made.items()]  # fmt: skip


def plotted(diaries: dict[tuple[str, int], Diary], path: Path) -> None:
    """Effective size and entropy of what is shown, round by round; a line a way, the mean of its seeds."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4))
    for way in dict.fromkeys(way for way, _ in diaries):
        mine = [diary for (name, _), diary in diaries.items() if name == way]
        if way == "organic":
            continue
        at = range(WARM, len(mine[0].shown) - SPAN + 1)
        left.plot([k - WARM for k in at], [np.mean([d.size(d.shown, slice(k, k + SPAN)) for d in mine]) for k in at],
                  label=way)  # fmt: skip
        right.plot([k - WARM for k in at],
                   [np.mean([d.entropy(d.topics_shown, slice(k, k + SPAN)) for d in mine]) for k in at],
                   label=way)  # fmt: skip
    left.set(title="Products shown: effective share of the catalogue", xlabel="round", ylim=(0, None))
    right.set(title="A shopper's slates: entropy over latent topics", xlabel="round", ylim=(0, None))
    left.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=120)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--ways", nargs="+", default=["organic", "popularity", "greedy", "aisle"])
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    diaries, rows = {}, list[Row]()
    for seed in options.seeds:
        for way in options.ways:
            begun = time.perf_counter()
            diary = diaries[way, seed] = played(way, seed, options.rounds, _said)
            rows += rows_of(way, diary, seed, options.rounds, time.perf_counter() - begun)
    show(together(rows), options.json, f"{options.rounds} rounds of recommend → buy → train")
    if options.plot:
        plotted(diaries, options.plot)


def _said(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    main()
