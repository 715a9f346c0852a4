"""What a varied slate, the long tail and novelty cost: every way, every weight, on real shoppers.

    python -m benchmarks.slate --set journey [--seeds 0 1 2] [--folder DIR] [--plot FILE] [--curves] [--json]
    python -m benchmarks.slate --set beauty --users 4000

`journey`: the next basket of each household of Complete Journey (benchmarks/next_basket.py), 500 candidates. `beauty`:
the next product of Amazon 2014 Beauty (leave-one-out). A shop is trained and asked once for each shopper; then every
reranker and every weight of an objective orders the same candidates, through the engine's own classes.

- distance: mean over pairs of a slate of 1 - cosine of who bought the two (training log). No method sees it: they
  work on category, brand, price and text. Beside it the distance that they do work on.
- covered: share of the products bought at least five times that are on anybody's slate.
- tail: share of a slate from outside the fifth of all products that sells best (APLT). Gini: exposure over all of them.
- Half of the shoppers (by a fixed seed) choose each way's weight: the one of most distance that costs them at most 1 %
  of NDCG@10; for `tail`, `novel` and `rare` the lightest that shows half as much of the tail again; for `overlooked`
  the heaviest at 1 % of NDCG@10. The figures are of the others.
- `overlooked` is told how often each product was shown, as a shop is: at first by the ranking alone, then also by its
  own slates, of which HOUR come to be known at a time, for a shop counts by the hour.
- covered and Gini are of everybody's slates: they are a shop's as a whole. `--curves`: every weight, of everybody.
- milliseconds: one reranking, one thread.
"""

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import numpy as np
import scipy.sparse as sp

from aisle import Shop
from aisle.evaluation.bootstrap import Interval, interval, lift
from aisle.evaluation.metrics import gini, hits_of, ndcg, recall
from aisle.pipeline.run import blend
from aisle.ranking.worth import SHOWN, Worth
from aisle.records.candidates import Candidates
from aisle.records.request import Context
from aisle.reranking.distance import spread_of
from aisle.reranking.diversity import Diversity, Method
from aisle.wiring.arranging import Arranging
from benchmarks import next_basket
from benchmarks.next_product_beauty import Beauty
from benchmarks.next_product_shop import Options, opened
from benchmarks.rows import Row, show

PLACES, OFTEN, HEAD = 10, 5, 0.2
WEIGHTS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
PRICES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0, 2.0, 4.0, 8.0, 16.0)  # of a purchase from the tail, or of a discovery
# of a place for the tail, or for what was shown seldom, in purchases
SHOWINGS = (0.0002, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.007, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.1, 0.2)
HOUR = 100
METHODS: tuple[Method, ...] = ("mmr", "dpp", "intents", "calibrated", "tree")
HUNGRY = "appetite"  # mmr whose weight goes by each shopper
SPENT, MORE = 0.01, 1.5  # of NDCG@10; of the tail
OF_TAIL = ("tail", "novel", "rare")
RANKING = "ranking"
NOBODY = np.zeros(0, bool)
Lists = list[list[int]]
Way = Callable[[Context, Candidates], list[int]]


@dataclass
class World:
    """A trained shop, what each shopper is shown before anything is rearranged, and what they took next."""

    shop: Shop
    asked: list[tuple[Context, Candidates]]
    truths: list[frozenset[int]]
    buyers: Any  # rows × shoppers of the training log, unit rows

    @property
    def sales(self) -> Any:
        """How many shoppers bought each product."""
        return np.diff(self.buyers.indptr)


def world_of(shop: Shop, asked: Sequence[Mapping[str, Any]], truths: Sequence[frozenset[str]]) -> World:
    """Every shopper asked once, through the public face."""
    rows = shop._live.served().generation.catalogue.rows
    seen = []
    for one in asked:
        trace: Any = shop.recommend("home", size=PLACES, **one).trace
        # what rerankers do not read is not kept for thousands of shoppers
        seen.append((replace(trace.context, memo={}, mask=NOBODY, units=NOBODY), trace.ranked))
    log = shop._live.served().parts.state.base
    bought = sp.csr_matrix((np.ones(len(log), np.float32), (log.columns.rows, log.owners())), shape=(
        len(rows), len(log.shoppers)))  # fmt: skip
    bought.data[:] = 1
    unit = sp.diags(1 / np.sqrt(np.maximum(np.diff(bought.indptr), 1))) @ bought
    return World(shop, seen, [frozenset(rows[p] for p in truth if p in rows) for truth in truths], unit.tocsr())


