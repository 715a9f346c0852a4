"""`refresh`: what came this morning is found this morning, and what was learned is kept."""

import json
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aisle import Shop
from aisle.engines.generations import building
from aisle.errors import InputError, NotTrainedError, StoreError
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


@pytest.mark.parametrize(
    ("first", "then"),
    [(PRODUCTS, [{"id": "bed-2", "title": "Walnut bed frame", "price": "450"}]),
     (PRODUCTS[:2], PRODUCTS[2:]),
     (PRODUCTS, [{"id": f"x{k}", "title": f"Ding {k}", "language": "de"} for k in range(30)]),
     ([{"id": f"c{k}", "title": f"Card {k}"} for k in range(20)], PRODUCTS)],
)  # fmt: skip
def test_a_young_shop_may_become_another_one(tmp_path: Path, first: list[Any], then: list[Any]) -> None:
    """Brands, categories, a second language appear: what was learned does not ask for them."""
    with opened(tmp_path) as shop:
        shop.load(products=first)
        shop.train()
        shop.load(products=then)
        shop.refresh()
        for product in then:
            assert product["id"] in shop.search(str(product["title"])).ids


def test_it_says_when_a_training_is_needed(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.load(products=PRODUCTS)
        with pytest.raises(NotTrainedError, match="a training run"):
            shop.refresh()
        shop.train()
        (tmp_path / "shop.toml").write_text(f'{BARE}[shop]\nlanguage = "de"\n')
        with pytest.raises(NotTrainedError, match=r"shop\.language = 'de', and the last training learned with 'en'"):
            shop.refresh()
        assert shop.search("bed").ids, "what answered goes on"


def test_judgements_go_on_counting(tmp_path: Path) -> None:
    """Whoever asks for kind k was judged to want product k; products come, and one becomes a variant."""
    goods = [{"id": f"p{k:02d}", "title": f"thing {k} of kind {k % 10}"} for k in range(30)]
    judged = [{"query": f"kind {q}", "product": f"p{p:02d}", "relevance": 3.0 if p % 10 == q else 1.0}
              for q in range(10) for p in range(30)]  # fmt: skip
    with opened(tmp_path) as shop:
        shop.load(products=goods, judgements=judged)
        assert any("relevance on" in fitted for fitted in shop.train().fitted)
        pairs = [("kind 3", "p03"), ("kind 3", "p04")]
        before, answers = shop.relevance(pairs).tolist(), shop.search("kind 3", size=3)
        shop.load(products=[{**goods[13], "group": "g13"}, VASE])
        shop.refresh()
        assert shop.relevance(pairs).tolist() == pytest.approx(before, abs=0.01), "words are counted anew"
        after = shop.search("kind 3", size=3)
        assert set(after.ids) == set(answers.ids) == {"p03", "p13", "p23"}
        assert [one.columns["chosen"] for one in after] == [one.columns["chosen"] for one in answers] == [1.0, 1.0, 1.0]


def test_a_page_goes_on_behind_one_of_the_generation_before(grown: Path) -> None:
    with Shop(grown) as shop:
        first = shop.search("grocery item", size=10)
        shop.load(products=[{"id": "bowl", "title": "Celadon bowl"}])
        shop.refresh()
        second = shop.search("grocery item", size=10, cursor=first.cursor)
        assert len(second.ids) == 10 and not set(second.ids) & set(first.ids)
        assert [placed.position for placed in second] == list(range(10, 20))
        shop.refresh()
        with pytest.raises(InputError, match="current generation"):
            shop.search("grocery item", size=10, cursor=first.cursor)


def test_a_log_that_was_put_back_tells_what_is_lacking(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.load(products=PRODUCTS)
        shop.train()
        shop.load(products=[VASE])
    shutil.copy(tmp_path / "shop.db", tmp_path / "backup")
    with opened(tmp_path) as shop:
        shop.load(products=[{"id": "bowl", "title": "Celadon bowl"}])
        shop.refresh()
    shutil.copy(tmp_path / "backup", tmp_path / "shop.db")
    with opened(tmp_path) as shop:
        assert shop.search("porcelain").ids == ["vase"] and shop.lacking == 0
        assert shop.refresh().figures["gone"] == 1


def test_where_there_is_no_torch_new_texts_are_read_by_what_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch", reason="the encoder is exported by torch")
    with opened(tmp_path, PATIENT) as shop:
        shop.load(products=PRODUCTS)
        shop.train()
        shop.load(products=[VASE])
        monkeypatch.setitem(sys.modules, "sentence_transformers", None)
        shop.refresh()
        assert shop.search("jar for flowers").ids[0] == "vase"


def test_one_at_a_time_but_a_training_waits_for_a_refresh(tmp_path: Path) -> None:
    root = tmp_path / "generations"
    with building(root, "a"), pytest.raises(StoreError, match="another training run"), building(root, "b", brief=True):
        pass
    with (
        building(root, "a2", brief=True),
        pytest.raises(StoreError, match="another refresh"),
        building(root, "b2", brief=True),
    ):
        pass
    order, begun, go = list[str](), threading.Event(), threading.Event()

    def brief() -> None:
        with building(root, "c", brief=True):
            begun.set()
            go.wait(60)
            order.append("refresh")

    def long(name: str) -> None:
        try:
            with building(root, name):
                order.append("training")
        except StoreError:
            order.append("refused")

    refreshing = threading.Thread(target=brief)
    refreshing.start()
    assert begun.wait(60)
    trainings = [threading.Thread(target=long, args=(name,)) for name in ("d", "e")]
    for thread in trainings:
        thread.start()
    while all(thread.is_alive() for thread in trainings):  # one of them waits, and does not let the other wait, too
        time.sleep(0.01)
    assert order == ["refused"]
    go.set()
    for thread in (refreshing, *trainings):
        thread.join(60)
    assert order == ["refused", "refresh", "training"] and (root / "CURRENT").read_text() in ("d", "e")


def test_a_shopper_who_was_forgotten_stays_so(tmp_path: Path) -> None:
    events = [{"type": "purchase", "user": "ann", "product": "lamp", "timestamp": START + k * DAY} for k in range(5)]
    with opened(tmp_path) as shop:
        shop.load(products=PRODUCTS, events=events)
        shop.train()
        shop.forget("ann")
        shop.refresh()
        assert shop.look(shop.recommend("home", user="ann")).events == 0
