"""A shop of boots and jackets: sizes, colours and stock of variants, as shoppers ask for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from aisle import Shop
from tests.worlds import opened

BOOTS = [{"id": f"boot-{colour[:3]}-{size}", "group": "boot", "title": "Fjell hiking boots", "brand": "Lowatra",
          "category": "Footwear", "price": "120", "attributes": {"colour": [colour], "size": [size]},
          "available": (colour, size) != ("red", "43")}
         for colour in ("teal", "forest green", "red") for size in ("41", "42", "43")]  # fmt: skip
MORE = [{"id": f"shoe-{k}", "title": f"Karst trail shoes {k}", "brand": "Lowatra", "category": "Footwear",
         "price": "90", "attributes": {"colour": ["teal"], "size": [str(38 + k)]}} for k in range(4)]  # fmt: skip
JACKETS = [{"id": f"jacket-{colour}-{size}", "group": f"jacket {k}", "title": f"Gale rain jacket {k}",
            "brand": "Norhavn", "category": "Jackets", "price": "200",
            "attributes": {"colour": [colour], "size": [size]},
            "available": not (k == 0 and colour == "red")}
           for k in range(3) for colour in ("navy", "red") for size in (f"S{k}", f"L{k}")]  # fmt: skip
ROPE = [{"id": f"rope-{k}", "title": f"Climbing rope {k}", "category": "Ropes", "price": "150"} for k in range(3)]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with opened(tmp_path_factory.mktemp("sizes")) as made:
        made.load(products=[*BOOTS, *MORE, *JACKETS, *ROPE])
        made.train()
        yield made


@pytest.mark.parametrize(("query", "product"), [
    ("hiking boots 42 red", "boot-red-42"), ("hiking boots size 41 teal", "boot-tea-41"),
    ("green boots", "boot-for-41"), ("boots 43 green", "boot-for-43"),
])  # fmt: skip
def test_the_variant_is_shown_that_has_what_the_query_says(query: str, product: str, shop: Shop) -> None:
    found = shop.search(query, size=1)
    assert found.ids == [product] and not [note for note in found.notes if "nothing" in note]


def test_what_is_sold_out_speaks_for_no_product(shop: Shop) -> None:
    groups = [placed.group for placed in shop.search("red rain jacket")]
    assert groups.index("jacket 0") > max(groups.index("jacket 1"), groups.index("jacket 2"))


def test_a_variant_that_is_sold_out_is_not_said_to_be_shown(shop: Shop) -> None:
    slate = shop.search("hiking boots")
    shown = next(placed.product for placed in slate if placed.group == "boot")
    assert "may not be shown" in shop.explain(slate, "boot-red-43").verdict
    other = next(one["id"] for one in BOOTS if one["id"] not in (shown, "boot-red-43"))
    assert shop.explain(slate, str(other)).verdict.startswith(f"it is shown, by {shown!r}")
    assert shop.explain(slate, shown).verdict.startswith("it is shown")


def test_metres_are_no_size(shop: Shop) -> None:
    assert not [note for note in shop.search("climbing rope 70m").notes if "size" in note]


def test_limits_that_leave_nothing_are_told(shop: Shop) -> None:
    assert (
        shop.search("lowatra fjell boots under 100 euros")
        .notes[-1]
        .startswith("within what is asked for, nothing has all")
    )
    assert not [note for note in shop.search("lowatra fjell boots under 500 euros").notes if "nothing" in note]


def test_a_misspelt_brand_is_read(shop: Shop) -> None:
    assert shop.search("norhav rain jacket").query == "norhavn rain jacket"


def test_variants_are_listed_in_the_order_of_the_catalogue(shop: Shop) -> None:
    assert [one.id for one in shop.variants("boot-red-42")] == [one["id"] for one in BOOTS]
    assert [one.id for one in shop.variants("rope-1")] == ["rope-1"]
    assert [one.id for one in shop.variants("boot") if not one.available] == ["boot-red-43"]


def test_an_event_log_is_no_catalogue(tmp_path: Path) -> None:
    from aisle.errors import SourceError

    events = [{"type": "view", "user": "u", "product": "a", "id": str(k)} for k in range(30)]
    with opened(tmp_path) as made:
        with pytest.raises(SourceError, match="no title"):
            made.load(products=events)
        made.load(products=[{"id": f"p{k}", "price": "12"} for k in range(30)])  # of a market, say


def test_a_shop_of_which_nothing_could_be_read_is_told_why(tmp_path: Path) -> None:
    with opened(tmp_path) as made:
        made.load(products=[{"id": "p", "title": "Thing", "price": "cheap"}])
        assert [issue.check for issue in made.check()] == ["quarantine", "catalogue"]


def test_what_says_just_that_stands_before_other_words_for_it(tmp_path: Path) -> None:
    goods = [{"id": f"flop{k}", "title": f"{brand} flip flop"} for k, brand in enumerate("ABCDEFGHIJKL")]
    goods += [{"id": f"thong{k}", "title": f"Thong sandal {k}"} for k in range(12)]
    with opened(tmp_path) as made:
        made.load(products=goods)
        made.train()
        assert all(one.startswith("flop") for one in made.search("flip flops", size=12).ids)
        assert made.search("different styles of thongs", size=1).ids[0].startswith("thong")


def test_a_guests_session_is_one_visit_where_nothing_has_a_time(tmp_path: Path) -> None:
    pairs = [(f"a{k}", f"b{k}") for k in range(30)]
    events = [{"type": "view", "session": f"s{k}-{again}", "product": one}
              for again in range(3) for k, pair in enumerate(pairs) for one in pair]  # fmt: skip
    with opened(tmp_path) as made:
        made.load(products=[{"id": one, "title": f"Thing {one}"} for pair in pairs for one in pair], events=events)
        made.train()
        assert made.recommend("basket", anchor=["a3"], size=1).ids == ["b3"]
