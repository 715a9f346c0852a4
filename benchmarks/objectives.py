"""Rankers of several objectives: trees an objective, and neural networks of all of them, on the same replayed examples.

    python -m benchmarks.objectives --set tmall|simulator [--json] [--seeds 0 1 2] [--rankers trees mmoe] [--users 1500]
        [--plot FILE.png]

A shop is loaded and replayed as `train` does it; every ranker learns from the same candidates of earlier moments, is
calibrated on those of the next, and judged on the last weeks, which none has seen:

- AUC within a shopper's candidates, expected calibration error, and NDCG@10 of slates ordered by that column alone
  (what the objective wants of the last weeks), for each objective, with 95 % intervals by bootstrap over shoppers.
- The front: slates ordered by many weighings of click, basket and purchase; the volume that their three NDCG@10
  dominate, as a part of the volume that the best of all rankers have on their own objectives.

tmall: the file tells neither times nor an order (see next_product_tmall.py), so each pair of a user and a product gets
a random day, and what happened to it happens on that day: view, then cart, then purchase. What is held out are thus
products at random, with all that happened to them. simulator: experiments/simulator.py, whose shoppers see random
products for 24 rounds; there refunds are learned, too.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from aisle import Shop
from aisle.evaluation.bootstrap import interval
from aisle.evaluation.metrics import hits_of, ndcg
from aisle.evaluation.splits import Cut, cuts
from aisle.pipeline.train import Replayed, candidates, request_of
from aisle.ranking.described import COLUMN, Ranking
from aisle.ranking.network import KINDS, Network
from aisle.ranking.trees import Trees
from aisle.records.measurement import joined
from aisle.wiring.ranker import Ranker, beside_of
from aisle.wiring.report import Clock, Trained, one_thread, plain
from aisle.wiring.sources import SOURCES
from benchmarks.next_product_board import metered, told
from benchmarks.next_product_shop import data
from benchmarks.rows import Row, show
from experiments.simulator import DAY, ROUND, START, World

Values = NDArray[np.float64]
Matrix = NDArray[np.float32]
NAMES = ("trees", *KINDS)
SETTINGS = """[shop]
clock = "last-event"
currency = "USD"
[encoder]
model = ""
[train]
ranker = "fusion"
sequence_events = 0
linear_products = 0
cutoffs = 4
horizon_days = {horizon}
spacing_days = {horizon}
[serve]
record_slates = false
"""
PLACES, CANDIDATES = 10, 300
FRONT = ("click", "basket", COLUMN)
SHARES = tuple(
    w for w in product((0.0, 0.25, 0.5, 0.75, 1.0), repeat=3) if abs(sum(w) - 1) < 1e-9
)  # of each column's mean
RESAMPLES = 200


def tmall(seed: int) -> tuple[None, Iterator[dict[str, Any]]]:
    """Every pair of a user and a product on one random day of a hundred."""
    log = pd.read_parquet(data("tmall/train.parquet"))
    kinds = {"view": 0, "cart": 1, "buy": 2}
    behaviour = log["behaviour"].astype(str).map(kinds).to_numpy(np.int64)
    users, products = log["user_id"].to_numpy(np.int64), log["product_id"].to_numpy(np.int64)
    pairs, pair = np.unique(users * (products.max() + 1) + products, return_inverse=True)
    days = np.random.default_rng(seed).random(len(pairs))
    times = START + (days[pair] * 100 * DAY).astype(np.int64) + 60_000 * behaviour
    types = ("view", "cart", "purchase")
    order = np.argsort(times, kind="stable")
    events = zip(users[order], products[order], behaviour[order], times[order], strict=True)
    return None, ({"type": types[b], "user": f"u{u}", "product": f"p{p}", "timestamp": int(t)} for u, p, b, t in events)


def simulated(seed: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """24 rounds in which everybody sees 30 random products."""
    world = World(seed, shoppers=1500, rounds=24)
    products, events = list[dict[str, Any]](), list[dict[str, Any]]()
    for now in range(world.rounds):
        products += world.sold(now)
        events += world.organic(now)
        here, utility = np.flatnonzero(world.arrives <= now), world.utility()
        for shopper in range(world.shoppers):
            seen = [f"p{one}" for one in world.random.choice(here, 30, replace=False)]
            events += world.shown(shopper, seen, now, utility[shopper])
        world.drifted()
    return products, events


SETS: dict[str, tuple[Callable[[int], Any], int]] = {"tmall": (tmall, 20), "simulator": (simulated, 4 * ROUND)}


@dataclass
class Weeks:
    """Replayed moments, the latest first, and the ranker that replays."""

    replays: Ranker
    made: list[Cut]
    replayed: list[Replayed]

    @classmethod
    def of(cls, name: str, folder: Path, seed: int) -> "Weeks":
        """Load a shop, and replay it."""
        make, horizon = SETS[name]
        (folder / "shop.toml").write_text(SETTINGS.format(horizon=horizon))
        products, events = make(seed)
        with Shop(folder) as shop:
            shop.load(products=products, events=events)
            shop.train(seed=seed)
            parts, settings = shop._live.served().parts, shop._live.settings
            report, target = Trained(""), tuple(parts.facts["target"])
            log, repeat = parts.state.base, str(parts.facts["repeat"])
            replays = Ranker(parts.content, log, target, repeat, settings, seed, report, Clock(report), plain)
            made = cuts(log, target, horizon, horizon, settings.train.cutoffs, beside_of(target))
            replayed = [replays.replay(cut, number, settings.train.shoppers) for number, cut in enumerate(made)]
        told(f"{name}, seed {seed}: {[cut.name for cut in made]}, {[len(part.examples) for part in replayed]} examples")
        return cls(replays, made, replayed)

    def learned(self, name: str, seed: int) -> Ranking:
        """A ranker, fitted to what was before the last two moments and calibrated on the one before the last."""
        features = self.replays.features
        made: Trees | Network = Trees(features, SOURCES) if name == "trees" else Network(features, SOURCES, kind=name)
        parts = self.replayed[2:]
        made.fit(joined([p.examples for p in parts]), seed, np.concatenate([p.weights for p in parts]))
        return made.calibrate(self.replayed[1].examples, self.replayed[1].weights)

    def asked(self, most: int, seed: int) -> list[tuple[str, int]]:
        """Shoppers of the last weeks, and their place in the log."""
        buyers = self.made[0].buyers()
        chosen = np.sort(np.random.default_rng(seed).choice(buyers, min(most, len(buyers)), replace=False))
        return [(str(self.made[0].past.shoppers[at]), int(at)) for at in chosen]


def wanted(cut: Cut, at: int, objective: str) -> frozenset[int]:
    """What a shopper did in the last weeks."""
    rows = cut.future(at) if objective == COLUMN else cut.beside[objective].of(at)
    return frozenset(int(row) for row in rows)


def auc(said: Matrix, labels: Matrix, weights: Matrix, groups: NDArray[np.int64]) -> Values:
    """The AUC within each shopper's candidates, of those who have both kinds."""
    from sklearn.metrics import roc_auc_score

    ends, values = np.cumsum(groups), list[float]()
    for start, end in zip(ends - groups, ends, strict=True):
        part = slice(start, end)
        if 0 < labels[part].sum() < end - start:
            values.append(float(roc_auc_score(labels[part], said[part], sample_weight=weights[part])))
    return np.array(values)


