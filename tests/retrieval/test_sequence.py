"""The sequence model in worlds whose next step is known."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisle.engines.faiss_index import FaissIndex
from aisle.features.log import arranged
from aisle.records.event import CODES
from aisle.records.history import NO_TIME, History, Interactions, Moment
from aisle.records.request import Context, Request
from aisle.retrieval.learning import DIM, Learner, Network
from aisle.retrieval.sequence import Course, Sequential, readings
from aisle.retrieval.transformer import LONGEST, Steps, Transformer, gap_of
from aisle.retrieval.windows import Windows
from aisle.wiring.report import plain

BUY, VIEW = CODES["purchase"], CODES["view"]
SIZE = 30
HOUR = 3_600_000


def log_of(histories: Iterable[list[tuple[int, int]]], times: bool = False) -> Interactions:
    """Histories of (row, type) → interactions."""
    lines = [(f"u{u:04d}", row, kind, place) for u, history in enumerate(histories)
             for place, (row, kind) in enumerate(history)]  # fmt: skip
    rows = np.array([row for _, row, *_ in lines], np.int32)
    n = len(lines)
    moments = np.array([place * HOUR if times else NO_TIME for *_, place in lines], np.int64)
    columns = History(rows, rows, np.array([kind for *_, kind, _ in lines], np.int8), moments, np.full(n, -1, np.int64),
                      np.ones(n, np.float32), np.arange(n, dtype=np.int64),
                      np.full(n, -1, np.int32))  # fmt: skip
    return arranged([shopper for shopper, *_ in lines], columns)


def ring(shoppers: int = 400, length: int = 10) -> Interactions:
    """After product k everybody buys product k + 1, the last one's next is the first."""
    random = np.random.default_rng(0)
    starts = random.integers(SIZE, size=shoppers)
    return log_of([[((start + k) % SIZE, BUY) for k in range(length)] for start in starts.tolist()])


def course(folder: Path, target: int = BUY, texts: Any = None, seed: int = 0, size: int = SIZE) -> Course:
    return Course(size, texts, (BUY, VIEW), target, seed, 10**6, plain, folder)


def learned(log: Interactions, folder: Path, target: int = BUY, texts: Any = None) -> Sequential:
    made = course(folder, target, texts).until(log, FaissIndex)
    assert made is not None
    return made


def asked(model: Sequential, history: list[tuple[int, int]], mask: Any = None, limit: int = SIZE) -> list[int]:
    """The rows that are expected after a history, best first."""
    past = log_of([history]).columns if history else log_of([]).columns
    shown = np.ones(SIZE, bool) if mask is None else mask
    context = Context(Request(user="u"), "home", HOUR, shown, history=past, moment=Moment(HOUR))
    found = model.retrieve(context, limit)
    return [int(row) for row in found.rows[np.argsort(-found.scores[:, 0], kind="stable")]] if len(found) else []


@pytest.fixture(scope="module")
def ringed(tmp_path_factory: pytest.TempPathFactory) -> Sequential:
    return learned(ring(), tmp_path_factory.mktemp("ring"))


def test_what_always_follows_is_expected_next(ringed: Sequential) -> None:
    right = sum(asked(ringed, [((k + d) % SIZE, BUY) for d in range(4)])[0] == (k + 4) % SIZE for k in range(SIZE))
    assert right >= SIZE - 1


def test_only_what_may_be_shown_is_named_and_a_guest_gets_nothing(ringed: Sequential) -> None:
    mask = np.arange(SIZE) % 2 == 0
    assert set(asked(ringed, [(3, BUY)], mask)) <= set(np.flatnonzero(mask).tolist())
    assert asked(ringed, []) == []
    assert len(asked(ringed, [(3, BUY)], limit=4)) == 4


def test_the_column_is_the_log_of_a_share(ringed: Sequential) -> None:
    context = Context(Request(user="u"), "home", HOUR, np.ones(SIZE, bool), history=log_of([[(1, BUY)]]).columns,
                      moment=Moment(HOUR))  # fmt: skip
    scores = ringed.retrieve(context, SIZE).column("sequence")
    assert np.exp(scores).sum() == pytest.approx(1, abs=1e-4)


