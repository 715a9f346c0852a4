"""`refresh`: what came this morning is found this morning, and what was learned is kept."""

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aisle import Shop
from aisle.engines.generations import building
from aisle.errors import NotTrainedError, StoreError
from tests.wiring.test_course import SIZE, ring
from tests.worlds import BARE, DAY, PATIENT, PRODUCTS, START, grocer, opened

VASE = {"id": "vase", "title": "Blue porcelain vase", "price": "25", "category": "Home > Vases"}
ASKED: list[tuple[str, dict[str, Any]]] = [
    *(("home", {"user": f"u{k}"}) for k in range(8)), ("product", {"anchor": "g003"}), ("popular", {}),
]  # fmt: skip


def answers(shop: Shop) -> list[Any]:
    """What a shop says to some requests, with scores."""
    slates = [shop.recommend(name, **asked, record=False) for name, asked in ASKED]
    slates += [shop.search(query, record=False) for query in ("grocery item 7", "item", "aisle 3")]
    return [[(placed.product, placed.score) for placed in slate] for slate in slates]


def facts(shop: Shop) -> dict[str, Any]:
    return dict(json.loads((shop.folder / "generations" / shop.generation / "facts.json").read_text()))


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A grocer with trees of its own."""
    goods, events = grocer()
    folder = tmp_path_factory.mktemp("refresh") / "shop"
    with opened(folder, f"{BARE}{PATIENT}[train]\nspacing_days = 7\n") as shop:
        shop.load(products=goods, events=events)
        assert any("trees" in fitted for fitted in shop.train().fitted)
    return folder


def test_where_nothing_came_nothing_changes(grown: Path) -> None:
    with Shop(grown) as shop:
        before, name, value = answers(shop), shop.generation, shop.evaluate().value("aisle", "ndcg@10")
        made = shop.refresh()
        assert shop.generation == made.generation != name
        assert answers(shop) == before and made.figures["new"] == made.figures["gone"] == 0
        assert shop.evaluate().value("aisle", "ndcg@10") == value, "what evaluate measures was carried, too"
        assert facts(shop)["figures"]["learned"] == name


def test_what_came_is_found_and_what_was_learned_is_kept(grown: Path) -> None:
    with Shop(grown) as shop:
        before, learned = answers(shop), facts(shop)
        report = shop.load(products=[VASE])
        assert "1 products are new: `aisle refresh`" in report.parts[0].notes[0] and shop.lacking == 1
        assert "vase" not in shop.search("porcelain vase").ids
        assert shop.refresh().figures["new"] == 1 and shop.lacking == 0
        assert shop.search("porcelain vase").ids[0] == "vase" and shop.suggest("porcel") == ["porcelain"]
        assert shop.product("vase").title == VASE["title"]
        again = answers(shop)
        assert [[one for one, _ in line] for line in again[:8]] == [[one for one, _ in line] for line in before[:8]]
        assert facts(shop)["fitted"] == learned["fitted"] and facts(shop)["held_out"] == learned["held_out"]
        assert not shop.load(products=[VASE]).parts[0].notes, "it is known now"


def test_events_that_came_before_their_product_count(tmp_path: Path) -> None:
    seen = [{"type": "purchase", "user": f"u{k}", "product": "vase", "timestamp": START + k} for k in range(30)]
    others = [{"type": "purchase", "user": f"u{k}", "product": "lamp", "timestamp": START - k} for k in range(20)]
    with opened(tmp_path) as shop:
        shop.load(products=PRODUCTS, events=[*seen, *others])
        shop.train()
        assert shop.recommend("popular").ids[0] == "lamp"
        shop.load(products=[VASE])
        shop.refresh()
        assert shop.recommend("popular").ids[0] == "vase"


def test_a_new_product_stands_where_its_likest_do_in_what_was_learned(tmp_path: Path) -> None:
    """Everybody goes from one product to the next; the new one reads as the eighth does."""
    pytest.importorskip("torch", reason="the models of histories learn in torch")
    nouns = [word for product in PRODUCTS for word in product["title"].split()]
    goods = [{"id": f"p{k:02d}", "title": f"{nouns[k % len(nouns)]} {nouns[(3 * k + 1) % len(nouns)]} {k}"}
             for k in range(SIZE)]  # fmt: skip
    with opened(tmp_path, f"{PATIENT}[train]\nranker = 'fusion'\n") as shop:
        shop.load(products=goods, events=ring())
        shop.train()
        before = shop.recommend("home", user="u003", record=False).ids
        shop.load(products=[{"id": "twin", "title": goods[7]["title"]}])
        shop.refresh()
        assert shop.recommend("home", user="u003", record=False).ids[:3] == before[:3]
        made, row = shop._live.served().parts.behaviour.expected, SIZE
        assert made.semantic is not None and made.sequence is not None and made.kindred is not None
        lies = made.semantic.index.take(np.arange(SIZE + 1))
        assert (lies[:row] @ lies[row]).argmax() == 7 and np.linalg.norm(lies[row]) == pytest.approx(1, abs=1e-5)
        assert len(made.sequence.index.take(np.arange(SIZE + 1))) == SIZE + 1
        assert made.kindred.table[:, row].nnz, "what the log says of its likest it borrows, too"


def test_it_says_when_a_training_is_needed(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.load(products=PRODUCTS)
        with pytest.raises(NotTrainedError, match="a training run"):
            shop.refresh()
        shop.train()
        shop.load(products=[{"id": f"x{k}", "title": f"Ding {k} für das und mit", "language": "de"} for k in range(30)])
        with pytest.raises(NotTrainedError, match="another language than at the last training"):
            shop.refresh()
        assert shop.search("bed").ids, "what answered goes on"
        assert not list((tmp_path / "generations").glob(".building-*")) or shop.train().generation == shop.generation


def test_one_at_a_time_but_a_training_waits_for_a_refresh(tmp_path: Path) -> None:
    root = tmp_path / "generations"
    with building(root, "a"), pytest.raises(StoreError, match="another training run"), building(root, "b", brief=True):
        pass
    order, begun, go = list[str](), threading.Event(), threading.Event()

    def brief() -> None:
        with building(root, "c", brief=True):
            begun.set()
            go.wait(60)
            order.append("refresh")

    def long() -> None:
        with building(root, "d"):
            order.append("training")

    threads = [threading.Thread(target=brief), threading.Thread(target=long)]
    threads[0].start()
    assert begun.wait(60)
    with pytest.raises(StoreError), building(root, "e", brief=True):
        pass
    threads[1].start()
    go.set()
    for thread in threads:
        thread.join(60)
    assert order == ["refresh", "training"] and (root / "CURRENT").read_text() == "d"


def test_a_shopper_who_was_forgotten_stays_so(tmp_path: Path) -> None:
    events = [{"type": "purchase", "user": "ann", "product": "lamp", "timestamp": START + k * DAY} for k in range(5)]
    with opened(tmp_path) as shop:
        shop.load(products=PRODUCTS, events=events)
        shop.train()
        shop.forget("ann")
        shop.refresh()
        assert shop.look(shop.recommend("home", user="ann")).events == 0
