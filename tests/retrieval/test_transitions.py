"""What follows what."""

import numpy as np

from aisle.retrieval.transitions import Transitions
from tests.evaluation.test_splits import log_of


def test_one_account_that_orders_for_everybody_does_not_decide_what_follows_what() -> None:
    shoppers = [(f"u{u}", 2 * (u % 10) + k, 3 * k, f"o{u} {k}") for u in range(200) for k in range(2)]
    random = np.random.default_rng(0)  # a till's own account, or a robot: one of 201 shoppers, nine lines of ten
    till = [("till", int(random.integers(20)), k // 4, f"t{k}") for k in range(3600)]

    def led(lines: list[tuple[str, int, int, str]]) -> list[int]:
        table = Transitions().fit(log_of(lines), 20).table.toarray()
        return [int(table[2 * k].argmax()) for k in range(10)]

    assert led(shoppers) == led(shoppers + till) == [2 * k + 1 for k in range(10)]


def test_those_who_buy_a_lot_count_by_all_they_buy() -> None:
    lines = [(f"u{u}", product, 0, f"o{u} {product}") for u in range(100) for product in (0, 1)]
    lines += [("often", 2 + k % 2, 0, f"o{k}") for k in range(9)]
    assert Transitions().fit(log_of(lines), 4).often[2, 3] > 4  # four times one behind the other, and some further


def test_in_a_log_without_times_what_a_guest_did_next_follows() -> None:
    lines = [(f"session:s{u}", product, None, None) for u in range(30) for product in (0, 1, 2)]
    table = Transitions().fit(log_of(lines), 3).table.toarray()
    assert table[0].argmax() == 1 and table[1].argmax() == 2 and table[1, 2] > table[1, 0] > 0
