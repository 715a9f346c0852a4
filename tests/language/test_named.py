"""What a query's phrases name."""

from collections.abc import Sequence
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from aisle.language.named import Named
from aisle.language.tongue import tongue

SAID = {("nike",): 4, ("red",): 5, ("apple",): 40, ("new", "balance"): 3, ("balance",): 3, ("12",): 2, ("once",): 1}
STATED = [
    *[[("brand", "Nike"), ("color", "Red")]] * 3, [("brand", "NIKE")], [("brand", "Apple")], [("brand", "Apple")],
    *[[("brand", "New Balance"), ("size", "12")]] * 2, [("brand", "Once")], [("finish", "red")],
]  # fmt: skip


STEM = tongue("en").stem


def saying(phrase: Sequence[str]) -> int:
    return SAID.get(tuple(phrase), 0)


def test_a_phrase_names_what_most_products_that_say_it_state() -> None:
    named = Named.fit(STATED, saying, STEM)
    assert named.read(("red", "nike", "shoes")) == (("color", "Red"), ("brand", "Nike"))  # as most products write it
    assert named.read(("new", "balance", "nike")) == (("brand", "New Balance"), ("brand", "Nike"))
    assert named.read(("apple", "juice")) == ()  # forty products say it, two are of the brand
    assert named.read(("12",)) == () == named.read(("once",))  # a number says nothing by itself; one product is too few
    assert named.read(("nike", "nike")) == (("brand", "Nike"),)


@given(st.lists(st.sampled_from([word for phrase in SAID for word in phrase]), max_size=8))
def test_what_was_saved_reads_the_same(query: list[str]) -> None:
    import tempfile

    named = Named.fit(STATED, saying, STEM)
    with tempfile.TemporaryDirectory() as folder:
        named.save(Path(folder) / "named")
        assert Named.load(Path(folder) / "named", STEM).read(query) == named.read(query)
