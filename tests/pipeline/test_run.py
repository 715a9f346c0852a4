"""The request path: what it does when stages are late, fail, or find nothing."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from aisle.errors import StageError
from aisle.pipeline.deadline import within
from aisle.pipeline.run import fuse, run
from aisle.pipeline.scenario import Scenario
from aisle.records.candidates import Candidates, found, together
from aisle.records.request import Context, Request
from aisle.records.slate import Arrangement, Because

MASK = np.ones(10, bool)
CONTEXT = Context(Request(), "home", 0, MASK)
SOON = 1.0  # seconds: what is quick is in time on a busy machine, too


@dataclass
class Fixed:
    """A retriever that knows its answer."""

    name: str
    rows: tuple[int, ...]
    wait: threading.Event | None = None
    error: str = ""
    asked: list[int] = field(default_factory=list)

    def retrieve(self, context: Context, limit: int) -> Candidates:
        self.asked.append(limit)
        if self.wait is not None:
            self.wait.wait(20)
        if self.error:
            raise RuntimeError(self.error)
        rows = np.array(self.rows, np.int32)
        return found(self.name, rows, np.arange(len(rows), 0, -1).astype(np.float32), limit)

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        return [Because("it is fixed")] * len(rows)


@dataclass
class Broken:
    def score(self, context: Context, candidates: Candidates) -> Candidates:
        raise RuntimeError("no model")

    def rerank(self, context: Context, ranked: Candidates, size: int) -> Arrangement:
        raise RuntimeError("no rule")


@dataclass
class DropFirst:
    def rerank(self, context: Context, ranked: Candidates, size: int) -> Arrangement:
        return Arrangement(tuple(range(1, len(ranked))), ((0, "first"),))


def scenario(*retrievers: Fixed, **more: object) -> Scenario:
    made = Scenario("home", (), retrievers, (), {"fusion": 1.0})
    return replace(made, **more)  # type: ignore[arg-type]


def test_sources_are_fused_by_reciprocal_rank() -> None:
    two = scenario(Fixed("a", (1, 2, 3)), Fixed("b", (3, 1)))
    assert run(two, Request(), CONTEXT, 3, 10).rows == [1, 3, 2]


def test_fusion_gives_the_published_formula() -> None:
    """Cormack, Clarke and Büttcher 2009: Σ 1 / (60 + rank)."""
    table = together([found("a", np.array([1, 2], np.int32), np.array([9, 8], np.float32), 5),
                      found("b", np.array([2], np.int32), np.array([1], np.float32), 5)])  # fmt: skip
    fused = fuse(scenario(), table, 5)
    assert fused.rows.tolist() == [2, 1]
    np.testing.assert_allclose(fused.column("fusion"), [1 / 62 + 1 / 61, 1 / 61], rtol=1e-6)


def test_every_row_of_a_reserved_retriever_is_among_the_candidates() -> None:
    rows, scores = np.arange(40, dtype=np.int32), np.full((40, 2), np.nan, np.float32)
    scores[:, 0] = -np.arange(40)
    reserved = [8, 9, 30, 39]  # two just before the end of the ten, two behind it
    scores[reserved, 1] = 1.0
    scenario = Scenario("home", (), (), (), {}, {"a": 1.0, "new": 0.0}, reserved=frozenset({"new"}))
    kept = fuse(scenario, Candidates(rows, scores, ("a", "new")), 10).rows.tolist()
    assert kept == [0, 1, 2, 3, 4, 5, 8, 9, 30, 39]


def test_no_source_finds_anything_and_the_slate_is_empty() -> None:
    assert run(scenario(Fixed("a", ())), Request(), CONTEXT, 3, 10).rows == []


def test_the_fallback_is_asked_when_too_little_was_found() -> None:
    made = scenario(Fixed("a", (1,)), fallback=Fixed("popular", (7, 8, 9)))
    assert run(made, Request(), CONTEXT, 3, 10).rows[:2] in ([1, 7], [7, 1])


def test_a_failed_retriever_is_left_out_and_named() -> None:
    made = run(scenario(Fixed("a", (1,)), Fixed("b", (2,), error="lost")), Request(), CONTEXT, 3, 10, gather=within)
    assert made.rows == [1] and made.degraded == ["b: RuntimeError: lost"]


def test_a_failed_fallback_and_a_failed_rest_leave_what_was_found() -> None:
    lost = Fixed("popular", (7,), error="lost")
    among = scenario(Fixed("a", (1,)), lost, fallback=lost, rest=Fixed("rest", (9,), error="gone"))
    for one in (among, replace(among, retrievers=among.retrievers[:1])):
        made = run(one, Request(), CONTEXT, 3, 10, gather=within)
        assert made.rows == [1]
        assert made.degraded == ["popular: RuntimeError: lost", "rest: RuntimeError: gone"]


def test_what_no_time_is_left_for_is_left_out_and_asked_again_the_next_time() -> None:
    class Slow(Fixed):
        def retrieve(self, context: Context, limit: int) -> Candidates:
            time.sleep(0.1)
            return super().retrieve(context, limit)

    hurried = scenario(Slow("own", (1,)), Fixed("after", (2,)))
    late = run(hurried, Request(), replace(CONTEXT, deadline=time.monotonic() + 0.05), 3, 10, gather=within)
    assert late.rows == [1] and late.degraded == ["after: later than the deadline"]
    behind = replace(hurried, fallback=Fixed("after", (2,)))
    asked = run(behind, Request(), replace(CONTEXT, deadline=time.monotonic() + 0.05), 3, 10, gather=within)
    assert asked.rows == [1, 2] and asked.degraded == [], "who is asked again and answers is not missing"
    again = run(hurried, Request(), CONTEXT, 3, 10, gather=within)
    assert again.degraded == [] and len(again.rows) == 2


def test_a_broken_scorer_or_reranker_leaves_the_fusion_and_is_named() -> None:
    broken = scenario(Fixed("a", (1, 2)), scorers=(Broken(),), rerankers=(Broken(),), objectives={"purchase": 1.0})
    made = run(broken, Request(), CONTEXT, 3, 10)
    assert made.rows == [1, 2]
    assert made.degraded == ["Broken: RuntimeError: no model", "Broken: RuntimeError: no rule"]


def test_a_scorer_for_which_no_time_is_left_is_left_out_and_named() -> None:
    made = scenario(Fixed("a", (1,)), scorers=(Broken(),), needs={"Broken": 60.0})
    hurried = run(made, Request(), replace(CONTEXT, deadline=time.monotonic() + 20), 3, 10)
    assert hurried.rows == [1] and hurried.degraded == ["Broken: no time was left for it"]
    assert "RuntimeError" in run(made, Request(), CONTEXT, 3, 10).degraded[0]  # it is asked where there is no deadline


def test_what_a_reranker_removes_keeps_its_reason_and_the_reserve_fills_up() -> None:
    made = run(
        scenario(Fixed("a", (1, 2, 3)), rerankers=(DropFirst(),)), Request(), CONTEXT, 2, 10, name_of=lambda r: f"p{r}"
    )
    assert made.rows == [2, 3] and [(r.group, r.stage, r.why) for r in made.removed] == [("p1", "DropFirst", "first")]


def test_candidates_refuse_infinite_scores_and_rows_twice() -> None:
    with pytest.raises(StageError, match="infinite"):
        Candidates(np.array([1], np.int32), np.array([[np.inf]], np.float32), ("a",))
    with pytest.raises(StageError, match="twice"):
        Candidates(np.array([1, 1], np.int32), np.zeros((2, 1), np.float32), ("a",))
