"""Kindred: what nobody chose borrows of what reads like it."""

from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from aisle.records.event import CODES
from aisle.records.history import Floats, Ints
from aisle.retrieval import kindred
from aisle.retrieval.kindred import Kindred
from aisle.retrieval.linear import Linear
from tests.retrieval.test_linear import asked

SIZE, BUY = 12, CODES["purchase"]
NEW, TWIN = 11, 5
SOLD = np.bincount([4, TWIN, 6], minlength=SIZE)


def take(rows: Ints) -> Floats:
    """The new product reads like its twin, everything else a little like 6."""
    vectors = np.eye(SIZE, dtype=np.float32)
    vectors[:, 6] += 0.5
    vectors[TWIN] = vectors[NEW]
    return np.asarray((vectors / np.linalg.norm(vectors, axis=1, keepdims=True))[rows], np.float32)


def model() -> Linear:
    """Who chose 4 goes on to 5, and less often to 6."""
    table = sp.csr_matrix(([0.9, 0.3], ([4, 4], [TWIN, 6])), shape=(SIZE, SIZE), dtype=np.float32)
    return Linear(table, (BUY,))


def test_what_nobody_chose_is_found_where_its_twin_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kindred, "NEAREST", 1)
    made = Kindred.of(model(), SOLD, take)
    assert NEW not in asked(model(), [4]) and asked(made, [4])[0] == NEW


def test_who_is_sold_borrows_nothing() -> None:
    made = Kindred.of(model(), SOLD, take)
    assert not {4, TWIN, 6} & set(made.table.indices)


def test_it_borrows_by_likeness() -> None:
    likest = take(np.array([NEW], np.int32)) @ take(np.array([TWIN, 6], np.int32)).T
    shares = np.exp(likest[0] / kindred.TEMPERATURE)
    wanted = float(np.array([0.9, 0.3]) @ shares / shares.sum())
    assert Kindred.of(model(), SOLD, take).table[4, NEW] == pytest.approx(wanted, abs=1e-5)


def test_nothing_is_lent_where_nothing_was_learned() -> None:
    empty = Linear(sp.csr_matrix((SIZE, SIZE), dtype=np.float32), (BUY,))
    assert asked(Kindred.of(empty, SOLD, take), [4]) == []


def test_a_saved_model_answers_the_same(tmp_path: Path) -> None:
    made = Kindred.of(model(), SOLD, take)
    made.save(tmp_path / "saved")
    again = Kindred.load(tmp_path / "saved")
    assert asked(again, [4]) == asked(made, [4]) and again.name == "kindred" and again.step == made.step
