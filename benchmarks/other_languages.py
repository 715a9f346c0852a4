"""A German and a French shop: how many of the first five products that a query finds are right, by kind of query.

    python -m benchmarks.other_languages [--json] [--languages de fr] [--encoder]

Somebody who had seen no code wrote both, 461 and 186 products, and 125 and 70 queries with the products that answer
them, before any of these was asked; what these found wrong has been mended since, so they are a check now, no unseen
test. Of a query that fewer than five products answer as many places count as there are. No events and, but for
--encoder, no encoder (the shipped one reads English). Beside aisle stands BM25 (bm25s) over the lower-cased words of
title, brand, category, description and attributes. Intervals by bootstrap over queries.
"""

import argparse
import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from aisle.evaluation.bootstrap import interval
from benchmarks.rows import Row, show
from benchmarks.word_order import found

HERE = Path(__file__).parent / "shops"
PLACES = 5
EVERY = "every query"
SETTINGS = '[shop]\ncurrency = "EUR"\n[serve]\nrecord_slates = false\n'
BARE = '[encoder]\nmodel = ""\n'


def lines(name: str) -> list[dict[str, Any]]:
    """A file of records."""
    return [json.loads(line) for line in (HERE / f"{name}.jsonl").read_text("utf-8").splitlines()]


def asked_of_bm25(products: list[dict[str, Any]], queries: list[str]) -> list[list[str]]:
    """What the words alone find."""

    def split(text: str) -> list[str]:
        return re.findall(r"\w+", text.lower())

    import bm25s  # of the extra "bench": whoever only asks for help needs none

    index = bm25s.BM25()
    index.index([split(" ".join(str(v) for k, v in one.items() if k not in ("id", "price"))) for one in products],
                show_progress=False)  # fmt: skip
    made = []
    for query in queries:
        known = [word for word in split(query) if word in index.vocab_dict]
        scores = index.get_scores(known) if known else np.zeros(len(products))
        best = np.argsort(-scores, kind="stable")[:PLACES]
        made.append([products[at]["id"] for at in best if scores[at] > 0])
    return made


def measured(language: str, model: str, asked: list[dict[str, Any]], lists: list[list[str]]) -> list[Row]:
    """Precision of the first five, and of the first."""
    by_kind: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for one, ids in zip(asked, lists, strict=True):
        right, many = set(one["right"]), min(PLACES, len(one["right"]))
        hit = len(right.intersection(ids)) / many, float(bool(ids) and ids[0] in right)
        for kind in (EVERY, one["kind"]):
            by_kind[kind].append(hit)
    rows = []
    for kind, hits in by_kind.items():
        for metric, values in zip(("precision@5", "first is right"), np.array(hits).T, strict=True):
            if kind == EVERY or metric == "precision@5":
                part = interval(values)
                name = f"{metric}, {kind} (n = {len(hits)})"
                rows.append(Row(language, model, name, part.value, part.low, part.high))
    return rows


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--languages", nargs="+", default=["de", "fr"], choices=["de", "fr"])
    parser.add_argument("--encoder", action="store_true")
    options = parser.parse_args()
    rows = list[Row]()
    for language in options.languages:
        products, asked = lines(f"{language}_products"), lines(f"{language}_queries")
        queries = [one["query"] for one in asked]
        settings = SETTINGS if options.encoder else SETTINGS + BARE
        rows += measured(language, "aisle", asked, found(products, queries, settings, PLACES))
        rows += measured(language, "bm25s", asked, asked_of_bm25(products, queries))
    show(rows, options.json, "Search in other languages")


if __name__ == "__main__":
    main()
