"""Amazon 2014 Beauty, leave-one-out: the last product of each user, from all before it, among all products.

What the user has is masked. The released sequences carry no times: 43.5 % of the users have their last two products on
one day, and such ties are sorted by product id, from which what counts transitions gains without knowing anything. The
raw order is what papers report; beside it stand three others, each the mean of three runs fitted afresh.

"ties shuffled", an estimate: two neighbours of the past that ascend by id change places as often as shuffled ties
would. Among untied neighbours half ascend, so that a share a of ascending ones tells a share 2a - 1 of ties. "runs
shuffled", a bound from below: every run of ascending ids is shuffled, which undoes every tie and much true order. In
both the target stays, and only what reads order is fitted again. "last two swapped", for a random 43.5 % of the users:
no bound at all, since a product from the middle of a history is easier to tell, also for what reads no order.
"""

import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from aisle.pipeline.prepare import Repeat
from aisle.records.event import CODES
from aisle.records.history import NO_TIME, History, Interactions
from aisle.records.request import Context, Request
from aisle.retrieval.transitions import Transitions
from benchmarks import peers as others
from benchmarks.next_product_board import NEXT, Board, Lists
from benchmarks.next_product_shop import Options, arms_on, data, measured, opened, trained, workplace

SHARE = 0.435  # of users, whose validation and test product lie on one day
RUNS = 3  # of every other order
REFITTED = "transitions refitted"
TIES, BOUND, SWAPPED = ORDERS = ("ties shuffled", "runs shuffled", "last two swapped")
DEFAULT = ("popularity", "item-knn", "bm25", "als", "bpr", "ease")


@dataclass(frozen=True)
class Beauty:
    """Sequences of product codes, oldest first, a user each; the products as they are loaded."""

    users: list[str]
    ids: list[str]
    sequences: list[Any]
    products: list[dict[str, Any]]

    @classmethod
    def read(cls) -> "Beauty":
        """The released files."""
        products = pd.read_parquet(data("amazon_beauty/products.parquet"))
        log = pd.read_parquet(data("amazon_beauty/sequences.parquet")).sort_values(["user_id", "position"])
        ids = products["product_id"].tolist()
        code = pd.Series(range(len(ids)), ids)
        sequences = log["product_id"].map(code).groupby(log["user_id"]).apply(lambda some: some.to_numpy(np.int64))
        rows = zip(ids, products["title"].fillna(""), products["attributes"], strict=True)
        loaded = [{"id": i, "title": title, "attributes": list(names)} for i, title, names in rows]
        return cls(sequences.index.tolist(), ids, sequences.tolist(), loaded)

    def ordered(self, order: str, seed: int) -> "Beauty":
        """The same log in another order."""
        random = np.random.default_rng(1000 + seed)
        names = np.argsort(np.argsort(np.array(self.ids)))  # the place of each code among the ids
        if order == SWAPPED:
            which = random.random(len(self.users)) < SHARE
            made = [np.r_[s[:-2], s[-1], s[-2]] if w else s for s, w in zip(self.sequences, which, strict=True)]
        elif order == TIES:
            ascending = np.concatenate([names[s[1:]] > names[s[:-1]] for s in self.sequences]).mean()
            made = [_exchanged(s, names, (2 * ascending - 1) / (2 * ascending), random) for s in self.sequences]
        else:
            made = [_mixed(s, names, random) for s in self.sequences]
        return Beauty(self.users, self.ids, made, self.products)

    def problem(self, asked: Any, back: int) -> others.Problem:
        """What peers learn from to tell the `back`-th last product (1: the test, 2: the validation)."""
        past = [s[:-back] for s in self.sequences]
        owners = np.repeat(np.arange(len(past)), [len(s) for s in past])
        matrix = others.matrix_of(owners, np.concatenate(past), (len(past), len(self.ids)))
        popular = np.asarray(matrix.sum(axis=0), np.float64).ravel()
        truths = [frozenset((int(self.sequences[u][-back]),)) for u in asked]
        return others.Problem({"": matrix}, popular, asked, truths, matrix)

    def events(self) -> Iterator[dict[str, Any]]:
        """What a shop may know: everything but the test."""
        for user, sequence in zip(self.users, self.sequences, strict=True):
            for product in sequence[:-1]:
                yield {"type": "purchase", "user": user, "product": self.ids[product]}


def _exchanged(sequence: Any, names: Any, chance: float, random: np.random.Generator) -> Any:
    """Neighbours of the past that ascend change places by chance, none twice."""
    made, at = sequence.copy(), 0
    while at < len(made) - 2:
        if names[made[at]] < names[made[at + 1]] and random.random() < chance:
            made[at], made[at + 1] = made[at + 1], made[at]
            at += 1
        at += 1
    return made


def _mixed(sequence: Any, names: Any, random: np.random.Generator) -> Any:
    """Every ascending run of the past in random order."""
    past = sequence[:-1]
    breaks = np.flatnonzero(np.diff(names[past]) < 0) + 1
    return np.concatenate([*(random.permutation(run) for run in np.split(past, breaks)), sequence[-1:]])


