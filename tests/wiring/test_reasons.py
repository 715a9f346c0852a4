"""Why a product is here, in words that are true and short."""

from collections.abc import Iterator

import pytest

from aisle import Shop
from aisle.wiring.reasons import BRIEF, brief
from tests.worlds import BARE, DAY, PATIENT, START, grocer, opened

FUEL = {"id": "fuel", "title": "Gasoline regular unleaded", "category": "Fuel"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Everybody bought fuel last; rules hide it."""
    goods, events = grocer(weeks=8)
    last = START + 60 * DAY
    events += [{"type": "purchase", "user": f"u{k}", "product": "fuel", "timestamp": last, "order": f"last-{k}"}
               for k in range(60)]  # fmt: skip
    with opened(tmp_path_factory.mktemp("reasons"), f'{BARE}{PATIENT}[rules]\nhides = ["fuel"]\n') as made:
        made.load(products=[*goods, FUEL], events=events)
        made.train()
        yield made


def test_what_rules_hide_is_neither_shown_nor_named(shop: Shop) -> None:
    for user in ("u1", "u2", "u3"):
        shelves = shop.shelves(user)
        assert "because" in {shelf.name for shelf in shelves}
        assert not any("Gasoline" in shelf.about for shelf in shelves)
        for slate in (*(shelf.slate for shelf in shelves), shop.recommend("home", user=user, repeat="exclude")):
            assert "fuel" not in slate.ids
            assert not any("Gasoline" in reason.text for placed in slate for reason in placed.reasons)


@pytest.mark.parametrize("when", ["", 'begins = "2023-01-01"\nends = "2033-01-01"\n', 'took = {category = ["Fuel"]}\n'])
def test_what_a_campaign_hides_is_not_named(shop: Shop, when: str) -> None:
    settings = shop.folder / "shop.toml"
    before, campaign = settings.read_text(), '[[rules.campaigns]]\nname = "till"\nhide = {category = ["Fuel"]}\n'
    settings.write_text(f"{BARE}{PATIENT}{campaign}{when}")
    try:
        assert not any("Gasoline" in shelf.about for shelf in shop.shelves("u1"))
        slate = shop.recommend("home", user="u1", repeat="exclude")
        assert not slate.degraded, "these settings hold"
        assert not any("Gasoline" in reason.text for placed in slate for reason in placed.reasons)
    finally:
        settings.write_text(before)


def test_two_reasons_name_two_products(shop: Shop) -> None:
    for anchor in ("g001", "g002", "g003"):
        for placed in shop.recommend("basket", anchor=anchor):
            texts = [reason.text for reason in placed.reasons]
            assert sum(text.endswith(f"Grocery item {int(anchor[1:])}") for text in texts) <= 1, texts


OIL = "Wild Growth Hair Oil for long hair that grows, 4 Oz, Pack of 2 by Wild Growth Company"
DRYER = "Acme Professional - the best of all hair dryers that were ever made anywhere"


@pytest.mark.parametrize(
    ("title", "told"),
    [("Oak bed", "Oak bed"), (OIL, OIL[: OIL.index(", Pack")]), ("x" * 100, "x" * BRIEF + " …"),
     (DRYER, DRYER[:DRYER.rindex(" ", 0, BRIEF)] + " …"), ("一张床，" * 20, ("一张床，" * 15)[:-1])],
)  # fmt: skip
def test_a_long_title_is_cut_where_a_sign_parts_it(title: str, told: str) -> None:
    assert brief(title) == told
