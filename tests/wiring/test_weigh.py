"""The weight of an objective is solved from what each costs."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aisle import Shop
from aisle.errors import InputError
from aisle.wiring.weigh import plot
from tests.test_cli import aisle
from tests.worlds import BARE, DAY, PATIENT, START, opened

GOODS = [
    {"id": f"{kind}{k}", "title": f"{kind} {k}", "price": "20.00", "cost": cost, "currency": "USD", "category": kind}
    for kind, cost in (("rich", "10.00"), ("plain", "18.00"))
    for k in range(15)
]


def events() -> list[dict[str, Any]]:
    """Everybody buys some of ten rich and ten plain favourites every week; plain ones a little more often."""
    random = np.random.default_rng(0)
    made = []
    for user in range(50):
        favourites = [f"{kind}{k}" for kind in ("rich", "plain") for k in random.choice(15, 10, replace=False)]
        chance = np.r_[np.full(10, 0.04), np.full(10, 0.06)]
        for week in range(20):
            bought = random.choice(favourites, 6, replace=False, p=chance)
            made += [{"type": "purchase", "user": f"u{user}", "product": str(one), "order": f"{user}-{week}",
                      "timestamp": START + week * 7 * DAY + user} for one in bought]  # fmt: skip
    return made


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with opened(tmp_path_factory.mktemp("weigh"), BARE + PATIENT) as made:
        made.load(products=GOODS, events=events())
        made.train()
        yield made


def test_margin_rises_with_its_weight_and_the_limit_holds_where_it_was_chosen(shop: Shop) -> None:
    found = shop.weigh("margin", lost=0.05)
    gains = [point.gain.value for point in found.points]
    assert gains[-1] > gains[0] >= 0, "rich products stand above plain ones in the end"
    assert found.points[-1].ndcg.value < found.points[0].ndcg.value + 1e-9
    assert found.chosen is not None and found.setting == f"margin = {found.chosen:g}"
    assert sum(found.shoppers) == 50
    strict = shop.weigh("margin", lost=0.0)
    assert strict.chosen is None or strict.chosen <= found.chosen
    assert shop.weigh("margin", lost=0.05, least=9.0).chosen is None, "nine times the margin is not to be had"


def test_what_is_chosen_can_be_put_into_force(shop: Shop) -> None:
    found = shop.weigh("margin", lost=0.2)
    before = shop.recommend("home", user="u1", repeat="allow", record=False)
    path = shop._live.folder / "shop.toml"
    plain = path.read_text()
    path.write_text(f"{plain}\n[objectives.home]\n{found.setting}\n")
    after = shop.recommend("home", user="u1", repeat="allow", record=False)
    path.write_text(plain)
    assert sum(one.startswith("rich") for one in after.ids) >= sum(one.startswith("rich") for one in before.ids)
    assert "margin" in after.placements[0].columns


@pytest.mark.parametrize("objective", ["tail", "rare"])
def test_the_front_holds_what_no_other_weight_beats(shop: Shop, objective: str) -> None:
    points = shop.weigh(objective).points
    for point in points:
        beaten = any(
            other.ndcg.value >= point.ndcg.value and other.gain.value >= point.gain.value
            and (other.ndcg.value, other.gain.value) != (point.ndcg.value, point.gain.value) for other in points
        )  # fmt: skip
        assert point.front == (not beaten)


def test_it_is_drawn_and_told_on_the_command_line(shop: Shop, tmp_path: Path) -> None:
    assert plot(shop.weigh("revenue"), tmp_path / "drawn.png").read_bytes().startswith(b"\x89PNG")
    folder = str(shop._live.folder)
    said = aisle("weigh", "margin", "--shop", folder, "--lost", "0.05", "--plot", str(tmp_path / "two.png"))
    assert said.returncode == 0 and "margin beside purchases" in said.stdout and (tmp_path / "two.png").exists()
    told = json.loads(aisle("weigh", "margin", "--shop", folder, "--json").stdout)
    assert told["objective"] == "margin" and 8 <= len(told["points"]) <= 10


def test_what_cannot_be_weighed_is_told(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="revenue, margin, tail"):
        shop.weigh("fame")
    with pytest.raises(InputError, match="one percent"):
        shop.weigh("margin", lost=-1)
    with pytest.raises(InputError, match="two or more"):
        shop.weigh("margin", shoppers=-1)
    folder = str(shop._live.folder)
    lost = aisle("weigh", "margin", "--shop", folder, "--plot", str(tmp_path / "nowhere" / "x.png"), status=1)
    assert "margin beside purchases" in lost.stdout and "nowhere" in lost.stderr and "Traceback" not in lost.stderr
    with opened(tmp_path, BARE) as free:
        free.load(products=[{"id": one["id"], "title": one["title"]} for one in GOODS], events=events())
        free.train()
        with pytest.raises(InputError, match="price"):
            free.weigh("revenue")
