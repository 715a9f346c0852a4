"""Relevance of search, learned from judges, on queries that it has not seen.

    python -m benchmarks.search_relevance --set crowdflower|home_depot|qbqtc_zh [--json] [--seeds 0 1 2] [--folds 1]
        [--tune full|lora|adapter|prefix|none] [--pairs 300000] [--typos] [--folder FOLDER]

Queries are dealt into five folds by a seed; a shop is trained on the judgements of the others, and asked about those of
one (`--folds` of them, one after the other). Everything goes through the public face: load, train, relevance, search.

crowdflower: NDCG@10 of each query's judged products, gain relevance - 1. home_depot: Spearman and RMSE over pairs, and
how much of what was judged 2.33 or more is among the first 10 and 100 of all 45,602 products, as returned and with
what nobody judged left out. qbqtc_zh: accuracy, macro-F1 of the nearest class, and Spearman.
Peers in the same run: tantivy BM25, bm25s, MiniLM zero-shot, reciprocal rank fusion of BM25 and MiniLM.
Intervals are of a bootstrap over queries.
"""

import argparse
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from aisle import Shop
from aisle.evaluation.bootstrap import interval
from aisle.language.tongue import tongue
from aisle.wiring.lessons import same_words
from benchmarks.next_product_board import metered, told
from benchmarks.relevance_peers import Peers
from benchmarks.rows import Row, show
from benchmarks.typos import MISTAKES

SHARED = Path(__file__).parents[2] / "shared" / "data"
FOLDS, RESAMPLES = 5, 400
GOOD = 2.33
STEM = tongue("en").stem
READ = 300  # queries for which it is timed how long reading closer takes
Values = NDArray[np.float64]


@dataclass
class Judged:
    """One set: products as the shop loads them, and pairs. fold: int (pairs,)."""

    products: list[dict[str, Any]]
    queries: list[str]
    ids: list[str]
    values: Values

    def folds(self, seed: int) -> NDArray[np.int64]:
        """The fold of every pair; all pairs of a query are in one, and so are wordings of the same stems."""
        names = sorted(set(self.queries))
        of = dict(zip(names, np.random.default_rng(seed).permutation(len(names)) % FOLDS, strict=True))
        first: dict[str, str] = {}
        for query in names:
            first.setdefault(same_words(query, STEM), query)
        return np.array([of[first[same_words(query, STEM)]] for query in self.queries], np.int64)


def judged(name: str) -> Judged:
    """One of the sets."""
    path = SHARED / name / ("pairs.parquet" if name == "qbqtc_zh" else "judgements.parquet")
    if not path.exists():
        raise SystemExit(f"{path} is missing: this benchmark needs the shared data")
    table = pq.read_table(path).to_pydict()
    if name == "qbqtc_zh":
        known: dict[str, str] = {}
        table["product_id"] = [known.setdefault(title, f"t{len(known)}") for title in table["title"]]
        table["relevance"] = table["label"]
    said = table.get("description", [""] * len(table["query"]))
    lines = zip(table["product_id"], table["title"], said, strict=True)
    products = {str(i): {"id": str(i), "title": title, "description": text or ""} for i, title, text in lines if title}
    kept = [k for k, query in enumerate(table["query"]) if query and str(table["product_id"][k]) in products]
    return Judged(
        list(products.values()), [table["query"][k] for k in kept], [str(table["product_id"][k]) for k in kept],
        np.array([table["relevance"][k] for k in kept], np.float64),
    )  # fmt: skip


def ndcg(scores: Values, gains: Values, places: int = 10) -> float:
    """NDCG of one list; NaN where nothing in it is worth anything."""
    discount = 1 / np.log2(np.arange(2, places + 2))
    best, got = np.sort(gains)[::-1][:places], gains[np.argsort(-scores, kind="stable")][:places]
    ideal = float(best @ discount[: len(best)])
    return float(got @ discount[: len(got)]) / ideal if ideal else float("nan")


def by_list(scores: Values, wanted: Values, queries: Sequence[str]) -> Values:
    """NDCG@10 of every query's list; the gain is what is wanted less the least that is."""
    owner = np.unique(queries, return_inverse=True)[1]
    lists = [np.flatnonzero(owner == k) for k in range(owner.max() + 1)]
    return np.array([ndcg(scores[one], wanted[one] - wanted.min()) for one in lists])


def emptied(folder: Path, settings: str) -> Path:
    """A shop's folder of which only the vectors of texts are kept."""
    shutil.rmtree(folder / "generations", ignore_errors=True)
    for path in folder.glob("shop.*"):
        path.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "shop.toml").write_text(settings)
    return folder


