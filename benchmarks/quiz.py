"""Does a short quiz help where nothing is known? New shoppers answer questions, and are shown ten products.

    python -m benchmarks.quiz [--json] [--sets beauty journey] [--seeds 0 1 2] [--asked 400] [--folder FOLDER]

A tenth of the shoppers (`--asked` at most) are new: they are not in the log that the shop is trained on. They answer as
their own past says, which nobody else sees: Beauty, everything but their last product, which is the truth; Complete
Journey, what they bought before 2017-11-06, where the log that is trained on ends, too; the truth is what they bought
in the four weeks after it. After 0, 1, 3, 5 and 10 questions `shop.quiz` shows ten products. Beside it: the same number
of questions drawn at random, the most popular products, and (journey) households of the same income and size.
How answers count was chosen on households drawn with other seeds (100 and 101).
"""

import argparse
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from aisle import Shop
from aisle.evaluation.bootstrap import interval, lift
from aisle.evaluation.metrics import hits_of, ndcg
from aisle.records.quiz import Question
from aisle.sources.journey import CompleteJourney
from benchmarks.next_basket import MOMENT, World
from benchmarks.next_product_beauty import Beauty
from benchmarks.next_product_board import told
from benchmarks.rows import Row, show

PLACES = 10
AFTER = (0, 1, 3, 5, 10)  # questions
ALIKE = ("income", "household_size")
SETTINGS = (
    '[serve]\nrecord_slates = false\ndeadline_ms = 100000.0\n[shop]\nclock = "last-event"\n[encoder]\nmodel = ""\n'
    '[train]\nranker = "fusion"\n'
)
Values = Any


@dataclass
class Set:
    """What is loaded, and the new shoppers: what each had, and what each took next."""

    name: str
    products: Sequence[Any]
    events: Sequence[Any]
    had: Sequence[frozenset[str]]
    truths: Sequence[frozenset[str]]
    profiles: Sequence[Mapping[str, str]]
    known: Mapping[str, tuple[Mapping[str, str], frozenset[str]]]  # of the others: profile, and what they had


