"""Groups of shoppers: who is served worse is told."""

from pathlib import Path
from typing import Any

import numpy as np

from aisle.evaluation.bootstrap import gap
from aisle.wiring.page import write_report
from tests.worlds import BARE, DAY, PATIENT, START, opened


def world() -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Regulars buy the same three products every week; the restless buy any of ninety."""
    random = np.random.default_rng(0)
    products = [{"id": f"p{k}", "title": f"Product {k}"} for k in range(90)]
    users = [{"id": f"u{k}", "kind": "restless" if k % 2 else "regular", "name": f"name {k}"} for k in range(80)]
    events = []
    for k in range(80):
        mine = random.choice(90, 3, replace=False)
        for week in range(16):
            bought = random.choice(90, 3, replace=False) if k % 2 else mine
            events += [{"type": "purchase", "user": f"u{k}", "product": f"p{p}", "order": f"{k}-{week}",
                        "timestamp": START + week * 7 * DAY + k} for p in bought]  # fmt: skip
    return products, events, users


def test_a_group_that_is_served_worse_shows_with_its_gap(tmp_path: Path) -> None:
    products, events, users = world()
    with opened(tmp_path, BARE + PATIENT) as shop:
        shop.load(products=products, events=events, users=users)
        shop.train()
        found = shop.evaluate()
    of = {group.value: group for group in found.groups if group.field == "kind"}
    assert set(of) == {"restless", "regular"} and of["restless"].shoppers == 40
    assert of["restless"].gap.high < -0.3 < 0.3 < of["regular"].gap.low
    assert of["regular"].gain.low > 0, "and the regular ones gain most over what all buy"
    assert not any(group.field == "name" for group in found.groups), "eighty names are no groups"
    assert "kind: restless" in write_report(found, tmp_path / "page.html").read_text()


def test_the_gap_of_two_equal_groups_holds_zero() -> None:
    random = np.random.default_rng(1)
    found = gap(random.random(300), random.random(300))
    assert found.low < 0 < found.high
    assert np.isnan(gap(np.zeros(0), np.ones(3)).value) and np.isnan(gap(np.ones(3), np.zeros(3)).value)
