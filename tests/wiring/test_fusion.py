"""What sources count where no trees decide: guesses first, what was seen later."""

import numpy as np

from aisle.pipeline.train import Replayed
from aisle.records.candidates import RANK
from aisle.records.measurement import Examples
from aisle.wiring.fusion import counted, counted_beside
from aisle.wiring.scenarios import RELATED
from aisle.wiring.sources import TABLE


def replayed(source: str, right: float, many: int = 4000) -> Replayed:
    """A source that was first to name `many` products, of which a share was right."""
    labels = (np.arange(many) < right * many).astype(np.float32)
    features = np.zeros((many, 1), np.float32)
    examples = Examples(features, labels, np.array([many], np.int64), (RANK + source,))
    return Replayed(examples, np.ones(many, np.float32))


def test_without_events_texts_count_more_than_what_learns_from_others() -> None:
    weights = counted(0.0)
    assert set(weights) == set(TABLE) and max(weights.values()) == 1
    assert weights["similar"] > 50 * weights["transitions"] > 0 and weights["similar"] > 50 * weights["popular"] > 0
    assert counted(100.0)["transitions"] > 0.9 * (TABLE["transitions"].guess / TABLE["repurchase"].guess) ** 2


def test_a_source_that_was_right_counts_more_and_one_that_was_wrong_less() -> None:
    before = counted(1.0)
    assert counted(1.0, [replayed("taste", 0.2)])["taste"] > 50 * before["taste"]
    assert counted(1.0, [replayed("similar", 0.0)])["similar"] < before["similar"] / 5


def test_what_a_source_put_further_down_does_not_count() -> None:
    part = replayed("taste", 0.2)
    part.examples.features[:] = 10.0
    assert counted(1.0, [part]) == counted(1.0)


def test_beside_products_a_thin_log_leaves_it_to_likeness_and_a_large_one_to_companions() -> None:
    basket = RELATED["basket"]
    thin, large = (counted_beside(dense, basket) for dense in (0.1, 1000.0))
    assert thin["similar"] == 1 > 10 * thin["copurchase"]
    assert large["copurchase"] == 1 and abs(large["similar"] - basket["similar"]) < 0.01
    seen = counted_beside(1000.0, basket, [replayed("similar", 0.1)])
    assert seen["similar"] == 1 > 2 * seen["copurchase"]
