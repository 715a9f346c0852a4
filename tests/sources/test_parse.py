from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisle.errors import SourceError
from aisle.records.event import Event, Fault, Judgement, Shopper
from aisle.records.product import Product
from aisle.records.row import row_of
from aisle.sources.parse import REQUIRED, Feed, Part, read
from aisle.sources.tables import table
from aisle.sources.values import Reading

STEADY = settings(max_examples=100, deadline=None, derandomize=True)
NOW = 1_700_000_000_000
READING = Reading(now=NOW)
VIEW = {"type": "view", "user": "u", "product": "p"}


def records(part: Part, rows: Any, reading: Reading = READING) -> list[Any]:
    return list(Feed(part, table(rows), reading).read())


def product(reading: Reading = READING, **values: Any) -> Product:
    (found,) = records("products", [{"id": "p", "title": "Bed", **values}], reading)
    assert isinstance(found, Product), found
    return found


def event(reading: Reading = READING, **values: Any) -> Event:
    (found,) = records("events", [{**VIEW, **values}], reading)
    assert isinstance(found, Event), found
    return found


def fault(part: Part, row: dict[str, Any]) -> Fault:
    (found,) = records(part, [row])
    assert isinstance(found, Fault), found
    row_of(found).body.encode()  # it can be stored
    return found


@pytest.mark.parametrize(("given", "stored"), [("007", "007"), (7, "7"), (7.0, "7"), ("7", "7"), (7.5, "7.5")])
def test_an_id_is_opaque_text(given: object, stored: str) -> None:
    assert product(id=given).id == stored


@pytest.mark.parametrize(
    ("values", "money"),
    [
        ({"price": "19.99"}, (1999, "USD")),
        ({"price": 19.99}, (1999, "USD")),
        ({"price": Decimal("19.99")}, (1999, "USD")),
        ({"price": "15.00 EUR"}, (1500, "EUR")),
        ({"price": "1500 JPY"}, (1500, "JPY")),
        ({"price": "1.5", "currency": "KWD"}, (1500, "KWD")),
        ({"price": 0}, (0, "USD")),
        ({}, (None, "USD")),
    ],
)
def test_a_price_is_read_in_its_currency(values: dict[str, Any], money: tuple[int | None, str]) -> None:
    found = product(**values)
    assert (found.price, found.currency) == money


def test_a_currency_behind_any_price_is_its_currency() -> None:
    found = product(list_price="20.00 EUR")
    assert (found.list_price, found.currency) == (2000, "EUR")
    bought = event(type="purchase", price="1500 JPY")
    assert (bought.price, bought.currency) == (1500, "JPY")


@pytest.mark.parametrize(
    "values", [{"price": "20.00 EUR", "currency": "USD"}, {"price": "20.00 EUR", "list_price": "30.00 USD"}]
)
def test_two_currencies_of_one_row_are_a_fault(values: dict[str, Any]) -> None:
    assert "EUR" in str(fault("products", {"id": "p", "title": "t", **values}))


@pytest.mark.parametrize(
    ("category", "path"),
    [("A > B > C", ("A", "B", "C")), ("A>B", ("A", "B")), (["A", "B"], ("A", "B")), (" A ", ("A",)), (" > ", ()),
     (["A", None, ""], ("A",))],
)  # fmt: skip
def test_a_category_is_a_path(category: object, path: tuple[str, ...]) -> None:
    assert product(category=category).category == path


@pytest.mark.parametrize(
    ("attributes", "stored"),
    [
        ({"colour": "red"}, {"colour": ("red",)}),
        ({"colour": ["red", "blue"], "size": 5, "none": None}, {"colour": ("red", "blue"), "size": ("5",)}),
        ('{"colour": ["red"]}', {"colour": ("red",)}),
        (["red", "blue"], {"attributes": ("red", "blue")}),
        ("red", {"attributes": ("red",)}),
    ],
)
def test_attributes_are_a_mapping_or_a_list(attributes: object, stored: dict[str, tuple[str, ...]]) -> None:
    assert product(attributes=attributes).attributes == stored


