"""Relevance learned from clicks: how near it comes to relevance learned from judges, on queries that it has not seen.

    python -m benchmarks.click_learning [--set crowdflower|home_depot] [--json] [--seeds 0 1 2] [--sessions 100]
        [--tune none|full] [--folder FOLDER]

Judged queries are dealt into folds as in search_relevance.py. For each training query the untrained shop ranks its
judged products, and shoppers look at the first ten, two neighbours now and then in the other order. A place k (from 1)
is looked at with 1 / k, and what is looked at is clicked with .1 + .9 · (2^grade - 1) / (2^best - 1), as in Joachims et
al. (WSDM 2017): the truth is known, and judges are never asked. Ways to learn, all through the public face:

- nothing: signals are summed. clicks: impressions and clicks are loaded, `train` takes the places into account.
- rates: clicks of showings are loaded as if they were judgements. judges: what judges said of the pairs shown.

NDCG@10 (gain: grade) and Spearman over the pairs of unseen queries, 95 % intervals by bootstrap over queries. Beside
them NDCG@10 of the training queries asked again (`search`, what nobody judged left out): for these the shop knows what
shoppers chose. The truth that is compared with there is the judges', which nobody but the way `judges` was told.
"""

import argparse
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from aisle import Shop
from aisle.evaluation.bootstrap import interval, lift
from benchmarks.next_product_board import told
from benchmarks.rows import Row, show
from benchmarks.search_relevance import Judged, Ranked, by_list, by_query, emptied, judged, means, ndcg

PLACES, TURNED, NOISE = 10, 0.3, 0.1
SETTINGS = """[serve]
record_slates = false
deadline_ms = 5000
[train]
ranker = "fusion"
[search]
tune = "{}"
"""
WAYS = ("nothing", "clicks", "rates", "judges")


@dataclass
class Sessions:
    """What shoppers saw and clicked. shown, clicked: by (query, product, place)."""

    shown: Counter[tuple[str, str, int]]
    clicked: Counter[tuple[str, str, int]]

    @classmethod
    def of(cls, orders: Mapping[str, Sequence[str]], grade: Mapping[tuple[str, str], float], times: int,
           seed: int) -> "Sessions":  # fmt: skip
        """So many sessions of each query, whose products stand as in `orders`; grade: of each pair, from 0."""
        random, best = np.random.default_rng([seed, 4]), max(grade.values())
        made = cls(Counter(), Counter())
        for query, order in orders.items():
            for _ in range(times):
                seen = list(order[:PLACES])
                for at in np.flatnonzero(random.random(len(seen) - 1) < TURNED):
                    seen[at], seen[at + 1] = seen[at + 1], seen[at]
                for place, product in enumerate(seen):
                    cell = query, product, place
                    made.shown[cell] += 1
                    worth = (2 ** grade[query, product] - 1) / (2**best - 1)
                    looked = random.random() < 1 / (place + 1)
                    made.clicked[cell] += int(looked and random.random() < NOISE + (1 - NOISE) * worth)
        return made

    def events(self) -> list[dict[str, Any]]:
        """As a shop loads them, every showing and every click by a shopper of its own."""
        return [{"type": kind, "user": f"{kind[0]}{n}", "query": query, "product": product, "position": place,
                 "timestamp": 1_700_000_000 + n}
                for kind, counts in (("impression", self.shown), ("click", self.clicked))
                for (query, product, place), count in counts.items() for n in range(count)]  # fmt: skip

    def rates(self) -> dict[tuple[str, str], float]:
        """Clicks of showings, wherever they were."""
        shown, clicked = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        for (query, product, place), count in self.shown.items():
            shown[query, product] += count
            clicked[query, product] += self.clicked[query, product, place]
        return {pair: clicked[pair] / count for pair, count in shown.items()}


