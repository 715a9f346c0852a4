"""The semantic model in worlds where a text tells what comes next, though nothing reads alike."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aisle.catalogue.traits import Traits
from aisle.engines.faiss_index import FaissIndex
from aisle.records.history import Floats, Interactions, Moment
from aisle.records.request import Context, Request
from aisle.retrieval.moved import Moved
from aisle.retrieval.semantic import Semantic, TextCourse
from aisle.wiring.report import plain
from tests.retrieval.test_sequence import BUY, HOUR, VIEW, log_of

pytest.importorskip("torch", reason="the semantic model learns in torch")
KINDS, EACH, WIDE = 10, 20, 32
SIZE = KINDS * EACH  # row r is of kind r % KINDS


def texts_of() -> Floats:
    """What reads alike is of one kind, and no two kinds read alike."""
    random = np.random.default_rng(0)
    kinds = np.linalg.qr(random.normal(size=(WIDE, KINDS)))[0].T
    texts = kinds[np.arange(SIZE) % KINDS] + 0.1 * random.normal(size=(SIZE, WIDE))
    return np.asarray(texts / np.linalg.norm(texts, axis=1, keepdims=True), np.float32)


TEXTS = texts_of()


def pairs(shoppers: int = 4000) -> Interactions:
    """After something of kind k everybody buys something of kind k + 1. The last twenty rows are never bought."""
    random = np.random.default_rng(1)
    kinds = random.integers(KINDS, size=shoppers)
    known = EACH - 2
    return log_of([
        [(int(random.integers(known)) * KINDS + int(kind), BUY),
         (int(random.integers(known)) * KINDS + int(kind + 1) % KINDS, BUY)] for kind in kinds
    ])  # fmt: skip


def reading(seed: int = 0) -> TextCourse:
    return TextCourse(TEXTS, (BUY, VIEW), seed, 10**6, plain)


@pytest.fixture(scope="module")
def model() -> Semantic:
    made = reading().until(pairs(), FaissIndex)
    assert made is not None
    return made


def asked(model: Semantic, history: list[tuple[int, int]], limit: int = SIZE) -> list[int]:
    past = log_of([history]).columns if history else log_of([]).columns
    context = Context(Request(user="u"), "home", HOUR, np.ones(SIZE, bool), history=past, moment=Moment(HOUR))
    return [int(row) for row in model.retrieve(context, limit).rows]


def test_it_finds_the_kind_that_follows_though_another_reads_alike(model: Semantic) -> None:
    for kind in range(KINDS):
        first = [row for row in asked(model, [(kind, BUY)]) if row != kind][:10]
        assert np.mean([row % KINDS == (kind + 1) % KINDS for row in first]) >= 0.8, (kind, first)


def test_a_product_that_nobody_bought_is_found_like_any_other(model: Semantic) -> None:
    new = {row for row in range(SIZE) if row >= (EACH - 2) * KINDS}
    found = [sum(row in new for row in asked(model, [(kind, BUY)])[: EACH + 1]) for kind in range(KINDS)]
    assert np.mean(found) >= 1.5  # of the two that each kind has


def test_a_guest_gets_nothing_and_a_reason_names_what_was_chosen(model: Semantic) -> None:
    assert asked(model, []) == []
    past = log_of([[(3, BUY), (40, VIEW)]]).columns
    context = Context(Request(user="u"), "home", HOUR, np.ones(SIZE, bool), history=past, moment=Moment(HOUR))
    assert {why.row for why in model.why(context, [4, 1])} <= {3, 40}


def test_saved_and_loaded_it_answers_the_same(model: Semantic, tmp_path: Path) -> None:
    model.save(tmp_path / "saved")
    assert asked(Semantic.load(tmp_path / "saved", FaissIndex.load), [(5, BUY)]) == asked(model, [(5, BUY)])


def test_the_same_seed_learns_the_same_and_too_short_a_log_teaches_nothing() -> None:
    log = pairs(3400)
    one, two, three = (reading(seed).until(log, FaissIndex) for seed in (0, 0, 1))
    assert one is not None and two is not None and three is not None
    rows = np.arange(SIZE)
    np.testing.assert_array_equal(one.index.take(rows), two.index.take(rows))
    assert not np.array_equal(one.index.take(rows), three.index.take(rows))
    assert reading().until(pairs(100), FaissIndex) is None


class Tabled:
    """A language model of one table, to see that a model learns along with the adapter."""

    def __init__(self) -> None:
        torch = pytest.importorskip("torch")
        self.module = torch.nn.Embedding.from_pretrained(torch.from_numpy(TEXTS.copy()), freeze=False)
        self.rate, self.lengths = 1e-2, np.arange(SIZE)[::-1].copy()

    def vectors(self, rows: Any) -> Any:
        return self.module(rows)


def test_a_language_model_learns_along() -> None:
    language = Tabled()
    made = TextCourse(TEXTS, (BUY, VIEW), 0, 10**6, plain, language).until(pairs(), FaissIndex)
    assert made is not None and not np.allclose(language.module.weight.detach().numpy(), TEXTS)
    right = [
        np.mean([row % KINDS == (kind + 1) % KINDS for row in asked(made, [(kind, BUY)], 10)]) for kind in range(10)
    ]
    assert np.mean(right) > 0.8


def test_it_goes_on_from_one_moment_to_the_next() -> None:
    course, log = reading(), pairs()
    early = course.until(log.keep(np.arange(len(log)) < 6600), FaissIndex)
    late = course.until(log, FaissIndex)
    assert early is not None and late is not None and len(course.figures) <= 20
    assert course.figures[-1] > 0


def test_what_products_are_said_to_be_leads_on_where_texts_tell_nothing() -> None:
    """Nobody can read these texts, but products of one kind share a tag; the last twenty rows are never bought."""
    random = np.random.default_rng(2)
    mute = random.normal(size=(SIZE, WIDE)).astype(np.float32)
    mute /= np.linalg.norm(mute, axis=1, keepdims=True)
    tags = Traits(np.arange(SIZE + 1), (np.arange(SIZE) % KINDS).astype(np.int32), KINDS)
    log, right = pairs(), []
    for traits in (tags, None):
        made = TextCourse(mute, (BUY, VIEW), 0, 10**6, plain, traits=traits).until(log, FaissIndex)
        assert made is not None
        found = [asked(made, [(SIZE - KINDS + kind, BUY)])[:10] for kind in range(KINDS)]
        right.append(np.mean([[row % KINDS == (kind + 1) % KINDS for row in rows] for kind, rows in enumerate(found)]))
    assert right[0] > 0.35 > 0.2 > right[1], right


def test_what_comes_later_is_read_as_it_would_have_been(tmp_path: Path) -> None:
    """Rows 150 to 199 come later, and traits are numbered anew; two of them nobody had when it learned."""
    some = SIZE - 50
    kinds, names = (np.arange(SIZE) % KINDS).astype(np.int32), [f"t{k}" for k in range(KINDS)]
    tags = Traits(np.arange(SIZE + 1), kinds, KINDS, names)
    made = TextCourse(TEXTS, (BUY, VIEW), 0, 10**6, plain, traits=tags).until(pairs(), FaissIndex)
    assert made is not None and made.reader is not None
    made.save(tmp_path / "semantic")
    today = Traits(np.arange(SIZE + 1), KINDS + 1 - kinds, KINDS + 2, ["new", "newer", *reversed(names)])
    was = np.where(np.arange(SIZE) < some, np.arange(SIZE), -1).astype(np.int32)
    moved = Moved(was, np.r_[np.arange(some), np.full(50, -1)].astype(np.int32), lambda rows: TEXTS[rows], today)
    again = Semantic.load(tmp_path / "semantic", FaissIndex.load).moved(moved, FaissIndex)
    rows = np.arange(SIZE, dtype=np.int32)
    assert np.allclose(again.index.take(rows), made.index.take(rows), atol=1e-5)
    borrowed = replace(made, reader=None).moved(moved, FaissIndex).index.take(rows)
    assert np.allclose(np.linalg.norm(borrowed, axis=1), 1, atol=1e-5)
    assert not np.allclose(borrowed, made.index.take(rows), atol=1e-2)