def test_saved_and_loaded_it_answers_the_same(ringed: Sequential, tmp_path: Path) -> None:
    ringed.save(tmp_path / "saved")
    again = Sequential.load(tmp_path / "saved", FaissIndex.load)
    assert asked(again, [(5, BUY), (6, BUY)]) == asked(ringed, [(5, BUY), (6, BUY)])


def test_it_asks_for_the_behaviour_that_is_wanted(tmp_path: Path) -> None:
    # after product k (below 10) shoppers look at k + 10, or buy k + 20
    random = np.random.default_rng(0)
    seen = [[(int(k), VIEW), (int(k) + (20 if buys else 10), BUY if buys else VIEW)]
            for k, buys in zip(random.integers(10, size=4000), random.random(4000) < 0.3, strict=True)]  # fmt: skip
    bought = learned(log_of(seen), tmp_path / "buy", BUY)
    viewed = learned(log_of(seen), tmp_path / "view", VIEW)
    for k in range(10):
        assert asked(bought, [(k, VIEW)])[0] == k + 20
        assert asked(viewed, [(k, VIEW)])[0] == k + 10


def test_a_product_that_nobody_bought_is_found_by_its_text(tmp_path: Path) -> None:
    # ten kinds, ten shoppers' histories a product; shoppers stay within a kind. The last product was never bought
    size, kinds, random = 200, 10, np.random.default_rng(0)
    texts = np.eye(kinds, dtype=np.float32)[np.arange(size) % kinds]
    texts = (texts + 0.2 * random.normal(size=texts.shape)).astype(np.float32)
    goods = [np.arange(kind, size - 1, kinds) for kind in range(kinds)]
    histories = [[(int(row), BUY) for row in random.choice(goods[u % kinds], 6)] for u in range(2000)]
    model = course(tmp_path, texts=texts, size=size).until(log_of(histories), FaissIndex)
    assert model is not None
    places = []
    for own in goods:
        answers = [asked(model, [(int(row), BUY) for row in random.choice(own, 3)], np.ones(size, bool), size)
                   for _ in range(10)]  # fmt: skip
        places.append(float(np.mean([answer.index(size - 1) for answer in answers])))
    assert places[-1] == min(places) and np.median(places) > 2 * places[-1], places


def test_the_same_seed_learns_the_same_and_another_does_not(tmp_path: Path) -> None:
    log = ring(380)
    made = [course(tmp_path / name, seed=seed).until(log, FaissIndex) for name, seed in (("a", 0), ("b", 0), ("c", 1))]
    one, two, three = (model.index.take(np.arange(SIZE)) for model in made if model is not None)
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, three)


class KilledError(Exception):
    """What ends a run in its middle."""


def test_a_run_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    log, seen = ring(380), list[int]()

    def dies(things: Any, what: str, total: int | None = None) -> Iterator[Any]:
        for number, thing in enumerate(things):
            if number == 4:
                raise KilledError
            yield thing

    def counts(things: Any, what: str, total: int | None = None) -> Iterator[Any]:
        for thing in things:
            seen.append(thing)
            yield thing

    whole = course(tmp_path / "whole").until(log, FaissIndex)
    broken = course(tmp_path / "broken")
    broken.progress = dies
    with pytest.raises(KilledError):
        broken.until(log, FaissIndex)
    again = course(tmp_path / "broken")
    again.progress = counts
    resumed = again.until(log, FaissIndex)
    assert whole is not None and resumed is not None and seen[0] > 0
    np.testing.assert_array_equal(whole.index.take(np.arange(SIZE)), resumed.index.take(np.arange(SIZE)))


def test_it_goes_on_to_a_later_moment(tmp_path: Path) -> None:
    going, later = course(tmp_path), ring(400, 14)
    assert going.until(later.keep(np.arange(len(later)) % 14 < 9), FaissIndex) is not None
    model = going.until(later, FaissIndex)
    assert model is not None and asked(model, [(3, BUY), (4, BUY)])[0] == 5


def test_too_little_is_not_learned_from(tmp_path: Path) -> None:
    assert course(tmp_path).until(ring(10), FaissIndex) is None