def run(data: Judged, seed: int, folder: Path, options: Any) -> list[Row]:
    """One seed: every way, asked about the same unseen queries."""
    test = data.folds(seed) == 0
    grade = {(data.queries[k], data.ids[k]): float(data.values[k] - data.values.min()) for k in np.flatnonzero(~test)}
    lists: dict[str, list[str]] = {}
    for query, product in grade:
        lists.setdefault(query, []).append(product)
    asked = [(data.queries[k], data.ids[k]) for k in np.flatnonzero(test)]
    said: dict[str, Any] = {}
    again: dict[str, Any] = {}
    with Shop(emptied(folder, SETTINGS.format(options.tune))) as shop:
        shop.load(products=data.products)
        shop.train(seed=seed)
        said["nothing"] = shop.relevance(asked).astype(np.float64)
        again["nothing"] = repeated(shop, lists, grade)
        orders = {query: shop.rank(ids, query=query).ids for query, ids in lists.items()}
    sessions = Sessions.of(orders, grade, options.sessions, seed)
    rates = sessions.rates()
    told(f"seed {seed}: {sum(sessions.shown.values())} showings, {sum(sessions.clicked.values())} clicks, "
         f"{len(rates)} pairs")  # fmt: skip
    lessons = {"rates": rates, "judges": {pair: grade[pair] for pair in rates}}
    for way in WAYS[1:]:
        with Shop(emptied(folder, SETTINGS.format(options.tune))) as shop:
            rows = [{"query": q, "product": p, "relevance": v} for (q, p), v in lessons.get(way, {}).items()]
            events = sessions.events() if way == "clicks" else None
            shop.load(products=data.products, judgements=rows or None, events=events)
            report = shop.train(seed=seed)
            told(f"{way}: {report.figures.get('clicks')} {report.figures.get('relevance')} {report.skipped}")
            said[way] = shop.relevance(asked).astype(np.float64)
            again[way] = repeated(shop, lists, grade)
    unseen = figures(options.set, said, [query for query, _ in asked], data.values[test], seed)
    return unseen + asked_again(options.set, again, seed)


def repeated(shop: Shop, lists: Mapping[str, Sequence[str]], grade: Mapping[tuple[str, str], float]) -> Any:
    """NDCG@10 of each training query's search, of products that judges know."""
    values = []
    for query, judged_ones in lists.items():
        found = [product for product in shop.search(query, size=300).ids if (query, product) in grade]
        order = [*found, *(product for product in judged_ones if product not in set(found))]
        gains = np.array([grade[query, product] for product in order])
        values.append(ndcg(-np.arange(len(gains), dtype=np.float64), gains))
    return np.array(values)


def asked_again(name: str, again: Mapping[str, Any], seed: int) -> list[Row]:
    """What the shop answers to the queries it was asked before, and what that gains."""
    known, rows = ~np.isnan(again["nothing"]), list[Row]()
    for way, values in again.items():
        found = interval(values[known])
        rows.append(Row(name, way, "NDCG@10, asked again", found.value, found.low, found.high, seed=str(seed)))
        if way != "nothing":
            more = lift(values[known], again["nothing"][known])
            label = "NDCG@10, asked again, over nothing"
            rows.append(Row(name, way, label, more.value, more.low, more.high, seed=str(seed)))
    return rows


def figures(name: str, said: Mapping[str, Any], queries: list[str], wanted: Any, seed: int) -> list[Row]:
    """NDCG@10 and Spearman of each way, and what clicks gain over the others, paired by query."""
    gains = {way: by_list(scores, wanted, queries) for way, scores in said.items()}
    known, rows = ~np.isnan(gains["nothing"]), list[Row]()
    for way, scores in said.items():
        found = interval(gains[way][known])
        rows.append(Row(name, way, "NDCG@10", found.value, found.low, found.high, seed=str(seed)))
        spearman = by_query(queries, Ranked(scores, wanted).spearman)
        rows.append(Row(name, way, "Spearman", *spearman, seed=str(seed)))
    for way in ("nothing", "rates", "judges"):
        more = lift(gains["clicks"][known], gains[way][known])
        rows.append(Row(name, "clicks", f"NDCG@10 over {way}", more.value, more.low, more.high, seed=str(seed)))
    return rows


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", choices=("crowdflower", "home_depot"), default="crowdflower")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--sessions", type=int, default=100, help="of each query")
    parser.add_argument("--tune", default="none", choices=("none", "full"), help="search.tune")
    parser.add_argument("--folder", help="where vectors are kept; default: a temporary one")
    options = parser.parse_args()
    data, rows = judged(options.set), list[Row]()
    folder = Path(options.folder or tempfile.mkdtemp())
    for seed in options.seeds:
        mine = run(data, seed, folder, options)
        for row in mine:
            told(f"  {row.model}: {row.metric} {row.value:.4f} ({row.low:.4f} … {row.high:.4f})")
        rows += mine
    if not options.folder:
        shutil.rmtree(folder)
    show(rows + means(rows), options.json, f"Relevance from clicks, {options.set}, unseen queries")


if __name__ == "__main__":
    main()
