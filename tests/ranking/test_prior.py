"""What speaks for a product beside its relevance."""

from dataclasses import replace

import numpy as np

from aisle.features.tally import Tally
from aisle.ranking.prior import Prior
from aisle.records.candidates import Candidates
from aisle.records.request import Context, Reading, Request


def context(orders: list[int]) -> Context:
    tally = Tally(len(orders), 0, timed=False)
    tally.columns["orders"][:] = orders
    return replace(Context(Request("milk"), "search", 0), moment=tally.moment(0))


NAMES = ("prior", "intent", "share", "own")


def columns(
    relevance: list[float], orders: list[int], kinds: list[int], named: list[float] | None = None
) -> dict[str, list[float]]:
    rows = np.arange(len(relevance), dtype=np.int32)
    scores = np.array([relevance, named or [1.0] * len(relevance)], np.float32).T
    found = Candidates(rows, scores, ("relevance", "named"))
    scored = Prior(np.array(kinds, np.int32)).score(context(orders), found)
    return {name: scored.column(name).round(3).tolist() for name in NAMES}


def test_the_kind_that_is_bought_most_is_meant_also_by_its_rare_products() -> None:
    told = columns([0.9, 0.9, 0.9, 0.9], [0, 100, 5, 5], [0, 0, 1, 1])
    assert told["intent"][0] == told["intent"][1] == 1.0 > told["intent"][2] == told["intent"][3] > 0


def test_what_does_not_answer_well_makes_no_kind_meant() -> None:
    told = columns([0.9, 0.3], [5, 1000], [0, 1])
    assert told["intent"] == [1.0, 0.0] and told["prior"][1] == 1.0


def test_a_kind_is_due_the_part_that_it_has_of_demand_for_what_the_query_names() -> None:
    told = columns([0.9, 0.9, 0.9, 0.9, 0.5], [60, 0, 20, 100, 100], [0, 0, 1, 2, 3], [1, 1, 1, 0.5, 1])
    assert told["share"] == [0.75, 0.75, 0.25, 0, 0]


def test_a_product_without_a_kind_has_no_intent_and_an_empty_answer_stays_empty() -> None:
    assert columns([0.9, 0.9], [10, 1], [-1, 0])["intent"] == [0.0, 1.0]
    assert columns([], [], [0])["intent"] == []


def test_nothing_bought_yet_speaks_for_nothing() -> None:
    assert columns([0.9, 0.5], [0, 0], [0, 1]) == {name: [0, 0] for name in NAMES}


def test_what_a_query_names_speaks_for_the_products_that_have_it() -> None:
    held = {("brand", "Brother"): [1, 0, 1], ("color", "red"): [1, 1, 0]}
    prior = Prior(
        np.zeros(3, np.int32), lambda named, rows, _: np.mean([np.array(held[one])[rows] for one in named], 0)
    )
    found = Candidates(np.array([2, 0, 1], np.int32), np.ones((3, 2), np.float32), ("relevance", "named"))
    asked = replace(context([0, 0, 0]), reading=Reading("red brother", ("red", "brother"), named=tuple(held)))
    assert prior.score(asked, found).column("stated").tolist() == [0.5, 1.0, 0.5]
    assert prior.score(context([0, 0, 0]), found).column("stated").tolist() == [0, 0, 0]


def test_who_asks_for_something_cheap_is_shown_low_prices_of_each_kind_first() -> None:
    prices = np.log1p(np.array([10, 30, 20, np.nan, 500, 900, 7], np.float32)).astype(np.float32)
    prior = Prior(np.array([0, 0, 0, 0, 1, 1, 2], np.int32), price=prices)
    found = Candidates(np.arange(7, dtype=np.int32), np.ones((7, 2), np.float32), ("relevance", "named"))
    asked = context([0] * 7)
    assert not prior.score(asked, found).column("thrift").any()
    told = prior.score(replace(asked, reading=Reading(cheap=True)), found).column("thrift")
    assert told[[0, 1, 3, 4, 5, 6]].tolist() == [1, 0, 0, 1, 0, 0.5] and 0 < told[2] < 1
    empty = found.take(np.zeros(0, np.int64))
    assert not len(prior.score(replace(asked, reading=Reading(cheap=True)), empty))
