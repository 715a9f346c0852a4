"""What resembles the anchors, and what resembles a history."""

from dataclasses import replace

import numpy as np

from aisle.catalogue.traits import Traits
from aisle.engines.faiss_index import FaissIndex
from aisle.records.history import no_history
from aisle.records.request import Context, Request
from aisle.retrieval.similar import LOOKING, Similar

ANCHOR, ALIKE, SHARING, APART = range(4)
INDEX = FaissIndex(np.array([[1, 0], [0.995, 0.0999], [0.98, 0.199], [0, 1]], np.float32))
TRAITS = Traits(np.array([0, 1, 1, 2, 3]), np.array([0, 0, 0], np.int32), 1)  # of all but ALIKE
CONTEXT = Context(Request(anchor=("a",)), "product", 0, np.array([False, True, True, True]), np.ones(4, bool),
                  anchors=np.array([ANCHOR], np.int32))  # fmt: skip


def test_beside_an_anchor_stands_what_shares_its_traits_of_what_reads_alike() -> None:
    assert Similar(INDEX).retrieve(CONTEXT, 3).rows.tolist() == [ALIKE, SHARING, APART]
    assert Similar(INDEX, TRAITS).retrieve(CONTEXT, 3).rows.tolist() == [SHARING, ALIKE, APART]


def test_a_history_is_not_told_traits() -> None:
    one = no_history().followed(np.array([ANCHOR], np.int32), np.array([ANCHOR], np.int32), 1, 0)
    asked = replace(CONTEXT, anchors=np.zeros(0, np.int32), history=one)
    assert Similar(INDEX, TRAITS).retrieve(asked, 3).rows.tolist() == [ALIKE, SHARING, APART]


def test_what_looks_like_the_anchor_stands_beside_it_too() -> None:
    """APART reads quite otherwise and looks the same; ALIKE has no picture, and is no worse for that."""
    pictures = FaissIndex(np.array([[1, 0], [0, 0], [0, 1], [1, 0]], np.float32))
    made = Similar(INDEX, pictures=pictures).retrieve(CONTEXT, 3)
    assert made.rows.tolist() == [ALIKE, SHARING, APART]
    np.testing.assert_allclose(made.scores[:, 0], [0.995, 0.98, 0 + LOOKING], atol=1e-3)
    assert Similar(None, pictures=pictures).retrieve(CONTEXT, 3).rows.tolist() == [APART, SHARING], "without texts"
    blind = FaissIndex(np.array([[0, 0], [1, 0], [0, 1], [1, 0]], np.float32))
    assert Similar(INDEX, pictures=blind).retrieve(CONTEXT, 3).rows.tolist() == [ALIKE, SHARING, APART]


def test_a_history_is_not_told_looks() -> None:
    pictures = FaissIndex(np.array([[1, 0], [0, 1], [0, 1], [1, 0]], np.float32))
    one = no_history().followed(np.array([ANCHOR], np.int32), np.array([ANCHOR], np.int32), 1, 0)
    asked = replace(CONTEXT, anchors=np.zeros(0, np.int32), history=one)
    assert Similar(INDEX, pictures=pictures).retrieve(asked, 1).rows.tolist() == [ALIKE]
