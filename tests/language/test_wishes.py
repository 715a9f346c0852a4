"""Prices and what is not wanted, in English and Chinese; sizes and names that look like them stay words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.language.wishes import Wishes, wishes


@pytest.mark.parametrize(
    "query, wanted",
    [
        ("walnut bed under $500", Wishes("walnut bed", None, 500)),
        ("laptop under $1,000", Wishes("laptop", None, 1000)),
        ("laptop under 1,299.50", Wishes("laptop", None, 1299.5)),
        ("wein 12,50 euro or less", Wishes("wein", None, 12.5)),
        ("lamp below 20", Wishes("lamp", None, 20)),
        ("sofa over 300 euros", Wishes("sofa", 300)),
        ("headphones $20 - $50", Wishes("headphones", 20, 50)),
        ("desk between 100 and 200 dollars", Wishes("desk", 100, 200)),
        ("gift 19.99 usd or less", Wishes("gift", None, 19.99)),
        ("运动鞋 200元以下", Wishes("运动鞋", None, 200)),
        ("手机 ¥1000到¥2000", Wishes("手机", 1000, 2000)),
        ("连衣裙 300元以上", Wishes("连衣裙", 300)),
        ("juice without sugar", Wishes("juice", without=("sugar",))),
        ("shampoo without parabens for kids", Wishes("shampoo for kids", without=("parabens",))),
        ("milk, no lactose, under $3", Wishes("milk, ,", None, 3, ("lactose",))),
        ("curtain rod no drill", Wishes("curtain rod", without=("drill",))),
        ("不含糖 饮料", Wishes("饮料", without=("糖",))),
    ],
)
def test_a_wish_is_read(query: str, wanted: Wishes) -> None:
    assert wishes(query) == wanted


@pytest.mark.parametrize(
    "query",
    ["under cabinet light", "desk under 50 in", "over the door hook", "2x4", "1/2 gallon milk", "no 7 cream", "size 42",
     "under $5", "not", "max power drill", "90 degree elbow", "3-4 inch pipe", "mens no show socks",
     "no bake cake mix", "boots over 12", "weights 5 to 10 pounds", "无线 耳机", "laptop under 1,00,0"],
)  # fmt: skip
def test_what_only_looks_like_a_wish_stays(query: str) -> None:
    assert wishes(query) == Wishes(query)


@given(st.text(max_size=40))
def test_any_text_is_read(query: str) -> None:
    found = wishes(query)
    assert found.low is None or found.high is None or found.low <= found.high or "under" in query or "<" in query
