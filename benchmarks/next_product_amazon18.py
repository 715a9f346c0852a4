"""Amazon 2018 Office and Industrial, leave-one-out, all products ranked, history masked: sets on which nothing here was
chosen.

The released windows (a history of at most ten products, and the next) slide over each user, so those of one user are
put together again; the last product is the test. Windows taken as they are would tell the test in another's history.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from benchmarks import peers as others
from benchmarks.next_product_beauty import Beauty, ours
from benchmarks.next_product_board import NEXT, Board
from benchmarks.next_product_shop import Options, arms_on, data, workplace

PEERS = ("popularity", "item-knn", "bm25", "als", "bpr", "ease")


def read(name: str) -> Beauty:
    """The released files, as sequences."""
    products = pd.read_parquet(data(f"amazon18_{name}/products.parquet")).fillna("")
    windows = pd.read_parquet(data(f"amazon18_{name}/valid.parquet"))
    ids = products["product_id"].astype(str).tolist()
    code = {product: number for number, product in enumerate(ids)}
    sequences: dict[str, list[int]] = {}
    for user, history, target in windows[["user_id", "history", "target"]].itertuples(index=False):
        mine = sequences.setdefault(str(user), [code[str(product)] for product in history])
        mine.append(code[str(target)])
    rows = zip(ids, products["title"], products["description"], products["brand"], strict=True)
    loaded = [{"id": i, "title": title, "description": text, "brand": brand} for i, title, text, brand in rows]
    return Beauty(list(sequences), ids, [np.array(one, np.int64) for one in sequences.values()], loaded)


def run(options: Options) -> Board:
    """Peers, then ours under every seed, each source alone as well."""
    log = read(options.set)
    asked = options.sample(len(log.users))
    before, problem = log.problem(np.arange(len(log.users)), 2), log.problem(asked, 1)
    board = Board(options.set, problem.truths, NEXT, "ndcg@10")
    chosen = others.measured(options.peers or PEERS, before, problem, board)
    with workplace(options, options.set) as folder:
        ours(log, asked, options.seeds, folder, replace(options, raw_only=True), board)
        arms = arms_on(board)
    board.means()
    board.lifts("aisle", [one.label for one in chosen], arms)
    return board
