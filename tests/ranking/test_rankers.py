"""Every ranker keeps one contract: each objective is learned from its own labels, calibrated, saved and read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aisle.errors import StageError
from aisle.ranking.calibration import Calibration
from aisle.ranking.described import COLUMN, FEWEST, Described
from aisle.ranking.network import KINDS, Network, masked, quantiles_of, read
from aisle.ranking.trees import Trees
from aisle.records.candidates import Candidates
from aisle.records.measurement import Examples
from aisle.records.request import Context, Request

REQUESTS, EACH = 400, 20
SOURCES = ("one", "two", "three")
RANKERS: dict[str, Callable[[], Any]] = {
    "trees": lambda: Trees((), SOURCES),
    **{kind: lambda kind=kind: Network((), SOURCES, kind=kind) for kind in KINDS},  # type: ignore[misc]
}


def world(seed: int = 0) -> Examples:
    """The first source says what is bought, the second what is clicked, the third nothing; refunds hardly happen."""
    random, n = np.random.default_rng(seed), REQUESTS * EACH
    features = random.random((n, 6)).astype(np.float32)
    features[random.random(n) < 0.1, 2] = np.nan
    bought = random.random(n) < features[:, 0] ** 3 * 0.6
    clicked = random.random(n) < features[:, 1] ** 3 * 0.6
    beside = np.stack([clicked, random.random(n) < 0.01], axis=1).astype(np.float32)
    columns = Described((), SOURCES).columns
    return Examples(features, bought.astype(np.float32), np.full(REQUESTS, EACH), columns,
                    objectives=("click", "refund"), beside=beside)  # fmt: skip


@pytest.fixture(scope="module", params=list(RANKERS))
def made(request: pytest.FixtureRequest) -> Any:
    if request.param != "trees":
        pytest.importorskip("torch", reason="the network learns in torch")
    return RANKERS[request.param]().fit(world(), 0)


def test_each_objective_follows_its_own_signal_and_a_rare_one_is_left_out(made: Any) -> None:
    assert made.learned == (COLUMN, "click")
    assert world().of("refund").sum() < FEWEST
    unseen = world(1)
    for name, at in ((COLUMN, 0), ("click", 1)):
        said = made.predict(unseen.features, name)
        right, other = (abs(np.corrcoef(said, unseen.features[:, k])[0, 1]) for k in (at, 1 - at))
        assert said.dtype == np.float32 and right > 0.8 and other < 0.3
    with pytest.raises(StageError, match="refund"):
        made.predict(unseen.features, "refund")


def test_trees_that_are_told_nearly_everything_at_once_keep_their_measure() -> None:
    """One in a thousand is taken, by what each of five features says, but for a few that look the same and are not. As
    steep a slope threw trees from one side to the other, each time farther (XMarket: -57 to 26)."""
    random, n = np.random.default_rng(0), 40_000
    labels, alike = np.arange(n) < 600, (np.arange(n) >= 600) & (np.arange(n) < 660)
    features = random.normal(size=(n, 6)).astype(np.float32)
    features[labels | alike, :5] += 6
    features[labels, 5] += 2
    weights = np.where(labels, 70, 467).astype(np.float32)  # as many more examples
    examples = Examples(features, labels.astype(np.float32), np.array([n]), Described((), SOURCES).columns)
    odds = Trees((), SOURCES).fit(examples, 0, weights).predict(features).astype(np.float64)
    assert np.abs(odds).max() < 20
    loss = weights * np.logaddexp(0, np.where(labels, -odds, odds))
    assert loss.sum() / weights.sum() < 0.001


def test_what_is_told_is_a_probability_and_is_measured_on_requests_that_calibrated_nothing(made: Any) -> None:
    unseen = world(1)
    errors = made.calibration_errors(unseen, np.ones(len(unseen), np.float32))
    assert set(errors) == {COLUMN, "click"} and all(error < 0.03 for error in errors.values())
    made.calibrate(unseen)
    for name in made.learned:
        told = made.calibrations[name].apply(made.predict(world(2).features, name))
        assert float(told.mean()) == pytest.approx(float(world(2).of(name).mean()), abs=0.02)


def test_only_what_is_asked_for_is_scored(made: Any) -> None:
    unseen = world(1)
    rows = np.arange(8, dtype=np.int32)
    found = Candidates(rows, unseen.features[:8], made.columns)
    context = Context(Request(), "home", 0)
    assert made.score(context, found).columns[-1:] == (COLUMN,)
    both = made.asking(["click", "refund", "margin"]).score(context, found)
    assert both.columns[-2:] == (COLUMN, "click")
    assert ((both.scores[:, -2:] >= 0) & (both.scores[:, -2:] <= 1)).all()


def test_it_comes_back_from_its_folder_and_refuses_other_features(made: Any, tmp_path: Path) -> None:
    made.calibrate(world(1))
    made.save(tmp_path / "ranker")
    back = type(made).load(tmp_path / "ranker", (), SOURCES)
    assert back.learned == made.learned
    for name in made.learned:
        said = back.predict(world(2).features, name)
        np.testing.assert_allclose(said, made.predict(world(2).features, name), atol=1e-5)
        np.testing.assert_allclose(back.calibrations[name].apply(said), made.calibrations[name].apply(said), atol=1e-6)
    with pytest.raises(StageError, match="other features"):
        type(made).load(tmp_path / "ranker", (), (*SOURCES, "four"))


def test_the_same_seed_learns_the_same_and_what_serves_is_what_learned() -> None:
    torch = pytest.importorskip("torch", reason="the network learns in torch")
    one, other = (Network((), SOURCES, kind="ple").fit(world(), 3) for _ in range(2))
    assert all(np.array_equal(value, other.weights[name]) for name, value in one.weights.items())
    assert one.losses == other.losses and one.losses[-1] < one.losses[0]
    from aisle.ranking.network import _module

    module = _module("ple", 12, 2).eval()
    module.load_state_dict({n: torch.from_numpy(v) for n, v in one.weights.items() if n not in ("quantiles", "mask")})
    features = world(1).features
    with torch.no_grad():
        said = module(torch.from_numpy(read(features, one.weights["quantiles"]))).numpy()
    for at, name in enumerate(one.objectives):
        np.testing.assert_allclose(one.predict(features, name), said[:, at], atol=1e-4)


def test_experts_of_one_objective_are_read_by_no_other() -> None:
    assert masked("shared", 3).tolist() == [[True]] * 3
    assert masked("mmoe", 2).all() and masked("mmoe", 2).shape == (2, 4)
    assert masked("ple", 2).tolist() == [[True, True, True, False], [True, True, False, True]]


def test_a_feature_is_read_as_its_quantile() -> None:
    features = np.array([[0, np.nan, 5], [1, np.nan, 5], [1000, np.nan, 5]], np.float32)
    made = read(features, quantiles_of(features))
    assert made[:, 0].tolist() == pytest.approx([-1, 0, 1], abs=0.05)
    assert made[:, 1].tolist() == [0, 0, 0] and made[:, 4].tolist() == [1, 1, 1]
    assert made[:, 2].tolist() == pytest.approx([0, 0, 0])


def test_scores_under_which_nothing_was_taken_keep_their_order() -> None:
    scores = np.linspace(-3, 3, 600).astype(np.float32)
    curve = Calibration().fit(scores, (scores > 1) & (np.arange(600) % 2 == 0))
    told = curve.apply(np.linspace(-4, 4, 50).astype(np.float32))
    assert (np.diff(told) > 0).all() and 0 < told[0] < 0.01
