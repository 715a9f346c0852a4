"""Whatever a shop's files, events and requests hold, the shop answers or says what is wrong with them."""

import base64
import gzip
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from aisle import AisleError, Shop
from aisle.errors import InputError, NotTrainedError, SettingsError, SourceError
from aisle.records.issue import LoadReport
from tests.worlds import DAY, PRODUCTS, START, opened

STEADY = settings(max_examples=25, deadline=None, derandomize=True)
EVENTS = [
    {"type": "purchase", "user": f"u{k % 5}", "product": PRODUCTS[k % 8]["id"], "timestamp": START + k * DAY,
     "order": f"o{k}"}
    for k in range(40)
]  # fmt: skip
FEED = "id,title,price\n1,Bed,5\n2,Lamp,6\n"
PACK: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress}
GIGABYTE = """
import resource, sys
from aisle import Shop
shop = Shop(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
report = shop.load(products=sys.argv[2])
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(report.rows, report.accepted, report.quarantined, grown // 1024)
shop.close()
"""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened(tmp_path / "shop") as made:
        yield made


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with opened(tmp_path_factory.mktemp("trained")) as made:
        made.load(products=PRODUCTS, events=EVENTS)
        made.train()
        yield made


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


Write = Callable[[str, str | bytes], Path]


def counts(report: LoadReport) -> tuple[int, int, int]:
    assert report.rows == report.accepted + report.quarantined
    assert all(part.rows == part.accepted + part.quarantined for part in report.parts)
    return report.rows, report.accepted, report.quarantined


def known(report: LoadReport) -> int:
    return sum(part.known for part in report.parts)


# Feeds and logs


def test_a_missing_column_names_the_file_and_the_columns(shop: Shop, written: Write) -> None:
    path = written("feed.csv", "sku,name\n1,Bed\n")
    with pytest.raises(SourceError) as caught:
        shop.load(products=path)
    assert all(word in str(caught.value) for word in (str(path), "sku", "name", "id", "title"))


def test_a_fault_names_file_row_field_found_and_expected(shop: Shop, written: Write) -> None:
    path = written("feed.csv", "id,title,price\n1,Bed,5\n2,Lamp,cheap\n")
    report = shop.load(products=path)
    assert counts(report) == (2, 1, 1)
    (fault,) = report.parts[0].faults
    assert (fault.file, fault.row, fault.field, fault.found) == (str(path), 3, "price", "'cheap'")
    assert "decimal" in fault.expected
    assert str(fault).startswith(f"{path}, row 3, price: found 'cheap', expected ")


@pytest.mark.parametrize(
    ("part", "row", "field"),
    [
        ("products", {"id": "1", "title": "t", "price": "cheap"}, "price"),
        ("products", {"id": "1", "title": "t", "price": "5", "currency": "FOO"}, "currency"),
        ("products", {"id": "1", "title": ["t"]}, "title"),
        ("products", {"id": "1\0", "title": "t"}, "id"),
        ("events", {"type": "view", "user": "u", "product": "lamp", "timestamp": "yesterday"}, "timestamp"),
        ("events", {"type": "view", "user": "u", "product": "lamp", "timestamp": "2999-01-01"}, "timestamp"),
        ("events", {"type": "sneeze", "user": "u", "product": "lamp"}, "type"),
        ("users", {"age": "30"}, "id"),
        ("judgements", {"query": "bed", "product": "lamp", "relevance": "high"}, "relevance"),
    ],
)
def test_a_wrong_value_is_set_aside_with_its_field(shop: Shop, part: str, row: dict[str, Any], field: str) -> None:
    report = shop.load(**{part: [row]})
    assert counts(report) == (1, 0, 1)
    assert report.parts[0].faults[0].field == field


def test_a_shop_without_events_has_a_home_page(shop: Shop) -> None:
    shop.load(products=PRODUCTS)
    shop.train()
    assert len(shop.recommend("home")) == len(PRODUCTS)


