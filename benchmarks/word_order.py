"""Does the order of a title's words decide what a search finds? The first twenty, before and after titles are shuffled.

    python -m benchmarks.word_order [--json] [--products 5000] [--queries 300] [--seeds 0 1 2]

Home Depot's judged products, a part of them at random, are loaded twice: as they are, and with the words of every title
in another order. Each of the queries that were judged for these products is searched in both shops. Told is the share
of the first twenty that the other shop does not have there, with meaning (text vectors) and by words alone; intervals
by bootstrap over queries.
"""

import argparse
import random
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from aisle import Shop
from aisle.evaluation.bootstrap import interval
from benchmarks.next_product_board import told
from benchmarks.reading import shuffled
from benchmarks.rows import Row, show
from benchmarks.search_relevance import judged

PLACES = 20
SETTINGS = '[serve]\nrecord_slates = false\ndeadline_ms = 5000\n[train]\nranker = "fusion"\n'
BARE = SETTINGS + '[encoder]\nmodel = ""\n'


def found(products: list[dict[str, Any]], queries: list[str], settings: str, size: int = PLACES) -> list[list[str]]:
    """What a shop of these products shows first to every query."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "shop.toml").write_text(settings)
        with Shop(folder) as shop:
            shop.load(products=products)
            shop.train(seed=0)
            return [shop.search(query, size=size).ids for query in queries]


def changed(one: list[list[str]], other: list[list[str]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The share of each first list that the second has not."""
    return np.array([1 - len(set(a) & set(b)) / len(a) if a else 0.0 for a, b in zip(one, other, strict=True)])


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--products", type=int, default=5000)
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    data, rows = judged("home_depot"), list[Row]()
    for seed in options.seeds:
        draw = np.random.default_rng(seed)
        some = [data.products[at] for at in np.sort(draw.permutation(len(data.products))[: options.products])]
        here = {product["id"] for product in some}
        asked = sorted({query for query, product in zip(data.queries, data.ids, strict=True) if product in here})
        queries = [asked[at] for at in np.sort(draw.permutation(len(asked))[: options.queries])]
        rng = random.Random(seed)
        turned = [{**product, "title": shuffled(product["title"], rng)} for product in some]
        for name, settings in (("aisle", SETTINGS), ("aisle, words alone", BARE)):
            share = interval(changed(found(some, queries, settings), found(turned, queries, settings)))
            rows.append(Row("home_depot", name, "of the first 20 changed", share.value, share.low, share.high,
                            seed=str(seed)))  # fmt: skip
            told(f"{name}, seed {seed}: {share}")
    show(rows, options.json, "Titles in another order")


if __name__ == "__main__":
    main()
