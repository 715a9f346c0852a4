"""Who asks is mostly in the middle of a visit: what was put into the basket a minute ago is what is bought next."""

from pathlib import Path

import numpy as np

from tests.worlds import BARE, DAY, PATIENT, START, opened

MINUTE, PRODUCTS, SHOPPERS, VISITS = 60_000, 60, 150, 8


def test_what_was_just_chosen_is_what_is_bought_next(tmp_path: Path) -> None:
    """Most looks lead to nothing, days later least of all; in a visit the last product that was put aside is bought."""
    random, events = np.random.default_rng(0), []
    for shopper in range(SHOPPERS):
        for day in np.sort(random.choice(300, VISITS, replace=False)):
            looked = random.choice(PRODUCTS, 4, replace=False)
            at = START + int(day) * DAY + int(random.integers(DAY // 2))
            told = [("view", 0), ("view", 1), ("cart", 1), ("view", 2), ("view", 3), ("cart", 3)]
            told += [("purchase", 3)] if random.random() < 0.8 else []
            events += [{"type": kind, "user": f"u{shopper}", "product": f"p{looked[k]}",
                        "timestamp": at + step * MINUTE} for step, (kind, k) in enumerate(told)]  # fmt: skip
    with opened(tmp_path, f'{BARE}{PATIENT}[train]\nranker = "trees"\nsequence_events = 0\n') as shop:
        shop.load(products=[{"id": f"p{k}", "title": f"Thing {k}"} for k in range(PRODUCTS)], events=events)
        assert "of visits" in " ".join(shop.train().fitted)
        now, right = START + 301 * DAY, 0
        for shopper in range(20):
            for step, (kind, product) in enumerate([("view", shopper), ("view", shopper + 20), ("cart", shopper + 20)]):
                shop.record(
                    {"type": kind, "user": f"n{shopper}", "product": f"p{product}", "timestamp": now + step * MINUTE}
                )
            slate = shop.recommend("home", user=f"n{shopper}", size=3, now=now + 4 * MINUTE)
            right += slate.ids[0] == f"p{shopper + 20}"
        assert right >= 18
