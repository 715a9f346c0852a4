"""Kinds of product get places as they are in demand."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.records.candidates import Candidates
from aisle.records.request import Context, Reading, Request
from aisle.reranking.proportion import Proportion
from tests.worlds import BARE, PATIENT, opened

KINDS = np.repeat(np.arange(3, dtype=np.int32), 10)
DUE = np.repeat(np.array([0.6, 0.3, 0.1], np.float32), 10)


def context(*words: str) -> Context:
    return replace(Context(Request(" ".join(words)), "search", 0), reading=Reading(" ".join(words), words))


def ranked(blend: list[float], due: np.ndarray = DUE) -> Candidates:
    scores = np.column_stack([due[: len(blend)], np.array(blend, np.float32)]).astype(np.float32)
    return Candidates(np.arange(len(blend), dtype=np.int32), scores, ("share", "blend"))


def kinds_of(order: tuple[int, ...], size: int = 10) -> Counter[int]:
    return Counter(KINDS[list(order[:size])].tolist())


def test_where_relevance_is_equal_places_are_in_proportion() -> None:
    made = Proportion(KINDS, 0.3).rerank(context("milk"), ranked([0.7] * 30), 10)
    assert kinds_of(made.order) == {0: 6, 1: 3, 2: 1} and made.order[0] == 0


def test_relevance_still_counts() -> None:
    made = Proportion(KINDS, 0.3).rerank(context("milk"), ranked([0.7] * 10 + [0.77] * 10 + [0.2] * 10), 10)
    assert made.order[0] == 0  # .7 + .3 x .6 before .77 + .3 x .3
    assert kinds_of(made.order) == {0: 4, 1: 6}


def test_several_words_name_one_kind_and_words_that_ask_for_nothing_do_not_count() -> None:
    blend = [0.7] * 10 + [0.71] * 20
    same = tuple(range(30))
    assert Proportion(KINDS, 0.3).rerank(context("white", "milk"), ranked(blend), 10).order == same
    assert Proportion(KINDS, 0.0).rerank(context("milk"), ranked(blend), 10).order == same
    made = Proportion(KINDS, 0.3, lambda words: [word for word in words if word != "some"]).rerank(
        context("some", "milk"), ranked(blend), 10
    )
    assert kinds_of(made.order)[0] > 0


@given(st.lists(st.floats(0, 1, width=32), max_size=30), st.integers(0, 12), st.integers(0, 12))
def test_nobody_is_lost_and_a_longer_slate_begins_as_a_shorter_one(blend: list[float], one: int, more: int) -> None:
    way, found = Proportion(KINDS, 0.3), ranked(sorted(blend, reverse=True))
    short, long = (way.rerank(context("milk"), found, size).order for size in (one, one + more))
    assert sorted(short) == list(range(len(blend)))
    assert short[: min(one, len(blend))] == long[: min(one, len(blend))]


RULES = """[[rules.campaigns]]
name = "c"
boost = {category = "C"}
[rules]
buries = ["B3"]
"""


@pytest.mark.parametrize("asked", [{}, {"sort": "price"}, {"sort": "-price"}])
@pytest.mark.parametrize("rules", ["", RULES])
def test_pages_neither_repeat_nor_lose_a_product(tmp_path: Path, rules: str, asked: dict[str, str]) -> None:
    products = [{"id": f"{kind}{k}", "title": f"{kind} milk {k}", "category": ["Food", kind], "price": 1 + k % 3,
                 "currency": "USD"} for kind in "ABCD" for k in range(12)]  # fmt: skip
    events = [{"type": "purchase", "user": f"u{k}", "product": product, "timestamp": 1_700_000_000_000 + k}
              for product, times in (("A0", 30), ("B1", 12), ("C2", 6), ("D3", 3)) for k in range(times)]  # fmt: skip
    with opened(tmp_path, BARE + PATIENT + rules) as shop:
        shop.load(products=products, events=events)
        shop.train()
        shown, cursor = list[str](), None
        while True:
            slate = shop.search("milk", size=5, cursor=cursor, **asked)  # type: ignore[arg-type]
            shown += slate.ids
            if (cursor := slate.cursor) is None:
                break
    assert sorted(shown) == sorted(str(product["id"]) for product in products)


def test_a_shop_shows_first_what_its_shoppers_mean(tmp_path: Path) -> None:
    kinds = {"Fluid milk white only": "White", "Chocolate milk": "Chocolate", "Milk candy": "Candy"}
    products = [{"id": f"{kind}{k}", "title": f"{title} {k}", "category": ["Food", kind]}
                for title, kind in kinds.items() for k in range(12)]  # fmt: skip
    bought = [("White0", 60), ("White1", 20), ("Chocolate0", 25), ("Candy0", 5)]
    events = [{"type": "purchase", "user": f"u{k}", "product": product, "timestamp": 1_700_000_000_000 + k}
              for product, times in bought for k in range(times)]  # fmt: skip
    with opened(tmp_path, BARE) as shop:
        shop.load(products=products, events=events)
        shop.train()
        ids = shop.search("milk", size=10).ids
    assert ids[0] == "White0", ids
    assert sum(one.startswith("White") for one in ids) >= 5, ids
