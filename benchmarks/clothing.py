"""Clothing with pictures: what stands beside a product, and searches by colour and kind, before there is any event.

    python -m benchmarks.clothing [--json] [--seeds 0 1 2] [--products 4000] [--half test]

`fashion_images`: titles, departments and groups, and pictures of 60 × 80 pixels. The article (143 kinds, "Tshirts") and
the colour of a product are what is right; no shop is told them. Every second product is for choosing, the others test.

- beside: of ten products beside each of 600, how many have the same article, the same colour, and both. MiniLM: nearest
  titles; network: nearest pictures by EfficientNet-Lite0; aisle, once without pictures and once with them.
- bare: the same, where titles say neither article nor colour ("Puma Men's Toe Crusher").
- search: "black tshirts" for every colour and article that ten products have: NDCG@10 of 1 for both, 0.5 for the
  article alone; the peers of `search_relevance` (BM25 by tantivy and by bm25s, MiniLM, their fusion), and aisle.
"""

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle import Shop
from aisle.evaluation.bootstrap import interval
from benchmarks.relevance_peers import Peers
from benchmarks.rows import Row, peak_mib, show
from benchmarks.search_relevance import ndcg

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "fashion_images" / "products.parquet"
ANCHORS, PLACES, ENOUGH = 600, 10, 10
Lists = Callable[[int], Sequence[int]]


@dataclass
class Clothes:
    """Products of one draw; article, colour: str (n,)."""

    products: list[dict[str, Any]]
    images: list[bytes]
    article: NDArray[np.str_]
    colour: NDArray[np.str_]

    def bare(self) -> "Clothes":
        """The same, with titles that say neither article nor colour."""
        made = [{**one, "title": _bare(one["title"], str(article), str(colour))}
                for one, article, colour in zip(self.products, self.article, self.colour, strict=True)]  # fmt: skip
        return Clothes(made, self.images, self.article, self.colour)


def _bare(title: str, article: str, colour: str) -> str:
    said = {_one(word) for word in re.findall("[a-z]+", f"{article} {colour}".lower())}
    kept = [word for word in title.split() if not {_one(part) for part in re.findall("[a-z]+", word.lower())} & said]
    plain = [word for word in kept if _one(word.lower()) not in ("tshirt", "t-shirt")]
    return " ".join(plain) or title.split()[0]


def _one(word: str) -> str:
    return word.removesuffix("s")


def drawn(seed: int, size: int, half: str) -> Clothes:
    """Some products of a half, by seed."""
    import pyarrow.parquet as pq

    if not DATA.exists():
        sys.exit(f"this benchmark needs {DATA}")
    table = pq.read_table(DATA)
    mine = np.arange(table.num_rows)[int(half == "test") :: 2]
    mine = np.sort(np.random.default_rng(seed).choice(mine, min(size, len(mine)), replace=False))
    said = table.take(mine).to_pylist()
    products = [{"id": one["product_id"], "title": one["title"], "category": f"{one['department']} > {one['group']}",
                 "description": ""}
                for one in said]  # fmt: skip
    article, colour = (np.array([one[name] or "" for one in said]) for name in ("article", "colour"))
    return Clothes(products, [one["image"] for one in said], article, colour)


def opened(folder: Path, clothes: Clothes, pictures: bool) -> Shop:
    """A trained shop of these products."""
    if not (folder / "pictures").exists():
        (folder / "pictures").mkdir(parents=True)
        for one, image in zip(clothes.products, clothes.images, strict=True):
            (folder / "pictures" / f"{one['id']}.jpg").write_bytes(image)
    said = 'pictures = "pictures"\n' * pictures
    (folder / "shop.toml").write_text(f"[encoder]\n{said}[serve]\ndeadline_ms = 60000\n")
    shop = Shop(folder)
    shop.load(products=clothes.products)
    shop.train()
    return shop


def beside(name: str, clothes: Clothes, lists: Lists, seed: int) -> Iterator[Row]:
    """What the ten beside each anchor share with it."""
    begun = time.perf_counter()
    anchors = np.random.default_rng(seed).choice(len(clothes.products), ANCHORS, replace=False)
    same = np.zeros((3, ANCHORS))
    for at, anchor in enumerate(anchors):
        found = np.array(lists(int(anchor)))
        article, colour = (of[found] == of[anchor] for of in (clothes.article, clothes.colour))
        same[:, at] = article.sum() / PLACES, colour.sum() / PLACES, (article & colour).sum() / PLACES
    for metric, values in zip(("same article", "same colour", "both"), same, strict=True):
        told = interval(values, seed)
        yield Row("clothing", name, metric, told.value, told.low, told.high, time.perf_counter() - begun, peak_mib(),
                  str(seed))  # fmt: skip


