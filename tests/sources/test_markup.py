"""Texts of feeds as a shopper would read them."""

import html
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.sources.markup import read
from tests.worlds import opened


@pytest.mark.parametrize(
    "text, said",
    [("Rock &amp; Roll", "Rock & Roll"), ("Painter&#39;s Touch", "Painter's Touch"), ("5&rdquo; &frac12;", "5” ½"),
     ("Tom &amp;amp; Jerry", "Tom & Jerry"), ("AT&T &nothing; 100%", "AT&T &nothing; 100%"),
     ("<p>Soft <b>cot</b>ton</p><p>Blue</p>", "Soft cotton Blue"), ("a<br/>b<!-- note -->c", "a bc"),
     ("<style>p {color: red}</style>Lamp<script>x()</script>", "Lamp"), ("<li>One<li>Two", "One Two"),
     ("Shirt <S>", "Shirt <S>"), ("Vitamin <B12> drops", "Vitamin <B12> drops"),
     ("<p>Vitamin <B12> drops</p>", "Vitamin <B12> drops"),
     ("Cable <a> to <b>", "Cable <a> to <b>"), ("cut <b>here</b>", "cut here"), ("Adapter <USB-C>", "Adapter <USB-C>"),
     ("weight < 5 kg > 3 kg", "weight < 5 kg > 3 kg"), ("I <3 you", "I <3 you"), ("棉&nbsp;质<br>床单", "棉 质 床单")],
)  # fmt: skip
def test_it_reads_as_the_page_did(text: str, said: str) -> None:
    assert read(text) == said


@given(st.text(st.characters(exclude_characters="&<", exclude_categories=["Cs"])))
def test_what_has_no_markup_stays_and_what_was_escaped_comes_back(text: str) -> None:
    assert read(text) == text
    assert read(html.escape(text)) == text


@given(st.text(alphabet="<>/&;!-ab #x3\"'= "))
def test_nothing_breaks_it(text: str) -> None:
    assert isinstance(read(text), str)


def test_a_feed_is_loaded_as_it_reads(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        described = {"title": "Painter&#39;s Touch", "description": "<p>Dries<br>fast</p>"}
        filed = {"category": "Home &amp; Garden &gt; Paint", "attributes": {"size": "12&quot;"}}
        shop.load(products=[{"id": "p", **described, **filed}])
        shop.train()
        told = shop.product("p")
        assert told.title == "Painter's Touch" and told.description == "Dries fast"
        assert told.category == ("Home & Garden", "Paint") and told.attributes["size"] == ('12"',)