def test_unknown_columns_are_kept_and_texts_are_tagged() -> None:
    more: dict[str, Any] = {"colour": "red", "title@zh": "床", "model_config": "x", "sizes": ["S", "M"]}
    found = product(**more)
    assert found.attributes == {"colour": ("red",), "model_config": ("x",), "sizes": ("S", "M")}
    assert found.texts == {"title@zh": "床"}
    assert event(colour="red").attributes == {"colour": "red"}


@pytest.mark.parametrize(
    ("said", "stored"),
    [
        ("in stock", True),
        ("OUT_OF_STOCK", False),
        ("yes", True),
        (0, False),
        ("InStock", True),
        ("outofstock", False),
        ("https://schema.org/SoldOut", False),
        ("NULL", None),
        ("有货", True),
        ("售罄", False),
        ("ja", True),
        ("Auf Lager", True),
        ("nicht lieferbar", False),
        ("Épuisé", False),
    ],
)
def test_stock_is_read_as_shops_write_it(said: object, stored: bool | None) -> None:
    assert product(available=said).available is stored


@pytest.mark.parametrize(
    ("said", "minor", "currency"),
    [("$12.99", 1299, "USD"), ("1,299.00", 129900, "USD"), ("19,99 €", 1999, "EUR"), ("EUR 1.299,50", 129950, "EUR"),
     ("£5", 500, "GBP"), ("R$ 5,50", 550, "BRL"), ("US$7", 700, "USD"), ("1.299", 130, "USD"), ("5 usd", 500, "USD"),
     ("N/A", None, "USD"), ("nan", None, "USD"), (12.5, 1250, "USD"), ("12.50 JPY", 12, "JPY"), ("3,5", 350, "USD"),
     ("1.5E+3 USD", 150000, "USD"), ("100 Kč", 10000, "CZK"), ("Rs. 500", 50000, "INR"), ("1.299 KWD", 1299, "KWD")],
)  # fmt: skip
def test_prices_are_read_as_shops_write_them(said: object, minor: int | None, currency: str) -> None:
    assert (product(price=said).price, product(price=said).currency) == (minor, currency)


@pytest.mark.parametrize("currency", ["CNY", "TWD", "HKD"])
def test_yuan_are_those_of_the_shop(currency: str) -> None:
    rows = [{"id": "p", "title": "口红", "price": said} for said in ("129元", "129 块")]
    made = list(read("products", table(rows), Reading(currency=currency)))
    assert [(one.price, one.currency) for one in made if isinstance(one, Product)] == [(12900, currency)] * 2
    [wrong] = read("products", table(rows[:1]), Reading(currency="EUR"))
    assert isinstance(wrong, Fault) and wrong.field == "currency"


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ("A > B", ("A", "B")),
        ("Bread / Bakery", ("Bread / Bakery",)),
        ("Sale > Bread | Bakery", ("Sale", "Bread | Bakery")),
        ([{"[]": 1}], ("{'[]': 1}",)),
        ("TV/Video", ("TV/Video",)),
        ("A|B", ("A", "B")),
        ([["Sports", "Dance"], ["Clothing", "Girls", "Shoes"]], ("Clothing", "Girls", "Shoes")),
        ("[['Sports', 'Dance']]", ("Sports", "Dance")),
        ("[Beds]", ("[Beds]",)),
        (["A", "B"], ("A", "B")),
    ],
)
def test_categories_are_read_as_feeds_write_them(said: object, path: tuple[str, ...]) -> None:
    assert product(category=said).category == path


def test_of_several_texts_all_are_read_and_of_several_pictures_one() -> None:
    found = product(description=["Warm.", "Soft &amp; dry."], image=["a.jpg", "b.jpg"], brand=b"Acme", currency="eur")
    assert (found.description, found.image) == ("Warm. Soft & dry.", "a.jpg")
    assert (found.brand, found.currency) == ("Acme", "EUR")


