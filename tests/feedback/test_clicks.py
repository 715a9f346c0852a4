"""What the log says of queries, places and clicks, and what is left of a click without its place."""

import json

import numpy as np
import pytest

from aisle.feedback.clicks import Seen, seen
from aisle.feedback.positions import attraction_of
from aisle.records.row import Row


def slate(name: str, query: str, products: list[str], **more: object) -> Row:
    said = {"products": products, "request": {"query": query, **more}}
    return Row("served", name, body=json.dumps(said, separators=(",", ":")))


def event(kind: str, product: str, **said: object) -> Row:
    return Row("event", f"{kind}{product}{said}", type=kind, user="u", product=product,
               body=json.dumps(said, separators=(",", ":")))  # fmt: skip


def cells(rows: list[Row]) -> dict[tuple[str, str, int], tuple[float, float]]:
    found = seen([rows[:2], rows[2:]])
    return {(*found.pairs[pair], int(at)): (n, c) for pair, at, n, c in
            zip(found.pair, found.place, found.shown, found.clicked, strict=True)}  # fmt: skip


def test_slates_and_their_clicks_are_counted_by_query_product_and_place() -> None:
    assert cells([
        slate("s1", "Red  Shoes", ["a", "b"]), slate("s2", "red shoes", ["b", "a"]), slate("s3", "", ["a", "b"]),
        slate("s4", "red shoes", ["a"], sort="price"), slate("s5", "red shoes", ["c"], offset=10),
        event("click", "a", slate="s1"), event("purchase", "a", slate="s1"), event("click", "b", slate="s3"),
        event("click", "z", slate="s1"), event("view", "c", slate="s5", position=10), event("view", "a"),
    ]) == {
        ("red shoes", "a", 0): (1, 1), ("red shoes", "b", 1): (1, 0), ("red shoes", "b", 0): (1, 0),
        ("red shoes", "a", 1): (1, 0), ("red shoes", "c", 10): (1, 1),
    }  # fmt: skip


def test_a_log_from_elsewhere_says_query_and_position_itself() -> None:
    assert cells([
        event("impression", "a", query="lamp", position=0), event("impression", "a", query="Lamp", position=0),
        event("impression", "b", query="lamp", position=400), event("click", "a", query="lamp", position=0),
        event("click", "q", query="lamp", position=3), event("impression", "a", query="lamp"),
    ]) == {("lamp", "a", 0): (2, 1), ("lamp", "b", 49): (1, 0)}  # fmt: skip


def world(moved: bool, pairs: int = 300, shows: int = 400, seed: int = 0) -> tuple[Seen, np.ndarray, np.ndarray]:
    """Pairs of known attraction; the more attractive ones stand above, in a few places each where they move."""
    random = np.random.default_rng(seed)
    attraction = np.sort(random.random(pairs) * 0.8)[::-1]
    look = np.array([1, 0.5, 0.3, 0.2, 0.1])
    home = np.repeat(np.arange(5), pairs // 5)
    pair, place = np.repeat(np.arange(pairs), 3), np.repeat(home, 3)
    if moved:
        place = np.clip(place + np.tile([-1, 0, 1], pairs), 0, 4)
    shown = np.full(len(pair), float(shows))
    clicked = random.binomial(shows, look[place] * attraction[pair]).astype(float)
    return Seen([("q", f"p{k}") for k in range(pairs)], pair, place, shown, clicked), look, attraction


def test_places_and_attraction_are_told_apart_where_products_move() -> None:
    told, look, attraction = world(moved=True)
    found = attraction_of(told)
    assert found.moved > 0.9
    np.testing.assert_allclose(found.look, look, atol=0.06)
    assert np.corrcoef(found.attraction, attraction)[0, 1] > 0.95
    rates = np.bincount(told.pair, told.clicked) / np.bincount(told.pair, told.shown)
    assert np.abs(found.attraction - attraction).mean() < 0.25 * np.abs(rates - attraction).mean()


def test_where_nothing_moves_places_count_as_in_dcg() -> None:
    one = Seen([("q", "a"), ("q", "b")], np.arange(2), np.arange(2), np.full(2, 5000.0), np.array([1000.0, 630.0]))
    found = attraction_of(one)
    assert found.moved == 0 and found.look.tolist() == pytest.approx([1, 1 / np.log2(3)])
    assert found.attraction[0] == pytest.approx(found.attraction[1], abs=0.01)
    assert found.looked.tolist() == pytest.approx([5000, 5000 / np.log2(3)])


def test_nothing_seen_and_nothing_clicked_are_no_errors() -> None:
    nothing = np.zeros(0)
    assert len(attraction_of(Seen([], nothing.astype(int), nothing.astype(int), nothing, nothing)).attraction) == 0
    one = Seen([("q", "a")], np.zeros(1, int), np.zeros(1, int), np.full(1, 9.0), np.zeros(1))
    assert attraction_of(one).attraction.tolist() == [0.0]


def test_a_long_log_is_counted_in_bounded_memory() -> None:
    rows = [slate(f"often{k}", "lamp", ["a", "b"]) for k in range(40)]
    rows += [slate(f"once{k}", f"word {k}", [f"p{j}" for j in range(10)]) for k in range(100)]
    rows += [event("click", "a", slate="often39"), event("click", "b", slate="often0")]
    found = seen([rows], most=200, latest=110)
    assert len(found.shown) <= 200, "what was asked once is left out first"
    told = {found.pairs[pair]: (n, c) for pair, n, c in zip(found.pair, found.shown, found.clicked, strict=True)}
    assert told["lamp", "a"] == (40, 1)
    assert told["lamp", "b"] == (40, 0), "an answer to a slate of long ago"
