"""How recommendations grow with the log: the blend and each of its arms at 0, 10, 100, … events and all of them.

    python -m benchmarks.learning_curve [--sets beauty journey] [--points 0 100 10000] [--seeds 0 1 2] [--plot FILE.png]

At each point a shop is trained on whole histories of randomly drawn users, as many as make that many events. Then the
histories of the users who are asked are loaded, without another training: new shoppers and their events count at once.
So at 0 events nothing was learned but the language model, and what the asked users did is known. The last product of a
Beauty user is the target, their own are masked; on Complete Journey it is the distinct products of four weeks, repeats
included (NDCG@10).

With several `--seeds` each draws users of its own and trains, and a user's figure is the mean over them. The best arm
of each point is chosen on users of its own; the blend's relative difference to it is told on the others, with its
paired 95 % interval by bootstrap. An arm is `home` with that retriever alone.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from aisle import Shop
from aisle.evaluation.bootstrap import interval, lift
from aisle.evaluation.metrics import hits_of, ndcg
from aisle.records.times import iso
from aisle.sources.journey import CompleteJourney
from benchmarks.next_basket import MOMENT, World
from benchmarks.next_product_beauty import Beauty
from benchmarks.next_product_board import told
from benchmarks.next_product_shop import arms, slates
from benchmarks.rows import Row, show

POINTS = (0, 10, 100, 1_000, 10_000, 100_000, -1)  # -1: everything
PLACES = 10
SEEN = 0.001  # NDCG@10 of an arm at its best, below which it is not drawn
CHOOSING = 0.25  # share of the asked users on whom the best arm is chosen
SETTINGS = '[serve]\nrecord_slates = false\ndeadline_ms = 100000.0\n[shop]\nclock = "last-event"\n'
Event = Any  # an event as `load` takes it


@dataclass(frozen=True)
class Log:
    """A catalogue, the events of every user before the test, who is asked, and what they took."""

    name: str
    products: Sequence[Any]
    events: Mapping[str, Sequence[Event]]
    asked: Sequence[str]
    truths: Sequence[frozenset[str]]
    repeat: str

    def drawn(self, most: int, seed: int) -> Iterator[Event]:
        """Whole histories of users in random order, until there are `most` events; -1 for all."""
        left = most if most >= 0 else sum(map(len, self.events.values()))
        users = list(self.events)
        for at in np.random.default_rng(seed).permutation(len(users)):
            yield from self.events[users[at]][: max(left, 0)]
            left -= len(self.events[users[at]])
            if left <= 0:
                return


def beauty(size: int) -> Log:
    """Amazon 2014 Beauty."""
    made = Beauty.read()
    events = {
        user: [{"id": f"{user}-{at}", "type": "purchase", "user": user, "product": made.ids[product]}
               for at, product in enumerate(sequence[:-1])]
        for user, sequence in zip(made.users, made.sequences, strict=True)
    }  # fmt: skip
    chosen = np.sort(np.random.default_rng(0).choice(len(made.users), size, replace=False))
    truths = [frozenset((made.ids[int(made.sequences[u][-1])],)) for u in chosen]
    return Log("beauty", made.products, events, [made.users[u] for u in chosen], truths, "exclude")


def journey(size: int) -> Log:
    """Complete Journey, the four weeks from 2017-11-06T05:00Z."""
    world, source = World.at(MOMENT), CompleteJourney(before=MOMENT, grouped=False)
    events: dict[str, list[Event]] = {str(user): [] for user in world.users}
    for event in source.events():
        events[event.user].append(event)
    bought = [u for u, truth in enumerate(world.truth) if truth]
    chosen = np.sort(np.random.default_rng(0).choice(bought, min(size, len(bought)), replace=False))
    truths = [frozenset(str(world.items[item]) for item in world.truth[u]) for u in chosen]
    return Log("journey", list(source.products()), events, [str(world.users[u]) for u in chosen], truths, "allow")


SETS = {"beauty": (beauty, 4000), "journey": (journey, 2500)}


def measured(log: Log, events: int, seed: int, cache: Path) -> dict[str, Any]:
    """NDCG@10 of every asked user, by the blend and by each arm, after training on so many events."""
    with TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "shop.toml").write_text(SETTINGS)
        (folder / "shop.key").write_bytes(bytes(32))
        (folder / "cache").symlink_to(cache, target_is_directory=True)
        with Shop(folder) as shop:
            shop.load(products=log.products, events=log.drawn(events, seed))
            report = shop.train(seed=seed)
            told(f"{log.name}, {events} events: {report.fitted} {report.skipped}")
            shop.load(events=(event for user in log.asked for event in log.events[user]))
            groups = shop._live.served().generation.catalogue.groups
            codes = {group: at for at, group in enumerate(groups)}
            truths = [frozenset(codes[product] for product in truth if product in codes) for truth in log.truths]
            asked = [{"user": user} for user in log.asked]
            lists = {"aisle": slates(shop, asked, PLACES, log.repeat, codes)[0]}
            lists |= arms(shop, asked, PLACES, log.repeat, codes)
    return {name: ndcg(*hits_of(made, truths, PLACES)) for name, made in lists.items()}


def mean_of(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The mean over several trainings, user by user, of what each of them has."""
    return {name: np.mean([part[name] for part in parts], axis=0) for name in parts[0]
            if all(name in part for part in parts)}  # fmt: skip