@pytest.mark.parametrize("nobody", ["NA", "NULL", "\\N", "nan", "(not set)", "None"])
def test_what_stands_for_nothing_names_nobody(nobody: str) -> None:
    assert event(user=nobody, session="s").user == "" and fault("events", {**VIEW, "user": nobody}).field == "user"
    assert event(quantity=nobody, order=nobody, timestamp=nobody).order == ""
    assert product(title=nobody, brand=nobody).brand == nobody, "a brand may be called so"


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"title": "t"}, "id"),
        ({"id": "p" * 300, "title": "t"}, "id"),
        ({"id": "p\0", "title": "t"}, "id"),
        ({"id": "p", "title": "t", "group": "g" * 300}, "group"),
        ({"id": "p", "title": ["t"]}, "title"),
        ({"id": "p", "title": "t", "price": "1,29.00"}, "price"),
        ({"id": "p", "title": "t", "price": "Free to play"}, "price"),
        ({"id": "p", "title": "t", "price": "<5"}, "price"),
        ({"id": "p", "title": "t", "price": "5 %"}, "currency"),
        ({"id": "p", "title": "t", "price": "5 - 9"}, "currency"),
        ({"id": "p", "title": "t", "price": "1.299 €"}, "price"),
        ({"id": "p", "title": "t", "price": "0,500"}, "price"),
        ({"id": "p", "title": "t", "price": "$5", "currency": "EUR"}, "currency"),
        ({"id": "p", "title": "t", "price": "kr 5"}, "currency"),
        ({"id": "p", "title": "t", "price": "12 €", "currency": "USD"}, "currency"),
        ({"id": b"\xff", "title": "t"}, "id"),
        ({"id": "p", "title": "t", "price": "-1"}, "price"),
        ({"id": "p", "title": "t", "price": "1e30"}, "price"),
        ({"id": "p", "title": "t", "price": "1e999999"}, "price"),
        ({"id": "p", "title": "t", "price": True}, "price"),
        ({"id": "p", "title": "t", "list_price": "1e30"}, "list_price"),
        ({"id": "p", "title": "t", "price": "1", "currency": "FOO"}, "currency"),
        ({"id": "p", "title": "t", "currency": "FOO"}, "currency"),
        ({"id": "p", "title": "t", "quantity": "many"}, "quantity"),
        ({"id": "p", "title": "t", "available": "perhaps"}, "available"),
        ({"id": "p", "title": "t", "created_at": "yesterday"}, "created_at"),
        ({"id": "p", "title": "t", "created_at": "0001-01-01T00:00:00+05:00"}, "created_at"),
        ({"id": "p", "title": "t", "attributes": "{broken"}, "attributes"),
        ({"id": "p", "title": "t", "attributes": "[" * 100_000}, "attributes"),
        ({"id": "p", "title": "t", "category": 5}, "category"),
        ({"id": "p", "title": "\ud800"}, "title"),
        ({"id": "p", "title": "t", "colour": "\ud800"}, "colour"),
        ({"id": "p", "title": "t", "sizes": ["\ud800"]}, "sizes"),
    ],
)
def test_a_wrong_product_is_a_fault_of_the_field(row: dict[str, Any], field: str) -> None:
    found = fault("products", row)
    assert (found.file, found.row, found.field) == ("<list>", 1, field)
    assert found.found and found.expected


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"user": "u", "product": "p"}, "type"),
        ({**VIEW, "type": "sneeze"}, "type"),
        ({"type": "view", "product": "p"}, "user"),
        ({"type": "view", "user": "u"}, "product"),
        ({**VIEW, "timestamp": "soon"}, "timestamp"),
        ({**VIEW, "timestamp": True}, "timestamp"),
        ({**VIEW, "timestamp": NOW + 2 * 86_400_000}, "timestamp"),
        ({**VIEW, "timestamp": "2999-01-01"}, "timestamp"),
        ({**VIEW, "quantity": "two"}, "quantity"),
        ({**VIEW, "quantity": "inf"}, "quantity"),
        ({**VIEW, "value": float("inf")}, "value"),
        ({**VIEW, "position": 1.5}, "position"),
        ({**VIEW, "price": "1", "currency": "FOO"}, "currency"),
        ({**VIEW, "id": "e" * 257}, "id"),
        ({**VIEW, "product": "p" * 300}, "product"),
        ({**VIEW, "product": "p\0"}, "product"),
        ({**VIEW, "note": "\ud800"}, "note"),
    ],
)
def test_a_wrong_event_is_a_fault_of_the_field(row: dict[str, Any], field: str) -> None:
    assert fault("events", row).field == field


