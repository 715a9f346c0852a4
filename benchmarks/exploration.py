"""Which new product takes the place that is kept for one: what exploration finds, and what it costs.

    python -m benchmarks.exploration [--json] [--seeds 0 1 2] [--rounds 20000] [--plot FILE]

A simulated shop, for only there the truth is known: it says how ways to explore compare, not how a shop will sell.
Shoppers have tastes over topics. New products have topics, and an appeal of their own that no text tells. A shopper who
looks at the place answers with probability σ(a + taste · topics + appeal), and looks with .35, the examination of an
eighth place in a list (1 / log2(9)). The engine sees texts only: its source ranks by taste · topics and noise. Sixty
newcomers are there at first, ninety arrive during the first half, and all stay.

- regret: answers lost against who knows everything, a part of what that one gets; second half: after most was learned.
- right: of the ten best newcomers by true answers over all shoppers, how many are among the ten shown most in the last
  fifth. found: median showings until a newcomer of these ten is believed to be among the best third.

Ways: the source alone (nothing is learned), popularity (most answers so far), ε-greedy over the posterior means (.1),
the engine's posterior means (`serve.discovery`), and the engine's Thompson sampling (`serve.explore`).
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from aisle.retrieval.newcomers import MOST, posterior
from benchmarks.rows import Row, show

TOPICS, NEWCOMERS, FIRST, BEST = 12, 150, 60, 10
LOOKS, BASE, OWN, NOISE = 0.35, -2.2, 1.0, 0.5
EPSILON = 0.1
Choice = Callable[[Any, Any, Any], int]  # shown and touched in the source's order, randomness → a place in it


@dataclass
class World:
    """Shoppers' tastes and newcomers' topics, (n, TOPICS), appeals, and when each newcomer arrives."""

    random: Any
    rounds: int
    topics: Any = field(init=False)
    appeal: Any = field(init=False)
    arrives: Any = field(init=False)

    def __post_init__(self) -> None:
        self.topics = self.random.dirichlet(np.full(TOPICS, 0.3), NEWCOMERS)
        self.appeal = self.random.normal(0, OWN, NEWCOMERS)
        later = np.sort(self.random.integers(0, self.rounds // 2, NEWCOMERS - FIRST))
        self.arrives = np.r_[np.zeros(FIRST, np.int64), later]

    def shopper(self) -> Any:
        """A taste, float64 (TOPICS,)."""
        return self.random.dirichlet(np.full(TOPICS, 0.3))

    def chance(self, taste: Any) -> Any:
        """How likely each newcomer is answered where it is looked at, float64 (NEWCOMERS,)."""
        return 1 / (1 + np.exp(-(BASE + 2 * self.topics @ taste + self.appeal)))


def source(world: World, taste: Any, here: Any) -> Any:
    """The best newcomers by text: what the engine's source would name, best first."""
    liked = _noisy(world, world.topics[here] @ taste)
    return here[np.argsort(-liked, kind="stable")[:MOST]]


def _noisy(world: World, liked: Any) -> Any:
    """A text tells a product's topics only roughly."""
    return liked + NOISE * np.std(liked) * world.random.normal(size=len(liked))


def by_source(shown: Any, touched: Any, random: Any) -> int:
    """Nothing is learned."""
    return 0


def popular(shown: Any, touched: Any, random: Any) -> int:
    """Most answers so far; the source decides among equals."""
    return int(touched.argmax())


def means(shown: Any, touched: Any, random: Any) -> int:
    """The engine's own: the mean of every posterior."""
    won, lost = posterior(shown, touched)
    return int((won / (won + lost)).argmax())


def greedy(shown: Any, touched: Any, random: Any) -> int:
    """The posterior means, and now and then anybody."""
    return int(random.integers(len(shown))) if random.random() < EPSILON else means(shown, touched, random)


def thompson(shown: Any, touched: Any, random: Any) -> int:
    """The engine's own: one draw of every posterior."""
    return int(random.beta(*posterior(shown, touched)).argmax())


WAYS: dict[str, Choice] = {
    "source alone": by_source, "popularity": popular, f"ε-greedy {EPSILON:g}": greedy,
    "aisle, posterior means": means, "aisle, Thompson": thompson,
}  # fmt: skip


