"""What shoppers chose in answer to a query that was asked before."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from aisle.records.candidates import Candidates
from aisle.records.request import Context, Reading, Request
from aisle.retrieval.chosen import Chosen


def key(words: object) -> str:
    return " ".join(sorted(words))  # type: ignore[call-overload]


def asked(*words: str, hidden: int | None = None) -> Context:
    mask = np.arange(5) != hidden
    return replace(Context(Request(), "search", 0, mask), reading=Reading(" ".join(words), words))


@pytest.fixture(params=["fitted", "loaded"])
def chosen(request: pytest.FixtureRequest, tmp_path: Path) -> Chosen:
    made = Chosen(key).fit(
        [("lamp red", 3, 0.5), ("bed", 0, 1.0), ("lamp red", 1, -0.2), ("lamp red", 2, 0.9), ("", 4, 1.0)]
    )
    if request.param == "fitted":
        return made
    made.save(tmp_path / "chosen")
    return Chosen.load(tmp_path / "chosen", key)


def test_the_most_wanted_stand_first_whatever_the_order_of_words(chosen: Chosen) -> None:
    for words in (("red", "lamp"), ("lamp", "red")):
        made = chosen.retrieve(asked(*words), 10)
        assert made.rows.tolist() == [2, 3] and made.columns == ("asked",)
        np.testing.assert_allclose(made.scores[:, 0], [0.9, 0.5])
    assert chosen.retrieve(asked("bed"), 10).rows.tolist() == [0]


def test_what_is_passed_over_counts_less_than_what_is_not_known(chosen: Chosen) -> None:
    found = Candidates(np.array([4, 3, 2, 1], np.int32), np.zeros((4, 0), np.float32), ())
    np.testing.assert_allclose(chosen.score(asked("red", "lamp"), found).column("chosen"), [0, 0.5, 0.9, -0.2])
    assert not chosen.score(asked("sofa"), found).column("chosen").any()
    assert len(chosen.score(asked("bed"), found.take(np.zeros(0, np.int64))).column("chosen")) == 0


def test_what_may_not_be_shown_and_what_nobody_asked_is_not_named(chosen: Chosen) -> None:
    assert chosen.retrieve(asked("red", "lamp", hidden=2), 10).rows.tolist() == [3]
    assert not len(chosen.retrieve(asked("lamp"), 10)) and not len(chosen.retrieve(asked(), 10))
    assert (
        not chosen.score(asked(""), Candidates(np.arange(5, dtype=np.int32), np.zeros((5, 0), np.float32), ()))
        .column("chosen")
        .any()
    )
    assert not len(Chosen(key).fit([]).retrieve(asked("bed"), 10))
    assert [because.text for because in chosen.why(asked("bed"), [0])] == ["known to answer this search"]