@dataclass
class Ranked:
    """What a system said of pairs, beside what was wanted."""

    said: Values
    wanted: Values

    def spearman(self, at: NDArray[np.int64]) -> float:
        """Spearman's rank correlation over some pairs; NaN where all are said to be equal."""
        from scipy.stats import spearmanr

        if np.ptp(self.said) == 0:
            return float("nan")
        return float(spearmanr(self.said[at], self.wanted[at]).statistic)

    def rmse(self, at: NDArray[np.int64]) -> float:
        """The root of the mean squared error over some pairs."""
        return float(np.sqrt(np.square(self.said[at] - self.wanted[at]).mean()))


def by_query(
    queries: Sequence[str], of: Callable[[NDArray[np.int64]], float], seed: int = 0
) -> tuple[float, float, float]:
    """A figure over pairs, and its interval over resamples of their queries."""
    names, owner = np.unique(queries, return_inverse=True)
    pairs = [np.flatnonzero(owner == k) for k in range(len(names))]
    random = np.random.default_rng(seed)
    drawn = [of(np.concatenate([pairs[k] for k in random.integers(0, len(names), len(names))]))
             for _ in range(RESAMPLES)]  # fmt: skip
    low, high = np.quantile(drawn, [0.025, 0.975])
    return of(np.arange(len(queries))), float(low), float(high)


def figures(name: str, said: dict[str, Values], queries: list[str], wanted: Values, seed: str) -> list[Row]:
    """Every figure of every system, over pairs that none of them learned from."""
    rows = []
    for model, scores in said.items():
        if name == "crowdflower":
            values = by_list(scores, wanted, queries)
            found = interval(values[~np.isnan(values)])
            rows.append(Row(name, model, "NDCG@10", found.value, found.low, found.high, seed=seed))
        ranked = by_query(queries, Ranked(scores, wanted).spearman)
        rows.append(Row(name, model, "Spearman", *ranked, seed=seed))
        if model.startswith("aisle") or model == "mean":
            rows.append(Row(name, model, "RMSE", *by_query(queries, Ranked(scores, wanted).rmse), seed=seed))
        if name == "qbqtc_zh" and model.startswith("aisle"):
            rows += classes(name, model, scores, queries, wanted, seed)
    return rows


def classes(name: str, model: str, scores: Values, queries: list[str], wanted: Values, seed: str) -> list[Row]:
    """Accuracy and macro-F1 of the nearest class."""
    from sklearn.metrics import f1_score

    nearest = np.clip(np.round(scores), wanted.min(), wanted.max())
    hit = by_query(queries, lambda at: float((nearest[at] == wanted[at]).mean()))
    f1 = by_query(queries, lambda at: float(f1_score(wanted[at], nearest[at], average="macro")))
    return [Row(name, model, "accuracy", *hit, seed=seed), Row(name, model, "macro-F1", *f1, seed=seed)]


def recalls(
    name: str, searches: dict[str, Callable[[str], list[str]]], data: Judged, test: NDArray[np.bool_], seed: str
) -> list[Row]:
    """How much of what was judged good is among the first 10 and 100, as returned and without what nobody judged."""
    good: dict[str, set[str]] = {}
    known: dict[str, set[str]] = {}
    for k in np.flatnonzero(test):
        known.setdefault(data.queries[k], set()).add(data.ids[k])
        if data.values[k] >= GOOD:
            good.setdefault(data.queries[k], set()).add(data.ids[k])
    rows = []
    for model, search in searches.items():
        lists = {query: search(query) for query in good}
        for places in (10, 100):
            values = [len(good[q].intersection(found[:places])) / len(good[q]) for q, found in lists.items()]
            some = interval(np.array(values))
            rows.append(Row(name, model, f"recall@{places}", some.value, some.low, some.high, seed=seed))
        values = [len(good[q].intersection([p for p in found if p in known[q]][:10])) / len(good[q])
                  for q, found in lists.items()]  # fmt: skip
        some = interval(np.array(values))
        rows.append(Row(name, model, "recall@10, judged only", some.value, some.low, some.high, seed=seed))
    return rows


def mistyped(name: str, shop: Shop, queries: list[str], ids: list[str], wanted: Values, seed: str) -> list[Row]:
    """What mistakes cost: NDCG@10 of mistyped queries, less that of the queries as they are, paired."""

    def values(asked: list[str]) -> Values:
        scores = shop.relevance(list(zip(asked, ids, strict=True))).astype(np.float64)
        return by_list(scores, wanted, queries)

    clean, rows = values(queries), []
    for kind, of in MISTAKES.items():
        rng = random.Random(0)
        typed = {query: of(query, rng) for query in sorted(set(queries))}
        lost = interval((values([typed[query] for query in queries]) - clean)[~np.isnan(clean)])
        rows.append(Row(name, "aisle", f"NDCG@10, {kind}: change", lost.value, lost.low, lost.high, seed=seed))
    return rows


