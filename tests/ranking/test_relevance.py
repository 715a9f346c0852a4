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
