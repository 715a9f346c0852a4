"""What stands for a group is what is counted, priced and pinned; and quotas hold across pages, whatever happens between
them."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from aisle import Shop
from aisle.errors import InputError
from aisle.records.slate import Slate
from tests.worlds import BARE, DAY, PATIENT, START, opened


def pairs(folder: Path, rules: str = "") -> Shop:
    """Twenty lamps, each of a seller alpha and of a seller beta; alpha's are sold out, and dear."""
    shop = opened(folder, f"{BARE}{PATIENT}{rules}")
    shop.load(products=[
        {"id": f"{seller}-{k}", "group": f"g{k}", "title": f"Lamp {k}", "seller": seller,
         "price": "500" if seller == "alpha" else "2", "available": seller == "beta"}
        for k in range(20) for seller in ("alpha", "beta")
    ], events=[{"type": "purchase", "user": f"u{k}", "product": f"beta-{k}", "timestamp": START + k * DAY}
               for k in range(20)])  # fmt: skip
    shop.train()
    return shop


def sellers(slate: Slate) -> list[str]:
    return [product.partition("-")[0] for product in slate.ids]


def test_a_quota_counts_what_is_shown(tmp_path: Path) -> None:
    with pairs(tmp_path, '[[rules.quotas]]\nfield = "seller"\nvalue = "alpha"\nmost = 2\n') as shop:
        assert sellers(shop.recommend("popular")) == ["beta"] * 10
        (tmp_path / "shop.toml").write_text(
            f'{BARE}{PATIENT}[[rules.quotas]]\nfield = "seller"\nvalue = "beta"\nmost = 2\n'
        )
        assert sellers(shop.recommend("popular")) == ["beta"] * 2


def test_money_is_that_of_what_is_shown(tmp_path: Path) -> None:
    with pairs(tmp_path, "[objectives.popular]\npurchase = 0\nrevenue = 1\n") as shop:
        columns = shop.recommend("popular", size=1).placements[0].columns
        assert columns["revenue"] == pytest.approx(2 * columns["fusion"], rel=1e-3)


def test_a_pinned_variant_is_shown_itself_or_not_at_all(tmp_path: Path) -> None:
    with pairs(tmp_path, '[rules]\npins = ["beta-7"]\n') as shop:
        assert shop.recommend("popular").ids[0] == "beta-7"
        (tmp_path / "shop.toml").write_text(f'{BARE}{PATIENT}[rules]\npins = ["alpha-7"]\n')
        assert shop.recommend("popular").ids[0] != "beta-7", "its sibling is not what was meant"
        shop.load(products=[{"id": "alpha-7", "group": "g7", "title": "Lamp 7", "seller": "alpha", "price": "500"}])
        assert shop.recommend("popular").ids[0] == "alpha-7"


QUOTA = '[[rules.quotas]]\nfield = "brand"\nmost = 2\n'
BRANDS = ("Acme", "Bo", "Cinder", "Dune", "Ember")


def brands(folder: Path, rules: str) -> Shop:
    shop = opened(folder, f"{BARE}{PATIENT}{rules}")
    shop.load(products=[{"id": f"p{k}", "title": f"Lamp {k}", "brand": BRANDS[k * k % 5 if k % 3 else k % 5]}
                        for k in range(80)],
              events=[{"type": "view", "user": f"u{k % 7}", "product": f"p{k}", "timestamp": START + k * DAY}
                      for k in range(80)])  # fmt: skip
    shop.train()
    return shop


def broken(shop: Shop, ids: list[str]) -> list[Any]:
    said = [shop.product(one).brand for one in ids]
    windows = [said[at : at + 10] for at in range(max(len(said) - 9, 1))]
    return [window for window in windows if any(window.count(brand) > 2 for brand in window)]


@pytest.mark.parametrize("what", ["nothing", "dismissed", "sold out"])
def test_a_quota_holds_across_pages_whatever_happens_between_them(tmp_path: Path, what: str) -> None:
    with brands(tmp_path, QUOTA) as shop:
        first = shop.recommend("popular", user="u1", size=10)
        if what == "dismissed":
            for at in (3, 7):
                shop.record({"type": "dismiss", "user": "u1", "product": first.ids[at], "slate": first.id})
        if what == "sold out":
            shop.load(products=[{"id": first.ids[at], "title": "Lamp", "available": False} for at in (3, 7)])
        second = shop.recommend("popular", user="u1", size=10, cursor=first.cursor)
        assert len(second) == 10 and not {*first.ids} & {*second.ids}
        assert not broken(shop, first.ids + second.ids)


