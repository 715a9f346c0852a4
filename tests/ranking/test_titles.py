"""Titles say where words stand and how nearly they are spelled, as sets of letters do."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.ranking.titles import NOWHERE, Titles, grams_of

WORDS = ["oak", "beds", "lamp", "lamps", "2", "床垫"]
TITLES = st.lists(st.lists(st.sampled_from(WORDS), max_size=4), min_size=1, max_size=6)


def titles_of(titles: list[list[str]]) -> Titles:
    return Titles.fit(
        titles, [[word.rstrip("s") for word in title] for title in titles], [len(title) for title in titles]
    )


@given(TITLES, st.sampled_from([*WORDS, "lmap", "xyz"]))
def test_the_likest_word_of_a_title_is_what_sets_of_trigrams_say(titles: list[list[str]], asked: str) -> None:
    made, rows = titles_of(titles), np.arange(len(titles), dtype=np.int32)
    mine = set(grams_of(asked).tolist())

    def alike(word: str) -> float:
        other = set(grams_of(word).tolist())
        return len(mine & other) / len(mine | other)

    wanted = [max(map(alike, title), default=0.0) for title in titles]
    assert made.some(rows).best(made.likeness(asked)).tolist() == pytest.approx(wanted)


@given(TITLES)
def test_a_word_stands_where_its_stem_first_does(titles: list[list[str]]) -> None:
    made, rows = titles_of(titles), np.arange(len(titles), dtype=np.int32)[::-1].copy()
    some = made.some(rows)
    here = made.matching(some, "lamp")
    first = np.minimum.reduceat(np.where(here, some.places, NOWHERE), some.starts)
    stems = [[word.rstrip("s") for word in titles[row]] for row in rows]
    assert first.tolist() == [title.index("lamp") if "lamp" in title else NOWHERE for title in stems]
    assert not made.matching(some, "unknown").any()


def test_joined_and_split_words_share_their_letters() -> None:
    made = titles_of([["dish", "washer"], ["lamp"], []])
    shares = made.contained(made.some(np.array([0, 1, 2], np.int32)), "dishwasher")
    assert shares.tolist() == [1.0, 0.0, 0.0]
    assert made.contained(made.some(np.zeros(0, np.int32)), "lamp").tolist() == []


def test_what_was_saved_answers_the_same(tmp_path: Path) -> None:
    made = titles_of([["oak", "beds"], [], ["lamps"]])
    made.save(tmp_path)
    again, rows = Titles.load(tmp_path), np.array([2, 0], np.int32)
    assert (
        again.some(rows).best(again.likeness("lamp")).tolist() == made.some(rows).best(made.likeness("lamp")).tolist()
    )
    assert again.matching(again.some(rows), "bed").tolist() == made.matching(made.some(rows), "bed").tolist()
