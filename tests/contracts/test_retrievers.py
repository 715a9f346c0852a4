"""What every `Retriever` holds, whichever source it asks: only allowed rows, best first, no more than asked for."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest

from aisle.catalogue.build import build
from aisle.catalogue.codes import Codes
from aisle.catalogue.levels import Levels
from aisle.engines.faiss_index import FaissIndex
from aisle.engines.tantivy_index import TantivyIndex
from aisle.features.log import arranged
from aisle.features.state import folded
from aisle.language.tongue import tongue
from aisle.language.words import words
from aisle.records.event import CODES
from aisle.records.history import NO_TIME, History
from aisle.records.product import Product
from aisle.records.request import Context, Reading, Request
from aisle.retrieval.considered import Considered
from aisle.retrieval.copurchase import CoPurchase
from aisle.retrieval.crowd import Crowd
from aisle.retrieval.fresh import Fresh
from aisle.retrieval.identified import Identified
from aisle.retrieval.lexical import Lexical
from aisle.retrieval.meaning import Meaning
from aisle.retrieval.neighbours import Neighbours
from aisle.retrieval.popular import Popular
from aisle.retrieval.repurchase import Repurchase
from aisle.retrieval.semantic import Semantic
from aisle.retrieval.sequence import Course
from aisle.retrieval.similar import Similar
from aisle.retrieval.taste import Taste
from aisle.retrieval.transitions import Transitions
from aisle.stages import Retriever
from aisle.wiring.report import plain

DAY, START, SIZE = 86_400_000, 1_700_000_000_000, 24
TARGET = (CODES["purchase"],)
CATALOGUE = build(
    Product(f"p{k}", f"Thing {k} kind{k % 3}", category=(f"Shelf {k % 3}",), attributes={"sku": (f"kind{k % 3}",)})
    for k in range(SIZE)
)
LEVELS = (np.arange(SIZE, dtype=np.int32) % 3)[:, None]


def log_of(lines: list[tuple[str, int, int, int]]) -> Any:
    """(shopper, row, day, order) → interactions."""
    shoppers = [shopper for shopper, *_ in lines]
    rows = np.array([row for _, row, _, _ in lines], np.int32)
    size = len(lines)
    columns = History(
        rows, rows, np.full(size, TARGET[0], np.int8), np.array([START + day * DAY for *_, day, _ in lines], np.int64),
        np.array([order for *_, order in lines], np.int64), np.ones(size, np.float32),
        np.arange(1, size + 1, dtype=np.int64), np.full(size, -1, np.int32),
    )  # fmt: skip
    return arranged(shoppers, columns)


def world(shoppers: int = 30) -> Any:
    """Shopper u buys three neighbouring things of one kind, again and again."""
    return log_of([
        (f"u{u:02d}", (3 * k + u) % SIZE, 10 * visit + u % 3, 100 * u + visit)
        for u in range(shoppers) for visit in range(4) for k in range(u % 5, u % 5 + 3)
    ])  # fmt: skip


LOG = world()
NOW = START + 60 * DAY
VECTORS = np.eye(SIZE, dtype=np.float32)[:, :] + 0.5 * (LEVELS == LEVELS.T)
VECTORS = (VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)).astype(np.float32)


def lexical(folder: Path) -> Retriever:
    titles = [{"title": words(title)} for title in CATALOGUE.column("title")]
    said = [frozenset(title["title"]) for title in titles]
    return Lexical(
        TantivyIndex.build(titles, folder / "texts", tongue("en").stem), words,
        lambda some, rows: np.array([[word in said[row] for row in rows] for word in some], bool),
    )  # fmt: skip


def unbent(wide: int) -> dict[str, Any]:
    """Weights that leave a profile what it is."""
    square, line = np.zeros((wide, wide), np.float32), np.zeros(wide, np.float32)
    return {"in": square, "in_bias": line, "out": square, "out_bias": line}


@cache
def expected() -> Retriever:
    with TemporaryDirectory() as folder:
        made = Course(SIZE, VECTORS, TARGET, TARGET[0], 0, 5000, plain, Path(folder)).until(world(400), FaissIndex)
    assert made is not None
    return made


MAKERS: dict[str, Callable[[Path], Retriever]] = {
    "transitions": lambda _: Transitions().fit(LOG, SIZE),
    "copurchase": lambda _: CoPurchase().fit(LOG, SIZE),
    "neighbours": lambda _: Neighbours().fit(LOG, SIZE, NOW),
    "crowd": lambda _: Crowd(Neighbours().fit(LOG, SIZE, NOW)).fit(),
    "popular": lambda _: Popular(),
    "fresh": lambda _: Fresh(np.full(SIZE, NO_TIME, np.int64)),
    "repurchase": lambda _: Repurchase(TARGET),
    "similar": lambda _: Similar(FaissIndex(VECTORS)),
    "taste": lambda _: Taste(Levels(LEVELS, ("category_1",))),
    "sequence": lambda _: expected(),
    "considered": lambda _: Considered(),
    "semantic": lambda _: Semantic(FaissIndex(VECTORS), unbent(SIZE), TARGET),
    "identified": lambda _: Identified(Codes.of(CATALOGUE), CATALOGUE.row_of),
    "lexical": lexical,
    "meaning": lambda _: Meaning(FaissIndex(VECTORS)),
}


@pytest.fixture(params=MAKERS)
def retriever(request: pytest.FixtureRequest, tmp_path: Path) -> Retriever:
    return MAKERS[request.param](tmp_path)


def context_of(shopper: str = "u01", mask: Any = None, query: str = "thing kind1", log: Any = LOG) -> Context:
    state = folded(CATALOGUE, log, TARGET, NOW, len(log))
    return Context(
        Request(query, user=shopper), "home", NOW, np.ones(SIZE, bool) if mask is None else mask,
        np.ones(SIZE, bool) if mask is None else mask,
        reading=Reading(query, words(query)), vector=VECTORS[1] if query else np.zeros(0, np.float32),
        history=state.history(shopper), moment=state.moment(NOW),
    )  # fmt: skip


def test_it_is_a_retriever_that_names_itself(retriever: Retriever) -> None:
    assert retriever.name and retriever.retrieve(context_of(), 5).columns[0] == retriever.name


def test_it_names_only_rows_that_the_mask_allows(retriever: Retriever) -> None:
    mask = np.arange(SIZE) % 2 == 0
    assert mask[retriever.retrieve(context_of(mask=mask), SIZE).rows].all()


def test_nothing_is_allowed_so_nothing_is_named(retriever: Retriever) -> None:
    assert len(retriever.retrieve(context_of(mask=np.zeros(SIZE, bool)), SIZE)) == 0


def test_it_names_no_more_than_asked_for_in_each_column_and_the_same_best_ones(retriever: Retriever) -> None:
    few, many = retriever.retrieve(context_of(), 3), retriever.retrieve(context_of(), SIZE)
    for column in few.columns:
        top = {row for row, s in zip(few.rows, few.column(column), strict=True) if not np.isnan(s)}
        assert len(top) <= 3
        scores = {row: s for row, s in zip(many.rows, many.column(column), strict=True) if not np.isnan(s)}
        best = sorted(scores, key=lambda row: (-scores[row], row))[:3]
        assert top == set(best)


def test_asking_twice_gives_the_same(retriever: Retriever) -> None:
    one, two = retriever.retrieve(context_of(), 10), retriever.retrieve(context_of(), 10)
    np.testing.assert_array_equal(one.rows, two.rows)
    np.testing.assert_array_equal(one.scores, two.scores)


def test_a_guest_without_a_query_gets_an_answer_not_an_error(retriever: Retriever) -> None:
    retriever.retrieve(context_of("", query=""), 10)


def test_it_says_why(retriever: Retriever) -> None:
    found = retriever.retrieve(context_of(), 5)
    reasons = retriever.why(context_of(), [int(row) for row in found.rows])
    assert len(reasons) == len(found.rows)
    for because in reasons:
        assert because.text and -1 <= because.row < SIZE


@pytest.mark.parametrize("kind", [Transitions, CoPurchase, Neighbours, Fresh])
def test_a_fitted_one_that_is_saved_and_loaded_answers_the_same(kind: Any, tmp_path: Path) -> None:
    made: Any = MAKERS[kind.__name__.lower()](tmp_path)
    made.save(tmp_path / "saved")
    again = kind.load(tmp_path / "saved")
    one, two = made.retrieve(context_of(), SIZE), again.retrieve(context_of(), SIZE)
    np.testing.assert_array_equal(one.rows, two.rows)
    np.testing.assert_array_equal(one.scores, two.scores)


@pytest.mark.parametrize("kind", [Transitions, CoPurchase])
def test_an_empty_log_can_be_fitted(kind: Any) -> None:
    assert len(kind().fit(log_of([]), SIZE).retrieve(context_of(), 5)) == 0


def test_what_follows_is_a_transition_and_not_the_other_way_round() -> None:
    log = log_of([(f"u{u}", row, row, 10 * u + row) for u in range(5) for row in (0, 1)])
    table = Transitions().fit(log, SIZE).table
    assert table[0, 1] > table[1, 0] > 0


def test_what_lies_in_one_basket_goes_together_and_once_comes_behind() -> None:
    log = log_of([(f"u{u}", row, u, u) for u in range(3) for row in (0, 1)] + [("u9", 2, 0, 99), ("u9", 3, 0, 99)])
    table = CoPurchase().fit(log, SIZE).table
    assert table[0, 1] > table[2, 3] > 0
    more = log_of([(f"u{u}", row, u, u) for u in range(3) for row in (0, 1)] + [("u9", 0, 0, 99), ("u9", 3, 0, 99)])
    table = CoPurchase().fit(more, SIZE).table
    assert table[0, 1] > 2 * table[0, 3] > 0


def test_a_neighbours_purchase_is_recommended() -> None:
    log = log_of([(u, row, 0, 0) for u in ("a", "b") for row in (0, 1, 2)] + [("b", 5, 1, 1), ("c", 9, 1, 2)])
    found = Neighbours().fit(log, SIZE, NOW).retrieve(context_of("a", np.arange(SIZE) > 2, log=log), 5)
    assert found.rows[np.nanargmax(found.column("neighbours"))] == 5
