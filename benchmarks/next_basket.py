"""Next basket on Complete Journey: what a household buys in the four weeks after 2017-11-06T05:00Z.

    python -m benchmarks.next_basket [--json] [--seeds 0 1 2]

Trained on what precedes that moment; tested on each household's distinct products of the four weeks after. `all`:
everything, households without history included. `new`: products new to the household. Every product is ranked by
itself, as in the published figures. NDCG@10 has its ideal over min(10, n). Baselines choose their settings on the four
weeks before the moment; popularity fills up their lists.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from aisle import Shop
from aisle.evaluation.bootstrap import interval, lift
from aisle.evaluation.metrics import capped_recall, hits_of, ndcg, recall
from aisle.records.times import DAY, of_datetime
from aisle.sources.journey import CompleteJourney
from benchmarks.rows import Row, peak_mib, show

MOMENT = of_datetime(datetime(2017, 11, 6, 5, tzinfo=UTC))
WEEKS = 28 * DAY
PLACES, DEEP = 10, 500
SETTINGS = '[serve]\nrecord_slates = false\ndeadline_ms = 100000.0\ncandidates = 500\n[shop]\nclock = "last-event"\n'
Lists = list[list[int]]


@dataclass
class World:
    """A log before and after a moment, as codes: users, items and age in days of every line before."""

    moment: int
    users: list[int]
    items: list[int]
    user: Any
    item: Any
    basket: Any
    age: Any
    truth: list[frozenset[int]]  # of each user, everything bought in the four weeks

    @classmethod
    def at(cls, moment: int) -> "World":
        """The world as of `moment` (UTC ms)."""
        lines = CompleteJourney(before=moment + WEEKS)._sold
        users, user = np.unique(lines["household_id"], return_inverse=True)
        items, item = np.unique(lines["product_id"], return_inverse=True)
        past = (lines["ms"] < moment).to_numpy()
        truth: list[set[int]] = [set() for _ in users]
        for u, i in zip(user[~past], item[~past], strict=True):
            truth[u].add(int(i))
        age = (moment - lines["ms"].to_numpy()[past]) / DAY
        basket = lines["basket_id"].to_numpy()[past]
        return cls(moment, users.tolist(), items.tolist(), user[past], item[past], basket, age,
                   [frozenset(t) for t in truth])  # fmt: skip

    def matrix(self, weights: Any) -> Any:
        """Users × items, the weights of their lines summed."""
        shape = (len(self.users), len(self.items))
        return sp.csr_matrix((weights.astype(np.float32), (self.user, self.item)), shape=shape)

    def orders(self, half_life: float = float("inf")) -> Any:
        """Users × items: orders that held the item, older ones counting less."""
        marks = np.stack([self.user, self.item, self.basket])
        _, once = np.unique(marks, axis=1, return_index=True)
        weights = np.zeros(len(self.user), np.float32)
        weights[once] = np.exp2(-self.age[once] / half_life)
        return self.matrix(weights)


def popularity(world: World) -> Any:
    """Households that bought each item, the last purchase decayed by 28 days; shape (items,)."""
    recent = world.matrix(np.exp2(-world.age / 28))
    recent.data = np.minimum(recent.data, 1)
    return np.asarray(recent.sum(axis=0)).ravel()


def user_knn(world: World, half_life: float, nearest: int) -> Any:
    """Cosine of idf-weighted, log-scaled decayed counts; what the nearest bought lately. Users × items, dense."""
    counts = world.matrix(np.exp2(-world.age / half_life))
    idf = np.sqrt(np.log1p(counts.shape[0] / np.maximum(np.bincount(counts.indices, minlength=counts.shape[1]), 1)))
    counts.data = np.log1p(counts.data) * idf[counts.indices]
    lengths = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
    unit = sp.diags(1 / np.maximum(lengths, 1e-9)) @ counts
    likeness = np.asarray((unit @ unit.T).todense(), np.float32)
    np.fill_diagonal(likeness, 0)
    threshold = -np.partition(-likeness, nearest, axis=1)[:, nearest][:, None]
    likeness = np.where(likeness >= threshold, likeness, 0)
    recent = world.matrix(np.exp2(-world.age / 56))
    recent.data = np.minimum(recent.data, 1)
    return sp.csr_matrix(likeness) @ recent


def item_knn(world: World, half_life: float, nearest: int) -> Any:
    """implicit's cosine item-kNN: users × items, sparse."""
    from implicit.nearest_neighbours import CosineRecommender

    counts = world.matrix(np.exp2(-world.age / half_life))
    counts.data = np.log1p(counts.data)
    model = CosineRecommender(K=nearest, num_threads=2)
    model.fit(counts, show_progress=False)
    return (counts @ model.similarity).tocsr()


