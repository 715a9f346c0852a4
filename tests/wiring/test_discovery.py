"""Places kept for products nobody took yet, through the public face and with the real encoder."""

from pathlib import Path

from aisle import Shop
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


def test_a_new_product_that_nobody_answers_gives_way_and_one_that_is_answered_stays(tmp_path: Path) -> None:
    with sleepers(tmp_path, "") as shop:
        shown = [shop.recommend("home", user="u1", size=8, repeat="allow") for _ in range(30)]
        places = [slate.ids[7] for slate in shown]
        assert len(set(places)) >= 4 and set(places) <= {str(bed["id"]) for bed in NEW}
        assert {slate.propensities for slate in shown} == {(1.0,) * 8}
        for k in range(12):
            shop.record({"type": "click", "user": f"u{k % 8}", "product": "new-5", "slate": shown[0].id})
        assert [shop.recommend("home", user="u1", size=8, repeat="allow").ids[7] for _ in range(5)] == ["new-5"] * 5
        shop.train()
        assert shop.recommend("home", user="u1", size=8, repeat="allow").ids[7] == "new-5", "training forgets nothing"


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