def log_of(pasts: Sequence[Any], users: Sequence[str]) -> Interactions:
    """Histories of product codes as a log without times."""
    rows = np.concatenate(pasts).astype(np.int32)
    size, nan = len(rows), np.full(len(rows), np.nan, np.float32)
    columns = History(
        rows, rows, np.full(size, CODES["purchase"], np.int8), np.full(size, NO_TIME), np.full(size, -1), nan,
        np.arange(size), np.full(size, -1, np.int32),
    )  # fmt: skip
    indptr = np.concatenate([[0], np.cumsum([len(past) for past in pasts])]).astype(np.int64)
    return Interactions(np.array(users, np.str_), indptr, columns, timed=False)


def transitions(beauty: Beauty, asked: Any, places: int = 10) -> tuple[Lists, float]:
    """The engine's transitions, fitted alone, so that another order costs seconds; and the seconds of the fit."""
    purchase = CODES["purchase"]
    log = log_of([sequence[:-1] for sequence in beauty.sequences], beauty.users)
    start = time.perf_counter()
    table, repeat = Transitions().fit(log, len(beauty.ids)), Repeat((purchase,))
    seconds = time.perf_counter() - start
    made = []
    for user in asked:
        request, everything = Request(user=beauty.users[user]), np.ones(len(beauty.ids), bool)
        context = Context(request, "home", 0, mask=everything, history=log.history(user), repeat="exclude")
        made.append(table.retrieve(repeat.prepare(request, context), places).rows.tolist())
    return made, seconds


def run(options: Options) -> Board:
    """Peers, then ours, in the raw order and in the others."""
    beauty = Beauty.read()
    asked = options.sample(len(beauty.users))
    before, problem = beauty.problem(np.arange(len(beauty.users)), 2), beauty.problem(asked, 1)
    board = Board("beauty", problem.truths, NEXT, "ndcg@10")
    names = options.peers or DEFAULT
    chosen = others.measured(names, before, problem, board)
    labels = [one.label for one in chosen]
    if "rectools" in names:
        from benchmarks import peers_rectools

        labels += peers_rectools.measured(beauty.sequences, asked, options.minutes, board)
    with workplace(options, "beauty") as folder:
        ours(beauty, asked, options.seeds, folder, options, board)
        arms = arms_on(board)
        board.note(REFITTED, "fit, s", transitions(beauty, asked[:1])[1])
        if not options.raw_only:
            for order in ORDERS:
                reordered(beauty, asked, order, chosen, board)
        for seed in range(options.shuffles):
            shuffled(beauty.ordered(options.order, seed), asked, seed, folder, options, board)
    board.means()
    board.lifts("aisle", labels, arms)
    if options.shuffles:
        same = [f"{one.label}, {SWAPPED}" for one in chosen] if options.order == SWAPPED else labels
        refitted = [f"{REFITTED}, {options.order}"] if options.shuffles == RUNS and not options.raw_only else []
        board.lifts(f"aisle, {options.order}", same, refitted)
    return board


def ours(
    beauty: Beauty, asked: Any, seeds: Sequence[int], folder: Path, options: Options, board: Board, order: str = ""
) -> None:
    """Loaded once, trained under every seed; each arm, too, in the raw order."""
    model = f"aisle, {order}" if order else "aisle"
    code = {name: number for number, name in enumerate(beauty.ids)}
    requests = [{"user": beauty.users[u]} for u in asked]
    with opened(folder, options, beauty.products, beauty.events()) as shop:
        for seed in seeds:
            trained(shop, seed, board, model)
            measured(shop, board, requests, 10, "exclude", code, seed, model, alone=not order)


def reordered(beauty: Beauty, asked: Any, order: str, chosen: list[others.Fitted], board: Board) -> None:
    """Transitions in another order; where it changes the targets, also the quick peers with the settings they have."""
    raw = board.truths
    for seed in range(RUNS):
        log = beauty.ordered(order, seed)
        problem = log.problem(asked, 1)
        board.truths = problem.truths
        board.add(f"{REFITTED}, {order}", board.measured(transitions(log, asked)[0]), f"o{seed}")
        for one in chosen:
            if order == SWAPPED and one.peer.quick:
                found = others.lists(problem, one.scores(problem))
                board.add(f"{one.label}, {order}", board.measured(found), f"o{seed}")
    board.truths = raw


def shuffled(beauty: Beauty, asked: Any, seed: int, folder: Path, options: Options, board: Board) -> None:
    """Ours in another order, in a folder of its own; the texts are encoded already."""
    place, raw = folder / f"order-{seed}", board.truths
    place.mkdir()
    if (folder / "cache").exists():
        shutil.copytree(folder / "cache", place / "cache")
    board.truths = beauty.problem(asked, 1).truths
    ours(beauty, asked, [seed], place, options, board, options.order)
    board.truths = raw
    shutil.rmtree(place)