def nearest(vectors: Any) -> Lists:
    """The ten nearest by cosine, the product itself aside."""

    def lists(anchor: int) -> Sequence[int]:
        scores = vectors @ vectors[anchor]
        scores[anchor] = -np.inf
        return [int(row) for row in np.argsort(-scores, kind="stable")[:PLACES]]

    return lists


def shown(shop: Shop, clothes: Clothes) -> Lists:
    """What the shop's product page has."""
    place = {one["id"]: at for at, one in enumerate(clothes.products)}

    def lists(anchor: int) -> Sequence[int]:
        slate = shop.recommend("product", anchor=clothes.products[anchor]["id"], size=PLACES, record=False)
        return [place[product] for product in slate.ids]

    return lists


def looks(clothes: Clothes) -> Any:
    """What the network alone sees, unit vectors about their mean."""
    from aisle.encoders.picture import SEEN, PictureEncoder
    from aisle.encoders.text import unit

    seen = PictureEncoder().encode(clothes.images)[:, :SEEN]
    return unit(seen - seen.mean(axis=0))


def asked(clothes: Clothes) -> list[tuple[str, str, str]]:
    """Query, article and colour."""
    pairs, counts = np.unique(np.stack([clothes.article, clothes.colour]), axis=1, return_counts=True)
    return [(f"{colour} {article}".lower(), str(article), str(colour))
            for (article, colour), count in zip(pairs.T, counts, strict=True)
            if count >= ENOUGH and colour]  # fmt: skip


def searches(shop: Shop, clothes: Clothes, seed: int) -> Iterator[Row]:
    """NDCG@10 of ours and its peers."""
    peers, queries = Peers(clothes.products, shop), asked(clothes)
    at = {one["id"]: place for place, one in enumerate(clothes.products)}
    rows = np.array([at[peers.catalogue.units[peers.catalogue.leader(row)]] for row in range(peers.size)])
    article, colour = clothes.article[rows], clothes.colour[rows]

    def ours(query: str) -> NDArray[np.float64]:
        scores = np.full(peers.size, -np.inf)
        for place, product in enumerate(shop.search(query, size=PLACES, record=False).ids):
            scores[peers.catalogue.row_of_id(product)] = -place
        return scores

    for name, system in {"aisle": ours, **peers.systems()}.items():
        begun = time.perf_counter()
        gains = [0.5 * (article == kind) + 0.5 * (article == kind) * (colour == shade) for _, kind, shade in queries]
        values = [ndcg(system(query), gain) for (query, _, _), gain in zip(queries, gains, strict=True)]
        told = interval(np.array(values), seed)
        yield Row("clothing", name, f"NDCG@10 of {len(queries)} searches", told.value, told.low, told.high,
                  time.perf_counter() - begun, peak_mib(), str(seed))  # fmt: skip


def run(seed: int, size: int, half: str) -> list[Row]:
    """Everything of one draw."""
    rows, plain = list[Row](), drawn(seed, size, half)
    network = looks(plain)
    for clothes, how in ((plain, ""), (plain.bare(), "bare titles, ")):
        with tempfile.TemporaryDirectory() as folder:
            for pictures in (False, True):
                with opened(Path(folder), clothes, pictures) as shop:
                    content = shop._live.served().parts.content
                    name = "aisle" + " with pictures" * pictures
                    rows += beside(how + name, clothes, shown(shop, clothes), seed)
                    if pictures:
                        at = [content.catalogue.row_of_id(one["id"]) for one in clothes.products]
                        vectors = content.vectors.take(np.array(at))  # type: ignore[union-attr]
                        rows += beside(how + "MiniLM", clothes, nearest(vectors), seed)
                        rows += beside(how + "network", clothes, nearest(network), seed)
                    if pictures and not how:
                        rows += searches(shop, clothes, seed)
    return rows


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--products", type=int, default=4000)
    parser.add_argument("--half", choices=("test", "choosing"), default="test")
    options = parser.parse_args()
    rows = [row for seed in options.seeds for row in run(seed, options.products, options.half)]
    show(rows, options.json, f"{options.products} pieces of clothing of the half for {options.half}, without events")


if __name__ == "__main__":
    main()
