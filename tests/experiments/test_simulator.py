"""The simulated shop keeps to its own rules, and the same seed is the same world."""

from typing import Any

import numpy as np
import pytest

from experiments.calibration import evenness, figures
from experiments.simulator import SATED, Habits, World, entropy_of


def small(seed: int = 0, **more: Any) -> World:
    return World(seed, shoppers=60, products=40, kinds=4, rounds=6, **more)


def lived(world: World, rounds: int = 6) -> list[dict[str, Any]]:
    events = []
    for now in range(rounds):
        events += list(world.organic(now))
        world.drifted()
    return events


def test_the_same_seed_is_the_same_world() -> None:
    assert lived(small()) == lived(small()) and small().sold(0) == small().sold(0)
    assert lived(small(1)) != lived(small())


def test_products_are_sold_from_the_round_in_which_they_come() -> None:
    world = small()
    assert len(world.sold(0)) == 42 and [len(world.sold(now)) for now in (1, 5)] == [2, 2]
    first = {event["product"] for event in world.organic(0)}
    assert first <= {product["id"] for product in world.sold(0)}


def test_shoppers_buy_what_they_like_and_look_at_the_top() -> None:
    world = small(habits=Habits(concentration=0.05, habit=0.0))
    events = lived(world)
    tastes = world.taste.argmax(axis=1)
    liked = np.mean([world.topics[int(e["product"][1:])].argmax() == tastes[int(e["user"][1:])] for e in events])
    assert liked > 2 / world.kinds
    world = small()
    wanted = np.full(len(world.price), 50.0)  # everything is liked: only the place decides
    slate = [f"p{k}" for k in range(10)]
    seen = [e["position"] for shopper in range(60) for e in world.shown(shopper, slate, 0, wanted, "s")
            if e["type"] == "view"]  # fmt: skip
    counts = np.bincount(seen, minlength=10)
    assert counts[0] == 60 and counts[9] == pytest.approx(60 / np.log2(11), abs=12)


def test_every_taste_drifts_and_shoppers_stay_as_unlike_each_other_as_they_were() -> None:
    world = World(0, Habits(concentration=0.4), shoppers=2000, products=4, kinds=4, rounds=1)
    first, spread = world.taste, entropy_of(world.taste).mean()
    for _ in range(20):
        world.drifted()
    alike = np.corrcoef(first[:, 0], world.taste[:, 0])[0, 1]
    assert 0.3 < alike < 0.6, "the wants correlate .97 ** 20 = .54, their parts of a sum somewhat less"
    for _ in range(100):
        world.drifted()
    assert entropy_of(world.taste).mean() == pytest.approx(spread, rel=0.05)
    assert world.taste.var(axis=0) == pytest.approx(first.var(axis=0), rel=0.1)


def test_what_was_bought_is_not_wanted_for_a_while_and_then_more() -> None:
    world = small()
    wanted = np.full(len(world.price), -2.5)

    def views(now: int) -> int:
        world.bought[:, 0] = 0
        return sum(e["type"] == "view" for shopper in range(60) for e in world.shown(shopper, ["p0"], now, wanted))

    assert sum(views(1) for _ in range(20)) < 0.02 * 1200
    assert sum(views(SATED) for _ in range(20)) > 0.7 * 1200, "σ(-2.5 + LOOK + AGAIN) is .82, without AGAIN .62"


def test_the_log_says_so_too() -> None:
    last, gaps = dict[tuple[str, str], int](), list[int]()
    world = small(2)
    for now in range(12):
        for event in world.organic(now):
            pair = (event["user"], event["product"])
            gaps += [now - last[pair]] if pair in last else []
            last[pair] = now
        world.drifted()
    assert len(gaps) > 200 and np.mean(np.array(gaps) < SATED) < 0.03, "bought by themselves, and not from a slate"


def test_figures_are_those_of_obvious_logs() -> None:
    users, items = np.array([0, 0, 1, 1]), np.array([0, 0, 1, 2])
    told = figures(users, items, np.arange(4))
    assert told["again"] == 0.25 and 0 < told["inequality"] < 0.5
    kinds = np.repeat([0, 1], 10)
    assert evenness(np.repeat([0, 1], 10), kinds) == pytest.approx(0.5), "each takes one of two kinds"
    assert evenness(np.tile([0, 1], 10), kinds) == pytest.approx(1.0)
    assert entropy_of([[1, 1], [2, 0]]).tolist() == pytest.approx([np.log(2), 0.0])
