"""Postings say the same as sets of words."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aisle.ranking.postings import Postings

WORDS = st.frozensets(st.sampled_from(["oak", "bed", "lamp", "床", "2"]), max_size=4)
TEXTS = st.lists(st.tuples(WORDS, WORDS), max_size=8)


@given(TEXTS)
def test_a_row_holds_a_word_as_its_sets_do(texts: list[tuple[frozenset[str], frozenset[str]]]) -> None:
    postings = Postings.fit(texts)
    rows = np.arange(len(texts), dtype=np.int32)[::-1].copy()
    for word in ("oak", "bed", "lamp", "床", "2", "unknown"):
        held, titled = postings.holding(word, rows)
        assert held.tolist() == [word in texts[row][0] | texts[row][1] for row in rows]
        assert titled.tolist() == [word in texts[row][0] for row in rows]
        count = sum(word in title | rest for title, rest in texts)
        assert (word in postings) == bool(count)
        if texts:
            assert np.isclose(postings.weight(word), np.log(1 + len(texts) / (count + 0.5)))


def test_what_was_saved_answers_the_same(tmp_path: Path) -> None:
    made = Postings.fit([(frozenset({"oak"}), frozenset({"bed"})), (frozenset({"bed"}), frozenset())])
    made.save(tmp_path)
    again, rows = Postings.load(tmp_path), np.array([0, 1], np.int32)
    assert [again.holding("bed", rows)[k].tolist() for k in (0, 1)] == [[True, True], [False, True]]
    assert again.lengths.tolist() == [1, 1]
    Postings.fit([]).save(tmp_path)
    assert not Postings.load(tmp_path).words
