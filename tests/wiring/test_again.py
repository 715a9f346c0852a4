"""What is bought again: of what is due, what comes back at all; and who signs in goes on with their visit."""

from pathlib import Path

import numpy as np

from tests.worlds import BARE, DAY, PATIENT, START, opened

SOAPS, GADGETS, SHOPPERS, WEEKS = 5, 60, 120, 24
QUICK = f'{BARE}{PATIENT}[train]\nranker = "trees"\nsequence_events = 0\n'


def test_what_nobody_buys_twice_stands_behind_what_all_buy_again(tmp_path: Path) -> None:
    """Everybody buys their soap every four weeks, and each week a gadget, which they never buy again."""
    random, events = np.random.default_rng(0), []
    for shopper in range(SHOPPERS):
        gadgets, begins = random.permutation(GADGETS), int(random.integers(28))
        bought = [(begins + 28 * k, f"soap{shopper % SOAPS}") for k in range(WEEKS // 4)]
        bought += [(7 * week + int(random.integers(7)), f"gadget{gadgets[week]}") for week in range(WEEKS)]
        events += [{"type": "purchase", "user": f"u{shopper}", "product": product, "timestamp": START + day * DAY}
                   for day, product in bought]  # fmt: skip
    end = START + WEEKS * 7 * DAY
    fresh = [(27, "soap1"), (20, "gadget3"), (15, "gadget9"), (12, "gadget20"), (10, "gadget33")]
    events += [{"type": "purchase", "user": "fresh", "product": product, "timestamp": end - days * DAY}
               for days, product in fresh]  # fmt: skip
    events += [{"type": "purchase", "user": "just", "product": product, "timestamp": end - hours * DAY // 24}
               for hours, product in [(1, "soap1"), (20 * 24, "gadget3")]]  # fmt: skip
    goods = [{"id": f"soap{k}", "title": f"Soap {k}", "category": "Soap"} for k in range(SOAPS)]
    goods += [{"id": f"gadget{k}", "title": f"Gadget {k}", "category": "Gadgets"} for k in range(GADGETS)]
    with opened(tmp_path, QUICK) as shop:
        shop.load(products=goods, events=events)
        assert any("trees" in told for told in shop.train().fitted)
        slate = shop.recommend("again", user="fresh", repeat="allow", now=end)
        assert slate.ids[0] == "soap1" and set(slate.ids) == {product for _, product in fresh}
        assert "you bought it 27 days ago" in [because.text for because in next(iter(slate)).reasons]
        assert shop.recommend("again", user="just", repeat="allow", now=end).ids == ["gadget3", "soap1"], "just bought"
        assert not shop.recommend("again", user="nobody", repeat="allow", now=end)
        assert not shop.recommend("again", user="fresh", repeat="exclude", now=end)
        assert shop.explain(slate, "gadget5").verdict == "this shopper never took it"
        rules = '[[rules.campaigns]]\nname = "p"\nscenarios = ["again"]\npins = ["gadget5"]\n'
        (tmp_path / "shop.toml").write_text(f"{QUICK}{rules}[objectives.again]\nfusion = 1.0\ndue = 2.0\nclick = 0.1\n")
        pinned = shop.recommend("again", user="fresh", repeat="allow", now=end)
        assert not pinned.degraded and pinned.ids[:2] == ["gadget5", "soap1"]


def test_what_weighs_a_column_of_a_ranker_keeps_its_rules_without_one(tmp_path: Path) -> None:
    rules = '[[rules.campaigns]]\nname = "recall"\nhide = {id = "p1"}\n[objectives.again]\npurchase = 1.0\ndue = 0.5\n'
    with opened(tmp_path, f"{BARE}{PATIENT}{rules}") as shop:
        shop.load(
            products=[{"id": f"p{k}", "title": f"Thing {k}"} for k in range(3)],
            events=[
                {"type": "purchase", "user": "u", "product": f"p{k}", "timestamp": START + k * DAY} for k in (0, 1)
            ],
        )
        shop.train()
        for scenario in ("again", "home", "popular"):
            slate = shop.recommend(scenario, user="u", repeat="allow", now=START + 9 * DAY)
            assert "p0" in slate.ids and "p1" not in slate.ids and not slate.degraded, scenario


def test_who_signs_in_goes_on_with_what_the_guest_of_their_session_did(tmp_path: Path) -> None:
    goods = [{"id": f"p{k}", "title": f"Thing {k}"} for k in range(8)]
    with opened(tmp_path) as shop:
        shop.load(products=goods, events=[
            {"type": "purchase", "user": f"u{k}", "product": f"p{k % 8}", "timestamp": START + k * DAY}
            for k in range(40)
        ])  # fmt: skip
        shop.train()
        now = START + 41 * DAY
        shop.record([{"type": "view", "session": "s1", "product": "p5", "timestamp": now},
                     {"type": "dismiss", "session": "s1", "product": "p6", "timestamp": now + 1},
                     {"type": "cart", "user": "anna", "product": "p2", "timestamp": now - DAY}])  # fmt: skip
        slate = shop.recommend("home", user="anna", session="s1", now=now + 60_000)
        assert [one.product for one in shop.look(slate).history] == ["p5", "p2"]
        assert "p6" not in slate.ids and "p6" in shop.recommend("home", user="anna", now=now + 60_000).ids
        assert [one.product for one in shop.look(shop.recommend("home", user="anna")).history] == ["p2"]
        first = shop.recommend("home", user="anna", session="s1", size=3, now=now + 60_000)
        behind = shop.recommend("home", user="anna", session="s1", size=5, now=now + 60_000, cursor=first.cursor)
        assert not set(first.ids) & set(behind.ids) and "p6" not in behind.ids
