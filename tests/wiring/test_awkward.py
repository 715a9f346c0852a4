"""What real shops bring and do, through the public face: each case was once answered wrongly."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aisle import Shop
from aisle.errors import StoreError
from aisle.records.event import Event
from tests.worlds import BARE, DAY, PATIENT, PRODUCTS, START, grocer, opened

FILMS = [{"id": f"{kind}{k:02d}", "title": f"{kind} {k}", "category": kind}
         for kind in ("horror", "comedy") for k in range(12)]  # fmt: skip
TEES = [
    {"id": "tee-l", "group": "tee", "title": "Tee shirt", "price": "100"},
    {"id": "tee-s", "group": "tee", "title": "Tee shirt", "price": "10", "description": "Buttons of ivory."},
    {"id": "polo", "title": "Polo shirt", "price": "50"},
]  # fmt: skip
SMALL_SELLS = [{"type": "purchase", "user": f"u{k}", "product": "tee-s", "timestamp": START + k * DAY}
               for k in range(5)]  # fmt: skip


def films(folder: Path) -> Shop:
    random = np.random.default_rng(0)
    events = [{"type": "purchase", "user": f"u{user}", "product": f"{('comedy', 'horror')[user % 2]}{k:02d}",
               "timestamp": START + (user + at * 20) * DAY, "order": f"{user}-{at}"}
              for user in range(40) for at in range(3) for k in random.choice(12, 3, replace=False)]  # fmt: skip
    shop = opened(folder)
    shop.load(products=FILMS, events=events)
    shop.train()
    return shop


@pytest.mark.parametrize("kind", ["dismiss", "refund", "uncart", "impression"])
def test_what_does_not_speak_for_a_product_leads_to_no_others(tmp_path: Path, kind: str) -> None:
    with films(tmp_path) as shop:
        later = START + 100 * DAY
        guest = shop.recommend("home", user="nobody", size=6)
        shop.record({"type": kind, "user": "new", "product": "horror03", "timestamp": later})
        assert shop.recommend("home", user="new", size=6).ids == guest.ids
        assert not [shelf for shelf in shop.shelves("new", size=3) if shelf.name in ("because", "discover")]
        everything = shop.recommend("home", user="new", size=24).ids
        assert ("horror03" in everything) == (kind not in ("dismiss", "refund"))
        assert shop.search("horror 3", user="new", size=1).ids == ["horror03"], "who searches for it may see it"
        shop.record({"type": "view", "user": "new", "product": "horror03", "timestamp": later + 1})
        assert "horror03" in shop.recommend("home", user="new", size=24).ids, "a change of mind"


def test_a_basket_that_was_emptied_says_nothing(tmp_path: Path) -> None:
    with films(tmp_path) as shop:
        for at, kind in enumerate(("cart", "uncart")):
            shop.record({"type": kind, "user": "new", "product": "horror03", "timestamp": START + 100 * DAY + at})
        assert shop.look(shop.recommend("home", user="new")).events == 0
        shop.record({"type": "cart", "user": "new", "product": "horror03", "timestamp": START + 101 * DAY})
        assert shop.look(shop.recommend("home", user="new")).events == 1


def test_an_event_without_a_time_among_others_is_told_of_and_decides_nothing(tmp_path: Path) -> None:
    goods, events = grocer(weeks=8)
    with opened(tmp_path / "a") as shop, opened(tmp_path / "b") as other:
        for one in (shop, other):
            one.load(products=goods, events=events)
        shop.load(events=[{"type": "purchase", "user": "u1", "product": "g078"}])
        report = shop.train()
        other.train()
        assert report.skipped["events without a time"].startswith("1,")
        assert shop.recommend("popular", size=10).ids == other.recommend("popular", size=10).ids
        [found] = [issue for issue in shop.check() if issue.check == "times"]
        assert found.count == 1 and "no time" in found.message
        before = shop.recommend("home", user="u1", size=5)
        shop.record(Event("e-1", "purchase", "u1", "g078"))
        assert shop.look(shop.recommend("home", user="u1", size=5)).events == shop.look(before).events + 1
        assert shop.recommend("popular", size=1).ids == ["g000"]


def test_one_very_long_session_costs_nothing(tmp_path: Path) -> None:
    token = "x" * 300_000
    with opened(tmp_path) as shop:
        goods, events = grocer(users=20, weeks=4)
        shop.load(products=goods, events=[*events, {"type": "view", "session": token, "product": "g001",
                                                    "timestamp": START + 30 * DAY}])  # fmt: skip
        shop.train()
        assert shop.look(shop.recommend("home", session=token)).events == 1
        assert shop.forget(session=token) == 2, "the event and the slate"


def test_of_two_loads_at_once_the_later_word_holds(tmp_path: Path) -> None:
    """The nightly feed is being read while another process loads new stock."""
    feed = [{"id": f"p{k}", "title": f"Thing {k}", "price": "10"} for k in range(3)]
    with opened(tmp_path) as shop, Shop(tmp_path) as other:
        shop.load(products=feed)
        shop.train()

        def nightly() -> Any:
            yield {**feed[0], "price": "11"}
            other.load(products=[{**feed[1], "price": "8"}, {**feed[2], "price": "8"}])
            yield {**feed[1], "price": "12", "hidden": True}
            yield feed[2]

        report = shop.load(products=nightly())
        assert report.parts[0].known == 0
        prices = {one.product: one.price for one in shop.recommend("popular")}
        assert prices == {"p0": 1100, "p2": 1000}, "p1 was called back, p2 is as the nightly feed has it"
        assert shop.load(products=[{**feed[0], "price": "11"}]).parts[0].known == 1


def test_what_nobody_bought_stands_behind_what_somebody_did(tmp_path: Path) -> None:
    lamps = [{"id": f"p{k:02d}", "title": f"Lamp {k}", "category": "Lamps", "price": f"{30 - k}"} for k in range(15)]
    with opened(tmp_path) as shop:
        shop.load(products=lamps)
        shop.train()
        shop.record({"type": "purchase", "user": "u", "product": "p07"})
        page = shop.recommend("category", filters={"category": "Lamps"}, size=10)
        assert page.ids[0] == "p07" and page.total == 15 and page.cursor
        assert shop.recommend("category", filters={"category": "Lamps"}, sort="price", size=1).ids == ["p14"]


def test_prices_are_sorted_as_they_are_shown(tmp_path: Path) -> None:
    with opened(tmp_path / "a") as shop:
        shop.load(products=TEES, events=SMALL_SELLS)
        shop.train()
        assert shop.search("shirt", sort="price").ids == ["tee-s", "polo"]
        assert shop.search("shirt", sort="-price").ids == ["polo", "tee-s"]
    beds = [{"id": f"bed-{k}", "title": "Oak bed", "brand": "Acme", "price": str(300 - 100 * k)} for k in range(2)]
    quota = '[[rules.quotas]]\nfield = "brand"\nmost = 1\n'
    with opened(tmp_path / "b", BARE + PATIENT + quota) as shop:
        shop.load(products=beds)
        shop.train()
        found = shop.search("oak bed", sort="price")
        assert found.ids == ["bed-1"] and found.removed[0].group == "bed-0", "the cheapest of the brand stays"


@pytest.mark.parametrize(("rules", "left"), [
    ('[rules]\nhides = ["tee-l"]\n', {"tee-s", "polo"}),
    ('[rules]\nhides = ["tee"]\n', {"polo"}),
    ('[[rules.campaigns]]\nname = "cheap"\nhide = {price = {gt = 60}}\n', {"tee-s", "polo"}),
    ('[safety]\nwords = ["ivory"]\n', {"polo"}),
])  # fmt: skip
def test_rules_mean_the_unit_that_they_name_and_read_every_variant(tmp_path: Path, rules: str, left: set[str]) -> None:
    with opened(tmp_path, BARE + PATIENT + rules) as shop:
        shop.load(products=TEES, events=SMALL_SELLS)
        shop.train()
        assert set(shop.search("shirt").ids) == left


def test_what_was_set_aside_does_not_tell_who_it_was(tmp_path: Path) -> None:
    broken = tmp_path / "events.jsonl"
    broken.write_text('{"type": "view", "user": "bob@example.com", "produ')
    with opened(tmp_path / "shop") as shop:
        shop.load(products=PRODUCTS, events=broken)
        twice = shop.load(users=[{"id": "ann@example.com", "age": "30"}, {"id": "ann@example.com", "age": "31"}])
        shop.load(events=[{"type": "anna@example.com", "user": "view", "product": "lamp"}])
        told = str(twice.parts[0].faults)
        assert "ann@example.com" in told, "who loads it is told what was found"
        shop.forget("ann@example.com")
        assert "example.com" not in str(shop.check())
    kept = b"".join(path.read_bytes() for path in (tmp_path / "shop").glob("shop.db*"))
    assert b"example.com" not in kept and b"aaa@aaaaaaa.aaa" in kept


def test_an_earlier_moment_is_not_measured_with_a_ranker_that_knows_it(tmp_path: Path) -> None:
    goods, events = grocer()
    with opened(tmp_path, BARE + PATIENT + '[train]\nranker = "trees"\nhorizon_days = 21\nspacing_days = 21\n') as shop:
        shop.load(products=goods, events=events)
        shop.train()
        assert "ranker" in shop.evaluate().notes[0]
        earlier = shop.evaluate(now=START + 15 * 7 * DAY)
        assert "reciprocal rank" in earlier.notes[0]


def test_a_moment_without_an_offset_is_one_of_the_shop(tmp_path: Path) -> None:
    zone = '[shop]\ntimezone = "America/Los_Angeles"\n'
    campaign = '[[rules.campaigns]]\nname = "day"\nscenarios = ["popular"]\npins = ["cups"]\n'
    campaign += "begins = 2026-11-20\nends = 2026-11-21\n"
    with opened(tmp_path, BARE + PATIENT + zone + campaign) as shop:
        shop.load(products=PRODUCTS, events=[{"type": "purchase", "user": "u", "product": "lamp",
                                              "timestamp": "2026-11-19T20:00:00"}])  # fmt: skip
        shop.train()
        on, off = (shop.recommend("popular", size=1, now=f"2026-11-{day}T00:30:00").ids for day in (20, 21))
        assert (on, off) == (["cups"], ["lamp"])
        [again] = shop.recommend("again", user="u", now="2026-11-20T06:00:00", repeat="allow")
        assert again.reasons[0].text == "you bought it yesterday", "ten hours ago, and yesterday"


def test_an_event_that_comes_while_it_trains_stands_once_in_a_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import aisle.wiring.train as training

    with opened(tmp_path) as shop:
        shop.load(products=PRODUCTS, events=[{"type": "view", "user": "u", "product": "lamp", "timestamp": START}])
        read = training.catalogue_of

        def meanwhile(*given: Any) -> Any:
            shop.record({"type": "view", "user": "anna", "product": "lamp"})
            return read(*given)

        monkeypatch.setattr(training, "catalogue_of", meanwhile)
        shop.train()
        assert shop.look(shop.recommend("home", user="anna")).events == 1


def test_a_key_that_is_not_whole_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "shop.key").write_bytes(b"")
    with pytest.raises(StoreError, match="backup"):
        Shop(tmp_path)
    with Shop(tmp_path / "new"):
        key = tmp_path / "new" / "shop.key"
        assert len(key.read_bytes()) == 32 and key.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "new").glob("shop.key*")] == ["shop.key"]


def test_a_quote_that_nobody_closed_takes_one_row_only(tmp_path: Path) -> None:
    feed = tmp_path / "feed.csv"
    feed.write_text('id,price,title\n1,5,Lamp\n2,6,"12 inch ruler\n3,7,Cup\n4,8,"Red bowl"\n5,9,"Two\nlines"\n'
                    '6,2,"open\n7,3,End\n')  # fmt: skip
    with opened(tmp_path / "shop") as shop:
        [part] = shop.load(products=feed).parts
        assert (part.rows, part.accepted, part.quarantined) == (7, 5, 2)
        assert [(fault.row, "ruler" in fault.found, "open" in fault.found) for fault in part.faults] == [
            (3, True, False), (8, False, True)]  # fmt: skip
        shop.train()
        assert {one.title for one in shop.recommend("popular", size=9)} == {"Lamp", "Cup", "Red bowl", "Two\nlines",
                                                                             "End"}  # fmt: skip


@pytest.mark.parametrize(("query", "wanted"), [
    ("茶", "西湖龙井绿茶"), ("鞋", "男士运动鞋"), ("绿茶", "西湖龙井绿茶"), ("pokemon", "Pokémon booster"),
    ("loreal", "Crème brûlée torch"), ("creme brulee", "Crème brûlée torch"), ("CRÈME", "Crème brûlée torch"),
])  # fmt: skip
def test_one_character_and_letters_without_accents_find(tmp_path: Path, query: str, wanted: str) -> None:
    titles = ("西湖龙井绿茶", "男士运动鞋", "双人床", "Pokémon booster", "Walnut bed")
    with opened(tmp_path) as shop:
        shop.load(products=[{"id": f"p{k}", "title": title} for k, title in enumerate(titles)]
                  + [{"id": "torch", "title": "Crème brûlée torch", "brand": "L'Oréal"}])  # fmt: skip
        shop.train()
        found = shop.search(query)
        assert [one.title for one in found] == [wanted] and not found.notes[1:]
        assert shop.suggest("creme")[0].startswith("crème")


def test_brackets_in_a_title_are_printed_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from aisle.wiring import show

    with opened(tmp_path) as shop:
        report = shop.load(products=[{"id": "a", "title": "Bed [pack of 2]"}, {"id": "b", "title": "Bed [/img] oak"},
                                     {"id": "c", "title": "Bed", "price": "[/b]5"}])  # fmt: skip
        show.loaded(report)
        shop.train()
        show.slate(shop.search("bed"))
        show.issues(shop.check())
    told = capsys.readouterr().out
    assert "[pack of 2]" in told and "[/img]" in told and "[/b]5" in told


def test_a_title_that_denies_what_is_asked_for_stands_behind_those_that_say_it(tmp_path: Path) -> None:
    sweets = [{"id": f"{kind}{k}", "title": f"Candy bags {kind} {k} oz", "category": "candy"}
              for kind in ("chocolate", "non-chocolate") for k in range(1, 7)]  # fmt: skip
    with opened(tmp_path) as shop:
        shop.load(products=sweets)
        shop.train()
        assert all(one.startswith("chocolate") for one in shop.search("chocolate candy", size=6).ids)
        assert all(one.startswith("non") for one in shop.search("non chocolate candy", size=6).ids)
        assert {one[:3] for one in shop.search("candy without chocolate", size=12).ids} == {"non"}


def test_a_product_that_is_numbered_like_a_word_is_not_what_the_word_means(tmp_path: Path) -> None:
    goods = [{"id": "A100", "title": "Canvas bag"}, {"id": "x1", "title": "Phone case for Samsung"},
             {"id": "x2", "title": "Samsung phone"}]  # fmt: skip
    with opened(tmp_path) as shop:
        shop.load(products=goods)
        shop.train()
        assert "A100" not in shop.search("samsung a100 case", size=2).ids
        for query in ("a100", "bag a100", "sku a100"):
            assert shop.search(query, size=1).ids == ["A100"], query


def test_nobody_is_told_that_they_bought_what_they_looked_at(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.load(products=PRODUCTS)
        shop.train()
        assert not [one for one in shop.recommend("home") if "by 0" in one.reasons[0].text]
        shop.load(events=[{"type": "view", "user": f"u{k % 5}", "product": PRODUCTS[k % 4]["id"],
                           "timestamp": START + k * DAY} for k in range(20)])  # fmt: skip
        shop.train()
        for user in ("u1", ""):
            told = [reason.text for one in shop.recommend("home", user=user) for reason in one.reasons]
            assert told and not [text for text in told if "bought" in text or "buy" in text], told


def test_what_was_sent_back_is_not_offered_again_until_it_is_taken_again(tmp_path: Path) -> None:
    with films(tmp_path) as shop:
        moment = START + 100 * DAY
        for at, kind in enumerate(("purchase", "purchase", "refund")):
            shop.record(
                {"type": kind, "user": "new", "product": "horror03", "timestamp": moment + at, "order": str(at)}
            )
        assert "horror03" in shop.recommend("again", user="new", repeat="allow").ids, "one of two is kept"
        shop.record({"type": "refund", "user": "new", "product": "horror03", "timestamp": moment + 5})
        assert "horror03" not in shop.recommend("again", user="new", repeat="allow").ids
        assert "horror03" not in shop.recommend("home", user="new", size=24, repeat="allow").ids
        shop.record({"type": "purchase", "user": "new", "product": "horror03", "timestamp": moment + 9, "order": "9"})
        assert "horror03" in shop.recommend("again", user="new", repeat="allow").ids


@pytest.mark.parametrize("order", [None, "till"])
def test_what_till_and_tracker_both_tell_of_was_bought_once(tmp_path: Path, order: str | None) -> None:
    """Sofas, of which nobody wants a second: each system has its own moment, and its own number of the order."""
    told = list[dict[str, Any]]()
    for user in range(60):
        for step in range(3):
            number, time = f"{user}-{step}", START + (user % 20 + 30 * step) * DAY
            sold = {"type": "purchase", "user": f"u{user}", "product": f"horror{(user + 5 * step) % 12:02d}"}
            told.append({**sold, "timestamp": time, "order": order and f"{order}-{number}"})
            told.append({**sold, "timestamp": time + 900, "order": order and f"web-{number}"})
    with opened(tmp_path, f"{BARE}[train]\nranker = 'fusion'\n") as shop:
        shop.load(products=FILMS, events=told)
        assert shop.train().figures["repeat_share"] == 0
        assert not {"horror00", "horror05", "horror10"} & set(shop.recommend("home", user="u0", size=9).ids)


def test_a_few_purchases_among_many_looks_are_not_what_a_shop_is_told_by(tmp_path: Path) -> None:
    goods = [{"id": f"p{k:03d}", "title": f"Thing {k}"} for k in range(300)]
    random, chances = np.random.default_rng(0), 1 / np.arange(1, 301)
    seen = random.choice(300, 4000, p=chances / chances.sum()).tolist()
    events = [{"type": "view", "user": f"u{at % 200}", "product": f"p{k:03d}", "timestamp": START + at * 1000}
              for at, k in enumerate(seen)]  # fmt: skip
    sold = [
        {"type": "purchase", "user": f"u{k}", "product": f"p{299 - k:03d}", "timestamp": START + k} for k in range(200)
    ]
    popular = {}
    for many in (60, 200):
        with opened(tmp_path / str(many), f"{BARE}[train]\nranker = 'fusion'\n") as shop:
            shop.load(products=goods, events=[*events, *sold[:many]])
            shop.train()
            popular[many] = shop.recommend("popular", size=200).ids
    assert popular[60][0] == "p000", "looked at most"
    assert "p299" in popular[200] and "p000" not in popular[200], "bought once, and never"


def test_lines_that_are_dated_ahead_move_no_clock(tmp_path: Path) -> None:
    """Day and month swapped in five lines of an old export."""
    random = np.random.default_rng(0)
    events = [{"type": "purchase", "user": f"u{at % 40}", "product": f"comedy{random.integers(12):02d}",
               "timestamp": START + at * DAY // 10} for at in range(1200)]  # fmt: skip
    wrong = [{**events[at], "timestamp": START + (200 + 30 * at) * DAY} for at in range(5)]
    made = []
    for named, some in (("right", []), ("wrong", wrong)):
        with opened(tmp_path / named, f"{BARE}[train]\nlinear_products = 0\nsequence_events = 0\n{PATIENT}") as shop:
            shop.load(products=FILMS, events=[*events, *some])
            report, table = shop.train(), shop.evaluate()
            issues = [issue.message for issue in shop.check() if issue.check == "times"]
            made.append((table.moment, shop.recommend("popular", size=5).ids, report.figures.get("dated_ahead")))
    assert issues == ["events are dated long after all others"]
    assert made[1][2] == 5 and made[0][2] is None
    assert abs(made[1][0] - made[0][0]) < DAY and made[0][1] == made[1][1]