def beauty(seed: int, most: int) -> Set:
    """Users whose last product is to be told."""
    data = Beauty.read()
    order = np.random.default_rng(seed).permutation(len(data.users))
    new = set(order[: min(most, len(order) // 10)].tolist())
    events = [
        {"type": "purchase", "user": data.users[k], "product": data.ids[code]}
        for k in range(len(data.users)) if k not in new for code in data.sequences[k]
    ]  # fmt: skip
    chosen = sorted(new)
    had = [frozenset(data.ids[code] for code in data.sequences[k][:-1]) for k in chosen]
    truths = [frozenset([data.ids[data.sequences[k][-1]]]) for k in chosen]
    return Set("beauty", data.products, events, had, truths, [{} for _ in chosen], {})


def journey(seed: int, most: int) -> Set:
    """Households, and what they bought in four weeks."""
    world, source = World.at(MOMENT), CompleteJourney(before=MOMENT)
    bought = [k for k, truth in enumerate(world.truth) if truth]
    order = np.random.default_rng(seed).permutation(bought)
    new = {str(world.users[k]): k for k in sorted(order[: min(most, len(order) // 10)].tolist())}
    events, had = [], dict[str, set[str]]()
    for event in source.events():
        had.setdefault(event.user, set()).add(event.product)
        if event.user not in new:
            events.append(event)
    profiles = {user.id: user.profile for user in source.users()}
    known = {user: (profiles.get(user, {}), frozenset(had[user])) for user in had if user not in new}
    truths = [frozenset(str(world.items[code]) for code in world.truth[k]) for k in new.values()]
    return Set("journey", list(source.products()), events, [frozenset(had.get(user, ())) for user in new], truths,
               [profiles.get(user, {}) for user in new], known)  # fmt: skip


SETS: Mapping[str, Callable[[int, int], Set]] = {"beauty": beauty, "journey": journey}


class Answers:
    """How a new shopper answers: by what they had."""

    def __init__(self, shop: Shop) -> None:
        catalogue = shop._live.served().parts.content.catalogue
        self._lines = {line["id"]: line for line in catalogue.lines(range(len(catalogue.units)))}
        self._attributes = dict(zip(catalogue.units, catalogue.attributes, strict=True))

    def of(self, question: Question, had: frozenset[str]) -> bool:
        """Yes or no."""
        return any(self._meant(question, product) for product in had if product in self._lines)

    def _meant(self, question: Question, product: str) -> bool:
        line = self._lines[product]
        if question.field == "product":
            return bool(line["group"] == question.value)
        if question.field == "category":
            path = " > ".join(line["category"] or ())
            return path == question.value or path.startswith(question.value + " > ")
        if question.field == "brand":
            return bool(line["brand"] == question.value)
        return question.value in self._attributes[product].get(question.field, ())


def run(data: Set, seed: int, folder: Path) -> list[Row]:
    """One set under one seed."""
    folder.mkdir(parents=True)
    (folder / "shop.toml").write_text(SETTINGS)
    rows: list[Row] = []
    with Shop(folder) as shop:
        shop.load(products=data.products, events=data.events)
        shop.train(seed=seed)
        answers, random = Answers(shop), np.random.default_rng(seed)
        every = shop._live.served().parts.questions.asked
        lists: dict[str, list[list[str]]] = {"popular": [], "alike": []}
        popular = shop.recommend("popular", size=PLACES, record=False).ids
        for number, had in enumerate(data.had):
            lists["popular"].append(popular)
            lists["alike"].append(_alike(data, number) or popular)
            said: dict[str, bool] = {}
            drawn: dict[str, bool] = {}
            order = random.permutation(len(every))
            for asked in range(max(AFTER) + 1):
                found = shop.quiz(said, size=PLACES if asked in AFTER else 0, record=False)
                if asked in AFTER:
                    lists.setdefault(f"quiz, {asked} questions", []).append(found.slate.ids)
                    chance = shop.quiz(drawn, size=PLACES, record=False).slate.ids
                    lists.setdefault(f"at random, {asked} questions", []).append(chance)
                if found.question is not None:
                    said[found.question.key] = answers.of(found.question, had)
                if asked < len(every):
                    other = every[order[asked]]
                    drawn[other.key] = answers.of(other, had)
    group = {unit: line["group"] for unit, line in answers._lines.items()}
    truths = [frozenset(group.get(product, product) for product in truth) for truth in data.truths]
    if not data.known:
        del lists["alike"]
    values = {name: ndcg(*hits_of([[group.get(one, one) for one in each] for each in found], truths, PLACES))
              for name, found in lists.items()}  # fmt: skip
    for name, of in values.items():
        mean, gain = interval(of, seed), lift(of, values["popular"], seed)
        rows.append(Row(data.name, name, "NDCG@10", mean.value, mean.low, mean.high, seed=str(seed)))
        rows.append(Row(data.name, name, "over popular", gain.value, gain.low, gain.high, seed=str(seed)))
        told(
            f"{data.name}, seed {seed}: {name} {mean.value:.4f}, {gain.value:+.1%} ({gain.low:+.1%} … {gain.high:+.1%})"
        )
    return rows


def _alike(data: Set, number: int) -> list[str]:
    """What most households of the same income and size had; nothing where either is unknown."""
    mine = [data.profiles[number].get(field) for field in ALIKE]
    if None in mine:
        return []
    counts: dict[str, int] = {}
    for profile, had in data.known.values():
        if [profile.get(field) for field in ALIKE] == mine:
            for product in had:
                counts[product] = counts.get(product, 0) + 1
    return sorted(counts, key=lambda product: (-counts[product], product))[:PLACES]


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sets", choices=SETS, nargs="+", default=list(SETS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--asked", type=int, default=400, help="new shoppers, at most")
    options = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for name in options.sets:
            for seed in options.seeds:
                rows += run(SETS[name](seed, options.asked), seed, Path(folder) / f"{name}-{seed}")
    show(rows, options.json, "New shoppers after a short quiz")


if __name__ == "__main__":
    main()
