"""Signals of a tiny shop whose right order is obvious."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from aisle.engines.faiss_index import FaissIndex
from aisle.language.denials import denied, stems_of
from aisle.language.fillers import asking
from aisle.language.tongue import tongue
from aisle.ranking.postings import Postings
from aisle.ranking.signals import BASIC, SIGNALS, Signals
from aisle.ranking.titles import Titles
from aisle.records.history import Floats

SHOP = ["walnut bed 160 cm", "bed side table walnut", "dish washer tablets 40", "lamp", ""]
TITLES = [tuple(title.split()) for title in SHOP]
ROWS = np.arange(len(SHOP), dtype=np.int32)
NOTHING = np.zeros(0, np.float32)


def signals(vectors: Floats | None = None) -> Signals:
    postings = Postings.fit((frozenset(title), frozenset()) for title in TITLES)
    index = None if vectors is None else FaissIndex(vectors)
    made = Titles.fit(TITLES, TITLES, [*map(len, TITLES)])
    return Signals(postings, made, list, index, partial(asking, small=frozenset({"a"})))


def column(name: str, query: str) -> list[float]:
    told = signals().all(query.split(), NOTHING, ROWS)[:, SIGNALS.index(name)]
    return [float(value) for value in told]


def test_the_basic_ones_come_first() -> None:
    every = signals().all(["walnut", "bed"], NOTHING, ROWS)
    assert every.shape == (len(SHOP), len(SIGNALS)) and every.dtype == np.float32
    assert np.array_equal(every[:, : len(BASIC)], signals().basic(["walnut", "bed"], NOTHING, ROWS), equal_nan=True)


@pytest.mark.parametrize(
    "name, query, best",
    [("letters", "walnt", {0, 1}), ("letters_whole", "dishwasher", {2}), ("pairs", "walnut bed", {0}),
     ("numbers", "bed 160", {0}), ("last_in", "table", {1}), ("matched", "a lamp", {3}),
     ("whole", "walnut bed", {0, 1})],
)  # fmt: skip
def test_what_a_shopper_means_is_highest(name: str, query: str, best: set[int]) -> None:
    told = column(name, query)
    assert {row for row, value in enumerate(told) if value == max(told)} == best


def test_a_word_that_nobody_sells_is_missing_everywhere() -> None:
    assert min(column("missing", "unicorn lamp")) > 0
    assert column("missing", "lamp")[3] == 0
    assert column("rows_with_all", "walnut bed")[0] == pytest.approx(np.log1p(2))
    assert column("rows_with_all", "unicorn bed")[0] == 0


def test_nothing_asked_and_nothing_to_tell_of() -> None:
    assert signals().all([], NOTHING, ROWS).shape == (len(SHOP), len(SIGNALS))
    assert signals().all(["bed"], NOTHING, ROWS[:0]).shape == (0, len(SIGNALS))


def test_a_cosine_is_told_beside_the_best_of_the_shop() -> None:
    vectors = np.eye(len(SHOP), dtype=np.float32)
    told = signals(vectors).all(["bed"], vectors[1], ROWS)
    assert told[:, SIGNALS.index("cosine")].tolist() == pytest.approx([0, 1, 0, 0, 0])
    assert told[:, SIGNALS.index("best_cosine")].tolist() == pytest.approx([1] * 5)
    assert told[:, SIGNALS.index("below_best")].tolist() == pytest.approx([-1, 0, -1, -1, -1])


def test_a_title_is_of_what_it_names_and_not_of_what_it_is_for() -> None:
    titles = [tuple(title.split()) for title in ("ink cartridge", "printer with ink", "printer", "ink for printer", "")]
    postings = Postings.fit((frozenset(title), frozenset()) for title in titles)
    about = Signals(
        postings, Titles.fit(titles, titles, [2, 1, 1, 1, 0]), list, linking=frozenset({"for", "with"}),
        asking=lambda words: [word != "for" for word in words],
    )  # fmt: skip
    for query, thing, told in (
        ("ink for printer", [0, 0, 0, 1, 0], [1, 0, 0, 1, 0]), ("printer", [0, 1, 1, 0, 0], [np.nan] * 5),
        ("", [0] * 5, [np.nan] * 5), ("for", [0] * 5, [np.nan] * 5),
    ):  # fmt: skip
        made = about.basic(query.split(), NOTHING, ROWS)
        np.testing.assert_array_equal(made[:, BASIC.index("thing")], thing)
        np.testing.assert_array_equal(made[:, BASIC.index("thing_in")], told)
    assert about.basic(["ink", "for", "hp"], NOTHING, ROWS[:0]).shape == (0, len(BASIC))


def test_a_title_that_denies_a_word_does_not_say_it() -> None:
    titles = [title.split() for title in ("candy chocolate", "candy non chocolate", "bread no gluten")]
    english = replace(tongue("en"), stem=str)
    stemmed = [stems_of(title, english) for title in titles]
    postings = Postings.fit((frozenset(title), frozenset()) for title in stemmed)
    about = Signals(postings, Titles.fit(titles, stemmed, [2, 3, 3]), partial(stems_of, tongue=english), denied=denied)
    for query, said in (
        ("chocolate candy", [1, 0.3, 0]), ("non chocolate", [0, 1, 0]), ("gluten", [0, 0, 1]), ("no gluten", [0, 0, 1]),
    ):  # fmt: skip
        held = about.basic(query.split(), NOTHING, ROWS[:3])[:, BASIC.index("coverage")]
        np.testing.assert_array_equal(np.isclose(held, 1), np.isclose(said, 1), query)
    assert about.lacking("chocolate").tolist() == [False, True, True]
    assert about.sought(["gluten"]) == [denied("gluten")]  # this shop only has it denied


def test_what_titles_share_is_the_part_of_what_the_anchors_words_tell() -> None:
    made, ones = signals(), np.ones(2, np.float32)
    beside = made.shared(ROWS[:1], ones[:1], ROWS)
    rare, common = made.postings.weight("160"), made.postings.weight("bed")
    walnut, whole = common, 2 * common + rare + made.postings.weight("cm")
    assert beside.tolist() == pytest.approx([1, (common + walnut) / whole, 0, 0, 0], rel=1e-5)
    assert made.shared(ROWS[3:4], ones[:1], ROWS).tolist() == [0, 0, 0, 1, 0], "one word, which nobody else says"
    assert not made.shared(ROWS[4:], ones[:1], ROWS).any(), "an anchor without a word"
    assert not signals().shared(ROWS[:0], ones[:0], ROWS).any() and not len(made.shared(ROWS[:1], ones[:1], ROWS[:0]))
    both = made.shared(np.array([0, 3], np.int32), np.array([3, 1], np.float32), ROWS)
    old = made.shared(np.array([0, 3], np.int32), np.array([3e-20, 1e-20], np.float32), ROWS)
    np.testing.assert_allclose(old, both, rtol=1e-5, err_msg="a history of years ago says what it says")
    assert both.tolist() == pytest.approx([0.75, 0.75 * (common + walnut) / whole, 0, 0.25, 0], rel=1e-5)
    assert not Signals(Postings.fit([]), Titles.fit([], [], []), list).shared(ROWS[:0], ones[:0], ROWS[:0]).any()
