"""Places kept for products nobody took yet, through the public face and with the real encoder."""

from pathlib import Path

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
