"""What happens to a shop that is run for years: backups, full disks, lost files, feeds that leave things out."""

import json
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from aisle import Shop
from aisle.errors import InputError, SettingsError, StoreError
from aisle.records.event import Event
from aisle.records.row import row_of
from aisle.wiring.record import event_with
from tests.worlds import BARE, DAY, PATIENT, PRODUCTS, START, grocer, opened

VIEW = {"type": "view", "user": "new", "product": "lamp", "timestamp": START + DAY}


def trained(folder: Path, **more: Any) -> Shop:
    shop = opened(folder)
    shop.load(products=PRODUCTS, events=[{**VIEW, "user": f"u{k}", "timestamp": START} for k in range(5)], **more)
    shop.train()
    return shop


def test_a_filter_on_what_no_product_states_finds_nothing(tmp_path: Path) -> None:
    with trained(tmp_path) as shop:
        for field in ("seller", "gtin", "unit_size", "language"):
            assert not shop.recommend("home", filters={field: "x"}).ids
            assert len(shop.recommend("home", filters={field: {"not": "x"}}, size=20).ids) == len(PRODUCTS)
        rules = '[safety]\nreview = [{seller = "new"}]\nforbidden = [{id = "lamp"}]\n'
        (tmp_path / "shop.toml").write_text(f"{BARE}{PATIENT}{rules}")
        assert "lamp" not in shop.recommend("popular").ids


def test_a_log_that_was_put_back_from_a_backup_is_followed(tmp_path: Path) -> None:
    with trained(tmp_path) as shop:
        pass
    shutil.copy(tmp_path / "shop.db", tmp_path / "backup")
    with opened(tmp_path) as shop:
        shop.load(events=[{**VIEW, "user": "old", "timestamp": START + k} for k in range(50)])
        shop.train()
    shutil.copy(tmp_path / "backup", tmp_path / "shop.db")
    with opened(tmp_path) as shop:
        assert shop.look(shop.recommend("popular", user="old")).events == 0, "the log knows nothing of these"
        shop.record(VIEW)
        shop.load(products=[{**PRODUCTS[2], "price": "1.23"}, {**PRODUCTS[3], "hidden": True}])
        shop.moderate("shoes", show=False, why="recalled")
    for grown in (0, 80):  # also where it has grown past what the generation had seen
        with opened(tmp_path) as shop:
            shop.record([{**VIEW, "user": "other", "timestamp": START + 2 * DAY + k} for k in range(grown)])
        with opened(tmp_path) as shop:
            slate = shop.recommend("popular", user="new")
            assert shop.look(slate).events == 1 and not {"sheets", "shoes"} & set(slate.ids)
            assert next(one.price for one in slate if one.product == "lamp") == 123


def test_settings_that_are_being_written_change_nothing(tmp_path: Path) -> None:
    with trained(tmp_path) as shop:
        path = tmp_path / "shop.toml"
        path.write_text(f'{BARE}{PATIENT}[safety]\nforbidden = [{{id = "lamp"}}]\n')
        assert "lamp" not in shop.recommend("popular").ids
        for change in (lambda: path.write_text(""), path.unlink):
            change()
            slate = shop.recommend("popular")
            assert "lamp" not in slate.ids and any("settings before hold" in told for told in slate.degraded)
        path.write_text(BARE + PATIENT)
        slate = shop.recommend("popular")
        assert "lamp" in slate.ids and not slate.degraded
        aside = path.rename(tmp_path / "aside")
        assert shop.recommend("popular").degraded
        aside.rename(path)  # as it was, with its time
        assert not shop.recommend("popular").degraded