def test_the_same_id_with_other_values_is_set_aside_and_the_first_stays(shop: Shop) -> None:
    rows = [{"id": "1", "title": "Bed"}, {"id": "1", "title": "Lamp"}, {"id": "1", "title": "Bed"}]
    report = shop.load(products=rows)
    assert (counts(report), known(report)) == ((3, 2, 1), 1)
    shop.train()
    assert ([p.title for p in shop.search("bed")], shop.search("lamp").ids) == (["Bed"], [])


@pytest.mark.parametrize("title", ["", "   ", "\t"])
def test_a_product_without_a_title_loads_and_does_not_break_training(shop: Shop, title: str) -> None:
    report = shop.load(products=[*PRODUCTS, {"id": "blank", "title": title}])
    assert counts(report) == (9, 9, 0)
    shop.train()
    assert "blank" in shop.recommend("home", size=9).ids
    assert "bed-walnut" in shop.search("walnut bed").ids


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-8-sig"])
def test_a_feed_in_another_encoding_is_read(shop: Shop, written: Write, encoding: str) -> None:
    path = written("feed.csv", "id,title\n1,Käse süß\n2,Crème brûlée\n".encode(encoding))
    assert counts(shop.load(products=path)) == (2, 2, 0)
    shop.train()
    assert shop.search("käse").ids == ["1"]
    assert shop.search("brûlée").ids == ["2"]


def test_a_line_of_three_megabytes_is_set_aside_and_the_rest_loads(shop: Shop, written: Write) -> None:
    report = shop.load(products=written("feed.csv", f"id,title\n1,Bed\n2,{'x' * 3_000_000}\n3,Lamp\n"))
    assert counts(report) == (3, 2, 1)
    assert report.parts[0].faults[0].row == 3


def test_a_line_of_a_gigabyte_is_set_aside_and_the_rest_loads(tmp_path: Path) -> None:
    opened(tmp_path / "shop").close()
    path, chunk = tmp_path / "feed.csv", b"x" * (1 << 26)
    try:
        with path.open("wb") as file:
            file.write(b"id,title\n1,Bed\n2,")
            for _ in range(16):
                file.write(chunk)
            file.write(b"\n3,Lamp\n")
        command = [sys.executable, "-c", GIGABYTE, str(tmp_path / "shop"), str(path)]
        told = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout.split()
    finally:
        path.unlink()
    assert told[:3] == ["3", "2", "1"]
    assert int(told[3]) < 300  # MiB


@pytest.mark.parametrize("name", ["feed.csv", "feed.jsonl", "feed.parquet"])
def test_an_empty_file_is_a_source_error(shop: Shop, written: Write, name: str) -> None:
    with pytest.raises(SourceError, match=name):
        shop.load(products=written(name, ""))


@pytest.mark.parametrize("packed", PACK)
def test_csv_jsonl_and_parquet_load_plain_and_packed(shop: Shop, written: Write, packed: str) -> None:
    rows = [{"id": "1", "title": "Bed"}, {"id": "2", "title": "Lamp"}]
    buffer = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows), buffer, compression="zstd")
    whole = {
        "csv": b"id,title\n1,Bed\n2,Lamp\n",
        "jsonl": "\n".join(json.dumps(row) for row in rows).encode(),
        "parquet": buffer.getvalue().to_pybytes(),
    }
    reports = [shop.load(products=written(f"f.{ending}{packed}", PACK[packed](b))) for ending, b in whole.items()]
    assert [counts(report) for report in reports] == [(2, 2, 0)] * 3
    assert [known(report) for report in reports] == [0, 2, 2]  # it is the same feed


def test_dataframes_and_iterables_load_as_the_file_does(shop: Shop, written: Write) -> None:
    shop.load(products=written("feed.csv", FEED))
    rows = [{"id": 1, "title": "Bed", "price": 5.0}, {"id": 2, "title": "Lamp", "price": 6.0}]
    for origin in (pd.DataFrame(rows), pl.DataFrame(rows), rows, iter(rows)):
        report = shop.load(products=origin)
        assert counts(report) == (2, 2, 0)
        assert known(report) == 2


