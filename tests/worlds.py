"""Tiny shops whose right answer is obvious."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from aisle import Shop

DAY = 86_400_000
START = 1_700_000_000_000  # UTC ms
BARE = '[encoder]\nmodel = ""\n'  # no text vectors: nothing heavy is loaded
PATIENT = "[serve]\ndeadline_ms = 60000\n"  # no test depends on how quick the machine is

PRODUCTS: list[dict[str, Any]] = [
    {"id": "bed-walnut", "title": "Walnut bed frame", "brand": "Acme", "category": "Furniture > Bedroom > Beds",
     "price": "499.00", "attributes": {"colour": ["brown"]}},
    {"id": "bed-oak", "title": "Oak bed frame", "brand": "Bo", "category": "Furniture > Bedroom > Beds",
     "price": "399"},
    {"id": "lamp", "title": "Bedside lamp", "brand": "Bo", "category": "Lighting > Lamps", "price": "39.90"},
    {"id": "sheets", "title": "Cotton sheets", "brand": "Acme", "category": "Textiles > Bedding", "price": "29"},
    {"id": "shoes", "title": "Running shoes", "brand": "Zip", "category": "Sport > Shoes", "price": "89"},
    {"id": "sneakers", "title": "White sneakers", "brand": "Zip", "category": "Sport > Shoes", "price": "79"},
    {"id": "machine", "title": "Coffee machine", "brand": "Brew", "category": "Kitchen > Coffee", "price": "199"},
    {"id": "cups", "title": "Espresso cups", "brand": "Brew", "category": "Kitchen > Coffee", "price": "19"},
]  # fmt: skip


def opened(folder: Path, settings: str = BARE) -> Shop:
    """A shop that loads nothing heavy."""
    folder.mkdir(parents=True, exist_ok=True)
    key = folder / "shop.key"  # a random one would name shoppers in another order, by which ties are broken
    if not key.exists():
        key.write_bytes(bytes(range(32)))
    (folder / "shop.toml").write_text(settings if "[serve]" in settings else f"{settings}\n{PATIENT}")
    return Shop(folder)


def checkerboard(users: int = 40, products: int = 20) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Even users buy even products and odd users odd ones; user u never bought product u mod products, which is
    therefore what should be recommended to them (after implicit's `get_checker_board`)."""
    goods = [{"id": f"p{p:02d}", "title": f"Product number {p}"} for p in range(products)]
    events = [
        {"type": "purchase", "user": f"u{u:02d}", "product": f"p{p:02d}", "timestamp": START + u * 1000 + p * DAY,
         "order": f"o{u}-{p}"}
        for u in range(users) for p in range(products) if p % 2 == u % 2 and p != u % products
    ]  # fmt: skip
    return goods, events


def grocer(users: int = 60, weeks: int = 26, seed: int = 0) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Everybody buys milk every week and one of ten favourites now and then; a hundred products besides."""
    random = np.random.default_rng(seed)
    goods = [{"id": f"g{k:03d}", "title": f"Grocery item {k}", "category": f"Aisle {k % 7} > Shelf {k % 21}",
              "price": f"{1 + k % 9}.50"} for k in range(110)]  # fmt: skip
    return goods, list(_baskets(random, users, weeks))


def _baskets(random: np.random.Generator, users: int, weeks: int) -> Iterator[dict[str, Any]]:
    for user in range(users):
        favourites = 1 + random.choice(109, 10, replace=False)
        for week in range(weeks):
            basket = [0, *random.choice(favourites, 4, replace=False), 1 + int(random.integers(109))]
            time = START + week * 7 * DAY + int(random.integers(2 * DAY))
            for product in dict.fromkeys(int(p) for p in basket):
                yield {"type": "purchase", "user": f"u{user}", "product": f"g{product:03d}", "timestamp": time,
                       "order": f"{user}-{week}", "quantity": 1}  # fmt: skip