def journey(folder: Path, seed: int, users: int | None) -> World:
    """Complete Journey before the moment of the next-basket benchmark."""
    fresh = not (folder / "shop.db").exists()
    shop, _, _ = next_basket.trained(folder, seed, fresh)
    world = next_basket.World.at(next_basket.MOMENT)
    every, truths = next_basket.asked_of(world)["all"]
    chosen = Options(users=users).sample(len(every))
    asked = [{"user": str(world.users[every[at]]), "now": next_basket.MOMENT, "repeat": "allow"} for at in chosen]
    return world_of(shop, asked, [frozenset(str(world.items[i]) for i in truths[at]) for at in chosen])


def beauty(folder: Path, seed: int, users: int | None) -> World:
    """Amazon Beauty before everybody's last product."""
    said, options = Beauty.read(), Options(users=users)
    known = (folder / "shop.db").exists()
    shop = Shop(folder) if known else opened(folder, options, said.products, said.events())
    shop.train(seed=seed)
    chosen = options.sample(len(said.users))
    asked = [{"user": said.users[at], "repeat": "exclude"} for at in chosen]
    return world_of(shop, asked, [frozenset((said.ids[said.sequences[at][-1]],)) for at in chosen])


SETS = {"journey": journey, "beauty": beauty}


def ways(world: World) -> dict[str, dict[float, Way]]:
    """Every way of arranging, by name and weight."""
    served = world.shop._live.served()
    content, target = served.parts.content, tuple(served.parts.facts["target"])
    home = served.generation.scenarios["home"]
    own = _variety(world)
    worth = Worth(content.catalogue, lambda: served.overlay, target)

    def varied(method: Method, weight: float, appetite: bool = False) -> Way:
        way = replace(own, method=method, weight=weight, appetite=appetite)
        return lambda context, ranked: _rows(ranked, way.rerank(context, ranked, PLACES).order)

    def weighed(column: str, price: float) -> Way:
        scenario = replace(home, objectives={**home.objectives, column: price})

        def way(context: Context, ranked: Candidates) -> list[int]:
            bare = Candidates(ranked.rows, ranked.scores[:, :-1], ranked.columns[:-1])
            return [int(row) for row in blend(scenario, worth.score(context, bare)).rows[:PLACES]]

        return way

    shown = np.bincount([row for _, ranked in world.asked for row in ranked.rows[:PLACES]], minlength=len(world.sales))

    return {
        RANKING: {0.0: lambda context, ranked: ranked.rows[:PLACES].tolist()},
        **{method: {weight: varied(method, weight) for weight in WEIGHTS} for method in METHODS},
        HUNGRY: {weight: varied("mmr", weight, appetite=True) for weight in WEIGHTS},
        **{column: {price: weighed(column, price) for price in PRICES} for column in ("tail", "novel")},
        "rare": {price: weighed("rare", price) for price in SHOWINGS},
        "overlooked": {price: Counting(weighed("overlooked", price), shown) for price in SHOWINGS},
    }


class Counting:
    """A way that is told how often each product was shown, its own slates of every full HOUR included."""

    def __init__(self, way: Way, shown: Any) -> None:
        self._way, self._shown, self._since = way, shown, list[int]()

    def __call__(self, context: Context, ranked: Candidates) -> list[int]:
        """A slate; it counts with the others of its hour."""
        columns = {**context.moment.columns, SHOWN: self._shown}
        rows = self._way(replace(context, moment=replace(context.moment, columns=columns)), ranked)
        self._since += rows
        if len(self._since) >= HOUR * PLACES:
            self._shown = self._shown + np.bincount(self._since, minlength=len(self._shown))
            self._since = []
        return rows


