"""Maximal marginal relevance on a slate whose right order can be worked out by hand."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.records.candidates import REST, Candidates
from aisle.records.history import DTYPES, History, Moment
from aisle.records.request import Context, Request
from aisle.reranking.distance import Distance
from aisle.reranking.diversity import Diversity, Method
from aisle.reranking.quotas import Quota, Quotas
from aisle.reranking.rules import PinsAndBuries

CONTEXT = Context(Request(), "home", 0, np.ones(6, bool))
LEVELS = np.array([[0], [0], [0], [1], [1], [2]], np.int32)
BARE = Distance(LEVELS, np.full(6, -1, np.int32), np.full(6, np.nan, np.float32))


def bought(*rows: int) -> History:
    columns = {name: np.zeros(len(rows), dtype) for name, dtype in DTYPES.items()}
    return History(**{**columns, "rows": np.array(rows, np.int32)})


def ranked(scores: list[float]) -> Candidates:
    rows = np.arange(len(scores), dtype=np.int32)
    return Candidates(rows, np.array(scores, np.float32)[:, None], ("blend",))


def test_weight_zero_keeps_the_order() -> None:
    made = Diversity(BARE, LEVELS[:, 0], 0.0).rerank(CONTEXT, ranked([6, 5, 4, 3, 2, 1]), 3)
    assert made.order == (0, 1, 2, 3, 4, 5)


def test_the_next_place_goes_to_the_best_of_what_is_unlike_those_above() -> None:
    # relevance 1, .8, .6, .4, .2, 0; same shelf = likeness 1. After 0: row 1 has .4 - .5, row 3 has .2, row 5 has 0.
    made = Diversity(BARE, LEVELS[:, 0], 0.5).rerank(CONTEXT, ranked([5, 4, 3, 2, 1, 0]), 3)
    assert made.order == (0, 3, 5, 1, 2, 4)


def test_of_what_is_seen_at_once_the_better_ranked_stands_first() -> None:
    # relevance 1, .98, .96, .9, .1, 0: after 0 comes 3, then 5 (nobody like it), before 1 and 2, which are like 0
    made = Diversity(BARE, LEVELS[:, 0], 0.6, whole=True).rerank(CONTEXT, ranked([50, 49, 48, 45, 5, 0]), 6)
    assert made.order[:3] == (0, 3, 5) and made.order[3:] == (1, 2, 4)
    turned = np.array([[0], [1], [0], [2], [0], [0]], np.int32)
    shop = Distance(turned, np.full(6, -1, np.int32), np.full(6, np.nan, np.float32))
    context = replace(CONTEXT, history=bought(*[1] * 30, *[3] * 60))
    made = Diversity(shop, turned[:, 0], 0.99, "calibrated", TAKEN).rerank(context, ranked([6, 5, 4, 3, 2, 1]), 3)
    assert made.order[:3] == tuple(sorted(made.order[:3])) and {1, 3} <= set(made.order[:3])


def test_distance_is_the_mean_of_what_is_known() -> None:
    levels = np.array([[0, 0], [0, 1], [1, -1]], np.int32)
    price = np.log(np.array([1.0, 2.0, np.nan])).astype(np.float32)
    found = Distance(levels, np.array([7, 7, -1], np.int32), price).between(np.arange(3, dtype=np.int32))
    # category: one of two levels shared = .5; brand equal = 0; price twice = .5
    np.testing.assert_allclose(found[0, 1], (0.5 + 0 + 0.5) / 3, rtol=1e-6)
    assert found[0, 2] == 1 and found[0, 0] == 0
    np.testing.assert_array_equal(found, found.T)


@given(st.lists(st.floats(-10, 10, width=32), max_size=6), st.floats(0, 1), st.integers(0, 8))
def test_every_candidate_stays_exactly_once(scores: list[float], weight: float, size: int) -> None:
    made = Diversity(BARE, LEVELS[:, 0], weight).rerank(CONTEXT, ranked(sorted(scores, reverse=True)), size)
    assert sorted(made.order) == list(range(len(scores))) and made.removed == ()


@given(st.permutations(range(6)), st.lists(st.integers(0, 9), max_size=4, unique=True), st.sets(st.integers(0, 9)))
def test_pins_stand_first_in_their_order_and_buries_last(rows: list[int], pins: list[int], buries: set[int]) -> None:
    candidates = Candidates(np.array(rows, np.int32), np.zeros((6, 1), np.float32), ("blend",))
    order = PinsAndBuries(tuple(pins), frozenset(buries)).rerank(CONTEXT, candidates, 6).order
    shown = [rows[at] for at in order]
    here = [pin for pin in pins if pin < 6]
    assert sorted(shown) == list(range(6)) and shown[: len(here)] == here
    sunk = [row for row in shown if row in buries and row not in here]
    assert not sunk or shown[-len(sunk) :] == sunk


TAKEN = (0,)  # the code of every line of `bought`
METHODS: tuple[Method, ...] = ("mmr", "dpp", "intents", "calibrated", "tree")
SCORES = st.lists(st.floats(-10, 10, width=32), max_size=6)


@pytest.mark.parametrize("method", METHODS)
@given(SCORES, st.floats(0, 1), st.integers(0, 8))
def test_every_way_keeps_everybody_once_and_a_longer_slate_begins_as_a_shorter(
    method: Method, scores: list[float], weight: float, size: int
) -> None:
    way = Diversity(BARE, LEVELS[:, 0], weight, method)
    candidates = ranked(sorted(scores, reverse=True))
    made = way.rerank(CONTEXT, candidates, size)
    assert sorted(made.order) == list(range(len(scores))) and made.removed == ()
    assert way.rerank(CONTEXT, candidates, size + 2).order[:size] == made.order[:size]


@pytest.mark.parametrize("method", METHODS)
def test_every_way_shows_another_kind_sooner_than_the_ranking_does(method: Method) -> None:
    context = replace(CONTEXT, history=bought(0, 3, 5))
    made = Diversity(BARE, LEVELS[:, 0], 0.8, method, TAKEN).rerank(context, ranked([6, 5.9, 5.8, 5.7, 5.6, 5.5]), 3)
    assert {int(LEVELS[at, 0]) for at in made.order[:3]} > {0}


def test_calibrated_keeps_the_shoppers_proportions() -> None:
    # of twelve lines eight are of the first kind and four of the second, none of the third
    context = replace(CONTEXT, history=bought(*[0] * 80, *[3] * 40))
    made = Diversity(BARE, LEVELS[:, 0], 0.99, "calibrated", TAKEN).rerank(context, ranked([6, 5, 4, 3, 2, 1]), 3)
    assert Counter(int(LEVELS[at, 0]) for at in made.order[:3]) == {0: 2, 1: 1}
    looked = Diversity(BARE, LEVELS[:, 0], 0.99, "calibrated", (1,)).rerank(context, ranked([6, 5, 4, 3, 2, 1]), 3)
    assert len({int(LEVELS[at, 0]) for at in looked.order[:3]}) == 3, "what was only looked at says nothing"


def test_a_tree_keeps_the_proportions_of_departments_and_of_what_is_within_them() -> None:
    """Two departments half and half; in the first the shopper takes of one shelf only, in the second of both."""
    levels = np.array([[0, 0], [0, 0], [0, 1], [0, 1], [1, 2], [1, 2], [1, 3], [1, 3]], np.int32)
    tree = Distance(levels, np.full(8, -1, np.int32), np.full(8, np.nan, np.float32))
    context = Context(Request(), "home", 0, np.ones(8, bool), history=bought(*[0] * 80, *[4] * 40, *[6] * 40))
    made = Diversity(tree, levels[:, 0], 0.99, "tree", TAKEN).rerank(context, ranked([8, 7, 6, 5, 4, 3, 2, 1]), 4)
    assert Counter(int(levels[at, 1]) for at in made.order[:4]) == {0: 2, 2: 1, 3: 1}


def test_who_takes_all_kinds_is_shown_more_of_them_than_who_takes_one() -> None:
    """Forty things of ten shelves; the first ten candidates are of one shelf."""
    levels = (np.arange(40, dtype=np.int32) // 4)[:, None]
    shop = Distance(levels, np.full(40, -1, np.int32), np.full(40, np.nan, np.float32))
    way = Diversity(shop, levels[:, 0], 0.3, "mmr", TAKEN, appetite=True)
    found = ranked(np.linspace(5, 4, 40).tolist())

    def asked(history: History) -> tuple[float, int]:
        context = Context(Request(), "home", 0, np.ones(40, bool), history=history)
        order = way.rerank(context, found, 8).order[:8]
        return way.wanted(context, found.rows), len({int(levels[at, 0]) for at in order})

    narrow, broad, unknown = asked(bought(0, 1, 2, 3)), asked(bought(*range(0, 40, 4))), asked(bought())
    assert narrow[0] < unknown[0] == 1.0 < broad[0] and narrow[1] < broad[1]
    looked = replace(way, target=(1,)).wanted(Context(Request(), "home", 0, history=bought(0, 1, 2)), found.rows)
    assert looked == 1.0  # what was only looked at says nothing


def test_the_likeliest_slate_of_two_is_found_by_a_determinantal_process() -> None:
    # rows 0 and 1 are alike (det 0), so the best pair by det is any of different kinds; of these the most relevant
    made = Diversity(BARE, LEVELS[:, 0], 0.5, "dpp").rerank(CONTEXT, ranked([6, 5, 4, 3, 2, 1]), 2)
    assert made.order[:2] == (0, 3)


@pytest.mark.parametrize("method", METHODS)
def test_pages_are_parts_of_one_order_where_a_quota_takes_something_out(method: Method) -> None:
    random = np.random.default_rng(0)
    levels, price = random.integers(0, 5, (60, 2)).astype(np.int32), random.random(60).astype(np.float32)
    distance = Distance(levels, random.integers(0, 4, 60).astype(np.int32), price)
    found = ranked(sorted(random.random(60).tolist(), reverse=True))
    context = Context(Request(), "home", 0, np.ones(60, bool))
    quotas = Quotas((Quota("brand", distance.brands, 1, 3),))

    def shown(size: int) -> list[int]:
        varied = Diversity(distance, levels[:, 0], 0.6, method, whole=True).rerank(context, found, size)
        kept = quotas.rerank(context, found.take(np.array(varied.order)), size)
        return [varied.order[at] for at in kept.order[:size]]

    assert len(set(shown(30))) == len(shown(30))
    for size in (3, 7, 10, 20):
        assert shown(size) == shown(30)[:size]


def test_the_whole_pool_begins_as_a_slate_does() -> None:
    way = Diversity(BARE, LEVELS[:, 0], 0.5)
    order = replace(way, whole=True).rerank(CONTEXT, ranked([5, 4, 3, 2, 1, 0]), 3).order
    assert order[:3] == way.rerank(CONTEXT, ranked([5, 4, 3, 2, 1, 0]), 3).order[:3]


@pytest.mark.parametrize("method", ["calibrated", "tree"])
def test_widened_slates_keep_a_part_for_what_all_shoppers_take(method: Method) -> None:
    """Who took only the first kind, sixty times, gets all four of it; with half of it kept for all, the second kind,
    which all take, has about half of the places, and the third, which nobody takes, none."""
    levels = np.repeat([0, 1, 2], 4).astype(np.int32)[:, None]
    shop = Distance(levels, np.full(12, -1, np.int32), np.full(12, np.nan, np.float32))
    takers = np.repeat([0, 90, 0], 4).astype(np.int64)
    context = replace(CONTEXT, history=bought(*[0, 1, 2] * 20), moment=Moment(0, columns={"buyers": takers}))
    asked = ranked([12 - k for k in range(12)])
    places = {}
    for widen in (0.0, 0.5):
        way = Diversity(shop, levels[:, 0], 0.9, method, TAKEN, widen=widen)
        places[widen] = Counter(levels[list(way.rerank(context, asked, 6).order[:6]), 0].tolist())
    assert places[0.0] == {0: 4, 1: 1, 2: 1} and places[0.5] == {0: 3, 1: 3}


def test_widening_is_by_the_candidates_where_nobody_took_anything() -> None:
    nobody = replace(CONTEXT, moment=Moment(0, columns={"buyers": np.zeros(6, np.int64)}))
    plain = Diversity(BARE, LEVELS[:, 0], 0.9, "calibrated", TAKEN)
    asked = ranked([6, 5, 4, 3, 2, 1])
    made = replace(plain, widen=1.0).rerank(nobody, asked, 6)
    assert made.order == plain.rerank(CONTEXT, asked, 6).order


def test_what_only_fills_the_page_stays_behind_what_was_found() -> None:
    nan = np.nan
    scores = np.array([[nan, 0.9], [nan, 0.8], [nan, 0.7], [0, 0.0], [0, 0.0], [0, 0.0]], np.float32)
    whole = Candidates(np.array([0, 1, 2, 3, 4, 5], np.int32), scores, (REST, "blend"))
    made = Diversity(BARE, LEVELS[:, 0], 0.9).rerank(CONTEXT, whole, 6)
    assert made.order[3:] == (3, 4, 5), "other kinds, but nobody named them"