def als(world: World, factors: int, regularization: float, seed: int = 0) -> Any:
    """implicit's alternating least squares: users × items, dense."""
    from implicit.als import AlternatingLeastSquares

    counts = world.matrix(np.exp2(-world.age / 200))
    counts.data = 1 + np.log1p(counts.data)
    model = AlternatingLeastSquares(factors=factors, regularization=regularization, alpha=1.0, iterations=15,
                                    num_threads=2, random_state=seed)  # fmt: skip
    model.fit(counts, show_progress=False)
    return np.asarray(model.user_factors @ model.item_factors.T, np.float32)


def lists(world: World, scores: Any, asked: Iterable[int], new: bool) -> Lists:
    """The best PLACES items of each user, filled up with the popular; without what they had where `new`."""
    popular = popularity(world)
    order = np.argsort(-popular, kind="stable")
    had = world.matrix(np.ones(len(world.user)))
    made = []
    for user in asked:
        row: Any = scores if scores.ndim == 1 else scores[user]
        row = np.asarray(row.todense()).ravel() if sp.issparse(row) else np.array(row, np.float32)
        mine = had[user].indices
        if new:
            row = row.copy()
            row[mine] = -np.inf
        top = np.argpartition(-row, PLACES)[:PLACES]
        top = top[np.argsort(-row[top], kind="stable")]
        chosen = [int(item) for item in top if np.isfinite(row[item]) and row[item] > 0]
        known = set(chosen) | (set(mine.tolist()) if new else set())
        rest = (int(item) for item in order if int(item) not in known)
        made.append(chosen + [next(rest) for _ in range(PLACES - len(chosen))])
    return made


def asked_of(world: World) -> dict[str, tuple[list[int], list[frozenset[int]]]]:
    """Users and truths of both tasks."""
    had = world.matrix(np.ones(len(world.user)))
    fresh = [t - set(had[u].indices.tolist()) for u, t in enumerate(world.truth)]
    every = [u for u, t in enumerate(world.truth) if t]
    # a household that never bought cannot be told what is new to it from what is not
    new = [u for u in every if fresh[u] and had[u].nnz]
    return {"all": (every, [world.truth[u] for u in every]), "new": (new, [frozenset(fresh[u]) for u in new])}


def tuned(
    name: str, make: Callable[..., Any], grid: list[tuple[Any, ...]], task: str, before: World
) -> tuple[Any, ...]:
    """The settings that are best on the four weeks before the moment."""
    asked, truths = asked_of(before)[task]
    scores = {
        g: ndcg(*hits_of(lists(before, make(before, *g), asked, task == "new"), truths, PLACES)).mean() for g in grid
    }
    return max(grid, key=lambda g: scores[g])


def baselines(world: World, before: World) -> dict[str, dict[str, tuple[Lists, float]]]:
    """Every baseline's lists and seconds, by task and name."""
    grids: dict[str, tuple[Callable[..., Any], list[tuple[Any, ...]]]] = {
        "popularity": (popularity, [()]),
        "own frequency": (World.orders, [()]),
        "decayed own frequency": (World.orders, [(40.0,), (60.0,), (80.0,), (120.0,), (160.0,)]),
        "user-kNN": (user_knn, [(80.0, 150), (200.0, 150), (200.0, 300)]),
        "item-kNN": (item_knn, [(80.0, 100), (200.0, 200), (200.0, 500)]),
        "ALS": (als, [(64, 0.1), (64, 1.0), (128, 0.1)]),
    }
    made: dict[str, dict[str, tuple[Lists, float]]] = {"all": {}, "new": {}}
    for name, (make, grid) in grids.items():
        for task, (asked, _) in asked_of(world).items():
            best = tuned(name, make, grid, task, before) if len(grid) > 1 else grid[0]
            start = time.perf_counter()
            label = f"{name} {best}" if best else name
            made[task][label] = (
                lists(world, make(world, *best), asked, task == "new"),
                time.perf_counter() - start,
            )
    return made


