"""Scenarios that stand on products: a product page, a basket, and what follows an order.

    python -m benchmarks.scenarios [--set journey|diginetica] [--seeds 0 1 2] [--requests N] [--validate] [--little]

Complete Journey, `basket` and `after`: trained on what precedes 2017-11-06T05:00Z. Of each household's first order
behind it a basket holds the first half, and the other half is right; after the last order before it that whole order
is. Diginetica, `product`: a session stands on its last click, and the next one is right. What a request stands on is
not shown. Asked through the public face, and of the same shop: `by rank`, the sources fused as they are where nothing
was learned, and `home's ranker` over the same candidates. Peers: popularity, and implicit's cosine of what orders or
sessions hold together. Beside NDCG@10 stand the share of the catalogue that any slate shows, and how many of ten
products two requests share on average: a page that shows everybody's favourites is no page of its product.

`--validate` asks four weeks (5,000 sessions) earlier: settings were chosen there. `--little` learns rankers from the
first 25, 50, 100 and 400 requests of the replay: trees of a scenario's own, and trees on top of home's as the engine
has them.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from aisle import Shop
from aisle.evaluation.metrics import ndcg
from aisle.pipeline.run import run
from aisle.pipeline.scenario import Scenario
from aisle.pipeline.train import Replayed
from aisle.ranking.related import Related
from aisle.ranking.trees import Trees
from aisle.records.measurement import Examples
from aisle.records.request import Context, Request
from aisle.sources.journey import CompleteJourney
from aisle.wiring.evaluate import last_weeks
from aisle.wiring.report import plain
from aisle.wiring.scenarios import CLOSE
from aisle.wiring.sources import SOURCES
from benchmarks import peers
from benchmarks.next_basket import MOMENT, WEEKS
from benchmarks.next_product_board import Board, Lists
from benchmarks.next_product_shop import Options, data, opened, trained
from benchmarks.rows import Row, show

PLACES = 10
HELD_OUT = 5000  # sessions of Diginetica between validation and test
METRICS = {"ndcg@10": (ndcg, PLACES)}
LITTLE = (25, 50, 100, 400)  # requests that a scenario of little data is learned from
NEAREST = 100  # of the peer: products that each product is beside


@dataclass(frozen=True)
class Asked:
    """One request of a scenario, and what is right."""

    who: dict[str, str]
    anchor: tuple[str, ...]
    right: frozenset[str]


@dataclass(frozen=True)
class World:
    """What a shop is loaded with, what it is asked, and what peers learn from. now: UTC ms, or None for the clock."""

    name: str
    products: Callable[[], Any]
    events: Callable[[], Iterator[Any]]
    later: list[dict[str, Any]]  # events that are loaded after training
    asked: dict[str, list[Asked]]
    groups: list[list[str]]  # what was bought or looked at together
    now: int | None


def journey(requests: int, moment: int) -> World:
    """Complete Journey as of a moment, as its groups of products are."""
    sold = CompleteJourney(before=moment + WEEKS)
    lines = pd.DataFrame([
        (e.user, e.product, e.order, e.timestamp) for e in sold.events() if e.type == "purchase"
    ], columns=["user", "product", "order", "ms"])  # fmt: skip
    groups = {p.id: p.group or p.id for p in sold.products()}
    lines["product"] = [groups.get(product, product) for product in lines["product"]]
    past, behind = lines[lines["ms"] < moment], lines[lines["ms"] >= moment]
    last, first = past.sort_values("ms").groupby("user")["order"].last(), behind.groupby("user")["order"].first()
    held = {order: list(dict.fromkeys(some)) for order, some in lines.groupby("order")["product"]}
    asked: dict[str, list[Asked]] = {"basket": [], "after": []}
    for user in np.random.default_rng(0).permutation(sorted(first.index))[:requests]:
        order, before = held[first[user]], held[last[user]] if user in last.index else []
        half = len(order) // 2
        for name, anchor, right in (("basket", order[:half], order[half:]), ("after", before, order)):
            if anchor and set(right) - set(anchor):
                asked[name].append(Asked({"user": str(user)}, tuple(anchor), frozenset(right) - frozenset(anchor)))
    together = [some for order, some in past.groupby("order")["product"].unique().items()]
    before_now = CompleteJourney(before=moment)
    return World("journey", before_now.products, before_now.events, [], asked, [list(s) for s in together], moment)


def diginetica(requests: int, validate: bool) -> World:
    """Diginetica: the last click of a session and the one behind it."""
    train = [list(map(str, s)) for s in pd.read_parquet(data("diginetica/train_sessions.parquet"))["session"]]
    if validate:
        train, held = train[:-HELD_OUT], train[-HELD_OUT:]
        prefixes = [(session[:-1], session[-1]) for session in held if len(session) > 1]
    else:
        test = pd.read_parquet(data("diginetica/test.parquet"))
        prefixes = [(list(map(str, p)), str(t)) for p, t in zip(test["prefix"], test["target"], strict=True)]
    chosen = np.sort(np.random.default_rng(0).choice(len(prefixes), min(requests, len(prefixes)), replace=False))
    asked, later = [], []
    for number in chosen:
        clicks, target = prefixes[number]
        if target != clicks[-1]:
            asked.append(Asked({"session": f"test{number}"}, (clicks[-1],), frozenset((target,))))
            later += [{"type": "view", "session": f"test{number}", "product": product} for product in clicks]

    def events() -> Iterator[dict[str, Any]]:
        for number, session in enumerate(train):
            for product in session:
                yield {"type": "view", "session": f"s{number}", "product": product}

    return World("diginetica", lambda: None, events, later, {"product": asked}, train, None)


def ours(shop: Shop, world: World, name: str) -> Lists:
    """Slates of the public face, as product numbers."""
    made = []
    for one in world.asked[name]:
        slate = shop.recommend(name, size=PLACES, anchor=one.anchor, now=world.now, repeat="allow", **one.who)  # type: ignore[arg-type]
        if slate.degraded:
            raise SystemExit(f"a stage failed: {slate.degraded}")
        made.append([_row(shop, product) for product in slate.ids])
    return made


def otherwise(shop: Shop, world: World, scenario: Scenario, name: str) -> Lists:
    """The same requests of another form of the scenario."""
    live = shop._live
    served, made = live.served(), []
    now = world.now if world.now is not None else live.now(served)
    for one in world.asked[name]:
        user, session = live.pseudonym(one.who.get("user", "")), one.who.get("session", "")
        request = Request(anchor=one.anchor, user=user, session=session)
        context = Context(request, name, now, repeat="allow")
        made.append(run(scenario, request, context, PLACES, scenario.candidates).rows[:PLACES])
    return made


def forms(shop: Shop, name: str) -> dict[str, Scenario]:
    """A scenario by rank, and by home's ranker over its own candidates."""
    live = shop._live
    served = live.served()
    parts = served.parts
    unlearned = live.scenarios(replace(served, parts=replace(parts, related={})), live.settings)[name]
    learned = live.scenarios(served, live.settings)[name]
    made = {"by rank": unlearned}
    if name in parts.related and parts.ranker is not None:
        [ranker] = (one for one in learned.scorers if isinstance(one, Related))
        made["home's ranker"] = replace(learned, scorers=(replace(ranker, model=None, forest=None),))
    return made


