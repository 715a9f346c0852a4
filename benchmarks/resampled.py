"""A trained shop of any size, resampled from the texts and the log of the demo's shop: for latency, not for quality.

    python -m benchmarks.resampled --shop demo-shop --products 1000000 --out million-shop [--seed 0]

A product takes a product of the demo's catalogue, the one bought most first, and swaps a word or two of its title for
words of another one of the same category; its price is shaken by a fifth. Each purchase goes to one of the products
made of the one that was bought, always the same one a household. Encoding a million texts takes 20 minutes on two cores
and says nothing about latency, so the vector of a made title is the mean of the two it was made of, and a little noise.
"""

import argparse
import shutil
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from aisle import Shop
from aisle.encoders.cache import VectorCache
from aisle.records.event import Event
from aisle.records.history import Floats
from aisle.records.product import Product
from aisle.sources.journey import CompleteJourney
from aisle.wiring.report import Trained
from aisle.wiring.texts import sentences
from aisle.wiring.train import catalogue_of
from benchmarks.rows import Row, peak_mib, show

OTHER, NOISE = 0.5, 0.02  # what the second title adds to the vector, and the noise
SETTINGS = """[shop]
clock = "last-event"
[train]
cutoffs = 2
shoppers = 2000
"""


class Resampled:
    """The products and the log of a made shop."""

    def __init__(self, size: int, seed: int) -> None:
        journey = CompleteJourney()
        self.base: list[Product] = list(journey.products())
        self._events = journey.events
        self._random = np.random.default_rng(seed)
        sold = Counter(event.product for event in journey.events())
        order = sorted(range(len(self.base)), key=lambda k: -sold[self.base[k].id])
        self.first = np.array(order)[np.arange(size) % len(order)]
        by_category: dict[Any, list[int]] = {}
        for number, product in enumerate(self.base):
            by_category.setdefault(product.category, []).append(number)
        alike = [by_category[self.base[k].category] for k in self.first]
        self.second = np.array([group[int(self._random.integers(len(group)))] for group in alike])
        self.variants: dict[str, list[str]] = {}
        for number, k in enumerate(self.first):
            self.variants.setdefault(self.base[k].id, []).append(f"m{number}")

    def products(self) -> Iterator[Product]:
        """Every product once, in order."""
        for number, (one, other) in enumerate(zip(self.first, self.second, strict=True)):
            base = self.base[one]
            words, further = base.title.split(), self.base[other].title.split()
            for _ in range(int(self._random.integers(1, 3))):
                words[int(self._random.integers(len(words)))] = further[int(self._random.integers(len(further)))]
            price = round((base.price or 100) * float(self._random.uniform(0.8, 1.2)))
            yield Product(f"m{number}", f"{' '.join(words)} {number}", brand=base.brand, category=base.category,
                          price=price, currency=base.currency or "USD", language=base.language)  # fmt: skip

    def events(self) -> Iterator[Event]:
        """The demo's purchases of products that were taken."""
        for event in self._events():
            made = self.variants.get(event.product)
            if made:
                yield replace(event, product=made[zlib.crc32(event.user.encode()) % len(made)])


def vectors(made: Resampled, demo: Path, seed: int) -> Floats:
    """float32 (products, dim): the mean of the two titles' vectors, and noise."""
    random = np.random.default_rng(seed)
    with Shop(demo) as shop:
        content = shop._live.served().parts.content
        if content.vectors is None:
            raise SystemExit(f"{demo}: its generation has no text vectors")
        row_of = content.catalogue.row_of_id
        rows = np.array([row_of(product.id) for product in made.base])
        known = np.asarray(content.vectors.vectors, np.float32)
        mixed = known[rows[made.first]] + OTHER * known[rows[made.second]]
    mixed += NOISE * random.standard_normal(mixed.shape, np.float32)
    return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True), np.float32)


def prime(shop: Shop, made: Resampled, demo: Path, seed: int) -> None:
    """Fill the shop's cache of vectors, so that training encodes nothing."""
    texts = sentences(catalogue_of(shop._live.store, Trained(""), shop._live.settings))
    mixed = vectors(made, demo, seed)
    place = {text: number for number, text in enumerate(texts)}
    [source] = (path for path in (demo / "cache").iterdir() if (path / "encoder").exists())
    target = shop.folder / "cache" / source.name
    shutil.copytree(source / "encoder", target / "encoder")
    VectorCache(target, mixed.shape[1]).encode(texts, lambda part: mixed[[place[text] for text in part]])


def make(out: Path, size: int, demo: Path, seed: int) -> dict[str, float]:
    """Load, train; returns seconds of each step."""
    if (out / "shop.db").exists():
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)
    (out / "shop.toml").write_text(SETTINGS)
    seconds, start = {}, time.perf_counter()

    def lap(name: str) -> None:
        nonlocal start
        seconds[name], start = time.perf_counter() - start, time.perf_counter()

    made = Resampled(size, seed)
    lap("resample")
    with Shop(out) as shop:
        shop.load(products=made.products(), events=made.events())
        lap("load")
        prime(shop, made, demo, seed)
        lap("vectors")
        report = shop.train(seed)
        lap("train")
    print({name: round(taken) for name, taken in report.seconds.items() if taken > 5}, flush=True)
    return seconds


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shop", type=Path, default=Path("demo-shop"))
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    seconds = make(options.out, options.products, options.shop, options.seed)
    rows = [Row(f"{options.products} products", "aisle", name, taken, seconds=taken, peak_mib=peak_mib(),
                seed=str(options.seed)) for name, taken in seconds.items()]  # fmt: skip
    show(rows, options.json, f"A shop of {options.products:,} products (value: seconds)")


if __name__ == "__main__":
    main()
