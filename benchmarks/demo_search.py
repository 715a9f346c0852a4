"""Search on the demo's shop: precision@10 over distinct texts, for 84 shoppers' queries.

    python -m benchmarks.demo_search [--json] [--shop demo-shop] [--show]

Of the first 200 that ours finds, those that only come near are told from those that answer: how many of each are right.

The queries and the product types that answer them (`demo_queries.jsonl`) were written from the list of product types
alone, before any ranking code; 54 of the 84 share no word with their types. A result is right if its product's type is
listed, an empty place a wrong one. Beside ours: tantivy BM25 alone and MiniLM alone, over the same rows and texts.
"""

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np

from aisle import Shop
from aisle.evaluation.bootstrap import interval
from aisle.language.words import words
from aisle.sources.journey import CompleteJourney
from benchmarks.rows import Row, peak_mib, show

PLACES = 10


def right_types() -> list[dict[str, Any]]:
    """The queries."""
    path = Path(__file__).with_name("demo_queries.jsonl")
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def types_of() -> dict[str, tuple[str, str]]:
    """Product id → its category and type, as the source has them."""
    table = CompleteJourney()._data["products"]
    columns = (table["product_id"], table["product_category"], table["product_type"])
    return {str(i): (str(c), str(t)) for i, c, t in zip(*columns, strict=True)}


def right(found: list[str], query: dict[str, Any], types: dict[str, tuple[str, str]]) -> int:
    """How many are right."""
    wanted = set(query["product_types"])
    return sum(types[product][1] in wanted or "|".join(types[product]) in wanted for product in found)


def systems(shop: Shop) -> dict[str, Callable[[str], list[str]]]:
    """Ours, and its parts alone."""
    served = shop._live.served()
    content = served.parts.content
    catalogue, everything = content.catalogue, np.ones(len(content.catalogue), bool)

    def ids(rows: Any) -> list[str]:
        return [catalogue.units[catalogue.leader(int(row))] for row in rows]

    def bm25(query: str) -> list[str]:
        return ids(content.texts.search(words(query), everything, PLACES)[0])

    def minilm(query: str) -> list[str]:
        if content.vectors is None or content.encoder is None:
            return []
        return ids(content.vectors.search(content.encoder.encode([query]), everything, PLACES)[0][0])

    return {"aisle": lambda query: shop.search(query, size=PLACES).ids, "BM25": bm25, "MiniLM": minilm}


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--shop", default="demo-shop", help="as `make demo` leaves it; made here if it is not there")
    parser.add_argument("--show", action="store_true", help="print what every query finds")
    options = parser.parse_args()
    folder = Path(options.shop)
    if not (folder / "generations" / "CURRENT").exists():
        journey = CompleteJourney()
        with Shop(folder) as made:
            made.load(products=journey.products(), events=journey.events())
            made.train()
    queries, types, rows = right_types(), types_of(), []
    with Shop(folder) as shop:
        for name, search in systems(shop).items():
            start = time.perf_counter()
            found = [search(query["query"]) for query in queries]
            seconds = time.perf_counter() - start
            values = np.array([right(f, q, types) / PLACES for f, q in zip(found, queries, strict=True)])
            if options.show and name == "aisle":
                reveal(queries, found, values, types)
            for kind in ("every query", *dict.fromkeys(q["kind"] for q in queries), "no word shared"):
                unshared = kind == "no word shared"
                part = np.array(
                    [kind in ("every query", q["kind"]) or (unshared and not q["shares_word"]) for q in queries]
                )
                mean = interval(values[part])
                rows.append(Row(kind, name, "precision@10", mean.value, mean.low, mean.high, seconds, peak_mib()))
            rows.append(Row("every query", name, "without results", float(sum(not f for f in found)), seconds=seconds))
        rows += told_apart(shop, queries, types)
    show(rows, options.json, "Search, Complete Journey, 84 queries")


def told_apart(shop: Shop, queries: list[Any], types: dict[str, tuple[str, str]]) -> list[Row]:
    """How many of what answers, of what only comes near, and of all that is found are right, means over queries."""
    shares: dict[str, list[float]] = {"what answers": [], "what comes near": [], "all that is found": []}
    totals = []
    for query in queries:
        slate = shop.search(query["query"], size=200)
        totals.append(float(slate.total))
        for kind, some in zip(shares, ((False,), (True,), (False, True)), strict=True):
            found = [placement.product for placement in slate if placement.near in some]
            if found:
                shares[kind].append(right(found, query, types) / len(found))
    rows = [Row("every query", "aisle", f"right of {kind}", *astuple(interval(np.array(values))))
            for kind, values in shares.items()]  # fmt: skip
    return [*rows, Row("every query", "aisle", "total, median", float(np.median(totals)))]


def reveal(queries: list[Any], found: list[list[str]], values: Any, types: dict[str, tuple[str, str]]) -> None:
    """What each query found, the worst first."""
    for at in np.argsort(values, kind="stable"):
        told = "; ".join(" / ".join(types[product]) for product in found[at])
        print(f"{values[at]:.1f} {queries[at]['query']!r}: {told}\n")


if __name__ == "__main__":
    main()
