"""What completes a bundle of a session that nobody has seen: NDCG@10 of the one product left out of a basket.

    python -m benchmarks.bundles [--json] [--sets clothing electronic] [--seeds 0 1 2] [--cases 600]

Seven sessions of ten are what a shop knows: each bundle of theirs is an order. Of bundles of the other sessions each
product is left out in turn, the others lie in the basket; a part of these is drawn. Beside `shop.recommend("basket")`
stand the nearest titles (MiniLM, the mean of the basket) and item-kNN of orders (cosine, `implicit`). Nothing was
chosen on these sets but that companions shall not lead where a log is thin. Intervals by bootstrap over cases.
"""

import argparse
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from aisle import Shop
from aisle.evaluation.bootstrap import interval
from benchmarks.next_product_shop import data
from benchmarks.peers import similarity
from benchmarks.rows import Row, show

PLACES, KNOWN = 10, 0.7
SETTINGS = "[serve]\nrecord_slates = false\ndeadline_ms = 60000\n"
Bundles = dict[int, list[str]]


def products_of(name: str) -> list[dict[str, Any]]:
    """The catalogue: of several category paths the first."""
    table = pd.read_parquet(data(f"bundles/{name}_products.parquet"))
    paths = [str(said or "").strip("[]").split("],[")[0].replace(",", " > ") for said in table["categories"]]
    lines = zip(table["product_id"], table["title"], paths, strict=True)
    return [{"id": str(one), "title": title, "category": path} for one, title, path in lines if title]


def bundles_of(name: str, known: set[str]) -> tuple[Bundles, dict[int, int]]:
    """Bundles of two known products and more, and the session of each."""
    items = pd.read_parquet(data(f"bundles/{name}_bundle_items.parquet"))
    found = defaultdict[int, set[str]](set)
    for bundle, product in zip(items["bundle_id"], items["product_id"].astype(str), strict=True):
        found[int(bundle)] |= {product} & known
    sessions = pd.read_parquet(data(f"bundles/{name}_session_bundles.parquet"))
    of = dict(zip(sessions["bundle_id"].astype(int), sessions["session_id"].astype(int), strict=True))
    return {bundle: sorted(some) for bundle, some in sorted(found.items()) if len(some) > 1 and bundle in of}, of


def gain(found: list[str], right: str) -> float:
    """NDCG@10 of one right product."""
    return 1 / float(np.log2(found.index(right) + 2)) if right in found[:PLACES] else 0.0


def nearest(shop: Shop, cases: list[tuple[list[str], str]], orders: list[list[str]]) -> dict[str, list[float]]:
    """What the peers gain, case by case."""
    from implicit.nearest_neighbours import CosineRecommender

    content = shop._live.served().parts.content
    if content.vectors is None:
        raise SystemExit("no text vectors: pip install -e '.[train]'")
    ids = [content.catalogue.units[content.catalogue.leader(row)] for row in range(len(content.catalogue))]
    row, vectors = {one: at for at, one in enumerate(ids)}, np.asarray(content.vectors.take(np.arange(len(ids))))
    held = sp.csr_matrix((np.ones(sum(map(len, orders))),
                          ([k for k, order in enumerate(orders) for _ in order], [row[p] for o in orders for p in o])),
                         shape=(len(orders), len(ids)))  # fmt: skip
    table = similarity(CosineRecommender(K=100, num_threads=1), held)
    made: dict[str, list[float]] = {"MiniLM, the mean of the basket": [], "item-kNN of orders (implicit)": []}
    for basket, right in cases:
        rows = [row[one] for one in basket]
        for name, scores in zip(made, (vectors @ vectors[rows].mean(axis=0),
                                       np.asarray(table[rows].sum(axis=0)).ravel()), strict=True):  # fmt: skip
            scores[rows] = -np.inf
            best = np.argsort(-scores, kind="stable")[:PLACES]
            made[name].append(gain([ids[at] for at in best if scores[at] > 0], right))
    return made


def measured(name: str, seed: int, most: int) -> list[Row]:
    """The rows of a set under one draw of sessions."""
    products, random = products_of(name), np.random.default_rng(seed)
    bundles, session = bundles_of(name, {product["id"] for product in products})
    every = random.permutation(sorted({session[bundle] for bundle in bundles}))
    known = set(every[: int(KNOWN * len(every))].tolist())
    orders = {bundle: some for bundle, some in bundles.items() if session[bundle] in known}
    order = {bundle: at for at, bundle in enumerate(random.permutation(sorted(orders)).tolist())}
    events = [
        {
            "type": "purchase",
            "user": f"u{session[bundle]}",
            "product": product,
            "order": f"o{bundle}",
            "timestamp": 1_400_000_000 + 60_000 * at,
        }
        for bundle, at in order.items()
        for product in orders[bundle]
    ]
    left = [([one for one in some if one != right], right)
            for bundle, some in bundles.items() if bundle not in orders for right in some]  # fmt: skip
    cases = [left[at] for at in random.permutation(len(left))[:most]]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "shop.toml").write_text(SETTINGS)
        with Shop(folder) as shop:
            shop.load(products=products, events=events)
            shop.train(seed=seed)
            gains = {"aisle": [gain(shop.recommend("basket", anchor=basket, size=PLACES).ids, right)
                               for basket, right in cases]}  # fmt: skip
            gains |= nearest(shop, cases, list(orders.values()))
    rows = []
    for model, values in gains.items():
        mean = interval(np.array(values))
        rows.append(Row(name, model, f"NDCG@10 (n = {len(cases)})", mean.value, mean.low, mean.high, seed=str(seed)))
    return rows


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sets", nargs="+", default=["clothing", "electronic"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--cases", type=int, default=600)
    options = parser.parse_args()
    rows = [row for name in options.sets for seed in options.seeds for row in measured(name, seed, options.cases)]
    show(rows, options.json, "A bundle completed")


if __name__ == "__main__":
    main()
