"""Moved: what was learned of products stays theirs, whatever rows they have today."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from aisle.catalogue.build import build
from aisle.records.history import Floats, Ints
from aisle.records.product import Product
from aisle.retrieval.chosen import Chosen
from aisle.retrieval.linear import Linear
from aisle.retrieval.moved import Moved

NAMES = st.lists(st.integers(0, 12), min_size=1, max_size=10, unique=True)


def products(*names: object, group: str = "") -> list[Product]:
    return [Product(id=str(name), title=f"product {name}", group=group) for name in names]


def texts(rows: Ints) -> Floats:
    """Rows 3 and 1 read alike."""
    vectors = np.eye(4, dtype=np.float32)
    vectors[3] = vectors[1]
    return np.asarray(vectors[rows], np.float32)


@given(NAMES, NAMES)
def test_a_table_says_of_names_what_it_said(before: list[int], today: list[int]) -> None:
    was, now = build(products(*before)), build(products(*today))
    values = np.add.outer(10.0 * np.array(before), np.array(before)).astype(np.float32) + 1
    table = Moved.of(was, now).table(sp.csr_matrix(values))
    told = {(now.groups[r], now.groups[c]): v for r, c, v in zip(*sp.find(table), strict=True)}
    both = [name for name in today if name in before]
    assert told == {(str(one), str(other)): 10.0 * one + other + 1 for one in both for other in both}


@given(NAMES, NAMES)
def test_vectors_stay_with_their_products(before: list[int], today: list[int]) -> None:
    moved = Moved.of(build(products(*before)), build(products(*today)))
    kept = np.array(before, np.float32)[:, None] + 1
    assert moved.vectors(lambda rows: kept[rows]).ravel().tolist() == [n + 1 if n in before else 0 for n in today]
    assert sorted(moved.new.tolist()) == [at for at, name in enumerate(today) if name not in before]


def test_nothing_moves_where_nothing_came() -> None:
    catalogue = build(products("a", "b", "c"))
    moved, table = Moved.of(catalogue, catalogue), sp.random(3, 3, 0.7, "csr", np.float32, random_state=0)
    assert (moved.table(table) != table).nnz == 0 and not len(moved.new)


def test_what_came_since_borrows_of_what_reads_like_it() -> None:
    moved = Moved.of(build(products("a", "b", "c")), build(products("a", "b", "c", "d")), texts)
    made = moved.vectors(lambda rows: np.diag([1.0, 2.0, 3.0]).astype(np.float32)[rows])
    assert made[3].argmax() == 1 and made[3, 1] == pytest.approx(2.0, abs=1e-3)
    assert made[:3].tolist() == np.diag([1.0, 2.0, 3.0]).tolist()


def test_a_product_that_becomes_a_variant_is_the_same() -> None:
    moved = Moved.of(build(products("a", "b")), build([*products("b", "b2", group="g"), *products("a")]))
    assert moved.was.tolist() == [1, 0] and moved.now.tolist() == [1, 0]


def test_of_a_group_that_is_parted_the_first_keeps_what_was_learned() -> None:
    before, today = build([*products("a", "b", group="g"), *products("c")]), build(products("b", "a", "c"))
    moved, table = Moved.of(before, today), sp.csr_matrix(np.array([[0, 3], [5, 0]], np.float32))
    assert moved.was.tolist() == [0, 0, 1] and moved.now.tolist() == [1, 2]
    assert moved.table(table)[1, 2] == 3 and moved.table(table)[2, 1] == 5


def test_what_was_learned_of_products_that_are_one_now_adds_up() -> None:
    before, today = build(products("a", "b", "c")), build([*products("a", "b", group="g"), *products("c")])
    moved = Moved.of(before, today)
    assert moved.now.tolist() == [0, 0, 1] and not len(moved.new)
    table = sp.csr_matrix(np.array([[0, 0, 1], [0, 0, 2], [4, 8, 0]], np.float32))
    assert moved.table(table)[0, 1] == 3 and moved.table(table)[1, 0] == 12
    chosen = Chosen(" ".join).fit([("q", 0, -1.0), ("q", 1, 0.5), ("q", 2, 1.0)]).moved(moved)
    assert chosen.rows.tolist() == [0, 1] and chosen.worth.tolist() == [0.5, 1.0]


def test_what_was_chosen_moves_and_what_is_gone_is_forgotten() -> None:
    before, today = build(products("a", "b", "c")), build(products("c", "x", "a"))
    chosen = Chosen(" ".join).fit([("q", 0, 1.0), ("q", 1, 0.5), ("q", 2, -1.0), ("r", 1, 1.0)])
    made = chosen.moved(Moved.of(before, today))
    assert made.starts.tolist() == [0, 2, 2] and made.rows.tolist() == [0, 2] and made.worth.tolist() == [-1.0, 1.0]


def test_a_model_of_an_empty_table_moves() -> None:
    moved = Moved.of(build(products("a")), build(products("b", "a")))
    assert Linear(sp.csr_matrix((1, 1), dtype=np.float32)).moved(moved).table.shape == (2, 2)