def test_several_wrong_fields_are_told_at_once() -> None:
    assert "quantity" in fault("products", {"id": "p", "title": "t", "price": "x", "quantity": "y"}).expected


def test_a_clock_may_run_a_little_ahead() -> None:
    assert event(timestamp=NOW + 3_600_000).timestamp == NOW + 3_600_000


def test_times_are_read_in_the_zone_of_the_shop() -> None:
    berlin = Reading(zone=ZoneInfo("Europe/Berlin"), now=NOW)
    wanted = 1_688_208_000_000  # 2023-07-01T10:40:00Z
    assert event(berlin, timestamp="2023-07-01 12:40:00").timestamp == wanted
    assert event(berlin, timestamp=datetime(2023, 7, 1, 10, 40, tzinfo=UTC)).timestamp == wanted
    assert event(berlin, timestamp=pd.Timestamp("2023-07-01 12:40:00")).timestamp == wanted
    for written in ("2023年7月1日 12:40", "2023年07月01日12时40分", "2023年7月1日 12点40分00秒", "2023年7月1日12:40"):
        assert event(berlin, timestamp=written).timestamp == wanted, written
    assert (
        event(berlin, timestamp="2023年7月1日12时").timestamp == event(berlin, timestamp="2023-07-01 12:00").timestamp
    )
    assert event(berlin, timestamp="2023年7月1日").timestamp == event(berlin, timestamp="2023-07-01").timestamp


def test_a_pandas_time_with_nanoseconds_is_read_without_a_warning() -> None:
    frame = pd.DataFrame([{**VIEW, "timestamp": pd.Timestamp(1_600_000_000_123_456_789)}])
    (found,) = records("events", frame)
    assert found.timestamp == 1_600_000_000_123


def test_a_type_is_read_in_any_case() -> None:
    assert event(type=" Purchase ").type == "purchase"


def test_an_event_without_an_id_gets_one_from_its_content_and_occurrence() -> None:
    one = records("events", [VIEW, VIEW, {**VIEW, "user": "v"}])
    assert len({found.id for found in one}) == 3
    assert [found.id for found in records("events", [VIEW, VIEW])] == [found.id for found in one[:2]]


def test_users_are_known_to_the_store_under_their_pseudonym_only() -> None:
    reading = Reading(pseudonym=lambda user: f"<{user}>")
    assert event(reading).user == "<u>"
    (shopper,) = records("users", [{"id": 7, "age": 30}], reading)
    assert shopper == Shopper("<7>", {"age": "30"})
    given = records("events", [Event("e", "view", "u", "p"), Event("f", "view", "", "p", session="s")], reading)
    assert [found.user for found in given] == ["<u>", ""]


def test_a_judgement_is_a_finite_number() -> None:
    good = {"query": "bed", "product": 7, "relevance": "2"}
    assert records("judgements", [good]) == [Judgement("bed", "7", 2.0)]
    for wrong in ("high", "inf", "nan"):
        assert fault("judgements", {**good, "relevance": wrong}).field == "relevance"


@pytest.mark.parametrize("part", REQUIRED)
def test_a_missing_column_is_one_error_about_the_file(part: Part, tmp_path: Path) -> None:
    path = tmp_path / "feed.csv"
    for rows in ("1,2\n", ""):  # also where no row stands below the header
        path.write_text(f"sku,name\n{rows}")
        with pytest.raises(SourceError) as caught:
            list(read(part, table(path), READING))
        said = str(caught.value)
        assert str(path) in said and "sku" in said and REQUIRED[part][0] in said


