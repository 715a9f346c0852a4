import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisle.errors import InputError
from aisle.records.event import Event, Fault, Judgement, Served, Shopper
from aisle.records.product import Product
from aisle.records.row import COLUMNS, product_of, row_of

STEADY = settings(max_examples=100, deadline=None, derandomize=True)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
IDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)
PRICES = st.none() | st.integers(0, 2**63 - 1)
PRODUCTS = st.builds(
    Product, id=IDS, title=TEXT, group=IDS | st.just(""), brand=TEXT, category=st.lists(TEXT, max_size=3).map(tuple),
    price=PRICES, list_price=PRICES, currency=st.just("USD"),
    attributes=st.dictionaries(TEXT, st.lists(TEXT, min_size=1, max_size=2).map(tuple), max_size=2),
    texts=st.dictionaries(st.sampled_from(["title@zh", "brand@ja"]), TEXT, max_size=2),
    available=st.none() | st.booleans(), quantity=st.none() | st.integers(0, 9), hidden=st.booleans(), market=TEXT,
    created_at=st.none() | st.integers(-(10**12), 10**13),
)  # fmt: skip


@STEADY
@given(PRODUCTS)
def test_a_product_comes_back_from_its_row_as_it_was(product: Product) -> None:
    assert product_of(row_of(product).body) == product


def test_a_product_without_a_title_comes_back_too() -> None:
    assert product_of(row_of(Product("p", "")).body) == Product("p", "")


def test_zero_and_false_are_said_and_none_is_not() -> None:
    product = Product("p", "t", price=0, currency="USD", available=False, quantity=0)
    body = json.loads(row_of(product).body)
    assert (body["price"], body["available"], body["quantity"]) == (0, False, 0)
    assert "cost" not in body


def test_equal_records_give_equal_text_whatever_the_order_of_their_attributes() -> None:
    one = Product("p", "t", attributes={"a": ("1",), "b": ("2",)})
    two = Product("p", "t", attributes={"b": ("2",), "a": ("1",)})
    assert row_of(one) == row_of(two)


def test_an_event_has_its_columns_and_its_body_holds_the_rest() -> None:
    event = Event("e", "purchase", "u", "p", 5, order="o", quantity=2.0, price=99, currency="USD", device="phone")
    row = row_of(event)
    assert (row.kind, row.key, row.user, row.product, row.timestamp, row.order) == (
        "event",
        "e",
        "u",
        "p",
        5,
        "o",
    )
    assert json.loads(row.body) == {"currency": "USD", "device": "phone"}
    assert not set(COLUMNS) & set(json.loads(row.body))


def test_a_guest_is_stored_under_the_session() -> None:
    assert row_of(Event("e", "view", "", "p", session="s")).user == "session:s"


@pytest.mark.parametrize(
    ("record", "kind"),
    [(Product("p", "t"), "product"), (Shopper("u"), "user"), (Judgement("q", "p", 1.0), "judgement"),
     (Served("s", "home", "g", ("p",), (1.0,)), "served"), (Fault("f", 1, "id", "x", "y"), "fault")],
)  # fmt: skip
def test_every_record_has_its_kind(record: Product | Shopper | Judgement | Served | Fault, kind: str) -> None:
    row = row_of(record, "key")
    assert row.kind == kind
    json.loads(row.body)


@pytest.mark.parametrize("wrong", ["", "x" * 257, "é" * 129, "a\0b"])
def test_an_id_is_a_short_text_without_nul(wrong: str) -> None:
    for make in (lambda: Product(wrong, "t"), lambda: Event(wrong, "view", "u", "p"), lambda: Shopper(wrong)):
        with pytest.raises(InputError):
            make()


def test_007_is_not_7_and_256_bytes_are_allowed() -> None:
    assert row_of(Product("007", "t")).key != row_of(Product("7", "t")).key
    assert Product("x" * 256, "t").ranked == "x" * 256


def test_money_needs_a_currency() -> None:
    with pytest.raises(InputError, match="price"):
        Product("p", "t", price=1)


def test_an_event_needs_a_known_type_somebody_and_a_product() -> None:
    for kind, user, product in (("sneeze", "u", "p"), ("view", "", "p"), ("view", "u", "")):
        with pytest.raises(InputError):
            Event("e", kind, user, product)
    assert Event("e", "search", "u", query="bed").product == ""


def test_every_position_that_was_shown_has_a_propensity() -> None:
    with pytest.raises(InputError, match="propensities"):
        Served("s", "home", "g", ("p", "q"), (1.0,))


def test_a_fault_says_file_row_field_found_and_expected() -> None:
    assert str(Fault("f.csv", 3, "price", "'x'", "a number")) == "f.csv, row 3, price: found 'x', expected a number"
