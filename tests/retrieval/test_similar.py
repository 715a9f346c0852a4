"""What resembles the anchors, and what resembles a history."""

from dataclasses import replace

import numpy as np
import pytest

from aisle.catalogue.traits import Traits
from aisle.engines.faiss_index import FaissIndex
from aisle.records.history import Floats, Ints, no_history
from aisle.records.request import Context, Request
from aisle.retrieval.similar import LOOKING, Similar

ANCHOR, ALIKE, SHARING, APART = range(4)
INDEX = FaissIndex(np.array([[1, 0], [0.9, 0.4359], [0.8, 0.6], [0, 1]], np.float32))
TRAITS = Traits(np.array([0, 1, 1, 2, 3]), np.array([0, 0, 0], np.int32), 1)  # of all but ALIKE
CONTEXT = Context(Request(anchor=("a",)), "product", 0, np.array([False, True, True, True]), np.ones(4, bool),
                  anchors=np.array([ANCHOR], np.int32))  # fmt: skip

LATELY = replace(CONTEXT, anchors=np.zeros(0, np.int32), history=no_history().followed(
    np.array([ANCHOR], np.int32), np.array([ANCHOR], np.int32), 1, 0))  # fmt: skip


def test_beside_an_anchor_stands_what_shares_its_traits_of_what_reads_alike() -> None:
    assert Similar(INDEX).retrieve(CONTEXT, 3).rows.tolist() == [ALIKE, SHARING, APART]
    assert Similar(INDEX, TRAITS).retrieve(CONTEXT, 3).rows.tolist() == [SHARING, ALIKE, APART]


@pytest.mark.parametrize("context", [CONTEXT, LATELY], ids=["anchor", "history"])
def test_alike_is_what_says_the_same(context: Context) -> None:
    """APART reads otherwise, and its title says all that the seed's does; SHARING's half of it."""

    def saying(seeds: Ints, weights: Floats, rows: Ints) -> Floats:
        assert seeds.tolist() == [ANCHOR] and weights.tolist() == [1]
        return np.array([{SHARING: 0.5, APART: 1}.get(int(one), 0) for one in rows], np.float32)

    made = Similar(INDEX, saying=saying).retrieve(context, 3)
    assert made.rows.tolist() == [SHARING, APART, ALIKE]
    np.testing.assert_allclose(made.scores[:, 0], [0.65, 0.5, 0.45], atol=1e-3)


def test_traits_tell_less_of_what_is_alike_already() -> None:
    """Two feeds name one thing's kind in two ways: the same text without the traits is not behind what shares them."""
    index = FaissIndex(np.array([[1, 0], [0.999, 0.0447], [0.9, 0.4359], [0, 1]], np.float32))
    assert Similar(index, TRAITS).retrieve(CONTEXT, 2).rows.tolist() == [ALIKE, SHARING]


def test_a_history_is_not_told_traits() -> None:
    assert Similar(INDEX, TRAITS).retrieve(LATELY, 3).rows.tolist() == [ALIKE, SHARING, APART]


def test_what_looks_like_the_anchor_stands_beside_it_too() -> None:
    """APART reads quite otherwise and looks the same; ALIKE has no picture, and is no worse for that."""
    pictures = FaissIndex(np.array([[1, 0], [0, 0], [0, 1], [1, 0]], np.float32))
    made = Similar(INDEX, pictures=pictures).retrieve(CONTEXT, 3)
    assert made.rows.tolist() == [ALIKE, SHARING, APART]
    np.testing.assert_allclose(made.scores[:, 0] * (1 + LOOKING), [0.9, 0.8, 0 + LOOKING], atol=1e-3)
    assert Similar(None, pictures=pictures).retrieve(CONTEXT, 3).rows.tolist() == [APART, SHARING], "without texts"
    blind = FaissIndex(np.array([[0, 0], [1, 0], [0, 1], [1, 0]], np.float32))
    assert Similar(INDEX, pictures=blind).retrieve(CONTEXT, 3).rows.tolist() == [ALIKE, SHARING, APART]


def test_a_history_is_not_told_looks() -> None:
    pictures = FaissIndex(np.array([[1, 0], [0, 1], [0, 1], [1, 0]], np.float32))
    assert Similar(INDEX, pictures=pictures).retrieve(LATELY, 1).rows.tolist() == [ALIKE]