def scored(weeks: Weeks, made: Ranking, asked: Sequence[tuple[str, int]]) -> list[tuple[NDArray[np.int32], Matrix]]:
    """Candidates of each shopper in the last weeks, and the probabilities of every objective that was learned."""
    cut, found = weeks.made[0], []
    scenario = weeks.replays.scenario(cut)
    every = made.asking(made.learned)
    with one_thread():
        for shopper, _ in asked:
            context, fused = candidates(scenario, request_of(shopper), cut.now, CANDIDATES, weeks.replays.repeat)
            out = every.score(context, fused)
            found.append((out.rows, out.some(list(made.learned))))
    return found


def gains(found: Sequence[tuple[NDArray[np.int32], Matrix]], weights: Any, truths: Sequence[frozenset[int]]) -> Values:
    """NDCG@10 of every shopper's slate under a weighing of the columns; NaN where nothing was wanted."""
    lists = [rows[np.argsort(-(said @ weights), kind="stable")[:PLACES]].tolist() for rows, said in found]
    values = ndcg(*hits_of(lists, truths, PLACES))
    return np.where([bool(truth) for truth in truths], values, np.nan)


def volume(points: Values) -> float:
    """What points (n, 3) dominate above the origin, each at least 0."""
    total, done = 0.0, list[Any]()
    for level, nearer in zip(points[np.argsort(-points[:, 2])], [*np.sort(points[:, 2])[::-1][1:], 0.0], strict=True):
        done.append(level[:2])
        total += _area(np.array(done)) * (level[2] - nearer)
    return total


def _area(points: Values) -> float:
    order = points[np.argsort(-points[:, 0])]
    highest = np.maximum.accumulate(order[:, 1])
    return float(np.sum(np.diff(np.r_[0.0, highest]) * order[:, 0]))


