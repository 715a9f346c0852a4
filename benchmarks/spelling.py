"""Single words that were mistyped: how many are read as what was meant, and how many as something else.

    python -m benchmarks.spelling [--json] [--sets fashion home_depot …] [--seeds 0 1 2] [--words 1000]

Words of a set's own queries (Home Depot, CrowdFlower) or, where it has none, of its titles, as often as they are said
there, of SHORTEST letters and more and known to the shop, are mistyped by `benchmarks.typos`: a letter left out, put
in, exchanged or swapped, once or twice. What happens to be another word of the shop is left out: nobody could know.
Right is what has the same stem. Beside the shop's speller stands SymSpell itself: the nearest word, of these the one
that most products say. Intervals by bootstrap over words.
"""

import argparse
import random
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd
from symspellpy import SymSpell, Verbosity

from aisle.evaluation.bootstrap import interval
from aisle.language.spelling import FARTHEST, Speller
from aisle.language.words import words
from benchmarks.next_product_shop import data
from benchmarks.rows import Row, show
from benchmarks.typos import SHORTEST, edited

FILES = {"fashion": "fashion_images/products", "office": "amazon18_office/products", "beauty": "amazon_beauty/products",
         "home_depot": "home_depot/judgements", "crowdflower": "crowdflower/judgements"}  # fmt: skip
Cases = Sequence[tuple[str, str]]  # as it was typed, as it was meant


def texts_of(name: str) -> tuple[list[str], list[str]]:
    """The titles of a set, and what words are asked for in."""
    path = data(f"{FILES[name]}.parquet")
    judged = path.stem == "judgements"
    table = pd.read_parquet(path, columns=["product_id", "title", *["query"] * judged]).fillna("")
    titles = table.drop_duplicates("product_id")["title"].tolist()
    return titles, sorted(set(table["query"])) if judged else titles


def ours(speller: Speller, word: str) -> str:
    """What the shop's speller makes of a word that is no longer typed."""
    return " ".join(speller.read(f"{word} ").words)


def nearest(index: SymSpell, word: str) -> str:
    """What SymSpell alone makes of a word."""
    found = index.lookup(word, Verbosity.TOP, max_edit_distance=FARTHEST)
    return str(found[0].term) if found else word


def measured(name: str, seed: int, many: int) -> list[Row]:
    """The rows of a set under one seed."""
    titles, said = texts_of(name)
    speller, rng = Speller.fit([words(title) for title in titles]), random.Random(seed)
    index = SymSpell(max_dictionary_edit_distance=FARTHEST)
    for word, count in speller.counts.items():
        index.create_dictionary_entry(word, count)
    known = [word for text in said for word in words(text)
             if len(word) >= SHORTEST and word.isascii() and word in speller.counts]  # fmt: skip
    rows = []
    for times in (1, 2):
        meant = [rng.choice(known) for _ in range(many)]
        typed = [edited(word, rng, times) for word in meant]
        cases = [(t, m) for t, m in zip(typed, meant, strict=True) if t not in speller.counts]
        systems: dict[str, Callable[[str], str]] = {
            "aisle": partial(ours, speller),
            "SymSpell": partial(nearest, index),
        }
        for model, read in systems.items():
            rows += told(name, model, times, cases, [read(t) for t, _ in cases], speller, seed)
    return rows


def told(
    name: str, model: str, times: int, cases: Cases, found: Sequence[str], speller: Speller, seed: int
) -> list[Row]:  # fmt: skip
    """How many were read right, and how many as another word."""
    stem = speller.tongue.stem
    right = np.array([stem(f) == stem(m) for f, (_, m) in zip(found, cases, strict=True)])
    other = np.array([f != t for f, (t, _) in zip(found, cases, strict=True)]) & ~right
    rows = []
    for metric, values in (("read right", right), ("read as another word", other)):
        one = interval(values.astype(np.float64), seed)
        rows.append(Row(name, model, f"{metric}, mistakes: {times} (n = {len(cases)})", one.value, one.low, one.high,
                        seed=str(seed)))  # fmt: skip
    return rows


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sets", nargs="+", default=list(FILES), choices=list(FILES))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--words", type=int, default=1000)
    options = parser.parse_args()
    rows = [row for name in options.sets for seed in options.seeds for row in measured(name, seed, options.words)]
    show(rows, options.json, "Words that were mistyped")


if __name__ == "__main__":
    main()