def test_a_dataframe_with_gaps_keeps_its_ids(shop: Shop) -> None:
    frame = pd.DataFrame({"id": [7, None], "title": ["seven", "nobody"]})  # pandas makes 7.0 of it
    assert counts(shop.load(products=frame)) == (2, 1, 1)
    shop.train()
    assert shop.search("seven").ids == ["7"]


def test_007_is_not_7(shop: Shop, written: Write) -> None:
    shop.load(products=written("feed.csv", "id,title\n007,Agent bed\n7,Seven lamp\n"))
    shop.train()
    assert (shop.search("agent").ids, shop.search("seven").ids) == (["007"], ["7"])


@pytest.mark.parametrize(
    ("part", "rows"),
    [("products", PRODUCTS), ("events", EVENTS), ("users", [{"id": "u1", "age": "30"}]),
     ("judgements", [{"query": "bed", "product": "lamp", "relevance": 1}])],
)  # fmt: skip
def test_loading_twice_changes_nothing(shop: Shop, part: str, rows: list[dict[str, Any]]) -> None:
    first, second = shop.load(**{part: rows}), shop.load(**{part: rows})
    assert known(first) == 0
    assert known(second) == second.accepted == len(rows)
    assert counts(first) == counts(second)


def test_a_price_that_goes_up_and_down_again_ends_where_it_began(shop: Shop) -> None:
    for price in ("10", "12", "10"):
        report = shop.load(products=[{"id": "1", "title": "Bed", "price": price}])
        assert known(report) == 0
    shop.train()
    assert [p.price for p in shop.search("bed")] == [1000]
    shop.load(products=[{"id": "1", "title": "Bed", "price": "11"}])
    assert [p.price for p in shop.search("bed")] == [1100]  # also without a training run


