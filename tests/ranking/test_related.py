"""What a scenario learns on top of home's ranker: nothing without evidence, what differs with it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from aisle.errors import StageError
from aisle.ranking.related import FOLDS, Related, folds, lined
from aisle.ranking.trees import Trees
from aisle.records.candidates import Candidates
from aisle.records.history import Floats, Ints
from aisle.records.measurement import Examples
from aisle.records.request import Context, Request

SIZE = 30  # candidates a request


@dataclass
class Numbers:
    """A feature that says a table's columns."""

    table: Floats
    names: tuple[str, ...]

    def values(self, context: Context, rows: Ints) -> Floats:
        return self.table[rows][:, : len(self.names)]


def odds_of(table: Floats, more: float) -> Floats:
    return np.asarray(2 * table[:, 0] + more * table[:, 1] - 3, np.float32)


def examples(requests: int, more: float, columns: tuple[str, ...], seed: int) -> tuple[Examples, Floats]:
    """Candidates that are taken for what home knows, and for `more` times what only the anchors tell."""
    random = np.random.default_rng(seed)
    table = random.normal(size=(requests * SIZE, 2)).astype(np.float32)
    taken = random.random(len(table)) < 1 / (1 + np.exp(-odds_of(table, more)))
    groups = np.full(requests, SIZE, np.int64)
    return Examples(table[:, : len(columns)].copy(), taken.astype(np.float32), groups, columns), table


def home(seed: int = 0) -> Trees:
    made, table = examples(300, 0.0, ("known",), seed)
    return Trees((Numbers(table, ("known",)),), ()).fit(made, 0)


def related(more: float, requests: int, seed: int = 1) -> tuple[Related, Examples, Floats]:
    made, table = examples(requests, more, ("known", "anchored"), seed)
    features = (Numbers(table, ("known",)), Numbers(table[:, 1:], ("anchored",)))
    return Related(features, (), home=home()).fit(made, 0), made, table


@pytest.mark.parametrize("seed", range(1, 6))
def test_where_nothing_differs_products_stand_as_home_has_them(seed: int) -> None:
    ranker, made, _ = related(0.0, 200, seed)
    assert ranker.home is not None and ranker.share < 0.8  # there is a little that home's trees had missed
    mine, homes = ranker.predict(made.features), ranker.home.predict(made.features[:, :1])
    assert np.corrcoef(mine, homes)[0, 1] > 0.99
    if ranker.model is None:
        assert np.array_equal(np.argsort(mine, kind="stable"), np.argsort(homes, kind="stable"))


def test_what_differs_is_learned_on_top_and_kept(tmp_path: Path) -> None:
    ranker, _, table = related(1.5, 400)
    assert ranker.model is not None and ranker.gain > 5 and 0.9 < ranker.share < 1
    fresh, _ = examples(200, 1.5, ("known", "anchored"), 7)
    truth = odds_of(fresh.features, 1.5)
    assert np.corrcoef(ranker.predict(fresh.features), truth)[0, 1] > 0.9
    ranker.save(tmp_path / "one")
    again = Related.load(tmp_path / "one", ranker.features, (), ranker.home)  # type: ignore[arg-type]
    assert np.allclose(again.predict(fresh.features), ranker.predict(fresh.features), atol=1e-5)
    assert (again.gain, again.share, again.line) == (ranker.gain, ranker.share, ranker.line)
    context = Context(Request(), "basket", 0)
    few = Candidates(np.arange(5, dtype=np.int32), np.zeros((5, 0), np.float32), ())
    told = again.contributions(context, few, 2)
    assert set(told) == {"known", "anchored"}
    other = (Numbers(table, ("known",)), Numbers(table, ("something",)))
    with pytest.raises(StageError, match="other features"):
        Related.load(tmp_path / "one", other, (), ranker.home)  # type: ignore[arg-type]


def test_a_probability_is_one_and_what_is_deep_has_none() -> None:
    ranker, _, _ = related(1.5, 400)
    ranker.depth = 3
    rows = np.arange(6, dtype=np.int32)
    scored = ranker.score(Context(Request(), "basket", 0), Candidates(rows, np.zeros((6, 0), np.float32), ()))
    said = scored.column("purchase")
    assert ((said[:3] > 0) & (said[:3] < 1)).all() and np.isnan(said[3:]).all() and list(scored.rows) == list(rows)


def test_probabilities_are_of_requests_that_taught_nothing() -> None:
    ranker, made, _ = related(1.5, 400)
    fold = folds(made, 0).reshape(len(made.groups), SIZE)
    assert (fold == fold[:, :1]).all() and len(np.unique(fold)) == FOLDS  # a request lies in one fold
    seen, unseen = (np.corrcoef(some, made.labels)[0, 1] for some in (ranker.predict(made.features), ranker.said))
    assert len(ranker.said) == len(made) and 0.3 < unseen < seen
    said = ranker.calibrations["purchase"].apply(ranker.said)
    assert abs(float(said.mean()) - float(made.labels.mean())) < 0.01


def test_one_request_or_none_is_no_evidence() -> None:
    ranker, made, _ = related(5.0, 1)
    assert ranker.model is None and np.isfinite(ranker.predict(made.features)).all()


@pytest.mark.parametrize("a,b", [(-2.0, 0.7), (0.5, 1.3)])
def test_the_line_is_found_again(a: float, b: float) -> None:
    random = np.random.default_rng(3)
    odds = random.normal(size=40000).astype(np.float32)
    labels = (random.random(len(odds)) < 1 / (1 + np.exp(-(a + b * odds)))).astype(np.float32)
    assert lined(odds, labels, np.ones(len(odds), np.float32)) == pytest.approx((a, b), abs=0.05)
