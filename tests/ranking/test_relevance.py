"""Relevance that nobody judged: what a query means where nothing has all of its words, and phrases of several."""

import numpy as np

from aisle.engines.faiss_index import FaissIndex
from aisle.ranking.postings import Postings
from aisle.ranking.relevance import Relevance
from aisle.ranking.signals import Signals
from aisle.ranking.titles import Titles
from aisle.records.candidates import Candidates
from aisle.records.history import Floats
from aisle.records.request import Context, Reading, Request


def scored(shop: list[str], cosines: list[float], reading: Reading, others: list[list[float]]) -> Floats:
    """`relevance` of every product; a vector is made so that its product with each wording's is the cosine told."""
    told = np.array([cosines, *others], np.float32)  # one axis a wording, another for the rest of the length
    rest = np.sqrt(np.maximum(1 - (told**2).sum(axis=0), 0))[None]
    index = FaissIndex(np.ascontiguousarray(np.concatenate([told, rest]).T, np.float32))
    axes = np.eye(len(told) + 1, dtype=np.float32)
    titles = [tuple(title.split()) for title in shop]
    postings = Postings.fit((frozenset(title), frozenset()) for title in titles)
    about = Signals(postings, Titles.fit(titles, titles, [len(title) for title in titles]), list, index)
    context = Context(Request(), "search", 0, reading=reading, vector=axes[0], other_vectors=axes[1 : len(told)])
    rows = np.arange(len(shop), dtype=np.int32)
    made = Relevance(about).score(context, Candidates(rows, np.zeros((len(rows), 0), np.float32), ()))
    return made.column("relevance")


def test_a_title_that_says_a_phrase_is_meant_though_it_lacks_another_word() -> None:
    shop = ["vanilla ice cream", "frozen dessert", "cream", "lamp"]
    reading = Reading(
        words=("chocolate", "ice", "cream"), alternatives=("chocolate frozen dessert",), idiom=("ice", "cream")
    )
    told = scored(shop, [0.75, 0.5, 0.6, 0.0], reading, [[0.5, 0.66, 0.3, 0.0]])
    assert told.argmax() == 0
    unsaid = scored(["cream", *shop[1:]], [0.75, 0.5, 0.6, 0.0], reading, [[0.5, 0.66, 0.3, 0.0]])
    assert unsaid.argmax() == 1  # half of the phrase is not the phrase


def test_a_mistyped_grade_is_no_end_of_the_scale() -> None:
    about = Signals(Postings.fit([]), Titles.fit([], [], []), list)
    grades = np.array([0, 1, 2, 3] * 100, np.float32)
    for told, most in ((grades, 3), (np.r_[grades, 99], 3), (np.r_[grades, 9], 9), (np.r_[np.zeros(400), 5], 5)):
        made = Relevance(about).scale(told.astype(np.float32))
        assert made.as_judged(made.scaled(told.astype(np.float32)).max()) == most


def test_a_soap_dish_says_no_dish_soap() -> None:
    def says(title: str, text: str = "") -> bool:
        titles = [tuple(title.split())]
        postings = Postings.fit([(frozenset(titles[0]), frozenset(text.split()))])
        return Signals(postings, Titles.fit(titles, titles, [len(titles[0])]), list).says(("dish", "soap"))

    def pots(word: str) -> bool:
        stems, titles = [("pot", "soil")], [(word, "soil")]
        postings = Postings.fit([(frozenset(stems[0]), frozenset())])
        return Signals(postings, Titles.fit(titles, stems, [2]), lambda words: ["pot"]).says(("pots",))

    assert pots("pot") and not pots("potting")

    assert says("dish soap") and says("lemon dish soap refill") and says("lemon refill", "dish soap")
    assert not says("soap dish") and not says("dish of soap") and not says("dish", "refill")
