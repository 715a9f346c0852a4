"""Queries in words that the catalogue does not use: precision@10 on five catalogues, titles alone.

    python -m benchmarks.wordings [--json] [--sets home_depot office electronics] [--show]

250 queries (`wordings.jsonl`), fifty a catalogue, 30 names and 20 needs, were written by somebody who saw the titles
and neither the thesaurus nor any code: British, Australian, Indian and South African words, trade words and everyday
ones, brands for things, tasks and problems. Each has a rule by which a title is right (a regular expression, and one
that vetoes); the main word of a query stands in no right title. Where fewer than ten are right, all of them count as 1.

Beside ours stand ours without a thesaurus (`search.thesaurus = false`) and the peers of `search_relevance`. `office`,
`home_depot` and `electronics` played a part in choosing how near a need must be; `fashion` and `beauty` did not.
"""

import argparse
import json
import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from aisle import Shop
from aisle.evaluation.bootstrap import interval
from benchmarks.next_product_shop import data
from benchmarks.relevance_peers import Peers
from benchmarks.rows import Row, peak_mib, show

PLACES, SAMPLE = 10, 12_000
KINDS = ("name", "need")
SETTINGS = "[serve]\nrecord_slates = false\ndeadline_ms = 60000\n"
BARE = f"{SETTINGS}[search]\nthesaurus = false\n"


def home_depot() -> list[str]:
    """12,000 of its titles."""
    titles = pd.read_parquet(data("home_depot/judgements.parquet"))["title"].drop_duplicates().tolist()
    chosen = np.sort(np.random.default_rng(0).choice(len(titles), SAMPLE, replace=False))
    return [titles[at] for at in chosen]


def electronics() -> list[str]:
    """Both records of Walmart-Amazon's and Abt-Buy's pairs."""
    found = dict[str, None]()
    for name in ("walmart_amazon", "abt_buy"):
        pairs = pd.read_parquet(data(f"product_matching/{name}_train.parquet"))
        for column in ("left", "right"):
            for record in map(json.loads, pairs[column]):
                found.setdefault(str(record.get("title") or record.get("name") or "").strip())
    return [title for title in found if title]


def titles_of(path: str) -> Callable[[], list[str]]:
    """The distinct titles of a file."""
    return lambda: pd.read_parquet(data(path), columns=["title"])["title"].dropna().drop_duplicates().tolist()


SETS: dict[str, Callable[[], list[str]]] = {
    "home_depot": home_depot,
    "fashion": titles_of("fashion_images/products.parquet"),
    "office": titles_of("amazon18_office/products.parquet"),
    "electronics": electronics,
    "beauty": titles_of("amazon_beauty/products.parquet"),
}


def queries_of(name: str) -> list[dict[str, Any]]:
    """The queries of a set."""
    lines = Path(__file__).with_name("wordings.jsonl").read_text("utf-8").splitlines()
    return [query for query in map(json.loads, lines) if query["set"] == name]


def right(query: dict[str, Any], titles: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """bool (titles,): which answer a query."""
    wanted, vetoed = re.compile(query["right"], re.I), re.compile(query["wrong"] or "(?!)", re.I)
    return np.array([bool(wanted.search(title)) and not vetoed.search(title) for title in titles])


def measured(name: str, reveal: bool) -> list[Row]:
    """The rows of a set."""
    titles, queries = SETS[name](), queries_of(name)
    products = [{"id": f"p{at}", "title": title, "description": ""} for at, title in enumerate(titles)]
    place = {product["id"]: at for at, product in enumerate(products)}
    truths = [right(query, titles) for query in queries]
    lists: dict[str, list[list[int]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for model, settings in (("aisle", SETTINGS), ("aisle, no thesaurus", BARE)):
            (Path(folder) / "shop.toml").write_text(settings)
            with Shop(folder) as shop:
                if model == "aisle":
                    shop.load(products=products)
                    shop.train(seed=0)
                lists[model] = [[place[one] for one in shop.search(q["query"], size=PLACES).ids] for q in queries]
                if model == "aisle":
                    peers = Peers(products, shop).systems()
                    lists |= {peer: [_best(of(q["query"])) for q in queries] for peer, of in peers.items()}
    rows = []
    for model, found in lists.items():
        values = np.array([truth[shown].sum() / min(PLACES, truth.sum()) if shown else 0.0
                           for truth, shown in zip(truths, found, strict=True)])  # fmt: skip
        for kind in KINDS:
            mine = values[[query["kind"] == kind for query in queries]]
            mean = interval(mine)
            rows.append(Row(name, model, f"precision@10, {kind}s (n = {len(mine)})", mean.value, mean.low, mean.high,
                            peak_mib=peak_mib()))  # fmt: skip
        if reveal and model == "aisle":
            for at in np.argsort(values, kind="stable"):
                print(f"{values[at]:.1f} {queries[at]['query']!r}: {[titles[k][:50] for k in found[at][:4]]}")
    return rows


def _best(scores: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[int]:
    return [int(at) for at in np.argsort(-scores, kind="stable")[:PLACES] if scores[at] > 0]


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--show", action="store_true", help="print what every query finds, the worst first")
    given = parser.parse_args()
    rows = [row for name in given.sets for row in measured(name, given.show)]
    show(rows, given.json, "Queries in words that the catalogue does not use")


if __name__ == "__main__":
    main()
