"""Words for one thing, from what shoppers took after asking and from how titles are written."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from aisle import Shop
from aisle.cli import app
from aisle.errors import InputError
from aisle.feedback.wordings import ALIKE, differing, wordings
from aisle.wiring.synonyms import Synonym, written
from tests.worlds import BARE, PATIENT, START, opened

GOODS = [
    *({"id": f"diaper{k}", "title": f"Diapers size {k}", "category": "Baby"} for k in range(4)),
    *({"id": f"lamp{k}", "title": f"Lamp {k} {'red' if k % 2 else 'blue'}", "category": "Light"} for k in range(6)),
    {"id": "dw1", "title": "Sockwasher tabs"}, {"id": "dw2", "title": "Sockwasher salt"},
    {"id": "dw3", "title": "Sock washer rack"}, {"id": "dw4", "title": "Sock washer hose"},
]  # fmt: skip


def clicks(query: str, products: list[str], users: int) -> list[dict[str, Any]]:
    return [{"type": "click", "user": f"{query}-{user}", "product": product, "query": query, "timestamp": START + user}
            for user in range(users) for product in products]  # fmt: skip


def shop_of(folder: Path, more: list[dict[str, Any]] | None = None) -> Shop:
    diapers, red, blue = ["diaper0", "diaper1", "diaper2"], ["lamp1", "lamp3"], ["lamp0", "lamp2"]
    events = [
        *clicks("botties", diapers, 5), *clicks("diapers", diapers[:2], 8), *clicks("cheap botties", diapers[1:], 4),
        *clicks("cheap diapers", diapers, 4), *clicks("red lamp", red, 6), *clicks("blue lamp", blue, 6),
        *clicks("secret word", diapers, 2), *clicks("diaprs", diapers, 6), *(more or []),
    ]  # fmt: skip
    made = opened(folder, BARE + PATIENT)
    made.load(products=GOODS, events=events)
    made.train()
    return made


def test_what_the_shop_calls_otherwise_is_suggested_and_found_once_it_is_taken_over(tmp_path: Path) -> None:
    with shop_of(tmp_path) as shop:
        found = {(one.phrase, one.other): one.why for one in shop.synonyms()}
        assert "9 shoppers" in found["botties", "diapers"]
        assert ("diapers", "botties") not in found  # nothing would be found by it
        assert not any("red" in pair or "blue" in pair for pair in found)  # other products were taken
        assert not any("secret" in phrase for phrase, _ in found)  # two shoppers are too few to tell of
        assert ("diaprs", "diapers") not in found  # spelling corrects it
        assert ("sockwasher", "sock washer") in found and ("sock washer", "sockwasher") in found
        assert shop.search("botties", size=3).ids == [] or "diaper0" not in shop.search("botties", size=3).ids
        out = CliRunner().invoke(app, ["synonyms", "-s", str(tmp_path), "--out", str(tmp_path / "mine.tsv"), "--json"])
        assert out.exit_code == 0 and {"phrase": "botties", "other": "diapers", "why": found["botties", "diapers"]} in (
            json.loads(out.stdout)
        )
        (tmp_path / "shop.toml").write_text(BARE + PATIENT + '[search]\nsynonyms = "mine.tsv"\nthesaurus = false\n')
        assert set(shop.search("botties", size=3).ids) <= {f"diaper{k}" for k in range(4)}
        assert "diaper0" in shop.search("botties", size=4).ids
        assert all(one.phrase != "botties" for one in shop.synonyms())  # known by now


def test_a_shop_without_searches_is_suggested_what_its_titles_say(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.load(products=GOODS[:10])
        shop.train()
        assert shop.synonyms() == []
    out = CliRunner().invoke(app, ["synonyms", "-s", str(tmp_path)])
    assert out.exit_code == 0 and "nothing is suggested" in out.stdout


def test_lines_that_a_shop_wrote_are_left_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "mine.tsv"
    path.write_text("torch\tlantern")  # no line's end
    some = [Synonym("torch", "flashlight", "a"), Synonym("botties", "diapers", "b"), Synonym("botties", "pampers", "c")]
    assert written(some, path) == 1
    assert path.read_text() == "torch\tlantern\n# b; c\nbotties\tdiapers; pampers\n"
    assert written(some, path) == 0 and path.read_text().count("botties") == 1
    with pytest.raises(InputError, match="phrases"):
        written(some, tmp_path)


WORDS = st.lists(st.sampled_from("abc"), max_size=5)


@given(WORDS, WORDS, WORDS, WORDS)
def test_two_queries_differ_in_one_stretch(
    before: list[str], one: list[str], other: list[str], after: list[str]
) -> None:
    left, right = [*before, *one, *after], [*before, *other, *after]
    found = differing(left, right)
    if found is None:
        return
    a, b = found
    assert a and b and a != b
    start = next(k for k in range(len(left)) if left[:k] == right[:k] and left[k : k + len(a)] == list(a)
                 and left[k + len(a) :] == right[k + len(b) :] and right[k : k + len(b)] == list(b))  # fmt: skip
    assert start >= 0


def test_likeness_is_of_products_and_evidence_adds_up() -> None:
    told = {
        "big sofa": {"s1": {"a", "b", "c"}, "s2": {"a"}}, "big couch": {"s1": {"d", "e", "f"}},
        "sofa": {"s1": {"a", "b", "c"}}, "couch": {"s1": {"a", "b", "c", "d"}}, "bed": {"b1": {"a", "b", "c"}},
        "big bed": {"b1": {"a", "b"}},
    }  # fmt: skip
    found = {(w.one, w.other): w for w in wordings(told, str.split)}
    across = {(("big", "couch"), ("sofa",)), (("big", "sofa"), ("couch",))}
    assert set(found) == {(("couch",), ("sofa",)), *across}  # who asked for a bed took another product
    plain = found[("couch",), ("sofa",)]
    assert plain.shoppers == 6 and plain.alike > ALIKE
    assert wordings({}, str.split) == [] and wordings({"sofa": {"s1": {"a"}}}, str.split) == []
