"""The simulator's shoppers like those of a real log: what is fitted, and how near it comes.

    python -m experiments.calibration [--json] [--seed 0]

The log is Complete Journey's (2,469 households, a year). Three figures of it, each with the habit that it decides:

- spread of a shopper: exp(entropy) of a household's purchases over departments' categories, as a part of all
  households' together → concentration of tastes.
- inequality: Gini of purchases over products → spread of appeals.
- again: share of purchases of something that the household had bought before → habit.

Each is measured in the same way on organic purchases of simulated worlds, as many a shopper, and the habit with the
smallest difference is kept, one after the other.
"""

import argparse
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from aisle.evaluation.metrics import gini
from aisle.sources.journey import CompleteJourney
from benchmarks.rows import Row, show
from experiments.simulator import Habits, World, entropy_of

KINDS = 16  # categories of the log that are compared with the simulator's topics: those that sell most
SOLD = 400  # products of the log that are compared with the simulator's: a sample of those sold ten times or more
OFTEN = 10
CHOICES: dict[str, tuple[float, ...]] = {
    "concentration": (0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6), "spread": (0.3, 0.6, 0.9, 1.2, 1.5, 1.8, 2.1),
    "habit": (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
}  # fmt: skip
DECIDES = {"concentration": "spread of a shopper", "spread": "inequality", "habit": "again"}


def of_journey(seed: int = 0) -> dict[str, float]:
    """The three figures of the real log."""
    data = CompleteJourney()._data
    table, goods = data["transactions"], data["products"]
    category = dict(zip(goods["product_id"].astype(str), goods["product_category"].astype(str), strict=True))
    sold = table["product_id"].astype(str)
    sampled = _sample(sold.to_numpy(), seed)
    kept = table[sold.isin(sampled)]
    users = np.unique(kept["household_id"], return_inverse=True)[1]
    items = np.unique(kept["product_id"].astype(str), return_inverse=True)[1]
    every = np.unique(table["household_id"], return_inverse=True)[1]
    names, kinds = np.unique([category.get(product, "") for product in sold], return_inverse=True)
    often = np.argsort(-np.bincount(kinds, minlength=len(names)))[:KINDS]
    inside = np.isin(kinds, often)
    return {**figures(users, items, np.asarray(kept["transaction_timestamp"].astype("int64"))),
            DECIDES["concentration"]: evenness(every[inside], kinds[inside])}  # fmt: skip


def _sample(sold: Any, seed: int) -> set[str]:
    names, counts = np.unique(sold, return_counts=True)
    return set(np.random.default_rng(seed).permutation(names[counts >= OFTEN])[:SOLD].tolist())


def figures(users: Any, items: Any, times: Any) -> dict[str, float]:
    """Inequality and repetition of purchases."""
    order = np.argsort(times, kind="stable")
    pairs = users[order].astype(np.int64) * (int(items.max()) + 1) + items[order]
    first = np.unique(pairs, return_index=True)[1]
    return {
        DECIDES["spread"]: gini([items.tolist()], int(items.max()) + 1),
        DECIDES["habit"]: 1 - len(first) / len(pairs),
    }


def evenness(users: Any, kinds: Any) -> float:
    """Mean over shoppers of exp(entropy) over kinds, as a part of all shoppers' together."""
    counts = np.zeros((int(users.max()) + 1, int(kinds.max()) + 1))
    np.add.at(counts, (users, kinds), 1)
    mine = counts[counts.sum(axis=1) >= OFTEN]
    return float(np.exp(entropy_of(mine)).mean() / np.exp(entropy_of(counts.sum(axis=0))[0]))


def of_world(habits: Habits, seed: int, rounds: int = 40) -> dict[str, float]:
    """The same figures of organic purchases alone."""
    world = World(seed, habits, arriving=0, rounds=rounds)
    events = []
    for now in range(rounds):
        events += list(world.organic(now))
        world.drifted()
    users = np.array([int(event["user"][1:]) for event in events])
    items = np.array([int(event["product"][1:]) for event in events])
    said = figures(users, items, np.array([event["timestamp"] for event in events]))
    return {**said, DECIDES["concentration"]: evenness(users, world.topics.argmax(axis=1)[items])}


def fitted(real: dict[str, float], seed: int, told: Callable[[str], None] = lambda line: None) -> Habits:
    """The habits whose worlds come nearest to the real figures; two passes over the three."""
    habits = Habits()
    for _ in range(2):
        for name, choices in CHOICES.items():
            tried = [replace(habits, **{name: choice}) for choice in choices]
            off = [abs(of_world(one, seed)[DECIDES[name]] - real[DECIDES[name]]) for one in tried]
            habits = tried[int(np.argmin(off))]
            told(f"{name} {getattr(habits, name):g}")
    return habits


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    real = of_journey(options.seed)
    habits = fitted(real, options.seed)
    simulated = of_world(habits, options.seed)
    rows = [Row("simulator", "fitted", name, getattr(habits, name), seed=str(options.seed)) for name in CHOICES]
    for name in DECIDES.values():
        rows.append(Row("simulator", "Complete Journey", name, real[name], seed=str(options.seed)))
        rows.append(Row("simulator", "simulated", name, simulated[name], seed=str(options.seed)))
    show(rows, options.json, "A simulated shop, fitted to a real log")


if __name__ == "__main__":
    main()