def by_peers(shop: Shop, world: World, name: str) -> dict[str, Lists]:
    """Popularity, and the cosine neighbours of what a request stands on."""
    from implicit.nearest_neighbours import CosineRecommender

    size = len(shop._live.served().generation.catalogue)
    codes = [[row for row in (_row(shop, product) for product in some) if row >= 0] for some in world.groups]
    owners = np.repeat(np.arange(len(codes)), [len(some) for some in codes])
    matrix = peers.matrix_of(owners, np.concatenate(codes), (len(codes), size))
    matrix.data[:] = 1
    table = peers.similarity(CosineRecommender(K=NEAREST, num_threads=1), matrix)
    popular = np.asarray(matrix.sum(axis=0)).ravel()
    best, made = np.argsort(-popular, kind="stable")[:200], {"popularity": list[Any](), "item-knn": list[Any]()}
    for one in world.asked[name]:
        anchors = [row for row in (_row(shop, product) for product in one.anchor) if row >= 0]
        scores = np.asarray(table[anchors].sum(axis=0)).ravel() if anchors else np.zeros(size)
        scores[anchors] = 0
        near = [int(row) for row in np.argsort(-scores, kind="stable")[:PLACES] if scores[row] > 0]
        rest = [int(row) for row in best if row not in anchors]
        made["popularity"].append(rest[:PLACES])
        made["item-knn"].append((near + [row for row in rest if row not in near])[:PLACES])
    return made