def test_a_quota_that_is_written_between_two_pages_holds_on_the_second(tmp_path: Path) -> None:
    with brands(tmp_path, "") as shop:
        first = shop.recommend("popular", user="u1", size=10)
        (tmp_path / "shop.toml").write_text(f"{BARE}{PATIENT}{QUOTA}")
        second = shop.recommend("popular", user="u1", size=10, cursor=first.cursor)
        assert len(second) >= 5 and not broken(shop, second.ids)


def test_a_list_is_the_same_in_any_order(tmp_path: Path) -> None:
    with opened(tmp_path, f'{BARE}{PATIENT}[[rules.quotas]]\nfield = "tags"\nmost = 1\n') as shop:
        shop.load(products=[{"id": f"p{k}", "title": f"Lamp {k}", "attributes": {"tags": tags}}
                            for k, tags in enumerate((["a", "b"], ["b", "a"], ["c"]))])  # fmt: skip
        shop.train()
        assert len(shop.recommend("home")) == 2


def test_what_is_forbidden_is_not_named(tmp_path: Path) -> None:
    rules = '[safety]\nforbidden = [{id = "p3"}]\n'
    with opened(tmp_path, f"{BARE}{PATIENT}{rules}") as shop:
        goods = [{"id": f"p{k}", "title": "Ivory tusk" if k == 3 else f"Lamp {k}"} for k in range(12)]
        shop.load(products=goods, events=[
            {"type": "purchase", "user": f"u{u}", "product": f"p{k}", "timestamp": START + k * DAY,
             "order": f"{u}"}
            for u in range(6) for k in (3, 4, 5)
        ])  # fmt: skip
        shop.record({"type": "view", "user": "u9", "product": "p3"})
        shop.train()
        assert shop.suggest("ivo") == [] and shop.suggest("lam")
        page = shop.shelves(user="u9")
        assert page and not any("Ivory" in shelf.about for shelf in page)
        told = [reason.text for shelf in page for one in shelf.slate for reason in one.reasons]
        assert told and not any("Ivory" in text for text in told)


def test_an_explanation_tells_what_a_rule_did(tmp_path: Path) -> None:
    rules = '[rules]\nburies = ["p3"]\n[[rules.campaigns]]\nname = "Spring"\npins = ["p5"]\n'
    with brands(tmp_path, rules) as shop:
        slate = shop.recommend("popular", size=10)
        assert shop.explain(slate, "p5").verdict == "it is shown; the campaign 'Spring' pins it"
        assert shop.explain(slate, "p3").verdict.endswith("behind the end of the slate; rules.buries names it")


def test_a_rule_may_ask_for_a_margin_and_a_request_may_not(tmp_path: Path) -> None:
    rules = '[[rules.campaigns]]\nname = "thin"\nhide = {margin = {lt = 5}}\n'
    with opened(tmp_path, f"{BARE}{PATIENT}{rules}") as shop:
        shop.load(products=[
            {"id": "thin", "title": "Lamp", "price": "20", "cost": "16"},
            {"id": "fat", "title": "Lamp", "price": "20", "cost": "8"},
            {"id": "unknown", "title": "Lamp", "price": "20"},
        ])  # fmt: skip
        shop.train()
        assert set(shop.recommend("home").ids) == {"fat", "unknown"}
        shop.load(products=[{"id": "thin", "title": "Lamp", "price": "30", "cost": "16"}])
        assert "thin" in shop.recommend("home").ids, "as prices are now"
        for field in ("margin", "cost"):
            with pytest.raises(InputError, match="shoppers may know"):
                shop.search("lamp", filters={field: {"gte": 1}})


def test_a_made_up_cursor_breaks_nothing(tmp_path: Path) -> None:
    with brands(tmp_path, QUOTA) as shop:
        first = shop.recommend("popular", size=5)
        generation, begun, _ = json.loads(base64.urlsafe_b64decode(first.cursor or ""))
        for rows in ([10**6], [2**40]):
            made = base64.urlsafe_b64encode(json.dumps([generation, begun, rows]).encode()).decode()
            for sort in ("", "price"):
                slate = shop.recommend("popular", size=5, cursor=made, sort=sort)
                assert not slate.degraded and not broken(shop, slate.ids)
