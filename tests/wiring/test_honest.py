"""Worlds in which it is known what a rule costs: what prices, weights and simulations tell is held against it."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aisle import Shop
from aisle.evaluation.bootstrap import interval, lift
from aisle.settings import Campaign
from aisle.wiring.price import together
from tests.worlds import BARE, DAY, PATIENT, START, opened

FUSED = BARE + PATIENT + '[train]\nranker = "fusion"\n'
QUIET: dict[str, Any] = {
    "encoder": {"model": ""}, "serve": {"deadline_ms": 60000.0}, "train": {"ranker": "fusion"},
}  # fmt: skip
BEST = tuple(f"g{k}" for k in range(5))


def goods(many: int = 60, **more: Any) -> list[dict[str, Any]]:
    """Products, some of whose fields depend on their number."""
    return [{"id": f"g{k}", "title": f"Item {k}", "price": "10", "currency": "USD", "brand": f"B{k % 4}",
             **{name: of(k) if callable(of) else of for name, of in more.items()}} for k in range(many)]  # fmt: skip


def weekly(users: int = 60, weeks: int = 12, many: int = 60) -> list[dict[str, Any]]:
    """Everybody buys the five best sellers every week, and three of six favourites."""
    random, made = np.random.default_rng(0), list[dict[str, Any]]()
    for user in range(users):
        favourites = 5 + random.choice(many - 5, 6, replace=False)
        for week in range(weeks):
            bought = [*range(5), *random.choice(favourites, 3, replace=False).tolist()]
            made += [{"type": "purchase", "user": f"u{user}", "product": f"g{one}", "order": f"{user}-{week}",
                      "timestamp": START + week * 7 * DAY + user} for one in bought]  # fmt: skip
    return made


def trained(folder: Path, products: list[dict[str, Any]], settings: str = FUSED) -> Shop:
    """A shop of these products."""
    shop = opened(folder, settings)
    shop.load(products=products, events=weekly(many=len({one["id"] for one in products})))
    shop.train(seed=0)
    return shop


def test_what_is_forbidden_is_in_no_slate_that_is_measured(tmp_path: Path) -> None:
    """It is the best that there is: with it every figure would be of slates that nobody can be shown."""
    products = goods(brand=lambda k: "Banned" if k < 5 else "Fine")
    forbidden = '[safety]\nforbidden = [{brand = "Banned"}]\n'
    with trained(tmp_path / "a", products, FUSED + forbidden) as shop:
        assert not set(shop.recommend("home", user="u1").ids) & set(BEST)
        found = shop.evaluate()
        assert any("300 of 614 products taken are hidden or withheld" in note for note in found.notes), found.notes
    with trained(tmp_path / "b", products, FUSED + f"[rules]\nhides = {list(BEST)}\n") as shop:
        hidden = shop.evaluate()
    assert found.value("aisle", "ndcg@10") == pytest.approx(hidden.value("aisle", "ndcg@10"))
    with trained(tmp_path / "c", products) as shop:
        shop.load(products=[{**one, "hidden": True} for one in products[:5]])
        assert shop.evaluate().value("own frequency", "ndcg@10") == pytest.approx(
            hidden.value("own frequency", "ndcg@10")
        )
        proposed = {**QUIET, "safety": {"forbidden": [{"brand": "Banned"}]}, "rules": {"pins": list(BEST)}}
        assert all(one.ndcg.value == 0 for one in shop.simulate(proposed, requests=5).prices), "what pins cannot show"


def test_a_loss_is_told_as_a_difference_and_what_shrinks_it_is_chosen(tmp_path: Path) -> None:
    """The best sellers cost more than they bring: -4 each. To hide them is worth 4 a place, and no -100 %."""
    with trained(tmp_path, goods(cost=lambda k: "14" if k < 5 else "6")) as shop:
        prices = {one.rule: one for one in shop.simulate({**QUIET, "rules": {"hides": list(BEST)}}, requests=5).prices}
        hides = prices["hides"]
        assert np.isnan(hides.margin.value) and hides.margin_each.low > 15, "five of -4, and what stands there then"
        assert hides.revenue.high < 0 and hides.shoppers == hides.buyers == 60
        found = shop.weigh("margin", lost=0.9)
        assert found.chosen is not None
        best = next(one for one in found.points if one.weight == found.chosen)
        assert best.more.low > 0 and np.isnan(best.gain.value)


def test_campaigns_are_priced_beside_those_that_run_when_they_do(tmp_path: Path) -> None:
    def campaign(name: str, begins: str, ends: str) -> dict[str, Any]:
        return {"name": name, "begins": begins, "ends": ends, "pins": ["g50", "g51", "g52"]}

    friday, christmas = campaign("friday", "2026-11-20", "2026-11-28"), campaign("xmas", "2026-12-10", "2026-12-24")
    with trained(tmp_path, goods()) as shop:

        def of(*some: dict[str, Any]) -> dict[str, float]:
            found = shop.simulate({**QUIET, "rules": {"campaigns": list(some)}}, requests=5)
            return {one.rule: one.ndcg.value for one in found.prices}

        alone, both = of(friday)["campaign 'friday'"], of(friday, christmas)
        assert alone < -0.1 and both["campaign 'friday'"] == both["campaign 'xmas'"] == alone


def test_campaigns_that_run_together() -> None:
    days: list[tuple[Any, Any]] = [(date(2026, 11, 1), date(2026, 11, 20)), (date(2026, 11, 10), date(2026, 11, 30)),
                                   (date(2026, 11, 25), date(2026, 12, 10)), (None, date(2026, 11, 15))]  # fmt: skip
    made = [Campaign(name=f"{begins}", begins=begins, ends=ends) for begins, ends in days]
    assert together(made) == [0, 1, 3], "on the tenth of November"
    assert together(made, 2) == [1, 2] and together(made[2:3], 0) == [0] and together([]) == []


def test_showings_are_no_part_of_a_replay_so_what_weighs_them_has_no_price(tmp_path: Path) -> None:
    with trained(tmp_path, goods()) as shop:
        for user in range(20):
            shop.recommend("home", user=f"u{user}")
        found = shop.simulate({**QUIET, "objectives": {"home": {"overlooked": 5.0}}}, requests=20)
        assert not found.prices and any("overlooked: what was shown" in note for note in found.notes)
        assert found.changed == 1 and found.exchanged.value > 1
        one, other = ({e.metric: e.before for e in shop.simulate(what, requests=20, price=False).effects}
                      for what in (QUIET, {**QUIET, "objectives": {"home": {"overlooked": 5.0}}}))  # fmt: skip
        assert one["overlooked"] == other["overlooked"], "whether it is weighed or not"


def test_a_slate_that_a_quota_cut_short_is_asked_for_in_its_whole_length(tmp_path: Path) -> None:
    with trained(tmp_path, goods(), FUSED + '[[rules.quotas]]\nfield = "brand"\nmost = 1\n') as shop:
        assert {len(shop.recommend("home", user=f"u{user}", exclude=["g0"])) for user in range(30)} == {4}
        found = shop.simulate(QUIET, requests=30, price=False)
        assert found.places == 10 and found.shoppers == 30
        effect = next(one for one in found.effects if one.metric == "purchase")
        assert effect.change.low > 0.3, "six places more"
        assert not any("Item 0" in (*one.before, *one.after) for one in found.examples), "it stood above"


def test_who_asks_a_hundred_times_is_one_shopper(tmp_path: Path) -> None:
    values, users = np.r_[np.zeros(100), np.ones(9)], np.r_[np.zeros(100), np.arange(1, 10)].astype(np.int64)
    plain, grouped = interval(values), interval(values, 0, users)
    assert plain.value == grouped.value and grouped.high - grouped.low > 3 * (plain.high - plain.low)
    whole = lift(values + 1, values + 1, 0, users)
    assert (whole.value, whole.low, whole.high) == (0, 0, 0)
    with trained(tmp_path, goods()) as shop:
        for _ in range(20):
            shop.recommend("home", user="u1")
        found = shop.simulate({**QUIET, "rules": {"hides": ["g0"]}}, requests=20, price=False)
        assert (found.requests, found.shoppers) == (20, 1)


def test_money_of_several_currencies_is_not_added(tmp_path: Path) -> None:
    euros = goods(currency="EUR")
    yen = [{**one, "market": "jp", "currency": "JPY", "price": "1500"} for one in euros]
    with opened(tmp_path, FUSED) as shop:
        events = [{**one, "market": "jp" if one["user"] in ("u1", "u2") else ""} for one in weekly()]
        shop.load(products=euros + yen, events=events)
        shop.train()
        found = shop.simulate({**QUIET, "rules": {"buries": ["g9"]}}, requests=60, price=False)
        effects = {one.metric: one.before for one in found.effects}
        assert effects["revenue"] == pytest.approx(10 * effects["purchase"], rel=0.05)
        assert any("slates whose prices are in EUR" in note for note in found.notes)
    with trained(tmp_path / "mixed", goods(currency=lambda k: "USD" if k % 2 else "EUR")) as shop:
        price = shop.simulate({**QUIET, "rules": {"hides": ["g0"]}}, requests=5).prices[0]
        assert price.ndcg.value < 0 and np.isnan(price.revenue.value) and np.isnan(price.revenue_each.value)


def test_what_a_simulation_cannot_show_is_told(tmp_path: Path) -> None:
    with trained(tmp_path, goods()) as shop:
        other = {
            **QUIET,
            "train": {"ranker": "trees", "horizon_days": 7},
            "serve": {"deadline_ms": 1.0, "discovery": 3},
        }
        notes = shop.simulate(other, requests=5, price=False).notes
        assert {"not tried: train.ranker takes a training", "not tried: train.horizon_days takes a training",
                "not tried: serve.deadline_ms", "not tried: serve.discovery rests, as products have no vectors"} <= {
                *notes}  # fmt: skip


def test_few_buyers_have_no_interval(tmp_path: Path) -> None:
    with trained(tmp_path, goods(price=lambda k: "10" if k == 59 else None)) as shop:
        price = next(one for one in shop.simulate({**QUIET, "rules": {"hides": ["g59"]}}, requests=5).prices)
        assert price.revenue.value < 0 and np.isnan(price.revenue.low), "of one product in sixty"


def test_shelves_and_habits_do_not_narrow_what_is_shown(tmp_path: Path) -> None:
    """Half of the shoppers come ten times in the second week, one sees a category's shelf, and who never comes buys."""
    with opened(tmp_path, BARE) as shop:
        shop.load(products=goods(40, category=lambda k: f"Top {k % 4}"), events=[])
        shop.train()
        seen = np.random.default_rng(0).permuted(np.tile(np.arange(40), (20, 1)), axis=1)[:, :30]
        for day, often in ((1, 1), (9, 10)):
            for user in range(20):
                for visit in range(often if user % 2 else 1):
                    shop.recommend("home", user=f"u{user}", exclude=[f"g{k}" for k in seen[user]],
                                   now=START + day * DAY + visit, repeat="allow")  # fmt: skip
            shop.record([{"id": f"{day}-{who}", "type": "purchase", "user": f"u{who}", "timestamp": START + day * DAY,
                          "product": f"g{who // 2}"} for who in range(15)])  # fmt: skip
        for user in range(20):
            shop.recommend("home", user=f"u{user}", filters={"category": "Top 1"}, now=START + 9 * DAY + 100)
        shop.record([{"id": f"till {who}", "type": "purchase", "user": f"till {who}", "timestamp": START + 9 * DAY,
                      "product": "g1"} for who in range(50)])  # fmt: skip
        first, last = shop.exposure("home").periods
        assert last.alike == pytest.approx(first.alike) and last.slates == 10 + 100
        assert last.bought_alike == first.bought_alike, "by those who were shown something"
