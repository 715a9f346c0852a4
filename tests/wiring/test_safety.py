"""Forbidden goods, suspected fakes and what somebody decided: never shown, whatever the score."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from aisle import Shop
from aisle.errors import InputError, SettingsError, UnknownError
from tests.test_cli import aisle
from tests.worlds import BARE, PATIENT, START, opened

BAGS: list[dict[str, Any]] = [
    *({"id": f"bag-{k}", "title": f"Leather bag {k}", "brand": "Luxe", "category": "Bags", "price": f"{900 + k}"}
      for k in range(6)),
    {"id": "fake", "title": "Leather bag deluxe", "brand": "Luxe", "category": "Bags", "price": "19"},
    {"id": "tusk", "title": "Ivory comb", "brand": "Old", "category": "Combs", "price": "40"},
    {"id": "comb", "title": "Comb, ivory free", "brand": "Old", "category": "Combs", "price": "9"},
    {"id": "drone", "title": "Drone", "brand": "Fly", "category": "Toys", "price": "99",
     "attributes": {"recalled": ["yes"]}},
    {"id": "kite-red", "group": "kite", "title": "Kite", "brand": "Fly", "category": "Toys", "price": "9"},
    {"id": "kite-blue", "group": "kite", "title": "Kite", "brand": "Fly", "category": "Toys", "price": "9"},
]  # fmt: skip
SAFETY = """[safety]
forbidden = [{recalled = "yes"}]
words = ["ivory"]
cheap = 0.3
"""


@contextmanager
def shop_of(folder: Path, safety: str = SAFETY) -> Iterator[Shop]:
    events = [{"type": "purchase", "user": f"u{k}", "product": one["id"], "timestamp": START + k * 1000}
              for k, one in enumerate(BAGS)]  # fmt: skip
    with opened(folder, BARE + PATIENT + safety) as shop:
        shop.load(products=BAGS, events=events)
        shop.train()
        yield shop


def seen(shop: Shop) -> set[str]:
    """Everything that any surface shows."""
    slates = [shop.recommend(name, size=20) for name in ("popular", "new", "home")]
    slates += [shop.search(query, size=20) for query in ("leather bag", "comb", "drone", "kite", "fake", "tusk")]
    slates += [shelf.slate for shelf in shop.shelves(size=10)]
    return {one.product for slate in slates for one in slate}


def test_what_is_forbidden_or_suspected_is_shown_nowhere(tmp_path: Path) -> None:
    with shop_of(tmp_path) as shop:
        assert not seen(shop) & {"fake", "tusk", "drone"}
        assert {"bag-0", "comb"} <= seen(shop), "what says that it has none is not what says it"
        why = {one.product: one.why for one in shop.queue()}
        assert set(why) == {"fake", "tusk", "drone"}
        assert why["tusk"] == "its text says 'ivory'" and why["drone"] == 'forbidden: {"recalled": "yes"}'
        assert why["fake"] == "suspected fake: under 30% of what its brand costs in its category"
        assert [one.product for one in shop.queue()][-1] == "drone", "what waits comes first"
        assert "it is withheld: its text" in shop.explain(shop.search("comb"), "tusk").verdict
        ranked = shop.rank(["fake", "bag-0", "tusk", "comb"], "leather bag")
        assert {one.group for one in ranked.removed} == {"fake", "tusk"} and set(ranked.ids[2:]) == {"fake", "tusk"}
        assert shop.product("fake").hidden and not shop.product("comb").hidden


def test_a_decision_holds_at_once_everywhere_and_in_the_next_generation(tmp_path: Path) -> None:
    with shop_of(tmp_path) as shop, Shop(tmp_path) as other:
        assert "fake" not in seen(other)
        shop.moderate("fake", True, why="an outlet's price", by="ann")
        shop.moderate("kite", False, why="strings burn")
        shop.moderate("drone", True)
        for one in (shop, other):
            assert "fake" in seen(one) and not seen(one) & {"kite-red", "kite-blue", "drone"}
        verdict = other.explain(other.search("kite"), "kite-red").verdict
        assert verdict == "it is withheld: a decision hides it: strings burn"
        decided = {one.product: one for one in other.queue()}
        assert decided["fake"].shown and decided["fake"].decision is not None and decided["fake"].decision.by == "ann"
        assert decided["drone"].forbidden and not decided["drone"].shown
        shop.train()
        assert "fake" in seen(shop) and "kite-red" not in seen(shop)
        shop.moderate("kite-red", True)
        assert not seen(other) & {"kite-blue"} and "kite-red" in seen(other), "one variant is shown, the other is not"


def test_a_price_that_falls_is_looked_at_again(tmp_path: Path) -> None:
    with shop_of(tmp_path) as shop:
        shop.load(products=[{**BAGS[0], "price": "25"}])
        assert "bag-0" not in seen(shop) and "bag-0" in {one.product for one in shop.queue()}
        shop.load(products=[BAGS[0]])
        assert "bag-0" in seen(shop)


def test_settings_are_followed_and_bad_ones_change_nothing(tmp_path: Path) -> None:
    with shop_of(tmp_path) as shop:
        plain = (tmp_path / "shop.toml").read_text()
        (tmp_path / "shop.toml").write_text(plain.replace('"ivory"', '"kite"'))
        assert "tusk" in seen(shop) and "kite-red" not in seen(shop)
        (tmp_path / "shop.toml").write_text(plain.replace("recalled", "recall"))
        slate = shop.recommend("popular", size=20)
        assert "safety.forbidden.0" in slate.degraded[0] and "drone" not in slate.ids and "kite-red" not in slate.ids
        with pytest.raises(SettingsError, match="safety"):
            shop.simulate({"safety": {"forbidden": [{"recall": "yes"}]}}, price=False)
        found = shop.simulate({"encoder": {"model": ""}, "safety": {"forbidden": [{"brand": "Luxe"}]}}, price=False)
        assert found.changed > 0


def test_a_catalogue_without_the_attribute_forbids_nothing_serves_and_says_so(tmp_path: Path) -> None:
    with shop_of(tmp_path) as shop:
        shop.load(products=[{**BAGS[9], "attributes": {}}])
        shop.train()
        slate = shop.recommend("popular", size=20)
        assert "drone" in slate.ids and "tusk" not in slate.ids
        assert "safety.forbidden.0 cannot be asked: recalled" in slate.degraded[0]
        with Shop(tmp_path) as other:
            assert any("safety.forbidden.0" in issue.message for issue in other.check())


def test_a_sale_of_a_whole_brand_is_no_fake_in_any_process(tmp_path: Path) -> None:
    with shop_of(tmp_path) as shop:
        shop.load(products=[{**bag, "price": "200"} for bag in BAGS[:6]])
        with Shop(tmp_path) as other:
            for one in (shop, other):
                assert {"bag-0", "bag-5"} <= seen(one) and "fake" not in seen(one)


def test_a_group_that_is_called_like_a_variant_is_decided_of_as_a_whole(tmp_path: Path) -> None:
    with shop_of(tmp_path, "") as shop:
        shop.load(products=[{**BAGS[10], "id": "kite"}])
        shop.train()
        shop.moderate("kite", False)
        assert not seen(shop) & {"kite", "kite-red", "kite-blue"}
        with pytest.raises(InputError, match="show"):
            shop.moderate("comb", "false")  # type: ignore[arg-type]


def test_what_cannot_be_decided_is_told(tmp_path: Path) -> None:
    with shop_of(tmp_path, "") as shop:
        assert shop.queue() == []
        with pytest.raises(UnknownError, match="product"):
            shop.moderate("lost", False)
        with pytest.raises(InputError, match="why"):
            shop.moderate("comb", False, why="x" * 1001)
        assert shop.queue() == []


def test_on_the_command_line(tmp_path: Path) -> None:
    with shop_of(tmp_path):
        pass
    told = json.loads(aisle("queue", "-s", str(tmp_path), "--json").stdout)
    assert {one["product"] for one in told} == {"fake", "tusk", "drone"}
    assert aisle("moderate", "fake", "--show", "-s", str(tmp_path)).stdout == "decided: show fake\n"
    assert "waits" in aisle("queue", "-s", str(tmp_path)).stdout
    assert (
        "fake"
        in json.loads(aisle("search", "leather bag deluxe", "-s", str(tmp_path), "--json").stdout)["placements"][0][
            "product"
        ]
    )