@contextmanager
def full() -> Iterator[None]:
    """No file grows any more."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_keeps_nobody_from_finding(tmp_path: Path) -> None:
    with trained(tmp_path) as shop:
        before = shop.search("lamp")
        with full():
            slate = shop.search("lamp")
            with pytest.raises(StoreError, match=r"shop\.db"):
                shop.record(VIEW)
        assert slate.ids == before.ids and any("not recorded" in told for told in slate.degraded)
        assert shop.record(VIEW) == 1 and not shop.search("lamp").degraded


def test_a_feed_of_stock_alone_takes_no_name_away(tmp_path: Path) -> None:
    with trained(tmp_path) as shop:
        [part] = shop.load(products=[{"id": "shoes", "quantity": 3}, {"id": "nameless", "quantity": 3}]).parts
        assert part.quarantined == 1 and (part.faults[0].row, part.faults[0].field) == (1, "title")
        shop.train()
        assert shop.product("shoes").title == "Running shoes" and shop.product("nameless").title == ""
        shop.load(products=[{**PRODUCTS[4], "quantity": -3}])
        assert not shop.product("shoes").available, "oversold"


def test_a_shop_whose_key_is_lost_is_not_opened_under_another(tmp_path: Path) -> None:
    with trained(tmp_path):
        pass
    (tmp_path / "shop.key").unlink()
    with pytest.raises(StoreError, match="backup"):
        Shop(tmp_path)


def test_a_generation_of_which_a_copy_was_cut_short_is_not_served(tmp_path: Path) -> None:
    with trained(tmp_path) as shop:
        served = shop.recommend("home").generation
    [words] = (tmp_path / "generations" / served).rglob("title_stems.txt")
    words.write_bytes(words.read_bytes()[:-3])
    with opened(tmp_path) as shop:
        with pytest.raises(StoreError, match=r"title_stems.txt: found '.* bytes', expected .* bytes: .*train again"):
            shop.recommend("home")
        shop.train()
        assert shop.recommend("home").ids


def test_a_recorder_is_told_of_a_generation_that_lost_its_facts(tmp_path: Path) -> None:
    with trained(tmp_path) as shop:
        served = shop.recommend("home").generation
    (tmp_path / "generations" / served / "facts.json").unlink()
    with opened(tmp_path) as shop, pytest.raises(StoreError, match=r"facts\.json: found 'no such file'"):
        shop.record({"type": "view", "user": "u1", "product": "lamp"})


def test_pages_go_together_whatever_a_shopper_does_between_them(tmp_path: Path) -> None:
    goods, events = grocer(weeks=8)
    with opened(tmp_path) as shop:
        shop.load(products=goods, events=events)
        shop.train()
        for scenario, kind in (("home", "view"), ("category", "view"), ("home", "purchase")):
            seen, cursor = list[str](), ""
            for page in range(6):
                slate = shop.recommend(scenario, user="u7", size=9, cursor=cursor)
                seen += slate.ids
                shop.record({"type": kind, "user": "u7", "product": slate.ids[page]})
                cursor = slate.cursor or ""
            assert len(seen) == len(set(seen)) == 54, scenario


def test_a_later_page_is_recorded_when_it_is_shown(tmp_path: Path) -> None:
    with trained(tmp_path) as shop:
        first = shop.recommend("popular", user="u1", size=2)
        shop.record({"type": "view", "user": "u2", "product": "lamp", "timestamp": START + 5 * DAY})
        shop.recommend("popular", user="u1", size=2, cursor=first.cursor)
        rows = [row for page in shop._live.store.read(kinds=("served",)) for row in page]
    assert [json.loads(row.body)["timestamp"] - START for row in rows] == [1, 5 * DAY + 1]


def test_what_is_dismissed_on_one_page_is_not_on_the_next(tmp_path: Path) -> None:
    goods, events = grocer(weeks=8)
    with opened(tmp_path) as shop:
        shop.load(products=goods, events=events)
        shop.train()
        first, both = shop.recommend("home", user="u7", size=9), shop.recommend("home", user="u7", size=18)
        shop.record([{"type": "dismiss", "user": "u7", "product": product} for product in both.ids[10:13]])
        second = shop.recommend("home", user="u7", size=6, cursor=first.cursor)
        assert len(second.ids) == 6 and not set(second.ids) & {*first.ids, *both.ids[10:13]}


def test_a_byte_that_is_no_text_costs_its_row(tmp_path: Path) -> None:
    lines = ["id,title", *(f"p{k},Plain thing {k}" for k in range(300))]
    feed = tmp_path / "feed.csv"
    feed.write_bytes("\n".join(lines).encode().replace(b"thing 150", b"th\xefng 150"))
    with opened(tmp_path / "shop") as shop:
        [part] = shop.load(products=feed).parts
        assert part.accepted >= 299


@pytest.mark.parametrize("weight", ["inf", "nan", "1e308"])
def test_weights_are_numbers_that_can_be_added(tmp_path: Path, weight: str) -> None:
    with pytest.raises(SettingsError, match=r"objectives\.home"):
        opened(tmp_path, f"{BARE}[objectives.home]\nrevenue = {weight}\n")


def test_what_was_set_aside_is_told_of_whatever_it_was(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.load(products=[*PRODUCTS, {"id": "x", "title": "X", "": "half \ud83d"}])
        assert [issue for issue in shop.check() if issue.check == "quarantine"]


def test_what_another_process_records_while_a_shopper_is_forgotten_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with trained(tmp_path) as shop:
        shop.record(VIEW)
        live = shop._live
        append = live.store.append

        def just_now(rows: Any, sync: bool = True) -> int:
            if any(row.kind == "forget" for row in rows):
                late = event_with(Event("late", "view", user="new", product="cups"), live)
                append([row_of(late)])
            return append(rows, sync)

        monkeypatch.setattr(live.store, "append", just_now)
        assert shop.forget(user="new") == 2
        name = live.pseudonym("new")
        assert [row.kind for page in live.store.read() for row in page if row.user == name] == ["forget"]


def test_a_token_is_kept_nowhere(tmp_path: Path) -> None:
    token = "eyJhbGciOi" * 10
    with trained(tmp_path) as shop:
        shop.record({"type": "view", "session": token, "product": "lamp"})
        shop.recommend("home", session=token)
        assert not [row for page in shop._live.store.read() for row in page if token in str(row)]
        assert shop.look(shop.recommend("home", session=token)).events == 1
        assert shop.forget(session=token) >= 2


def test_half_a_character_is_no_reason_to_fail(tmp_path: Path) -> None:
    with trained(tmp_path) as shop:
        assert shop.rank(["lamp", "cups"], query="lamp\ud800").ids[0] == "lamp"
        assert len(shop.relevance([("lamp\ud800", "lamp")])) == 1
        with pytest.raises(InputError, match="products"):
            shop.rank([["lamp"]])  # type: ignore[list-item]
