"""XMarket: the 100 candidates of each user of one market ranked, by this market alone and by s1, s2, s3 and t1.

`--set xmarket` asks users of t1, `--set xmarket-s3` those of s3: the two markets with published candidates.

Ratings are loaded as purchases: in s1 every rating is 1.0, which says nothing of liking, and the right product of the
test is one that was rated at all. A pair that is rated twice counts once. The file has no times, and its order is none
of time. Loaded as it stands the sequence model learns it well (NDCG@10 .34 of what comes next) and ranks the test worse
for it, so the ratings are loaded in random order, each with its market; nothing that reads sequences can be expected to
help. One right product in ten is not in the ratings at all: `rank` puts what it does not know last, in the order given.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from aisle import Shop
from benchmarks import peers as others
from benchmarks.next_product_board import NEXT, Board, Lists, told
from benchmarks.next_product_shop import Options, data, opened, trained, workplace

DEFAULT = ("popularity", "item-knn")
ALONE, TOGETHER = "the market alone", "all markets"


@dataclass(frozen=True)
class Xmarket:
    """Ratings as codes; candidates int64 (users asked, 100)."""

    user: Any
    product: Any
    market: Any
    inside: Any  # is the rating one of the market that is asked
    users: list[str]
    ids: list[str]
    asked: Any
    candidates: Any
    right: Any

    @classmethod
    def read(cls, options: Options) -> "Xmarket":
        """The released files."""
        target = options.set.partition("-")[2] or "t1"
        ratings = pd.read_parquet(data("xmarket/ratings.parquet")).drop_duplicates(["user_id", "product_id"])
        offered = pd.read_parquet(data(f"xmarket/{target}_valid_candidates.parquet"))
        right = pd.read_parquet(data(f"xmarket/{target}_valid_relevant.parquet"))
        both = offered.merge(right, on="user_id", validate="one_to_one")
        both = both.iloc[options.sample(len(both))]
        listed = np.stack(both["candidates"].to_list())
        # a user of the test may have no rating, in any market
        users = np.unique(np.concatenate([ratings["user_id"].to_numpy(str), both["user_id"].to_numpy(str)]))
        ids = np.unique(np.concatenate([ratings["product_id"].to_numpy(str), listed.ravel().astype(str)]))
        return cls(
            np.searchsorted(users, ratings["user_id"].to_numpy(str)),
            np.searchsorted(ids, ratings["product_id"].to_numpy(str)), ratings["market"].to_numpy(str),
            (ratings["market"] == target).to_numpy(),
            users.tolist(), ids.tolist(), np.searchsorted(users, both["user_id"].to_numpy(str)),
            np.searchsorted(ids, listed.astype(str)), np.searchsorted(ids, both["product_id"].to_numpy(str)),
        )  # fmt: skip

    def problem(self, every: bool, validation: bool) -> others.Problem:
        """What peers learn from; the validation is one rating of each user of the market, ranked among all products."""
        keep = self.inside | every
        asked, truths, allowed = self.asked, [frozenset((int(p),)) for p in self.right], self.candidates
        if validation:
            held = np.flatnonzero(self.inside)[::-1]
            _, first = np.unique(self.user[held], return_index=True)
            held = np.sort(held[first])
            keep = keep.copy()
            keep[held] = False
            known = np.isin(self.user[held], self.user[keep & self.inside])  # has something else to be told by
            held = held[known]
            asked, truths, allowed = self.user[held], [frozenset((int(p),)) for p in self.product[held]], None
        matrix = others.matrix_of(self.user[keep], self.product[keep], (len(self.users), len(self.ids)))
        mine = self.product[keep & self.inside]
        popular = np.bincount(mine, minlength=len(self.ids)).astype(np.float64)
        had = matrix if validation else None  # the candidates hold nothing that the user has
        return others.Problem({"": matrix}, popular, asked, truths, had, allowed)

    def events(self, every: bool) -> Iterator[dict[str, Any]]:
        """What is loaded, in an order drawn at random: that of the file would be learned as one of time."""
        order = np.random.default_rng(0).permutation(len(self.user))
        for at in order[self.inside[order] | every]:
            user, product, market = self.users[self.user[at]], self.ids[self.product[at]], str(self.market[at])
            yield {"type": "purchase", "user": user, "product": product, "market": market}

    def ranked(self, shop: Shop) -> Lists:
        """The candidates of each user as the shop ranks them."""
        code = {name: number for number, name in enumerate(self.ids)}
        made = []
        for user, candidates in zip(self.asked, self.candidates, strict=True):
            slate = shop.rank([self.ids[product] for product in candidates], user=self.users[user])
            if slate.degraded:
                raise SystemExit(f"a stage failed: {slate.degraded}")
            made.append([code[product] for product in slate.ids])
        return made


def run(options: Options) -> Board:
    """Peers and ours on both logs, and what the other markets are worth to each."""
    xmarket = Xmarket.read(options)
    board = Board(options.set, [frozenset((int(p),)) for p in xmarket.right], NEXT, "ndcg@10")
    labels = []
    known = np.isin(xmarket.right, xmarket.product[xmarket.inside]), np.isin(xmarket.right, xmarket.product)
    told(f"right products that the market knows {known[0].mean():.3f}, that any market knows {known[1].mean():.3f}")
    for every, name in ((False, ALONE), (True, TOGETHER)):
        # popularity is that of the market, which another market does not change
        names = [peer for peer in options.peers or DEFAULT if not (every and peer == "popularity")]
        before, problem = xmarket.problem(every, True), xmarket.problem(every, False)
        chosen = others.measured(names, before, problem, board, f", {name}")
        labels += [f"{one.label}, {name}" for one in chosen]
    for every, name in ((False, ALONE), (True, TOGETHER)):
        place = workplace(options, f"{options.set}{'-all' * every}")
        with place as folder, opened(folder, options, None, xmarket.events(every)) as shop:
            for seed in options.seeds:
                trained(shop, seed, board, f"aisle, {name}")
                board.add(f"aisle, {name}", board.measured(xmarket.ranked(shop)), str(seed), each=True)
    board.means()
    for name in (ALONE, TOGETHER):
        board.lifts(f"aisle, {name}", labels, [])
    board.difference(f"aisle, {TOGETHER}", f"aisle, {ALONE}")
    return board
