"""Clicks, baskets and returns beside purchases, through the public face: learned, calibrated, weighed while open."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aisle import Shop
from aisle.errors import InputError
from tests.worlds import BARE, DAY, PATIENT, START, grocer, opened

LOOKED_AT = 20  # products that everybody looks at and nobody buys


def windows(users: int = 60, weeks: int = 26) -> list[dict[str, Any]]:
    """Every week everybody looks at some of the last products of the shop."""
    random = np.random.default_rng(1)
    return [{"type": "view", "user": f"u{user}", "product": f"w{product}",
             "timestamp": START + week * 7 * DAY + int(random.integers(2 * DAY))}
            for user in range(users) for week in range(weeks)
            for product in random.choice(LOOKED_AT, 4, replace=False)]  # fmt: skip


def shop_of(folder: Path, more: str) -> Shop:
    goods, events = grocer()
    shown = [{"id": f"w{k}", "title": f"Window {k}", "category": "Windows > Show", "price": "9.00"}
             for k in range(LOOKED_AT)]  # fmt: skip
    shop = opened(folder, BARE + PATIENT + more)
    shop.load(products=[*goods, *shown], events=[*events, *windows()])
    return shop


def looked_at(ids: list[str]) -> int:
    return sum(one.startswith("w") for one in ids)


@pytest.mark.parametrize("ranker", ["trees", "network"])
def test_what_is_looked_at_comes_forward_as_far_as_it_is_weighed(tmp_path: Path, ranker: str) -> None:
    if ranker == "network":
        pytest.importorskip("torch", reason="the network learns in torch")
    with shop_of(tmp_path, f'[train]\nranker = "{ranker}"\nhorizon_days = 21\nspacing_days = 21\n') as shop:
        report = shop.train()
        assert set(report.figures["calibration_error"]) == {"purchase", "click"}
        assert all(error < 0.05 for error in report.figures["calibration_error"].values())
        assert any(what.endswith("of click, too") for what in report.fitted)
        plain = shop.recommend("home", user="u1", size=10)
        assert looked_at(plain.ids) == 0 and "click" not in plain.placements[0].columns
        toml = tmp_path / "shop.toml"
        toml.write_text(toml.read_text() + "[objectives.home]\nclick = 5.0\n")
        weighed = shop.recommend("home", user="u1", size=10)
        assert looked_at(weighed.ids) > 5
        columns = weighed.placements[0].columns
        assert 0 <= columns["purchase"] <= 1 and 0.1 < columns["click"] <= 1
        assert shop.explain(weighed, weighed.ids[0]).contributions
        with Shop(tmp_path) as again:
            assert again.recommend("home", user="u1", size=10).ids == weighed.ids
        assert shop.evaluate().value("aisle", "ndcg@10") < 0.1  # what is measured is what is weighed


def test_what_looks_may_count_is_solved_like_money(tmp_path: Path) -> None:
    with shop_of(tmp_path, '[train]\nranker = "trees"\nhorizon_days = 21\nspacing_days = 21\n') as shop:
        glances = [{"type": "view", "user": f"u{user}", "product": "g000", "timestamp": START + (7 * week + 3) * DAY}
                   for user in range(60) for week in range(26)]  # fmt: skip
        shop.load(events=glances)
        shop.train()
        found = shop.weigh("click", lost=0.9)
        assert found.chosen is not None and found.setting == f"click = {found.chosen:g}"
        gains, costs = ([getattr(point, name).value for point in found.points] for name in ("gain", "ndcg"))
        assert gains[-1] > gains[0] and costs[-1] < costs[0]  # what is looked at is never bought here
        with pytest.raises(InputError, match="too few"):
            shop.weigh("basket")


def test_a_return_is_priced_at_what_goes_back(tmp_path: Path) -> None:
    """Half of the goods come back every other time that they are bought: where that is priced, they go down."""
    goods, events = grocer()
    back = {one["id"] for one in goods[::2]}
    returns = [{**event, "type": "refund", "timestamp": event["timestamp"] + 2 * DAY}
               for event in [e for e in events if e["type"] == "purchase" and e["product"] in back][::2]]  # fmt: skip

    def kept(slate: Any) -> float:
        return float(np.mean([one not in back for one in slate.ids]))

    learn = '[train]\nranker = "trees"\nhorizon_days = 21\nspacing_days = 21\n'
    with opened(tmp_path, BARE + PATIENT + learn) as shop:
        shop.load(products=goods, events=[*events, *returns])
        assert "refund" in shop.train().figures["calibration_error"]
        toml = tmp_path / "shop.toml"
        plain, users = toml.read_text(), [f"u{user}" for user in range(20)]
        said = []
        for weights in ("revenue = 1.0\n", "revenue = 1.0\nrefunded = -1.3\n"):
            toml.write_text(plain + "[objectives.home]\npurchase = 0.0\n" + weights)
            slates = [shop.recommend("home", user=user, size=10) for user in users]
            said.append(np.mean([kept(slate) for slate in slates]))
        assert said[1] > said[0] + 0.03, said
        for one in slates[0]:
            price = float(one.columns["revenue"] / one.columns["purchase"])
            assert one.columns["refunded"] == pytest.approx(price * one.columns["refund"], rel=1e-3, abs=1e-5)
        toml.write_text(plain + "[objectives.popular]\nrefunded = -1.0\n")
        [degraded] = shop.recommend("home", user="u1").degraded
        assert "refunded" in degraded, "no ranker serves popular, so it knows of no returns"


def test_an_objective_that_nobody_knows_is_refused_and_a_rare_one_is_told(tmp_path: Path) -> None:
    with shop_of(tmp_path / "a", '[train]\nranker = "trees"\n') as shop:
        returned = {"type": "refund", "user": "u1", "product": "g001", "timestamp": START + 170 * DAY}
        shop.load(events=[returned])
        assert "300 are needed" in str(shop.train().skipped.get("objective refund", "300 are needed"))
        toml = tmp_path / "a" / "shop.toml"
        plain = toml.read_text()
        toml.write_text(plain + "[objectives.home]\nrefund = -0.5\n")
        assert len(shop.recommend("home", user="u1", size=5)) == 5  # it has no column and counts nothing
    toml.write_text(plain + "[objectives.home]\nglance = 1.0\n")
    with Shop(tmp_path / "a") as shop:
        [degraded] = shop.recommend("home", user="u1").degraded
        assert "glance" in degraded and "basket" in degraded