def test_an_id_with_two_contents_is_a_fault_and_the_same_row_twice_is_not() -> None:
    bed, other = {"id": "p", "title": "Bed", "a": 1, "b": 2}, {"id": "p", "title": "Lamp"}
    again = dict(reversed(bed.items()))
    found = records("products", [bed, bed, again, other, {**other, "market": "de"}])
    assert [type(record).__name__ for record in found] == ["Product", "Product", "Product", "Fault", "Product"]
    assert found[3].field == "id" and "row 1" in found[3].expected


@pytest.mark.parametrize(
    ("part", "record"), [("products", Event("e", "view", "u", "p")), ("events", Product("p", "t"))]
)
def test_a_record_of_another_part_is_a_fault(part: Part, record: Any) -> None:
    (found,) = records(part, [record])
    assert isinstance(found, Fault)


LOOSE = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.lists(st.text(max_size=3))


PRODUCT_COLUMNS = ["id", "title", "price", "currency", "category", "attributes", "created_at", "available", "x"]
EVENT_COLUMNS = ["id", "type", "user", "product", "timestamp", "price", "quantity", "session", "position", "x"]


@STEADY
@given(st.lists(st.dictionaries(st.sampled_from(PRODUCT_COLUMNS), LOOSE), max_size=5))
def test_every_row_is_a_product_or_a_fault_and_can_be_stored(rows: list[dict[str, Any]]) -> None:
    found = records("products", rows)
    assert len(found) == len(rows)
    for record in found:
        assert isinstance(record, Product | Fault)
        row_of(record).body.encode()


@STEADY
@given(st.lists(st.dictionaries(st.sampled_from(EVENT_COLUMNS), LOOSE | st.just("view")), max_size=5))
def test_every_row_is_an_event_or_a_fault_and_can_be_stored(rows: list[dict[str, Any]]) -> None:
    found = records("events", rows)
    assert len(found) == len(rows)
    for record in found:
        assert isinstance(record, Event | Fault)
        row_of(record).body.encode()


def test_a_purchase_of_less_than_nothing_is_a_return_and_is_told_of() -> None:
    source = table([{**VIEW, "type": "Purchase", "quantity": quantity} for quantity in (2, -1, "-3")])
    found = [row for row in read("events", source, READING) if isinstance(row, Event)]
    assert [(one.type, one.quantity) for one in found] == [("purchase", 2), ("refund", 1), ("refund", 3)]
    assert source.notes == ["2 purchases of a quantity below 0 are read as refunds"]


def test_what_others_call_a_column_is_told_where_it_is_missing(tmp_path: Path) -> None:
    feed = table([{"id": "p", "title": "Bed", "availability": "out_of_stock", "Item-Group-ID": "g"}])
    list(read("products", feed, READING))
    assert [note.partition(":")[0] for note in feed.notes] == [
        "no column group, but Item-Group-ID",
        "no column available, but availability",
    ]
    whole = table([{"id": "p", "title": "Bed", "available": True, "availability": "in stock"}])
    list(read("products", whole, READING))
    assert not whole.notes
    (tmp_path / "events.csv").write_text("visitorid,event,itemid\n1,view,2\n")
    with pytest.raises(SourceError, match=r"no column type, but event: rename it"):
        list(read("events", table(tmp_path / "events.csv"), READING))
    (tmp_path / "goods.csv").write_text("商品ID,标题,售价\n1,口红,9\n")
    with pytest.raises(SourceError, match=r"no column id, but 商品ID: rename it"):
        list(read("products", table(tmp_path / "goods.csv"), READING))


@pytest.mark.parametrize(
    ("theirs", "ours"), [("pv", "view"), ("addtocart", "cart"), ("加购", "cart"), ("buy", "purchase")]
)
def test_what_others_call_an_event_is_told(theirs: str, ours: str) -> None:
    (found,) = read("events", table([{"type": theirs, "user": "u", "product": "p"}]), READING)
    assert (
        isinstance(found, Fault) and found.field == "type" and f"'{ours}', if that is what it means" in found.expected
    )