def reading(name: str, shop: Shop, queries: list[str], seed: str) -> list[Row]:
    """How long a search reads the best of its results together with the query, in milliseconds."""
    closer, depth, taken = shop._live.served().parts.content.closer, shop._live.settings.search.closer, list[float]()
    if closer is None:
        return []
    for query in sorted(set(queries))[:READ]:
        trace = shop.search(query, size=depth, record=False).trace
        rows = trace.ranked.rows[:depth] if trace is not None else np.zeros(0, np.int32)
        start = time.perf_counter()
        closer.read(query, rows)
        taken.append(1000 * (time.perf_counter() - start))
    return [Row(name, "aisle", f"reading {depth} results, p{at} ms", float(np.percentile(taken, at)), seed=seed)
            for at in (50, 99) if taken]  # fmt: skip


def run(name: str, data: Judged, seed: int, fold: int, folder: Path, options: Any) -> tuple[Any, ...]:
    """One fold: what every system says of its pairs, and rows of its own."""
    test = data.folds(seed) == fold
    language = "zh" if name.endswith("_zh") else "en"
    settings = (
        f'[shop]\nlanguage = "{language}"\n[serve]\nrecord_slates = false\ndeadline_ms = 5000\n[search]\n'
        f'candidates = 1000\ntune = "{options.tune}"\ntune_pairs = {options.pairs}\n'
    )
    lessons = [{"query": data.queries[k], "product": data.ids[k], "relevance": float(data.values[k])}
               for k in np.flatnonzero(~test)]  # fmt: skip
    queries = [data.queries[k] for k in np.flatnonzero(test)]
    ids = [data.ids[k] for k in np.flatnonzero(test)]
    rows = []
    with Shop(emptied(folder, settings)) as shop:
        shop.load(products=data.products, judgements=lessons)
        with metered() as cost:
            report = shop.train(seed=seed)
        told(f"{name}, seed {seed}, fold {fold}: {report.figures.get('relevance')}, {report.seconds}, {report.skipped}")
        rows.append(Row(name, "aisle", "train, CPU s", cost.cpu, peak_mib=cost.peak, seed=f"{seed}.{fold}"))
        with metered() as cost:
            said = {"aisle": shop.relevance(list(zip(queries, ids, strict=True))).astype(np.float64)}
        rows.append(Row(name, "aisle", "ms a pair", 1000 * cost.cpu / max(1, len(ids)), seed=f"{seed}.{fold}"))
        rows += reading(name, shop, queries, f"{seed}.{fold}")
        if options.typos:
            rows += mistyped(name, shop, queries, ids, data.values[test], f"{seed}.{fold}")
        peers = Peers(data.products, shop)
        said |= peers.pairs(queries, ids)
        said["mean"] = np.full(len(ids), data.values[~test].mean())
        if name == "home_depot":
            searches = {"aisle": lambda query: shop.search(query, size=100).ids, **peers.searches()}
            rows += recalls(name, searches, data, test, f"{seed}.{fold}")
    return said, queries, data.values[test], rows


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", required=True, choices=("crowdflower", "home_depot", "qbqtc_zh"))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--folds", type=int, default=1, help="of five, how many are asked about under each seed")
    parser.add_argument("--tune", default="full", choices=("none", "prefix", "adapter", "lora", "full"))
    parser.add_argument("--pairs", type=int, default=300_000, help="search.tune_pairs")
    parser.add_argument("--typos", action="store_true", help="also what mistyped queries lose")
    parser.add_argument("--folder", help="where the shop is made and vectors are kept; default: a temporary one")
    options = parser.parse_args()
    data = judged(options.set)
    rows: list[Row] = []
    folder = Path(options.folder or tempfile.mkdtemp())
    for seed in options.seeds:
        said: dict[str, list[Values]] = {}
        queries, wanted = list[str](), list[Values]()
        for fold in range(options.folds):
            mine, asked, values, more = run(options.set, data, seed, fold, folder, options)
            for model, scores in mine.items():
                said.setdefault(model, []).append(scores)
            queries += asked
            wanted.append(values)
            rows += more
        together = {model: np.concatenate(scores) for model, scores in said.items()}
        rows += figures(options.set, together, queries, np.concatenate(wanted), str(seed))
        for row in rows:
            if row.seed.split(".")[0] == str(seed):
                told(f"  {row.model}: {row.metric} {row.value:.4f} ({row.low:.4f} … {row.high:.4f}), seed {row.seed}")
    if not options.folder:
        shutil.rmtree(folder)
    rows += means(rows)
    show(rows, options.json, f"Relevance, {options.set}, unseen queries")


def means(rows: list[Row]) -> list[Row]:
    """The mean over seeds of every figure that has several, with the least and the most of them."""
    found: dict[tuple[str, str, str], list[float]] = {}
    for row in rows:
        found.setdefault((row.set, row.model, row.metric), []).append(row.value)
    return [Row(*key[:2], f"{key[2]}, mean of {len(values)}", float(np.mean(values)), min(values), max(values),
                seed="all") for key, values in found.items() if len(values) > 1]  # fmt: skip


if __name__ == "__main__":
    main()