@dataclass
class Played:
    """What a way made of a world: answers expected a round, its own and the best there were; showings a round."""

    got: Any
    best: Any
    chosen: Any
    found: list[int]


def played(choose: Choice, seed: int, rounds: int) -> Played:
    """One way in one world; the same seed is the same world, with the same shoppers."""
    world = World(np.random.default_rng(seed), rounds)
    own = np.random.default_rng(seed + 1000)
    shown, touched = np.zeros(NEWCOMERS, np.int64), np.zeros(NEWCOMERS, np.int64)
    got, best, chosen = np.zeros(rounds), np.zeros(rounds), np.zeros(rounds, np.int64)
    right = set(truly_best(world).tolist())
    found: dict[int, int] = {}
    for at in range(rounds):
        here, taste = np.flatnonzero(world.arrives <= at), world.shopper()
        named = source(world, taste, here)
        one = int(named[choose(shown[named], touched[named], own)])
        chance = world.chance(taste)
        got[at], best[at], chosen[at] = chance[one], chance[named].max(), one
        shown[one] += 1
        answered = world.random.random() < LOOKS * chance[one]
        touched[one] += answered
        if one in right and one not in found and _believed(shown, touched, one):
            found[one] = int(shown[one])
    return Played(got, best, chosen, [found.get(one, int(shown[one]) + rounds) for one in right])


def _believed(shown: Any, touched: Any, one: int) -> bool:
    """Is its rate of answers, smoothed, in the best third of those shown ten times or more?"""
    known = shown >= BEST
    if not known[one]:
        return False
    rates = (touched + 1) / (shown + 1 / (LOOKS * 0.15))
    return bool((rates[known] > rates[one]).mean() <= 1 / 3)


def truly_best(world: World) -> Any:
    """The newcomers of most answers over many shoppers."""
    sample = np.random.default_rng(0).dirichlet(np.full(TOPICS, 0.3), 2000)
    return np.argsort(-np.mean([world.chance(taste) for taste in sample], axis=0))[:BEST]


def figures(name: str, runs: list[Played], seeds: list[int], rounds: int) -> list[Row]:
    """Means over the seeds, and the least and most of them."""
    regrets = [1 - run.got.sum() / run.best.sum() for run in runs]
    late = [1 - run.got[rounds // 2 :].sum() / run.best[rounds // 2 :].sum() for run in runs]
    right = []
    for run, seed in zip(runs, seeds, strict=True):
        often = np.argsort(-np.bincount(run.chosen[-rounds // 5 :], minlength=NEWCOMERS))[:BEST]
        right.append(len(set(often.tolist()) & set(truly_best(World(np.random.default_rng(seed), rounds)).tolist())))
    found = [float(np.median(run.found)) for run in runs]
    seen = [float((np.bincount(run.chosen, minlength=NEWCOMERS) > 0).mean()) for run in runs]
    told = {"regret": regrets, "regret, second half": late, "right": right, "found, showings": found,
            "share of newcomers shown": seen}  # fmt: skip
    return [Row("simulated", name, metric, float(np.mean(values)), float(min(values)), float(max(values)),
                seed="+".join(map(str, seeds))) for metric, values in told.items()]  # fmt: skip


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--rounds", type=int, default=20_000)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    runs = {name: [played(way, seed, options.rounds) for seed in options.seeds] for name, way in WAYS.items()}
    rows = [row for name, made in runs.items() for row in figures(name, made, options.seeds, options.rounds)]
    show(rows, options.json, "New products in one kept place; low and high: least and most of the seeds")
    if options.plot:
        plotted(runs, options.plot)


def plotted(runs: dict[str, list[Played]], path: Path) -> None:
    """Regret as it adds up."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axis = pyplot.subplots(figsize=(7, 4.2))
    for name, made in runs.items():
        axis.plot(np.mean([np.cumsum(run.best - run.got) for run in made], axis=0), label=name)
    axis.set(xlabel="showings of the kept place", ylabel="answers lost, summed")
    axis.legend(fontsize=8)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
