"""What a caller may pass: ids however they come, records of his own making, and nothing that only breaks inside."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aisle import AisleError, Shop
from aisle.errors import InputError, StoreError
from aisle.records.event import Event, Judgement
from aisle.records.product import Product
from aisle.wiring import asked
from tests.worlds import PRODUCTS, START, opened


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with opened(tmp_path_factory.mktemp("asked")) as shop:
        shop.load(products=PRODUCTS)
        shop.train()
        yield shop


def test_ids_are_the_same_whatever_they_come_as(tmp_path: Path) -> None:
    goods = [{"id": k, "title": f"Lamp number {k}", "brand": "Bo"} for k in range(1, 9)]
    with opened(tmp_path) as opened_shop:
        shop: Any = opened_shop
        shop.load(products=goods, events=[{"type": "view", "user": 5, "product": 7}])
        shop.train()
        found = shop.search("lamp", user=np.int64(5), size=np.int64(3), exclude=np.array([1, 2]))
        assert found.ids == shop.search("lamp", user="5", size=3, exclude=["1", "2"]).ids
        assert shop.search("lamp", exclude="1", size=9).ids == shop.search("lamp", exclude=1, size=9).ids
        assert "1" not in shop.search("lamp", exclude="1", size=9).ids and shop.search("lamp", exclude=None).ids
        assert shop.recommend("product", anchor=7).ids == shop.recommend("product", anchor=["7"]).ids
        assert shop.recommend("home", filters={"brand": np.array(["Bo"])}).ids
        assert shop.rank([3, 2.0, "1"], "lamp").ids == shop.rank(["3", "2", "1"], "lamp").ids
        assert shop.relevance([("lamp", 1)]) == shop.relevance([["lamp", "1"]])
        assert shop.product(3).id == "3" and shop.forget(5) > 1 and not shop.forget("5")


@pytest.mark.parametrize("record", [
    Event("e", "purchase", "u", "p1", timestamp="2024-03-01T10:00:00Z"),  # type: ignore[arg-type]
    Event("e", "view", "u", "\ud800"), Event("e", "view", "u", "p1", quantity=float("inf")),
])  # fmt: skip
def test_an_event_that_is_not_what_its_fields_say_is_refused(trained: Shop, record: Event) -> None:
    with pytest.raises(InputError, match="event 0"):
        trained.record(record)
    assert trained.load(events=[record]).quarantined == 1


@pytest.mark.parametrize(("record", "field"), [
    (Product("p1", "Lamp", price="12.50", currency="USD"), "price"),  # type: ignore[arg-type]
    (Product("p1", "Lamp", price=2**70, currency="USD"), "price"),
    (Product("p1", "Lamp", quantity="5"), "quantity"),  # type: ignore[arg-type]
    (Product("p1", "Lamp", created_at="2024"), "created_at"),  # type: ignore[arg-type]
    (Product("p1", "Lamp \ud800"), "title"),
])  # fmt: skip
def test_a_product_that_is_not_what_its_fields_say_is_set_aside(trained: Shop, record: Product, field: str) -> None:
    report = trained.load(products=[record])
    assert report.accepted == 0 and report.parts[0].faults[0].field == field


@pytest.mark.parametrize("grade", ["high", 1e39, float("nan")])
def test_a_grade_beyond_numbers_is_set_aside(trained: Shop, grade: Any) -> None:
    assert trained.load(judgements=[{"query": "bed", "product": "lamp", "relevance": grade}]).quarantined == 1
    assert trained.load(judgements=[Judgement("bed", "lamp", grade)]).quarantined == 1


def test_a_closed_shop_says_so(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.load(products=PRODUCTS)
        shop.train()
    shop.close()
    asked: list[Callable[[], object]] = [
        lambda: shop.search("bed"), lambda: shop.forget("u"), lambda: shop.record({"type": "view", "user": "u"}),
        lambda: shop.load(events=[{"type": "view", "user": "u", "product": "lamp"}]),
    ]  # fmt: skip
    for one in asked[:2] + asked[3:]:
        with pytest.raises(StoreError, match="closed"):
            one()


@pytest.mark.parametrize("wrong", [
    lambda shop: shop.suggest("b", None), lambda shop: shop.suggest("b", -1), lambda shop: shop.explain(None, "lamp"),
    lambda shop: shop.look("abc"), lambda shop: shop.forget(["a"]), lambda shop: shop.forget(session="\ud800"),
    lambda shop: shop.product([]), lambda shop: shop.moderate([], True), lambda shop: shop.rank({"lamp": 1}),
    lambda shop: shop.recommend([]), lambda shop: shop.restore(None), lambda shop: shop.rank(["lamp"], None),
    lambda shop: shop.shelves(user=[5]), lambda shop: shop.moderate("lamp", True, why="\ud800"),
])  # fmt: skip
def test_what_cannot_be_asked_is_an_error_that_names_it(trained: Shop, wrong: Callable[[Shop], object]) -> None:
    with pytest.raises(AisleError):
        wrong(trained)


class Market(str, Enum):  # noqa: UP042  a StrEnum says its value by itself
    """As callers name theirs."""

    DE = "de"


def test_an_enum_is_its_value_and_what_numpy_and_decimals_say_is_kept(trained: Shop) -> None:
    assert asked.request("lamp", market=Market.DE).market == "de"
    assert asked.ids("exclude", np.array(7)) == ("7",) and asked.ids("anchor", np.array(["a", "b"])) == ("a", "b")
    whole: Any = {"timestamp": np.int64(START), "quantity": Decimal("2"), "attributes": {"page": 3}, "session": None}
    assert trained.record(Event("numpy", "view", "u", "lamp", **whole)) == 1
    report = trained.load(products=[Product("lamp2", "Lamp", price=np.int64(5), currency="USD")])  # type: ignore[arg-type]
    assert report.accepted == 1
    assert trained.load(products=[Product("lamp3", "Lamp", attributes={"c": "red"})]).quarantined == 1  # type: ignore[dict-item]