def judged(
    name: str, weeks: Weeks, rankers: Sequence[str], users: int, seed: int
) -> tuple[list[Row], dict[str, Values]]:
    """Every figure of every ranker, and each one's points of the front, (weighings, shoppers, 3)."""
    last, asked, rows, points = weeks.replayed[0], weeks.asked(users, seed), list[Row](), dict[str, Values]()
    for model in rankers:
        with metered() as cost:
            made = weeks.learned(model, seed)
        rows.append(Row(name, model, "fit, CPU s", cost.cpu, peak_mib=cost.peak, seed=str(seed)))
        found = scored(weeks, made, asked)
        truths = {o: [wanted(weeks.made[0], at, o) for _, at in asked] for o in made.learned}
        for at, objective in enumerate(made.learned):
            said = made.predict(last.examples.features, objective)
            within = interval(auc(said, last.examples.of(objective), last.weights, last.examples.groups))
            rows.append(Row(name, model, f"AUC {objective}", within.value, within.low, within.high, seed=str(seed)))
            error = calibrated(made, objective, last)
            rows.append(Row(name, model, f"ECE {objective}", error, seed=str(seed)))
            alone = np.eye(len(made.learned), dtype=np.float32)[at]
            values = gains(found, alone, truths[objective])
            slate = interval(values[~np.isnan(values)])
            rows.append(Row(name, model, f"NDCG@10 {objective}", slate.value, slate.low, slate.high, seed=str(seed)))
        if set(FRONT) <= set(made.learned):
            points[model] = fronts(made, found, truths)
    return rows, points


def calibrated(made: Ranking, objective: str, part: Replayed) -> float:
    """The expected calibration error on examples that neither the model nor its calibration has seen."""
    from aisle.ranking.calibration import calibration_error

    said = made.calibrations[objective].apply(made.predict(part.examples.features, objective))
    return calibration_error(said, part.examples.of(objective), part.weights)


def fronts(made: Ranking, found: Any, truths: dict[str, list[frozenset[int]]]) -> Values:
    """NDCG@10 of each objective of the front, (weighings, shoppers, 3)."""
    at = [made.learned.index(name) for name in FRONT]
    means = np.concatenate([said for _, said in found]).mean(axis=0)[at]
    points = []
    for shares in SHARES:
        weights = np.zeros(len(made.learned), np.float32)
        weights[at] = np.array(shares) / np.maximum(means, 1e-9)
        points.append(np.stack([gains(found, weights, truths[name]) for name in FRONT], axis=1))
    return np.array(points)


def volumes(name: str, points: dict[str, Values], seed: int) -> list[Row]:
    """The dominated volume of each ranker, and how much more than the first one, by the same resamples of shoppers."""
    best = np.prod(np.max([np.nanmean(one, axis=1).max(axis=0) for one in points.values()], axis=0))
    random, shoppers = np.random.default_rng(seed), next(iter(points.values())).shape[1]
    drawn = [random.integers(0, shoppers, shoppers) for _ in range(RESAMPLES)]
    sizes = {m: np.array([volume(np.nanmean(one[:, draw], axis=1)) for draw in drawn]) for m, one in points.items()}
    rows, first = [], next(iter(points))
    for model, one in points.items():
        value = volume(np.nanmean(one, axis=1))
        low, high = np.quantile(sizes[model], [0.025, 0.975]).tolist()
        rows.append(Row(name, model, "hypervolume", value / best, low / best, high / best, seed=str(seed)))
        if model != first:
            more, base = sizes[model] / sizes[first] - 1, volume(np.nanmean(points[first], axis=1))
            low, high = np.quantile(more, [0.025, 0.975]).tolist()
            rows.append(Row(name, model, f"hypervolume over {first}", value / base - 1, low, high, seed=str(seed)))
    return rows


def plotted(points: dict[str, Values], path: Path) -> None:
    """Purchases against clicks of every weighing, a colour a ranker."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4.5), dpi=130, layout="constrained")
    axes = figure.subplots()
    for model, one in points.items():
        at = np.nanmean(one, axis=1)
        axes.scatter(at[:, 0], at[:, 2], label=model, s=22)
    axes.set_xlabel("NDCG@10 of clicks")
    axes.set_ylabel("NDCG@10 of purchases")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend()
    figure.savefig(path)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", required=True, choices=list(SETS))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--rankers", nargs="+", choices=NAMES, default=list(NAMES))
    parser.add_argument("--users", type=int, default=1500, help="shoppers whose slates are judged")
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    rows: list[Row] = []
    for seed in options.seeds:
        with TemporaryDirectory() as folder:
            weeks = Weeks.of(options.set, Path(folder), seed)
            mine, points = judged(options.set, weeks, options.rankers, options.users, seed)
        mine += volumes(options.set, points, seed) if points else []
        for row in mine:
            told(f"  {row.model}: {row.metric} {row.value:.4f} ({row.low:.4f} … {row.high:.4f})")
        rows += mine
        if options.plot and points:
            plotted(points, options.plot)
            sys.stderr.write(f"{options.plot}\n")
    show(rows, options.json, f"Objectives, {options.set}")


if __name__ == "__main__":
    main()