def rows_of(log: Log, events: int, values: Mapping[str, Any], seed: str) -> list[Row]:
    """The figures of one point."""
    at = "all" if events < 0 else str(events)
    choosing = np.random.default_rng(1).random(len(log.asked)) < CHOOSING
    best = max((name for name in values if name != "aisle"), key=lambda name: values[name][choosing].mean())
    made = []
    for name, value in values.items():
        found = interval(value[~choosing])
        made.append(Row(log.name, name, f"ndcg@10 at {at}", found.value, found.low, found.high, seed=seed))
    gain = lift(values["aisle"][~choosing], values[best][~choosing])
    made.append(Row(log.name, "aisle", f"over the best arm at {at}, {best}", gain.value, gain.low, gain.high,
                    seed=seed))  # fmt: skip
    return made


def drawn(curves: Mapping[str, Mapping[int, Mapping[str, Any]]], path: Path) -> None:
    """The curves as a picture: one panel a set, the blend above its arms."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6 * len(curves), 3.6), dpi=130, layout="constrained")
    for panel, (name, points) in zip(np.ravel(figure.subplots(1, len(curves))), curves.items(), strict=True):
        places = range(len(points))
        for model in dict.fromkeys(model for values in points.values() for model in values):
            heights = [float(values[model].mean()) if model in values else np.nan for values in points.values()]
            if not np.nanmax(heights) > SEEN:
                continue
            ours = model == "aisle"
            panel.plot(places, heights, label=model, linewidth=3 if ours else 1.2, zorder=3 if ours else 2,
                       color="#1b7f4d" if ours else None)  # fmt: skip
        panel.set_xticks(list(places), ["all" if events < 0 else f"{events:,}" for events in points])
        panel.set_title(name)
        panel.set_xlabel("events that were learned from")
        panel.set_ylabel("NDCG@10")
        panel.spines[["top", "right"]].set_visible(False)
        panel.legend(frameon=False, fontsize=7, loc="upper left", bbox_to_anchor=(1, 1))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sets", choices=SETS, nargs="+", default=list(SETS))
    parser.add_argument("--points", type=int, nargs="+", default=list(POINTS), help="events; -1 for all")
    parser.add_argument("--users", type=int, help="asked; default: 4,000 of Beauty, all of Complete Journey")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--cache", type=Path, help="a folder that keeps the vectors of texts between two runs")
    options = parser.parse_args()
    rows: list[Row] = []
    curves: dict[str, dict[int, dict[str, Any]]] = {}
    with TemporaryDirectory() as place:
        for name in options.sets:
            make, users = SETS[name]
            log = make(options.users or users)
            cache = (options.cache or Path(place)).resolve() / name
            cache.mkdir(parents=True, exist_ok=True)
            for events in options.points:
                values = mean_of([measured(log, events, seed, cache) for seed in options.seeds])
                curves.setdefault(name, {})[events] = values
                rows += rows_of(log, events, values, " ".join(map(str, options.seeds)))
                told(f"{name} at {events}: " + ", ".join(f"{m} {v.mean():.4f}" for m, v in values.items()))
    if options.plot:
        drawn(curves, options.plot)
    show(rows, options.json, f"Learning curve (Complete Journey as of {iso(MOMENT)})")


if __name__ == "__main__":
    main()
