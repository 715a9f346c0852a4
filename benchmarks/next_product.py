"""The next product of a shopper on seven public logs, through the public face, beside peers on the same split.

    python -m benchmarks.next_product --set beauty [--json] [--seeds 0 1 2] [--users 500] [--peers popularity als]

What each set holds, how it is split and what is masked is told in next_product_<set>.py (amazon18: office and
industrial, on which nothing here was chosen). Everything that precedes the test is the shop's to train and tune on.
Every retriever of `home` is measured by itself, too. 95 % intervals are by bootstrap over requests, lifts are paired;
the best peer is chosen on the test itself, which favours it. Training is told in CPU seconds, with the peak of memory
during it. `--peers none` leaves peers out; `rectools` (SASRec, beauty only) takes `--minutes` and installs an
environment of its own, so it runs only when asked for.
"""

import argparse
from pathlib import Path

from benchmarks import (
    next_product_amazon18,
    next_product_beauty,
    next_product_cold,
    next_product_diginetica,
    next_product_tmall,
    next_product_xmarket,
)
from benchmarks.next_product_beauty import ORDERS
from benchmarks.next_product_shop import Options
from benchmarks.peers import PEERS
from benchmarks.rows import show

SETS = {
    "beauty": (next_product_beauty.run, "Amazon 2014 Beauty, leave-one-out, all products ranked, history masked"),
    "beauty-cold": (next_product_cold.run, "Amazon 2014 Beauty without the purchases of 605 products"),
    "office": (next_product_amazon18.run, "Amazon 2018 Office, leave-one-out, all products ranked, history masked"),
    "industrial": (next_product_amazon18.run, "Amazon 2018 Industrial, leave-one-out, the same"),
    "tmall": (next_product_tmall.run, "Tmall, one held-out purchase a user, bought products masked"),
    "xmarket": (next_product_xmarket.run, "XMarket, the 100 candidates of each user of t1 ranked"),
    "xmarket-s3": (next_product_xmarket.run, "XMarket, the same of the smallest market, s3"),
    "diginetica": (next_product_diginetica.run, "Diginetica, the next click of a session, nothing masked"),
}


def main() -> None:
    """Run one set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", choices=SETS, default="beauty")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--users", type=int, help="test requests, sampled with a fixed seed; default: all")
    parser.add_argument("--peers", nargs="+", choices=[*PEERS, "rectools", "none"], default=[])
    parser.add_argument("--raw-only", action="store_true", help="beauty: leave out the other orders of the log")
    parser.add_argument("--shuffles", type=int, default=0, help="beauty: orders under which ours is trained again")
    parser.add_argument("--order", choices=ORDERS, default=ORDERS[0], help="beauty: which other order --shuffles means")
    parser.add_argument("--minutes", type=float, default=60.0, help="beauty: what RecTools may train")
    parser.add_argument(
        "--folder", type=Path, help="where shops are made: FOLDER/SET is emptied but for its encoder cache"
    )
    parser.add_argument("--ranker", choices=["auto", "trees", "network", "fusion"], default="auto", help="train.ranker")
    parser.add_argument("--shoppers", type=int, default=4000, help="train.shoppers; fewer for a quick trial")
    parser.add_argument("--late", action="store_true", help="beauty-cold: load these products after the training")
    given = parser.parse_args()
    run, title = SETS[given.set]
    options = Options(
        given.set, tuple(given.seeds), given.users, tuple(given.peers), given.raw_only, given.shuffles, given.order,
        given.folder, given.ranker, given.shoppers, given.minutes, given.late,
    )  # fmt: skip
    show(run(options).rows, given.json, title)


if __name__ == "__main__":
    main()