def _rows(ranked: Candidates, order: Sequence[int]) -> list[int]:
    return [int(ranked.rows[at]) for at in order[:PLACES]]


@dataclass
class Figures:
    """What one way makes of all shoppers: one number a shopper, and its slates."""

    lists: Lists
    ndcg: Any
    recall: Any
    distance: Any
    own: Any
    tail: Any
    millis: Any


def measured(world: World, way: Way, own: Diversity, in_tail: Any) -> Figures:
    """Every shopper's slate in one way."""
    lists, millis = [], []
    for context, ranked in world.asked:
        start = time.perf_counter()
        lists.append(way(context, ranked))
        millis.append(1000 * (time.perf_counter() - start))
    hits, wanted = hits_of(lists, world.truths, PLACES)
    return Figures(
        lists, ndcg(hits, wanted), recall(hits, wanted),
        np.array([spread_of(1 - np.asarray((world.buyers[rows] @ world.buyers[rows].T).todense())) for rows in lists]),
        np.array([spread_of(own.distance.between(np.array(rows, np.int32))) for rows in lists]),
        np.array([in_tail[rows].mean() if rows else np.nan for rows in lists]), np.array(millis),
    )  # fmt: skip


def chosen(way: str, curve: Mapping[float, Figures], base: Figures, half: Any) -> tuple[float, bool]:
    """On the shoppers that choose the weight that reaches most at no more than SPENT, of a way for the tail the first
    that reaches MORE; and True. Where none does the least, or the most, and False."""

    def mean(made: Figures, field: str) -> float:
        return float(np.nanmean(getattr(made, field)[half]))

    if way in OF_TAIL:
        reach = [weight for weight in sorted(curve) if mean(curve[weight], "tail") >= MORE * mean(base, "tail")]
        return (reach[0], True) if reach else (max(curve), False)
    affordable = [w for w, made in curve.items() if mean(made, "ndcg") >= (1 - SPENT) * mean(base, "ndcg")]
    if not affordable:
        return min(curve), False
    return (max(affordable) if way == "overlooked" else max(affordable, key=lambda w: mean(curve[w], "distance"))), True


def _variety(world: World) -> Diversity:
    """The shop's own, and what it measures distance by."""
    served = world.shop._live.served()
    target = tuple(served.parts.facts["target"])
    return Arranging(
        served.parts.content, lambda: served.overlay, world.shop.settings, target, lambda: served.parts.unit_sales
    )._diversity


def figures(world: World, name: str, seed: int) -> tuple[list[Row], dict[str, dict[float, Figures]]]:
    """The rows of one seed, and every curve."""
    own = _variety(world)
    best = np.argsort(-world.sales, kind="stable")[: int(HEAD * len(world.sales))]
    in_tail = np.ones(len(world.sales), bool)
    in_tail[best] = False
    curves = {way: {weight: measured(world, each, own, in_tail) for weight, each in made.items()}
              for way, made in ways(world).items()}  # fmt: skip
    choosing = np.random.default_rng(0).random(len(world.asked)) < 0.5
    base, rows = curves[RANKING][0.0], list[Row]()
    for way, curve in curves.items():
        weight, within = (0.0, True) if way == RANKING else chosen(way, curve, base, choosing)
        label = way if way == RANKING else f"{way} {weight:g}" + ", out of reach" * (not within)
        rows += _told(world, name, label, curve[weight], base, ~choosing, str(seed))
    return rows, curves


def _told(world: World, name: str, label: str, made: Figures, base: Figures, half: Any, seed: str) -> list[Row]:
    """One way's figures on the shoppers that did not choose, and beside the ranking's."""
    rows = []

    def row(metric: str, found: Interval) -> None:
        rows.append(Row(name, label, metric, found.value, found.low, found.high, seed=seed))

    each = {"ndcg@10": "ndcg", "recall@10": "recall", "distance of buyers": "distance", "own distance": "own",
            "tail": "tail"}  # fmt: skip
    for metric, field in each.items():
        mine, theirs = getattr(made, field)[half], getattr(base, field)[half]
        known = ~np.isnan(mine) & ~np.isnan(theirs)
        row(metric, interval(mine[known]))
        if made is not base:
            row(f"{metric} over the ranking", lift(mine[known], theirs[known]))
    covered, before = (covered_by(world, each.lists) for each in (made, base))
    rows += [Row(name, label, "covered", covered, seed=seed),
             Row(name, label, "covered, times the ranking's", covered / before, seed=seed),
             Row(name, label, "gini", gini(made.lists, len(world.sales)), seed=seed)]  # fmt: skip
    for share in (50, 99):
        rows.append(Row(name, label, f"p{share} ms", float(np.percentile(made.millis, share)), seed=seed))
    return rows


