"""Places kept for products nobody took yet, through the public face and with the real encoder."""

from pathlib import Path

from aisle import Shop
from aisle.records.slate import Slate
from tests.worlds import DAY, PATIENT, PRODUCTS, START, opened

TAKEN = ("bed-oak", "lamp", "sheets", "shoes", "machine", "cups")  # nobody took the walnut bed and the sneakers


def test_who_bought_a_bed_is_shown_the_new_bed_and_who_bought_shoes_the_new_sneakers(tmp_path: Path) -> None:
    more = [{"id": f"thing-{k}", "title": f"Garden tool {k}"} for k in range(6)]
    taken = (*TAKEN, *(str(thing["id"]) for thing in more))
    events = [{"type": "purchase", "user": f"u{u}", "product": product, "timestamp": START + (u + 7 * at) * DAY}
              for u in range(8) for at, product in enumerate(taken)]  # fmt: skip
    chosen = [{"type": "purchase", "user": user, "product": product, "timestamp": START + 200 * DAY}
              for user, product in (("sleeper", "bed-oak"), ("runner", "shoes"))]  # fmt: skip
    with opened(tmp_path, PATIENT.replace("[serve]", "[serve]\ndiscovery = 1")) as shop:
        shop.load(products=[*PRODUCTS, *more], events=[*events, *chosen])
        shop.train()
        slates = {user: shop.recommend("home", user=user, size=8, repeat="allow") for user in ("sleeper", "runner")}
        assert slates["sleeper"].ids[7] == "bed-walnut" and slates["runner"].ids[7] == "sneakers"
        assert "Oak bed frame" in slates["sleeper"].placements[7].reasons[0].text
        assert shop.recommend("home", user="sleeper", size=14, repeat="allow").ids[:8] == slates["sleeper"].ids


NEW = [
    {"id": f"new-{k}", "title": f"Oak bed frame, model {k}", "category": "Furniture > Bedroom > Beds"} for k in range(6)
]


def sleepers(folder: Path, more: str) -> Shop:
    """A shop of which everybody bought everything but six new beds."""
    shop = opened(folder, PATIENT.replace("[serve]", f"[serve]\ndiscovery = 1\n{more}"))
    old = [{"id": f"thing-{k}", "title": f"Garden tool {k}"} for k in range(6)]
    taken = (*TAKEN, "bed-walnut", "sneakers", *(str(thing["id"]) for thing in old))
    shop.load(products=[*PRODUCTS, *old, *NEW], events=[
        {"type": "purchase", "user": f"u{u}", "product": product, "timestamp": START + (u + 7 * at) * DAY}
        for u in range(8) for at, product in enumerate(taken)])  # fmt: skip
    shop.train()
    return shop


def hour(number: int) -> int:
    """Some hours after everything was bought."""
    return START + 200 * DAY + number * 3_600_000


def test_a_new_product_that_nobody_answers_gives_way_and_one_that_is_answered_stays(tmp_path: Path) -> None:
    with sleepers(tmp_path, "") as shop:

        def shown(at: int) -> Slate:
            return shop.recommend("home", user="u1", size=8, repeat="allow", now=hour(at))

        slates = [shown(at) for at in range(30)]
        places = [slate.ids[7] for slate in slates]
        assert len(set(places)) >= 4 and set(places) <= {str(bed["id"]) for bed in NEW}
        assert {slate.propensities for slate in slates} == {(1.0,) * 8}
        last, loved = slates[-1], slates[-1].ids[7]
        for k in range(8):  # elsewhere, or against it, is no answer
            shop.record({"type": "click", "user": f"u{k}", "product": "new-5"})
            shop.record({"type": "dismiss", "user": f"u{k}", "product": "new-5", "slate": last.id})
            shop.record({"type": "click", "user": f"u{k}", "product": loved, "slate": last.id})
        assert [shown(40 + at).ids[7] for at in range(5)] == [loved] * 5
        shop.train()
        assert shown(50).ids[7] == loved, "training forgets nothing"


def test_a_second_page_goes_with_the_first_though_the_first_was_recorded(tmp_path: Path) -> None:
    with sleepers(tmp_path, "") as shop:
        for at in range(12):
            ask = {"user": "u1", "repeat": "allow", "now": hour(at)}
            first = shop.recommend("home", size=12, **ask)  # type: ignore[arg-type]
            rest = shop.recommend("home", size=8, cursor=first.cursor, **ask)  # type: ignore[arg-type]
            assert len({*first.ids, *rest.ids}) == 20


def test_exploration_draws_and_says_how_likely_it_was(tmp_path: Path) -> None:
    with sleepers(tmp_path, "explore = true") as shop:
        hours = [START + 200 * DAY + hour * 3_600_000 for hour in range(5)]
        slates = [shop.recommend("home", user=f"u{u}", size=8, repeat="allow", record=False, now=hour)
                  for hour in hours for u in range(8)]  # fmt: skip
        drawn = [slate.ids[7] for slate in slates]
        assert len(set(drawn)) >= 3, "shoppers of an hour see different ones"
        likely = {slate.ids[7]: slate.propensities[7] for slate in slates}
        assert all(0 < chance < 1 for chance in likely.values())
        assert all(slate.propensities[:7] == (1.0,) * 7 for slate in slates)
        again = shop.recommend("home", user="u0", now=hours[0], record=False, size=8, repeat="allow")
        assert again.ids == slates[0].ids and again.propensities == slates[0].propensities
        first = shop.recommend("home", user="u0", now=hours[0], record=False, size=5, repeat="allow")
        rest = shop.recommend(
            "home", user="u0", now=hours[0], record=False, size=3, repeat="allow", cursor=first.cursor
        )
        assert first.ids + rest.ids == again.ids and first.propensities + rest.propensities == again.propensities


def test_what_a_rule_pins_was_not_drawn(tmp_path: Path) -> None:
    with sleepers(tmp_path, "explore = true") as shop:
        toml = tmp_path / "shop.toml"
        toml.write_text(toml.read_text() + '\n[rules]\npins = ["new-3"]\n')
        slate = shop.recommend("home", user="u0", size=10, repeat="allow")
        assert slate.ids[0] == "new-3" and slate.propensities[0] == 1.0
        place = next(k for k, product in enumerate(slate.ids) if product.startswith("new-") and k)
        assert 0 < slate.propensities[place] < 1
        drawn = [p for p in shop.recommend("home", user="u0", size=20, repeat="allow").ids[1:] if p.startswith("new-")]
        boost = f'[[rules.campaigns]]\nname = "up"\nboost = {{id = "{drawn[-1]}"}}\nby = 1000\n'
        toml.write_text(toml.read_text() + boost)
        moved = shop.recommend("home", user="u0", size=20, repeat="allow")
        chances = [chance for product, chance in zip(moved.ids, moved.propensities, strict=True)
                   if product.startswith("new-") and product != "new-3"]  # fmt: skip
        assert chances and all(0 < chance < 1 for chance in chances), "a boost follows the draw"
