"""Online equals replay: whatever the order in which events arrive, the state at offset k is one state."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aisle.catalogue.build import build
from aisle.catalogue.levels import Levels
from aisle.evaluation.baselines import OwnFrequency
from aisle.features.exposure import Exposure
from aisle.features.level import OwnLevel
from aisle.features.log import gathered
from aisle.features.market import MarketFacts
from aisle.features.own import OwnProduct
from aisle.features.product import ProductFacts
from aisle.features.shopper import ShopperHabits
from aisle.features.state import State, folded
from aisle.features.taken import taken
from aisle.features.tally import MARKETS
from aisle.records.event import CODES
from aisle.records.history import DTYPES, HERE, Longs
from aisle.records.product import Product
from aisle.records.request import Context, Request
from aisle.records.row import Row
from aisle.retrieval.repurchase import Repurchase, own_scores

DAY = 86_400_000
START = 1_700_000_000_000
CATALOGUE = build(Product(id=f"p{k}", title=f"Product {k}", category=("Top", f"Shelf {k % 3}")) for k in range(6))
TARGET = (CODES["purchase"],)
LEVELS = np.stack([np.zeros(6, np.int32), np.arange(6, dtype=np.int32) % 3], axis=1)
PRICE = np.log1p(np.arange(6, dtype=np.float32))

event = st.tuples(
    st.sampled_from(["purchase", "purchase", "purchase", "click", "cart", "refund"]),
    st.sampled_from(["a", "b", "c"]),
    st.integers(0, 6),  # 6 is not in the catalogue
    st.integers(0, 60 * 24),  # hours behind START: in any order, so most events are late
    st.one_of(st.none(), st.integers(0, 5)),
)


def rows_of(drawn: list[tuple[str, str, int, int, int | None]]) -> list[Row]:
    return [
        Row("event", str(k), type=kind, user=user, product=f"p{product}", timestamp=START + hour * 3_600_000,
            order=None if order is None else f"o{order}", quantity=1.0, offset=k + 1,
            body="" if hour % 3 == 0 else f'{{"market":"m{hour % 3}"}}')
        for k, (kind, user, product, hour, order) in enumerate(drawn)
    ]  # fmt: skip


def at_once(rows: list[Row]) -> State:
    return folded(CATALOGUE, gathered([rows], CATALOGUE), TARGET, START + 30 * DAY, len(rows))


def streamed(rows: list[Row], known: int) -> State:
    """The first `known` rows folded, the others streamed: half of them one by one, half in a batch."""
    state = at_once(rows[:known])
    middle = (known + len(rows)) // 2
    for row in rows[known:middle]:
        state.update([row])
    state.update(rows[middle:])
    return state


def features_of(state: State, user: str) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    now = START + 61 * DAY
    context = Context(Request(user=user), "home", now, np.ones(6, bool), history=state.history(user, now),
                      moment=state.moment(now))  # fmt: skip
    rows = np.arange(6, dtype=np.int32)
    features = (OwnProduct(TARGET), OwnLevel(TARGET, Levels(LEVELS, ("top", "shelf"))),
                ProductFacts(PRICE, Levels(LEVELS, ("top", "shelf"))), ShopperHabits(TARGET, PRICE),
                MarketFacts())  # fmt: skip
    return np.concatenate([feature.values(context, rows) for feature in features], axis=1)


@settings(max_examples=150, deadline=None)
@given(st.lists(event, max_size=40), st.integers(0, 40))
@example([("purchase", "a", 0, 5, None), ("purchase", "a", 0, 1, None)], 1)  # late, so the pair began in another market
def test_streamed_and_folded_states_agree_bit_for_bit(
    drawn: list[tuple[str, str, int, int, int | None]], known: int
) -> None:
    rows = rows_of(drawn)
    # a log without any event yet does not know whether it is timed: the first event is folded
    known = min(max(known, 1), len(rows))
    online, replay = streamed(rows, known), at_once(rows)
    if online.base.timed != replay.base.timed:
        return
    for name, column in replay.tally.columns.items():
        np.testing.assert_array_equal(online.tally.columns[name], column, err_msg=name)
    for user in "abc":
        for name in DTYPES:
            mine, theirs = getattr(online.history(user), name), getattr(replay.history(user), name)
            np.testing.assert_array_equal(mine, theirs, err_msg=name)
        np.testing.assert_array_equal(features_of(online, user), features_of(replay, user))


def test_folding_a_row_twice_changes_nothing() -> None:
    rows = rows_of([("purchase", "a", 1, 3, 0), ("purchase", "a", 1, 9, 1)])
    state = streamed(rows, 1)
    state.update(rows)
    np.testing.assert_array_equal(state.tally.columns["lines"], [0, 2, 0, 0, 0, 0])
    assert len(state.history("a")) == 2


def test_markets_that_events_make_up_do_not_fill_the_memory() -> None:
    rows = [Row("event", str(k), type="purchase", user="a", product="p1", timestamp=START + k, offset=k + 1,
                body=f'{{"market":"m{k}"}}') for k in range(3 * MARKETS)]  # fmt: skip
    online, replay = streamed(rows, 10), at_once(rows)
    assert sum(name.startswith(HERE) for name in online.tally.columns) == MARKETS
    for name, column in replay.tally.columns.items():
        np.testing.assert_array_equal(online.tally.columns[name], column, err_msg=name)


def test_a_place_is_answered_once() -> None:
    shown = Row("served", "s", body='{"products":["p1","p2"]}', offset=1)
    kinds = ("click", "view", "wishlist", "cart", "click")
    answers = [Row("event", f"e{k}", type=kind, user="a", product="p1", timestamp=START, offset=k + 2,
                   body='{"slate":"s"}') for k, kind in enumerate(kinds)]  # fmt: skip
    other = Row("event", "e9", type="click", user="a", product="p2", timestamp=START, offset=9, body='{"slate":"s"}')
    exposure = Exposure.none(6)
    exposure.add([shown, *answers[:2]], CATALOGUE)
    exposure.add([*answers[2:], other], CATALOGUE)
    assert exposure.answered.tolist() == [0, 1, 1, 0, 0, 0] == exposure.shown.tolist()


def test_a_saved_state_is_the_same_state(tmp_path: Path) -> None:
    rows = rows_of([("purchase", "a", 1, 3, 0), ("click", "b", 2, 9, None), ("purchase", "b", 2, 30, 2)])
    state = at_once(rows)
    state.save(tmp_path / "state")
    again = State.load(tmp_path / "state", CATALOGUE)
    np.testing.assert_array_equal(features_of(state, "b"), features_of(again, "b"))
    assert again.offset == 3 and again.target == TARGET


def test_history_at_a_moment_knows_nothing_later() -> None:
    state = at_once(rows_of([("purchase", "a", 1, 3, 0), ("purchase", "a", 2, 40, 1)]))
    assert state.history("a", START + 10 * 3_600_000).rows.tolist() == [1]


def test_a_forgotten_shopper_has_no_history_at_once() -> None:
    state = at_once(rows_of([("purchase", "a", 1, 3, 0)]))
    state.update([Row("forget", "x", user="a", offset=2)])
    assert len(state.history("a")) == 0


def test_milk_bought_every_week_is_due_after_a_week() -> None:
    rows = rows_of([("purchase", "a", 1, 7 * 24 * week, week) for week in range(6)])
    state = at_once(rows)
    now = START + 42 * DAY
    context = Context(Request(user="a"), "home", now, np.ones(6, bool), history=state.history("a", now),
                      moment=state.moment(now))  # fmt: skip
    feature = OwnProduct(TARGET)
    values = dict(zip(feature.names, feature.values(context, np.array([1], np.int32))[0].tolist(), strict=True))
    assert values["own_orders"] == 6 and values["own_days_since"] == 7
    assert values["own_gap"] == 7 and values["own_cycle"] == 1 and values["own_gap_spread"] == 0


def test_who_asks_while_an_event_is_counted_leaves_nothing_half_counted_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    tally = at_once(rows_of([("purchase", "a", 1, 3, 0)])).tally

    def asked() -> list[int]:
        found: Longs = tally.moment(START + DAY).once("buyers", lambda columns: columns["buyers"].copy())
        return [int(count) for count in found]

    counted = tally._count_pairs

    def slowly(*given: Any, **how: Any) -> None:
        asked()  # another thread, just now
        counted(*given, **how)

    monkeypatch.setattr(tally, "_count_pairs", slowly)
    later = gathered([rows_of([("purchase", "b", 2, 9, 1)])], CATALOGUE)
    tally.count(np.zeros(0, np.int32), later.columns.take(np.zeros(0, np.int64)), later.owners(), later.columns)
    assert asked() == tally.columns["buyers"].tolist() == [0, 1, 1, 0, 0, 0]


def test_in_a_log_without_times_every_purchase_is_an_order() -> None:
    rows = [Row("event", str(k), type="purchase", user="a", product="p1", offset=k + 1) for k in range(3)]
    log = gathered([rows], CATALOGUE)
    context = Context(Request(user="a"), "home", 0, np.ones(6, bool), history=log.history(0))
    assert len(taken(context, TARGET).once) == 3 and own_scores(context.history, 0)[1].tolist() == [3]
    assert at_once(rows).tally.columns["orders"].tolist() == [0, 3, 0, 0, 0, 0]
    assert Repurchase(TARGET).why(context, [1])[0].text == "you bought it 3 times"
    assert OwnFrequency(TARGET).rank(context, 1).scores.tolist() == [[3]]