def trained(folder: Path, seed: int, load: bool) -> tuple[Shop, float, dict[str, Any]]:
    """A shop that knows only what precedes the moment."""
    (folder / "shop.toml").write_text(SETTINGS)
    shop = Shop(folder)
    if load:
        journey = CompleteJourney(before=MOMENT, grouped=False)
        shop.load(products=journey.products(), events=journey.events(), users=journey.users())
    start = time.perf_counter()
    report = shop.train(seed=seed)
    return shop, time.perf_counter() - start, {"seconds": report.seconds, **report.figures, **report.skipped}


def ours(shop: Shop, world: World, asked: list[int], new: bool) -> tuple[Lists, Lists, float]:
    """Our lists, our candidates and seconds: through the public face, as of the moment."""
    code = {str(item): at for at, item in enumerate(world.items)}
    top, deep = [], []
    start = time.perf_counter()
    for user in asked:
        name, repeat = str(world.users[user]), "exclude" if new else "allow"
        slate = shop.recommend("home", user=name, size=PLACES, now=MOMENT, repeat=repeat)
        top.append([code.get(product, -1) for product in slate.ids])
        groups = shop._live.served().generation.catalogue.groups
        rows: Any = slate.trace.ranked.rows if slate.trace else []
        deep.append([code.get(groups[row], -1) for row in rows[:DEEP]])
    return top, deep, time.perf_counter() - start


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    world, before = World.at(MOMENT), World.at(MOMENT - WEEKS)
    tasks = asked_of(world)
    rows: list[Row] = []
    base = baselines(world, before)
    values: dict[str, dict[str, Any]] = {"all": {}, "new": {}}
    for task, (_, truths) in tasks.items():
        for name, (made, seconds) in base[task].items():
            values[task][name] = ndcg(*hits_of(made, truths, PLACES))
            rows += figures(task, name, made, truths, seconds, "0")
    with tempfile.TemporaryDirectory() as place:
        runs: dict[str, list[Any]] = {"all": [], "new": []}
        for number, seed in enumerate(options.seeds):
            shop, seconds, report = trained(Path(place), seed, number == 0)
            rows.append(Row("all", "aisle", "train", seconds, seconds=seconds, peak_mib=peak_mib(), seed=str(seed)))
            if not options.json:
                show([], False, str(report))
            for task, (asked, truths) in tasks.items():
                top, deep, spent = ours(shop, world, asked, task == "new")
                runs[task].append(ndcg(*hits_of(top, truths, PLACES)))
                rows += figures(task, "aisle", top, truths, spent, str(seed))
                hits, wanted = hits_of(deep, truths, DEEP)
                found = interval(recall(hits, wanted))
                rows.append(
                    Row(
                        task,
                        "aisle",
                        "candidate recall@500",
                        found.value,
                        found.low,
                        found.high,
                        seed=str(seed),
                    )
                )
            shop.close()
    seeds = "+".join(str(seed) for seed in options.seeds)
    for task in tasks:
        mean = np.mean(runs[task], axis=0)
        found = interval(mean)
        rows.append(Row(task, "aisle", "ndcg@10, mean of seeds", found.value, found.low, found.high, seed=seeds))
        for name, value in values[task].items():
            gain = lift(mean, value)
            rows.append(Row(task, "aisle", f"ndcg@10 over {name}", gain.value, gain.low, gain.high, seed=seeds))
    show(rows, options.json, "Next basket, Complete Journey, four weeks from 2017-11-06T05:00Z")


def figures(task: str, model: str, made: Lists, truths: list[frozenset[int]], seconds: float, seed: str) -> list[Row]:
    """The metrics of one system."""
    hits, wanted = hits_of(made, truths, PLACES)
    rows = []
    metrics = (("ndcg@10", ndcg), ("recall@10 / min(10, n)", capped_recall), ("recall@10 / n", recall))
    for metric, of in metrics:
        found = interval(of(hits, wanted))
        rows.append(Row(task, model, metric, found.value, found.low, found.high, seconds, peak_mib(), seed))
    return rows


if __name__ == "__main__":
    main()
