"""Are the shop's rules kept in every slate? Random catalogues, rules, weights and requests, through the public face.

    python -m benchmarks.constraints [--json] [--slates 100000] [--seed 0] [--products 120]

Each shop has products with brands, sellers and sponsored ones at random, most of them of few brands, and a log of its
own. For every fifty requests `shop.toml` is written anew while the shop is open: one to three quotas (at most so many
of a kind among so many places in a row, of one value or of every one), products that are hidden and pinned, weights of
objectives, and variety of every method. Then random pages, and the pages behind them, of recommendations and searches
are asked for, sorted or not, and whole home pages of several shelves. Counted are, by kind:

- slates on which some stretch of places, across the pages of a request, holds more than a quota allows;
- slates that show a product twice, or again on a later page, or on two shelves of one home page;
- slates that show what is hidden, or what the shopper has where repeats are excluded;
- slates of which a stage failed.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from aisle import Shop
from benchmarks.next_product_board import told
from benchmarks.rows import Row, peak_mib, show

BASE = """[shop]
clock = "last-event"
[encoder]
model = ""
[train]
ranker = "fusion"
sequence_events = 0
linear_products = 0
[serve]
record_slates = false
deadline_ms = 60000.0
"""
WORDS = ("oak", "steel", "blue", "red", "big", "small", "lamp", "chair", "desk", "bed", "rug", "shelf")
SHOPPERS, BOUGHT, REQUESTS, PAGES = 120, 6, 50, 3
BROKEN = ("quota", "repeat", "hidden", "bought", "degraded")


@dataclass(frozen=True)
class Rule:
    """A quota: at most `most` with the same `name` (of the one `value`, if it says one) in every `of` places."""

    name: str
    value: str
    most: int
    of: int

    def said(self) -> str:
        """As shop.toml has it."""
        value = f'value = "{self.value}"\n' if self.value else ""
        return f'[[rules.quotas]]\nfield = "{self.name}"\n{value}most = {self.most}\nof = {self.of}\n'

    def broken(self, shown: Sequence[dict[str, Any]]) -> bool:
        """Does any stretch hold too many."""
        kinds = [_kind(product, self.name) for product in shown]
        counted = [kind if not self.value or kind == self.value else None for kind in kinds]
        stretches = (Counter(counted[at : at + self.of]) for at in range(max(1, len(counted) - self.of + 1)))
        return any(count > self.most for held in stretches for kind, count in held.items() if kind is not None)


def _kind(product: dict[str, Any], name: str) -> str | None:
    said = product.get(name) or product.get("attributes", {}).get(name)
    return str(said[0]) if isinstance(said, list) else said


@dataclass
class Trial:
    """One random shop. bought: by shopper."""

    random: np.random.Generator
    size: int
    products: dict[str, dict[str, Any]] = field(default_factory=dict)
    bought: dict[str, set[str]] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    broken: Counter[str] = field(default_factory=Counter)
    slates: int = 0

    def loaded(self, shop: Shop) -> None:
        """Products and a log at random."""
        draw = self.random
        for k in range(self.size):
            product: dict[str, Any] = {
                "id": f"p{k}", "title": " ".join(draw.choice(WORDS, 3, replace=False)), "price": str(1 + k % 37),
                "currency": "USD", "cost": str(round(0.5 + 0.02 * k, 2)),
                "category": f"Home > {draw.choice(WORDS[6:])}",
            }  # fmt: skip
            if draw.random() < 0.9:
                product["brand"] = f"b{int(draw.geometric(0.4))}"
            if draw.random() < 0.5:
                product["seller"] = f"s{int(draw.geometric(0.5))}"
            if draw.random() < 0.7:
                product["attributes"] = {"sponsored": ["yes" if draw.random() < 0.4 else "no"]}
            self.products[product["id"]] = product
        events = []
        for shopper in range(SHOPPERS):
            for at, one in enumerate(np.minimum(draw.geometric(0.05, BOUGHT) - 1, self.size - 1)):
                self.bought.setdefault(f"u{shopper}", set()).add(f"p{one}")
                events.append({"type": "purchase", "user": f"u{shopper}", "product": f"p{one}",
                               "timestamp": 1_700_000_000 + 86_400 * at + shopper})  # fmt: skip
        shop.load(products=list(self.products.values()), events=events)
        shop.train()

    def ruled(self) -> str:
        """Other rules."""
        draw = self.random
        names = ("brand", "seller", "sponsored", "category")
        chosen = draw.choice(names, int(draw.integers(1, 4)), replace=False)
        self.rules = [self._rule(str(name)) for name in chosen]
        ids = list(self.products)
        self.hidden = set(draw.choice(ids, int(draw.integers(0, 10)), replace=False).tolist())
        pins = draw.choice(ids, int(draw.integers(0, 4)), replace=False).tolist()
        weights = "".join(
            f"{name} = {draw.random():.3f}\n" for name in ("margin", "novel", "tail") if draw.random() < 0.5
        )
        serve = ""
        if draw.random() < 0.6:
            way = draw.choice(["mmr", "dpp", "intents", "calibrated", "tree"])
            hungry = "true" if draw.random() < 0.5 else "false"
            serve = f'diversity = {draw.random():.2f}\ndiversify = "{way}"\nappetite = {hungry}\n'
            serve += f"widen = {draw.random():.1f}\n"
        rules = f"[rules]\nhides = {sorted(self.hidden)}\npins = {pins}\n".replace("'", '"')
        scenarios = "".join(f"[objectives.{name}]\n{weights}" for name in ("home", "search", "popular") if weights)
        return BASE + serve + scenarios + rules + "".join(rule.said() for rule in self.rules)

    def _rule(self, name: str) -> Rule:
        value = "yes" if name == "sponsored" else ""
        return Rule(name, value, int(self.random.integers(0 if value else 1, 4)), int(self.random.integers(2, 11)))

    def ask(self, shop: Shop) -> None:
        """One request and the pages behind it, or one home page."""
        draw = self.random
        user = f"u{draw.integers(SHOPPERS)}" if draw.random() < 0.8 else ""
        if draw.random() < 0.1:
            shelves = shop.shelves(user=user, size=8, record=False)
            for shelf in shelves:
                self._judge([shelf.slate], "")
            shown = [one for shelf in shelves for one in shelf.slate.ids]
            self.broken["repeat"] += len(shown) != len(set(shown))
            return
        size, asked = int(draw.integers(5, 21)), draw.random() < 0.4
        query = " ".join(draw.choice(WORDS, int(draw.integers(1, 3)), replace=False))
        scenario = str(draw.choice(["home", "popular", "category", "email"]))
        sort = str(draw.choice(["price", "-price"])) if draw.random() < 0.2 else None
        cursor, pages = None, []
        for _ in range(int(draw.integers(1, PAGES + 1))):
            if asked:
                slate = shop.search(query, user=user, size=size, sort=sort, cursor=cursor, record=False)
            else:
                slate = shop.recommend(scenario, user=user, size=size, repeat="exclude", cursor=cursor, record=False)
            pages.append(slate)
            cursor = slate.cursor
            if cursor is None:
                break
        self._judge(pages, "" if asked else user)

    def _judge(self, pages: Sequence[Any], user: str) -> None:
        """Pages of one request, the first one first."""
        shown: list[str] = []
        for slate in pages:
            before = set(shown)
            shown += slate.ids
            self.slates += 1
            self.broken["repeat"] += len(set(slate.ids)) != len(slate) or bool(before & set(slate.ids))
            self.broken["hidden"] += bool(self.hidden & set(slate.ids))
            self.broken["bought"] += bool(user and self.bought[user] & set(slate.ids))
            self.broken["degraded"] += bool(slate.degraded)
            known = [self.products[one] for one in shown]
            self.broken["quota"] += any(rule.broken(known) for rule in self.rules)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--slates", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--products", type=int, default=120)
    options = parser.parse_args()
    start, broken, slates, shops = time.perf_counter(), Counter[str](), 0, 0
    while slates < options.slates:
        trial = Trial(np.random.default_rng([options.seed, shops]), options.products)
        with tempfile.TemporaryDirectory() as folder:
            toml = Path(folder) / "shop.toml"
            toml.write_text(BASE)
            with Shop(folder) as shop:
                trial.loaded(shop)
                while trial.slates < 5000 and slates + trial.slates < options.slates:
                    toml.write_text(trial.ruled())
                    for _ in range(REQUESTS):
                        trial.ask(shop)
        slates, shops, broken = slates + trial.slates, shops + 1, broken + trial.broken
        told(f"{slates} slates of {shops} shops: {dict(broken)}")
    seconds = time.perf_counter() - start
    rows = [Row("random shops", "aisle", f"slates that break: {kind}", float(broken[kind]), seconds=seconds,
                peak_mib=peak_mib(), seed=str(options.seed)) for kind in BROKEN]  # fmt: skip
    rows.append(Row("random shops", "aisle", "slates", float(slates), seed=str(options.seed)))
    show(rows, options.json, "Rules in every slate")


if __name__ == "__main__":
    main()