@pytest.mark.parametrize("packed", [".gz", ".zst"])
def test_a_truncated_file_is_a_source_error_and_a_whole_one_loads_afterwards(
    shop: Shop, written: Write, packed: str
) -> None:
    """Whole batches before the break may be stored; what the whole file brings later is then counted as known."""
    rows = 12_000
    noise = "id,title\n" + "".join(f"{k},{hash((k, 1)) & 0xFFFFFFFFFFFF:x}\n" for k in range(rows))
    whole = PACK[packed](noise.encode())
    with pytest.raises(SourceError, match=r"feed\.csv"):
        shop.load(products=written(f"feed.csv{packed}", whole[: len(whole) * 9 // 10]))
    report = shop.load(products=written(f"feed.csv{packed}", whole))
    assert counts(report) == (rows, rows, 0)
    assert known(report) % 5000 == 0  # whole batches, or nothing


def test_events_for_unknown_products_are_kept_and_do_no_harm(shop: Shop) -> None:
    strange = [{**event, "product": f"gone-{k}"} for k, event in enumerate(EVENTS)]
    assert counts(shop.load(products=PRODUCTS, events=[*EVENTS, *strange])) == (88, 88, 0)
    assert any(issue.check == "unknown products" for issue in shop.check())
    shop.train()
    assert set(shop.recommend("home", user="u1", repeat="allow").ids) <= {p["id"] for p in PRODUCTS}


ABSURD = [{"timestamp": "0001-01-02"}, {"timestamp": 1}, {"timestamp": None}, {"quantity": 1e30}, {"quantity": -3}]


@pytest.mark.parametrize("value", ABSURD)
def test_one_absurd_event_does_not_break_training(shop: Shop, value: dict[str, Any]) -> None:
    absurd = {"type": "purchase", "user": "u1", "product": "lamp", "timestamp": START, "order": "x", **value}
    counts(shop.load(products=PRODUCTS, events=[*EVENTS, absurd]))
    shop.train()
    assert shop.recommend("home", user="u1", repeat="allow").ids


def test_an_unknown_currency_of_one_product_does_not_break_the_filters_of_all(shop: Shop) -> None:
    shop.load(products=[*PRODUCTS, {"id": "odd", "title": "Odd bed", "currency": "FOO"}])
    shop.train()
    assert "bed-oak" in shop.search("bed", filters={"price": {"lte": 400}}).ids


def test_nul_and_emoji_in_ids_and_titles(shop: Shop) -> None:
    rows = [{"id": "🛏", "title": "Bed 🛏️\0frame"}, {"id": "a\0b", "title": "Lamp"}, {"id": "é" * 128, "title": "Cup"}]
    assert counts(shop.load(products=rows)) == (3, 2, 1)
    shop.train()
    assert shop.search("frame").ids == ["🛏"]
    assert shop.record({"type": "view", "user": "🙂", "product": "🛏", "id": "🎉"}) == 1


def test_half_a_character_is_set_aside_and_not_the_whole_load(shop: Shop, written: Write) -> None:
    path = written("feed.jsonl", '{"id": "1", "title": "Bed", "colour": "\\ud83d"}\n{"id": "2", "title": "Lamp"}\n')
    assert counts(shop.load(products=path)) == (2, 1, 1)


@pytest.mark.parametrize("origin", ["nowhere.csv", "id,title\n1,Bed\n" * 1000, 5, {"id": "1"}])
def test_what_is_no_source_is_a_source_error(shop: Shop, origin: Any) -> None:
    with pytest.raises(SourceError):
        shop.load(products=origin)


def test_an_unknown_part_is_refused_by_the_signature(shop: Shop) -> None:
    with pytest.raises(TypeError):
        shop.load(prodcuts=[])  # type: ignore[call-arg]


@STEADY
@given(
    st.lists(
        st.lists(st.sampled_from(["1", "x", "", '"', "5.5", "é", "-1", "🛏", "\0", "a\nb", ";"]), max_size=4), max_size=8
    )
)
def test_rows_are_accepted_or_quarantined_whatever_the_file_holds(
    tmp_path_factory: pytest.TempPathFactory, cells: list[list[str]]
) -> None:
    folder = tmp_path_factory.mktemp("garbage")
    path = folder / "feed.csv"
    path.write_text("id,title,price\n" + "\n".join(",".join(row) for row in cells))
    with opened(folder / "shop") as shop:
        first, second = shop.load(products=path), shop.load(products=path)
        assert counts(first) == counts(second)
        assert known(second) == second.accepted


# Events


@pytest.mark.parametrize(
    "wrong",
    [{"type": "sneeze"}, {"timestamp": "yesterday"}, {"timestamp": "2999-01-01"}, {"product": None}, {"user": None},
     {"user": ["u"]}, {"price": "cheap"}, {"price": "1", "currency": "FOO"}, {"id": "x" * 257}, {"id": "a\0"},
     {"position": "first"}, {"note": "\ud800"}],
)  # fmt: skip
def test_a_bad_event_stores_nothing_of_its_batch(shop: Shop, wrong: dict[str, Any]) -> None:
    good = {"id": "e1", "type": "view", "user": "u", "product": "lamp"}
    with pytest.raises(InputError) as caught:
        shop.record([good, {"id": "e2", "type": "view", "user": "u", "product": "lamp", **wrong}])
    assert caught.value.where == f"event 1, {list(wrong)[-1]}"  # the field at fault is named last above
    assert shop.record(good) == 1  # it was not there


@pytest.mark.parametrize("events", [5, "e", None, [5], ({"type": "view"},), {1: 2}, {}])
def test_what_is_no_event_is_refused(shop: Shop, events: Any) -> None:
    with pytest.raises(InputError):
        shop.record(events)


def test_a_known_id_is_a_no_op(shop: Shop) -> None:
    event = {"id": "e1", "type": "view", "user": "u", "product": "lamp"}
    assert (shop.record(event), shop.record(event), shop.record([event, {**event, "id": "e2"}])) == (1, 0, 1)
    assert shop.record([]) == 0


def test_two_equal_events_of_one_batch_are_two_events(shop: Shop) -> None:
    event = {"type": "view", "user": "u", "product": "lamp", "timestamp": START}
    assert shop.record([event, event]) == 2


# Requests


def test_a_shop_that_was_not_trained_says_so(shop: Shop) -> None:
    for ask in (lambda: shop.search("bed"), lambda: shop.recommend("home"), lambda: shop.suggest("b")):
        with pytest.raises(NotTrainedError, match="train"):
            ask()


def test_a_shop_without_anything_cannot_be_trained(shop: Shop) -> None:
    with pytest.raises(InputError, match="load"):
        shop.train()


def test_a_query_of_ten_thousand_characters_is_cut_and_answered(trained: Shop) -> None:
    slate = trained.search("bed " + "x" * 10_000)
    assert any("cut" in note for note in slate.notes)
    assert "bed-oak" in slate.ids


@pytest.mark.parametrize("query", ["🛏️ bed", "a\0bed", "bed\ud83d", "ＢＥＤ", "bed!?", "bed \u202e", 'bed" OR (title:*'])
def test_odd_characters_in_a_query_are_no_obstacle(trained: Shop, query: str) -> None:
    assert "bed-oak" in trained.search(query).ids


@pytest.mark.parametrize("query", ["", "   ", "\0", "🛏️", "!?"])
def test_a_query_without_words_is_answered(trained: Shop, query: str) -> None:
    assert trained.search(query).scenario == "search"
    assert trained.suggest(query) == []


@pytest.mark.parametrize("query", [None, 5, b"bed", ["bed"]])
def test_a_query_that_is_no_text_is_refused(trained: Shop, query: Any) -> None:
    with pytest.raises(InputError, match="query"):
        trained.search(query)


def test_an_unknown_scenario_is_refused_and_the_known_ones_are_named(trained: Shop) -> None:
    with pytest.raises(InputError, match="home") as caught:
        trained.recommend("hmoe")
    assert caught.value.found == "hmoe"


@pytest.mark.parametrize(
    "filters",
    [{"brnad": "Acme"}, {"price": {"near": 5}}, {"price": {"gte": "5"}}, {"price": {"gte": 10**400}},
     {"brand": {"gte": 1}}, ["brand"], {5: 1}, {"brand": "\ud800"}],
)  # fmt: skip
def test_a_filter_that_makes_no_sense_is_refused(trained: Shop, filters: Any) -> None:
    with pytest.raises(InputError, match="filter"):
        trained.search("bed", filters=filters)


@pytest.mark.parametrize("values", [["Acme"], ("Acme",), {"Acme"}, frozenset({"Acme"})])
def test_values_of_a_filter_come_in_any_collection(trained: Shop, values: Any) -> None:
    assert trained.search("bed", filters={"brand": values}).ids == trained.search("bed", filters={"brand": "Acme"}).ids


@pytest.mark.parametrize("size", [10**6, -1, True, 1.5, "10", None])
def test_a_size_that_is_none_is_refused(trained: Shop, size: Any) -> None:
    with pytest.raises(InputError, match="size"):
        trained.search("bed", size=size)
    with pytest.raises(InputError, match="size"):
        trained.recommend("home", size=size)


def test_size_0_shows_nothing_and_still_counts(trained: Shop) -> None:
    slate = trained.search("bed", size=0)
    assert (slate.ids, slate.cursor) == ([], None)
    assert slate.total == trained.search("bed").total > 0


def cursor_of(*content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


@pytest.mark.parametrize(
    "cursor", ["garbage", "é", "\ud800", "====", cursor_of(), cursor_of("old", 1), cursor_of("old", 1, [2]), 5, b"x"]
)
def test_a_stale_or_garbage_cursor_is_refused(trained: Shop, cursor: Any) -> None:
    with pytest.raises(InputError, match="cursor"):
        trained.search("bed", cursor=cursor)


@pytest.mark.parametrize(
    "begun, shown", [(-1, []), (1.5, []), (0, 1), (0, [-1]), (0, ["1"]), (None, []), (0, [1e30]), (1 << 52, [])]
)
def test_a_cursor_with_wrong_numbers_is_refused(trained: Shop, begun: object, shown: object) -> None:
    generation = trained.search("bed").generation
    with pytest.raises(InputError, match="cursor"):
        trained.search("bed", cursor=cursor_of(generation, begun, shown))


def test_a_cursor_behind_everything_shows_nothing(trained: Shop) -> None:
    generation = trained.search("bed").generation
    assert trained.search("bed", cursor=cursor_of(generation, 0, [*range(len(PRODUCTS)), 10**12])).ids == []


def test_a_cursor_of_an_older_generation_is_refused(shop: Shop) -> None:
    shop.load(products=PRODUCTS)
    shop.train()
    cursor = shop.search("bed", size=1).cursor
    assert cursor and len(shop.search("bed", size=1, cursor=cursor)) == 1
    shop.train()
    assert len(shop.search("bed", size=1, cursor=cursor)) == 1, "the next one knows where its page ends"
    shop.train()
    with pytest.raises(InputError, match="cursor"):
        shop.search("bed", size=1, cursor=cursor)


@pytest.mark.parametrize(
    "asked",
    [{"now": "yesterday"}, {"now": float("nan")}, {"repeat": "never"}, {"sort": "colour"}, {"user": ["u"]},
     {"user": True}, {"session": ("s",)}, {"session": "\ud800"}, {"market": "\ud800"}, {"market": {}},
     {"exclude": {"p1": 1}}, {"exclude": ["\ud800"]}, {"filters": ["brand"]}, {"filters": {"available": "false"}},
     {"filters": {"brand": [["Acme"]]}}, {"filters": {"brand": [{"\ud800": 1}]}}, {"filters": {"brand": "\ud800"}}],
)  # fmt: skip
def test_a_wrong_argument_is_refused(trained: Shop, asked: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        trained.search("bed", **asked)


@pytest.mark.parametrize("anchor", ["nope", "", "a\0b", "🛏", ["lamp", "nope"], []])
def test_an_unknown_anchor_is_no_obstacle(trained: Shop, anchor: Any) -> None:
    assert trained.recommend("product", anchor=anchor, size=3, repeat="allow").ids


@pytest.mark.parametrize("anchor", [True, [None], {"lamp": 1}, [["lamp"]], "\ud800"])
def test_an_anchor_that_is_no_id_is_refused(trained: Shop, anchor: Any) -> None:
    with pytest.raises(InputError, match="anchor"):
        trained.recommend("product", anchor=anchor)


def test_unknown_products_are_ranked_last_with_a_reason(trained: Shop) -> None:
    slate = trained.rank(["nope", "bed-oak", "a\0b"], "oak bed")
    assert slate.ids[0] == "bed-oak"
    assert {removal.group for removal in slate.removed} == {"nope", "a\0b"}
    assert trained.rank([]).ids == []
    assert trained.relevance([("bed", "nope")]).tolist() == [-1.0]
    for pairs in (None, [5], "bed", [("bed",)], [(7, "lamp")], [("bed", None)]):
        with pytest.raises(InputError, match="relevance"):
            trained.relevance(pairs)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["zh", "ja", "th"])
def test_a_shop_in_a_language_without_word_frequencies_answers(language: str, tmp_path: Path) -> None:
    with opened(tmp_path, f'[encoder]\nmodel = ""\n[shop]\nlanguage = "{language}"\n') as shop:
        shop.load(products=PRODUCTS)
        shop.train()
        assert "bed-oak" in shop.search("oak somethingg bed").ids


# Settings


@pytest.mark.parametrize(
    ("text", "named"),
    [("[shop]\ncurency = 'USD'", "shop.curency"), ("[serve]\nlargest = 'many'", "serve.largest"), ("[shop", "TOML")],
)
def test_a_wrong_setting_keeps_the_shop_shut_and_says_which(text: str, named: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=named):
        opened(tmp_path, text)


def test_every_error_is_one_of_ours() -> None:
    assert all(issubclass(kind, AisleError) for kind in (SourceError, InputError, SettingsError, NotTrainedError))