def _row(shop: Shop, product: str) -> int:
    return shop._live.served().generation.catalogue.row_of_id(product)


def told_of(board: Board, model: str, lists: Lists, size: int, seed: str) -> None:
    """NDCG, how much of the catalogue is shown, and how alike the pages of different products are."""
    board.add(model, board.measured(lists), seed)
    board.note(model, "coverage@10", len({row for some in lists for row in some}) / size, seed)
    pairs = np.random.default_rng(0).integers(len(lists), size=(5000, 2))
    alike = [len(set(lists[a]) & set(lists[b])) for a, b in pairs.tolist() if a != b]
    board.note(model, "shared of ten", float(np.mean(alike)), seed)


def measured(shop: Shop, world: World, boards: dict[str, Board], seed: int, first: bool) -> None:
    """Every scenario under one seed."""
    size = len(shop._live.served().generation.catalogue)
    for name, asked in world.asked.items():
        if not boards.get(name):
            truths = [frozenset(_row(shop, product) for product in one.right) for one in asked]
            boards[name] = Board(f"{world.name}, {name}", truths, METRICS, "ndcg@10")
        board = boards[name]
        if first:
            for peer, lists in by_peers(shop, world, name).items():
                told_of(board, peer, lists, size, str(seed))
        for form, scenario in forms(shop, name).items():
            told_of(board, form, otherwise(shop, world, scenario, name), size, str(seed))
        told_of(board, "aisle", ours(shop, world, name), size, str(seed))


def first(part: Replayed, requests: int) -> tuple[Examples, Any]:
    """The first requests of a replay."""
    made, size = part.examples, int(part.examples.groups[:requests].sum())
    some = Examples(made.features[:size], made.labels[:size], made.groups[:requests], made.columns)
    return some, part.weights[:size]


def borrowed(shop: Shop, world: World, boards: dict[str, Board], seed: int) -> None:
    """Rankers of so few requests: trees of their own, and trees on top of home's."""
    live = shop._live
    served = live.served()
    parts = served.parts
    weeks = last_weeks(live, plain, seed, 1)
    replays, scenarios = weeks.ranker.standing(weeks.cut), live.scenarios(served, live.settings)
    features = parts.content.features_beside(tuple(parts.facts["target"]))
    for name, board in boards.items():
        where = name.rpartition(" ")[2]
        scenario = replace(scenarios[where], candidates=CLOSE)
        for requests in LITTLE:
            examples, weights = first(replays[where], requests)
            alone = Trees(features, SOURCES).fit(examples, seed, weights)
            on_top = Related(features, SOURCES, home=parts.shadow).fit(examples, seed, weights)
            for model, ranker in (("alone", alone), ("on top of home's", replace(on_top, home=parts.ranker))):
                lists = otherwise(shop, world, replace(scenario, scorers=(ranker,)), where)
                board.add(f"{model}, {requests} requests", board.measured(lists), str(seed))


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", choices=("journey", "diginetica"), default="journey")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--validate", action="store_true", help="an earlier moment, to choose by")
    parser.add_argument("--little", action="store_true", help="rankers of 25, 50, 100 and 400 requests")
    parser.add_argument("--folder", type=Path, help="where shops are kept")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    moment = MOMENT - WEEKS if options.validate else MOMENT
    world = (
        journey(options.requests, moment)
        if options.set == "journey"
        else diginetica(options.requests, options.validate)
    )
    boards: dict[str, Board] = {}
    for number, seed in enumerate(options.seeds):
        with tempfile.TemporaryDirectory() as place:
            folder = options.folder or Path(place)
            folder.mkdir(parents=True, exist_ok=True)
            with opened(folder, Options(), world.products(), world.events()) as shop:
                trained(shop, seed, Board("", [], METRICS, "ndcg@10"))
                if world.later:
                    shop.load(events=world.later)
                measured(shop, world, boards, seed, number == 0)
                if options.little:
                    borrowed(shop, world, boards, seed)
    rows: list[Row] = []
    for board in boards.values():
        board.means()
        board.lifts("aisle", ("popularity", "item-knn"), ("by rank", "home's ranker"))
        for requests in LITTLE if options.little else ():
            board.lift(f"on top of home's, {requests} requests", f"alone, {requests} requests")
        rows += board.rows
    show(rows, options.json, "Scenarios that stand on products")


if __name__ == "__main__":
    main()
