"""One shop in several markets: what is learned is shared, and what differs is kept apart."""

from pathlib import Path
from typing import Any

import numpy as np

from aisle.records.history import market_code
from aisle.wiring.ranker import drawn
from tests.worlds import BARE, DAY, PATIENT, START, opened

SIZE = 12


def events(users: int = 40) -> list[dict[str, Any]]:
    """In the large market everybody takes things 0 to 5, in the small one 6 to 11, and a few take both."""
    made = []
    for market, many, first in (("large", users, 0), ("small", users // 4, 6)):
        for user in range(many):
            for step in range(4):
                product = first + (user + step) % 6 if user % 8 else (user + 3 * step) % SIZE
                made.append({
                    "type": "purchase", "user": f"{market}{user}", "product": f"p{product:02d}", "market": market,
                    "timestamp": START + step * DAY + user,
                })  # fmt: skip
    return made


def test_a_guest_is_shown_what_is_popular_in_the_market(tmp_path: Path) -> None:
    with opened(tmp_path / "shop", f"{BARE}[train]\nranker = 'fusion'\n") as shop:
        shop.load(products=[{"id": f"p{k:02d}", "title": f"Thing {k}"} for k in range(SIZE)], events=events())
        shop.train()
        best = {market: shop.recommend("popular", market=market, size=4).ids for market in ("large", "small")}
        assert all(product < "p06" for product in best["large"]) and all(product >= "p06" for product in best["small"])
        everywhere = shop.recommend("popular", size=4).ids
        assert all(product < "p06" for product in everywhere)
        assert shop.recommend("popular", market="nowhere", size=4).ids == everywhere
        known = shop.recommend("popular", user="small1", size=2, repeat="allow").ids
        assert all(product >= "p06" for product in known)


def test_an_event_counts_in_its_market_at_once(tmp_path: Path) -> None:
    with opened(tmp_path / "shop", f"{BARE}[train]\nranker = 'fusion'\n") as shop:
        shop.load(products=[{"id": f"p{k:02d}", "title": f"Thing {k}"} for k in range(SIZE)], events=events())
        shop.train()
        state = shop._live.served().parts.state
        for k in range(30):
            shop.record({"id": f"n{k}", "type": "purchase", "user": f"new{k}", "product": "p03", "market": "small"})
        assert shop.recommend("popular", market="small", size=1).ids == ["p03"]
        here = state.moment(0).here(market_code("small"))
        assert here is not None and here[shop._live.served().generation.catalogue.row_of_id("p03")] >= 30


def test_of_every_market_as_many_shoppers_are_drawn_as_if_it_were_alone() -> None:
    homes = np.repeat(np.array([7, 9, 11], np.int32), [1000, 100, 10])
    made = drawn(np.arange(1110), homes, 300, np.random.default_rng(0))
    assert np.bincount(homes[made], minlength=12)[[7, 9, 11]].tolist() == [300, 100, 10]
    assert (np.diff(made) > 0).all()


def test_without_markets_the_draw_is_what_it_was() -> None:
    shoppers, homes = np.arange(500), np.full(500, -1, np.int32)
    made = drawn(shoppers, homes, 50, np.random.default_rng(3))
    assert made.tolist() == sorted(np.random.default_rng(3).choice(shoppers, 50, replace=False).tolist())


def test_who_names_no_market_shops_where_they_acted_last(tmp_path: Path) -> None:
    """Every row of the feed names its market: of the larger one, which comes later in the alphabet, models learn, too,
    it is measured, and its shoppers are shown its goods."""
    goods = [{"id": f"{market}{k:02d}", "title": f"Thing {k}", "market": market, "price": "9"}
             for market, many in (("at", 6), ("de", 24)) for k in range(many)]  # fmt: skip
    bought = [{"type": "purchase", "user": f"{market}{user}", "product": f"{market}{(user + step) % many:02d}",
               "market": market, "timestamp": START + 7 * step * DAY + user}
              for market, users, many in (("at", 5, 6), ("de", 60, 24)) for user in range(users)
              for step in range(16)]  # fmt: skip
    with opened(tmp_path / "shop", f"{BARE}[train]\nlinear_products = 0\nsequence_events = 0\n{PATIENT}") as shop:
        shop.load(products=goods, events=bought)
        shop.train()
        assert shop.recommend("home", size=1).ids[0].startswith("at"), "who is nobody is of the first"
        for size in (1, 5):
            slate = shop.recommend("home", user="de7", size=size, repeat="allow")
            assert all(product.startswith("de") for product in slate.ids) and slate.placements[0].price == 900
        assert all(product.startswith("at") for product in shop.recommend("home", user="de7", market="at").ids)
        shop.record({"type": "view", "user": "de7", "product": "at01", "timestamp": START + 200 * DAY})
        assert shop.recommend("home", user="de7", size=1).ids[0].startswith("de"), "it names no market"
        assert shop.rank(["at01", "de01"], user="de7").ids == ["de01", "at01"]
        table = shop.evaluate()
        assert table.value("aisle", "hit_rate@10") > 0.8 < table.value("popularity", "hit_rate@10") + 0.8
