"""A shop with the sequence model, through the public face: after product k everybody takes product k + 1."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aisle import Shop
from tests.worlds import BARE, DAY, START, opened

pytest.importorskip("torch", reason="the sequence model learns in torch")
SIZE, LENGTH, SHOPPERS = 40, 11, 400


def ring(repeats: bool = False) -> Iterator[dict[str, Any]]:
    """Purchases without times, shopper by shopper; with `repeats` everything is bought again a day later."""
    for shopper in range(SHOPPERS):
        for step in range(LENGTH):
            event = {"type": "purchase", "user": f"u{shopper:03d}", "product": f"p{(shopper * 7 + step) % SIZE:02d}"}
            times = [{"timestamp": START + (2 * step + k) * DAY, "order": f"{shopper}-{step}-{k}"} for k in range(2)]
            yield from ({**event, **time} for time in (times if repeats else [{}]))


GOODS = [{"id": f"p{k:02d}", "title": f"Product {k}"} for k in range(SIZE)]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with opened(tmp_path_factory.mktemp("ring")) as made:
        made.load(products=GOODS, events=ring())
        report = made.train()
        assert any("sequence model" in what for what in report.fitted), report
        assert report.figures["sequence"]["ndcg_at_10_of_held_out_steps"] > 0.9
        yield made


def test_what_comes_next_is_recommended_first(shop: Shop) -> None:
    users = range(0, SHOPPERS, 10)
    first = [shop.recommend("home", user=f"u{u:03d}", size=3, record=False).ids[0] for u in users]
    right = sum(one == f"p{(u * 7 + LENGTH) % SIZE:02d}" for one, u in zip(first, users, strict=True))
    assert right >= 0.9 * len(users)
    slate = shop.recommend("home", user="u003", size=3, record=False)
    assert shop.explain(slate, slate.ids[0]).sources["sequence"] == 1


def test_a_new_event_counts_with_the_next_request(shop: Shop) -> None:
    shop.record({"id": "new-1", "type": "purchase", "user": "newcomer", "product": "p20"})
    shop.record({"id": "new-2", "type": "purchase", "user": "newcomer", "product": "p21"})
    assert "p22" in shop.recommend("home", user="newcomer", size=3, record=False).ids


def test_it_is_evaluated_as_it_was_before_the_last_step(shop: Shop) -> None:
    assert (shop.folder / "generations" / shop.generation / "shadow_expected" / "sequence").exists()
    assert shop.evaluate().value("aisle", "ndcg@10") > 0.8
    assert not (shop.folder / "cache" / "sequence").exists()  # checkpoints are gone when the generation is whole


def test_where_sources_are_fused_it_is_evaluated_with_what_serves(tmp_path: Path) -> None:
    with opened(tmp_path / "fused", f"{BARE}[train]\nranker = 'fusion'\n") as fused:
        fused.load(products=GOODS, events=ring())
        fused.train()
        assert fused.evaluate().value("aisle", "ndcg@10") > 0.8


def test_it_rests_where_orders_repeat_and_where_the_shop_says_so(tmp_path: Path) -> None:
    with opened(tmp_path / "repeats", f"{BARE}[train]\nranker = 'fusion'\n") as again:
        again.load(products=GOODS, events=ring(repeats=True))
        skipped = again.train().skipped
        assert "orders repeat" in skipped["sequence model"]
    with opened(tmp_path / "off", f"{BARE}[train]\nsequence_events = 0\nranker = 'fusion'\n") as off:
        off.load(products=GOODS, events=ring())
        assert "no events" in off.train().skipped["sequence model"]
