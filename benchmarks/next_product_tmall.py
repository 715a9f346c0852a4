"""Tmall: one held-out purchase a user, from what they viewed, put into the cart and bought; what they bought is masked.

The file holds every (user, product, behaviour) once, sorted by product within each user and behaviour: neither an order
nor a number of views can be read from it. Products are numbered by first purchase with the test among them, so that
gaps in the numbers a user has tell 1,724 of 15,449 targets. Hence products are named anew at random, and the order
within a behaviour is random, too: views, then carts, then purchases. 79.7 % of the targets had been viewed, so what the
user viewed is a peer: in the order of the file, last first, which is no order of time, by how often it was bought, and
by how often who looked at it bought it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from benchmarks import peers as others
from benchmarks.next_product_board import NEXT, Board, Lists
from benchmarks.next_product_shop import Options, arms_on, data, measured, opened, trained, workplace

TYPES = {"view": "view", "cart": "cart", "buy": "purchase"}  # in the order in which they are loaded
WEIGHTS = {"buys alone": (0.0, 0.0, 1.0), "1:1:1": (1.0, 1.0, 1.0), "1:2:4": (1.0, 2.0, 4.0), "4:2:1": (4.0, 2.0, 1.0)}
DEFAULT = ("popularity", "item-knn", "als")
SINGLE = "aisle, purchases only"


@dataclass(frozen=True)
class Tmall:
    """Columns of the log, and the target of each user. Codes of products are those of the file; ids are not."""

    user: Any
    product: Any
    behaviour: Any  # places in TYPES
    target: Any
    ids: list[str]

    @classmethod
    def read(cls) -> "Tmall":
        """The released files, shuffled within each behaviour of a user."""
        log = pd.read_parquet(data("tmall/train.parquet"))
        test = pd.read_parquet(data("tmall/test_buys.parquet")).sort_values("user_id")
        random = np.random.default_rng(0)
        size = int(log["product_id"].max()) + 1
        names = [f"p{number:05d}" for number in random.permutation(size)]
        behaviour = log["behaviour"].astype(str).map({name: at for at, name in enumerate(TYPES)}).to_numpy(np.int64)
        order = np.lexsort((random.random(len(log)), behaviour, log["user_id"]))
        user, product = log["user_id"].to_numpy(np.int64)[order], log["product_id"].to_numpy(np.int64)[order]
        return cls(user, product, behaviour[order], test["product_id"].to_numpy(np.int64), names)

    @property
    def shape(self) -> tuple[int, int]:
        """Users, products."""
        return len(self.target), len(self.ids)

    def bought(self) -> Any:
        """The lines that are purchases, bool (n,)."""
        return self.behaviour == len(TYPES) - 1

    def before(self) -> "Tmall":
        """One purchase of each user held out, for validation: any, as nobody knows which was the last."""
        last = np.flatnonzero(self.bought() & (np.r_[self.user[1:], -1] != self.user))  # shuffled, so last is any
        keep = np.ones(len(self.user), bool)
        keep[last] = False
        target = np.full(self.shape[0], -1)
        target[self.user[last]] = self.product[last]
        return Tmall(self.user[keep], self.product[keep], self.behaviour[keep], target, self.ids)

    def problem(self, asked: Any) -> others.Problem:
        """What peers learn from, under several weights of views, carts and purchases."""
        bought = self.bought()
        buys = others.matrix_of(self.user[bought], self.product[bought], self.shape)
        popular = np.asarray(buys.sum(axis=0), np.float64).ravel()
        made = {
            name: others.matrix_of(self.user, self.product, self.shape, np.array(weights)[self.behaviour])
            for name, weights in WEIGHTS.items()
        }
        for matrix in made.values():
            matrix.eliminate_zeros()
        known = np.array([u for u in asked if self.target[u] >= 0], np.int64)
        truths = [frozenset((int(self.target[u]),)) for u in known]
        return others.Problem(made, popular, known, truths, buys)

    def viewed(self, problem: others.Problem, worth: Any) -> Lists:
        """What the user viewed and did not buy, by each product's worth, (products,), filled up with the popular."""
        views = self.behaviour == 0
        user, product = self.user[views], self.product[views]
        score = 1 + worth[product].astype(np.float64)
        table = sp.csr_matrix((score, (user, product)), shape=self.shape)
        return others.lists(problem, lambda users: others.said(table[users]))

    def events(self, single: bool) -> Iterator[dict[str, Any]]:
        """What is loaded."""
        types = list(TYPES.values())
        for user, product, behaviour in zip(self.user, self.product, self.behaviour, strict=True):
            if not single or types[behaviour] == "purchase":
                yield {"type": types[behaviour], "user": f"u{user}", "product": self.ids[product]}


def run(options: Options) -> Board:
    """Peers, then ours on every behaviour and on purchases alone."""
    tmall = Tmall.read()
    asked = options.sample(len(tmall.target))
    problem = tmall.problem(asked)
    board = Board("tmall", problem.truths, NEXT, "ndcg@10")
    views = np.bincount(tmall.product[tmall.behaviour == 0], minlength=tmall.shape[1])
    viewed = {  # the file is sorted by its own numbers of products: the last of a user is the greatest
        "viewed, last in the file first": np.arange(tmall.shape[1]), "viewed, most bought first": problem.popular,
        "viewed, most often bought of looks first": (problem.popular + 1) / (views + problem.popular + 20),
    }  # fmt: skip
    for name, worth in viewed.items():
        board.add(name, board.measured(tmall.viewed(problem, worth)))
    before = tmall.before().problem(np.arange(len(tmall.target)))
    chosen = others.measured(options.peers or DEFAULT, before, problem, board)
    labels = [*viewed, *(one.label for one in chosen)]
    code = {name: number for number, name in enumerate(tmall.ids)}
    requests = [{"user": f"u{u}"} for u in problem.asked]
    for model, single in (("aisle", False), (SINGLE, True)):
        place = workplace(options, f"tmall{'-single' * single}")
        with place as folder, opened(folder, options, None, tmall.events(single)) as shop:
            for seed in options.seeds:
                trained(shop, seed, board, model)
                measured(shop, board, requests, 10, "exclude", code, seed, model, alone=not single)
    board.means()
    board.lifts("aisle", labels, [*viewed, SINGLE, *arms_on(board)])
    return board