def test_numpy_reads_a_history_as_torch_does() -> None:
    torch = pytest.importorskip("torch")
    random = np.random.default_rng(0)
    network = Network(SIZE, random.normal(size=(SIZE, 7)).astype(np.float32), 0)
    with torch.no_grad():
        for parameter in network.dense.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    network.dense.eval()
    for length in (1, 2, 17, LONGEST):
        rows = random.integers(SIZE, size=length).astype(np.int32)
        steps = Steps(rows, *(random.integers(12, size=length).astype(np.int8) for _ in range(3)))
        vectors, _ = network.everything()
        mine = Transformer(network.weights()).query(vectors[rows], steps)
        batch = Steps(*(getattr(steps, name)[None] for name in ("rows", "types", "following", "gaps")))
        with torch.no_grad():
            theirs = network.read(torch.from_numpy(vectors[rows])[None], batch)[0, -1].numpy()
        assert mine.shape == (DIM,) and mine.dtype == np.float32
        np.testing.assert_allclose(mine, theirs, atol=2e-5)


STEADY = settings(max_examples=60, deadline=None, derandomize=True)
HISTORIES = st.lists(st.lists(st.tuples(st.integers(0, SIZE - 1), st.sampled_from([BUY, VIEW])), max_size=130),
                     max_size=8)  # fmt: skip


@STEADY
@given(HISTORIES, st.booleans())
def test_every_step_with_a_next_one_is_learned_once_in_windows_of_one_shopper(histories: Any, timed: bool) -> None:
    log = log_of(histories, timed)
    windows = Windows.of(log, 0)
    pairs = [(a[0], b[0]) for history in histories for a, b in pairwise(history)]
    assert sorted(zip(windows.steps.rows.tolist(), windows.targets.tolist(), strict=True)) == sorted(pairs)
    lengths = np.diff(windows.starts)
    assert lengths.sum() == len(pairs) and (lengths > 0).all() and lengths.max(initial=0) <= LONGEST
    for first, last in zip(windows.starts, windows.starts[1:], strict=False):
        assert (windows.targets[first : last - 1] == windows.steps.rows[first + 1 : last]).all()
    batches = windows.batches(np.random.default_rng(0), 10**9)
    assert sorted(int(at) for batch in batches for at in batch.ravel()) == list(range(len(pairs)))


@STEADY
@given(st.integers(0, 10**12), st.integers(0, 10**11))
def test_a_longer_gap_never_has_a_smaller_bucket(start: int, gap: int) -> None:
    before = np.array([start, start, NO_TIME], np.int64)
    short, twice, unknown = (int(v) for v in gap_of(before, np.array([start + gap, start + 2 * gap, start])))
    assert 1 <= short <= twice <= short + 1 and unknown == 0
    assert gap_of(before[:1], start + gap, True)[0] == 1


def test_a_learner_stops_when_nothing_gets_better(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    noise = log_of([[(int(row), BUY) for row in random.integers(SIZE, size=6)] for _ in range(800)])
    learner = Learner(Network(SIZE, None, 0), Windows.of(noise, 0), 0)
    figures = learner.learn(60, 10**9, plain)
    assert len(figures) < 60 and learner.best[0] == max(figures)


def test_the_same_shoppers_are_held_out_as_a_log_grows_and_one_even_of_a_few() -> None:
    many = [[(k % SIZE, BUY) for k in range(u % 5, u % 5 + 6)] for u in range(400)]
    early = log_of([history[:-1] for history in many])
    late = log_of(many)

    def held(log: Interactions) -> set[str]:
        windows, owners = Windows.of(log, 3), log.owners()
        steps = np.flatnonzero(np.r_[owners[1:] == owners[:-1], False])
        return set(log.shoppers[owners[steps[windows.held]]].tolist())

    assert held(early) == held(late) and len(held(late)) == 40
    assert len(held(log_of(many[:3]))) == 1 and not held(log_of(many[:1]))


def test_a_budget_that_binds_is_kept(tmp_path: Path) -> None:
    most = 600  # of 3,600 steps
    course = Course(SIZE, None, (BUY,), BUY, 0, most, plain, tmp_path)
    assert course.until(ring(), FaissIndex) is not None
    first, onward = readings(3600)
    assert first * most * 0.5 < course.seen < first * most * 1.5
    before = course.seen
    course.until(ring(401), FaissIndex)
    assert course.seen - before < onward * most * 1.5
