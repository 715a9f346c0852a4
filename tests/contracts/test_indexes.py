"""What every `TextIndex` and `VectorIndex` holds: only allowed rows, best first, the same after save and load."""

from pathlib import Path

import numpy as np
import pytest

from aisle.engines.faiss_index import FaissIndex
from aisle.engines.tantivy_index import TantivyIndex
from aisle.errors import StageError
from aisle.language.tongue import tongue

SIZE, DIM = 2000, 16
RANDOM = np.random.default_rng(0)
VECTORS = RANDOM.normal(size=(SIZE, DIM)).astype(np.float32)
VECTORS /= np.linalg.norm(VECTORS, axis=1, keepdims=True)
EVERYTHING = np.ones(SIZE, bool)


@pytest.fixture(params=["exact", "lists"])
def index(request: pytest.FixtureRequest) -> FaissIndex:
    return FaissIndex(VECTORS, scanned=VECTORS.size if request.param == "exact" else 0)


def best(vector: np.ndarray[tuple[int], np.dtype[np.float32]], mask: np.ndarray[tuple[int], np.dtype[np.bool_]],
         limit: int) -> list[int]:  # fmt: skip
    scores = np.where(mask, VECTORS @ vector, -np.inf)
    return [int(row) for row in np.argsort(-scores, kind="stable")[:limit]]


@pytest.mark.parametrize("share", [1.0, 0.5, 0.004])
def test_the_nearest_allowed_rows_come_best_first(index: FaissIndex, share: float) -> None:
    mask = np.arange(SIZE) < share * SIZE
    found = hits = 0
    for query in VECTORS[:20]:
        [(rows, scores)] = index.search(query[None], mask, 5)
        assert mask[rows].all() and (np.diff(scores) <= 1e-6).all()
        np.testing.assert_allclose(scores, VECTORS[rows] @ query, atol=1e-3)  # an exact scan reads half floats
        hits += len(set(rows.tolist()) & set(best(query, mask, 5)))
        found += 5
    assert hits / found >= 0.95


def test_no_allowed_row_and_no_limit_give_nothing(index: FaissIndex) -> None:
    assert len(index.search(VECTORS[:1], ~EVERYTHING, 5)[0][0]) == 0
    assert len(index.search(VECTORS[:1], EVERYTHING, 0)[0][0]) == 0
    assert len(index.search(VECTORS[:1], EVERYTHING, 10 * SIZE)[0][0]) <= SIZE


def test_a_vector_of_another_length_is_refused(index: FaissIndex) -> None:
    with pytest.raises(StageError, match="query vector"):
        index.search(VECTORS[:1, :3], EVERYTHING, 5)


def test_saved_vectors_answer_the_same(index: FaissIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "vectors")
    again = FaissIndex.load(tmp_path / "vectors")
    [before], [after] = (made.search(VECTORS[3:4], EVERYTHING, 9) for made in (index, again))
    for one, two in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(again.take(np.array([5, 2])), VECTORS[[5, 2]])


DOCUMENTS: list[dict[str, tuple[str, ...]]] = [
    {"title": ("oak", "bed"), "brand": ("bo",)},
    {"title": ("bedside", "lamp"), "description": ("for", "the", "bed")},
    {"title": ("beds", "for", "dogs")},
    {"title": ()},
]


@pytest.fixture
def texts(tmp_path: Path) -> TantivyIndex:
    return TantivyIndex.build(DOCUMENTS, tmp_path / "texts", tongue("en").stem)


def test_a_title_counts_more_than_a_stem_and_a_stem_more_than_a_description(texts: TantivyIndex) -> None:
    rows, scores = texts.search(("bed",), np.ones(4, bool), 10)
    assert rows.tolist() == [0, 2, 1] and (np.diff(scores) < 0).all()


def test_words_are_found_only_in_allowed_rows_also_when_many_are_masked(tmp_path: Path) -> None:
    many = TantivyIndex.build([{"title": ("bed", str(k))} for k in range(500)], tmp_path / "many", tongue("en").stem)
    mask = np.arange(500) >= 490
    assert sorted(many.search(("bed",), mask, 5)[0].tolist())[0] >= 490
    assert len(many.search(("bed",), mask, 50)[0]) == 10


def test_no_words_unknown_words_and_an_empty_index_give_nothing(texts: TantivyIndex, tmp_path: Path) -> None:
    assert len(texts.search((), np.ones(4, bool), 5)[0]) == len(texts.search(("zebra",), np.ones(4, bool), 5)[0]) == 0
    assert (
        len(TantivyIndex.build([], tmp_path / "none", tongue("en").stem).search(("bed",), np.zeros(0, bool), 5)[0]) == 0
    )


def test_an_index_opened_again_answers_the_same(texts: TantivyIndex, tmp_path: Path) -> None:
    again = TantivyIndex.load(tmp_path / "texts", tongue("en").stem)
    assert again.search(("bed", "lamp"), np.ones(4, bool), 4)[0].tolist() == texts.search(
        ("bed", "lamp"), np.ones(4, bool), 4)[0].tolist()  # fmt: skip