def covered_by(world: World, lists: Lists) -> float:
    """The share of the products bought OFTEN that are on any of some slates."""
    often = np.flatnonzero(world.sales >= OFTEN)
    return len(set(often.tolist()) & {row for rows in lists for row in rows}) / max(len(often), 1)


def everybody(world: World, name: str, seed: int, curves: Mapping[str, Mapping[float, Figures]]) -> list[Row]:
    """Every weight of every way, on all shoppers."""
    base, all_ = curves[RANKING][0.0], np.ones(len(world.asked), bool)
    return [row for way, curve in curves.items() for weight, made in curve.items()
            for row in _told(world, name, f"{way} {weight:g}", made, base, all_, str(seed))
            if " ms" not in row.metric]  # fmt: skip


def plotted(curves: Mapping[str, Mapping[float, Figures]], path: Path, title: str) -> None:
    """Two pictures: distance and tail over NDCG@10, a line a way."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    base = curves[RANKING][0.0]
    figure, axes = pyplot.subplots(1, 2, figsize=(11, 4.2))
    for axis, aim, label in zip(axes, ("distance", "tail"), ("distance of buyers", "share of the tail"), strict=True):
        for way, curve in curves.items():
            points = [(100 * (made.ndcg.mean() / base.ndcg.mean() - 1),
                       100 * (np.nanmean(getattr(made, aim)) / np.nanmean(getattr(base, aim)) - 1))
                      for made in curve.values()]  # fmt: skip
            axis.plot(*zip(*points, strict=True), marker="o", markersize=3, label=way)
        axis.axvline(-100 * SPENT, color="grey", linewidth=0.8, linestyle=":")
        axis.set(xlabel="NDCG@10, % of the ranking's", ylabel=f"{label}, % more", xlim=(-15, 2))
    axes[0].legend(fontsize=8)
    figure.suptitle(title)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", choices=tuple(SETS), default="journey")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--users", type=int)
    parser.add_argument("--folder", type=Path, help="keep the shop here, and load it only once")
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--curves", action="store_true", help="also every weight of every way, on all shoppers")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows: list[Row] = []
    with TemporaryDirectory() as place:
        folder = options.folder or Path(place)
        folder.mkdir(parents=True, exist_ok=True)
        for seed in options.seeds:
            world = SETS[options.set](folder, seed, options.users)
            made, curves = figures(world, options.set, seed)
            rows += made
            world.shop.close()
            show(made, options.json, f"Slates, {options.set}, seed {seed}, {len(world.asked)} shoppers")
            if options.curves:
                show(everybody(world, options.set, seed, curves), options.json, f"Everybody, seed {seed}")
            if options.plot and seed == options.seeds[0]:
                plotted(curves, options.plot, f"{options.set}: what variety and the tail cost")
    if len(options.seeds) > 1:
        show(_means(rows), options.json, f"Slates, {options.set}, means of seeds {options.seeds}")


def _means(rows: Sequence[Row]) -> list[Row]:
    """Every way's and metric's mean over the seeds; a way's weight may differ by seed."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.model.split()[0], row.metric), []).append(row)

    def mean(some: Sequence[Row], field: str) -> float:
        return float(np.mean([cast(float, getattr(row, field)) for row in some]))

    return [Row(some[0].set, way, metric, mean(some, "value"), mean(some, "low"), mean(some, "high"),
                seed="+".join(row.seed for row in some)) for (way, metric), some in groups.items()]  # fmt: skip


if __name__ == "__main__":
    main()
