"""What a run will take is told before it begins, and a budget that is too small is kept by reading less."""

from dataclasses import replace
from pathlib import Path

import pytest

from aisle.settings import Settings, settings_of
from aisle.wiring.forecast import LEAST, Forecast, Sizes, foreseen, pace
from tests.wiring.test_course import GOODS, ring
from tests.worlds import BARE, opened

BEAUTY = Sizes(12_101, 12_101, 384, 176_139, 22_363, 131_413, 3)


def settings(**train: float) -> Settings:
    return settings_of({"train": train}, "a test")


def test_a_forecast_has_the_measured_order_of_magnitude() -> None:
    """Beauty takes seven to ten minutes of one core and about 3 GiB on the machine of the rates."""
    made = foreseen(BEAUTY, Settings())
    assert 4 < made.minutes < 20 and 1.5 < made.gib < 6 and not made.less
    assert made.sequence_events == Settings().train.sequence_events and made.linear_products == 12_101


def test_a_slower_machine_takes_longer() -> None:
    once, twice = foreseen(BEAUTY, Settings()), foreseen(BEAUTY, Settings(), 2.0)
    assert twice.minutes == pytest.approx(2 * once.minutes, rel=0.01)
    assert 0.2 < pace() < 50


@pytest.mark.parametrize("minutes", [3.0, 4.0, 6.0, 10.0])
def test_the_budget_of_minutes_is_kept_by_what_learns(minutes: float) -> None:
    made = foreseen(BEAUTY, settings(minutes=minutes))
    fixed = sum(made.seconds[name] for name in ("encode", "tables", "replay", "reading")) / 60
    assert made.minutes <= max(minutes, fixed) + 0.01


def test_too_little_time_lets_models_rest_and_says_why() -> None:
    made = foreseen(BEAUTY, settings(minutes=0.5))
    assert made.resting == set(made.less) and made.sequence_events == made.tune_events == made.linear_products == 0
    assert "train.minutes = 0.5" in made.less["sequence model"]


def test_between_both_they_read_less() -> None:
    whole = foreseen(BEAUTY, Settings())
    learning = sum(whole.seconds[name] for name in ("sequence", "semantic", "linear")) / 60
    made = foreseen(BEAUTY, settings(minutes=whole.minutes - learning / 2))
    assert not made.resting and set(made.less) == {"sequence model", "semantic model", "linear model"}
    assert LEAST * whole.sequence_events < made.sequence_events < 0.6 * whole.sequence_events


def test_little_memory_lets_the_linear_model_cover_fewer_products() -> None:
    made = foreseen(BEAUTY, settings(memory_gb=1.2))
    assert 0 < made.linear_products < 5000 and "memory_gb" in made.less["linear model"]
    assert 0 < made.shoppers < 4000 and "memory_gb" in made.less["ranker"]
    assert made.gib <= 1.201 < foreseen(BEAUTY, Settings()).gib


def test_a_model_that_is_switched_off_does_not_let_the_others_rest() -> None:
    whole = foreseen(BEAUTY, settings(linear_products=0))
    learning = sum(whole.seconds[name] for name in ("sequence", "semantic")) / 60
    made = foreseen(BEAUTY, settings(linear_products=0, minutes=whole.minutes - learning / 2))
    assert not made.resting and set(made.less) == {"sequence model", "semantic model"} and made.sequence_events > 0


def test_no_memory_at_all_lets_the_linear_model_rest_alone() -> None:
    made = foreseen(BEAUTY, settings(memory_gb=0.1))
    assert made.resting == {"linear model"} and made.sequence_events > 0 and made.shoppers == 0


def test_what_rests_takes_nothing() -> None:
    made = foreseen(replace(BEAUTY, steps=0, new=0), Settings())
    assert made.seconds["sequence"] == made.seconds["linear"] == made.seconds["encode"] == 0


def test_a_shop_tells_its_forecast_before_it_learns_and_keeps_it(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the sequence model learns in torch")
    told: list[str] = []

    def progress(things, what, total=None):  # type: ignore[no-untyped-def]
        told.append(what)
        return iter(things)

    with opened(tmp_path / "shop", f"{BARE}[train]\nranker = 'fusion'\nminutes = 0.001\n") as shop:
        shop._progress = progress
        shop.load(products=GOODS, events=ring())
        told.clear()
        report = shop.train()
    assert told and told[0].startswith("forecast: ") and not any("learning" in what for what in told)
    assert report.figures["forecast"]["minutes"] >= 0
    assert "train.minutes" in report.skipped["sequence model"] and "train.minutes" in report.skipped["linear model"]


def test_the_line_is_short() -> None:
    assert Forecast({"a": 90.0}, {"b": 2048.0}, 0, 0, 0, 0, {}).told == "forecast: 1.5 minutes, 2.0 GiB at the peak"
