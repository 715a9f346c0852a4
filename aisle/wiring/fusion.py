"""What each source counts where no trees decide: how often it was right lately, and before it was ever asked, a guess.

The weight of a source in the fusion is the square of the share of right products among the ten that it puts first,
counted in a replay; GUESSES, with the weight of GUESSED products, stand in for what was not seen yet. What learns from
others grows with the log, and so does the guess. So a shop without events is led by what its texts say, and one with
many by what its shoppers did.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from aisle.pipeline.train import Replayed
from aisle.records.candidates import RANK

FIRST = 10  # places of a source's list that are judged
GUESSED = 500.0  # products that a guess counts for: ten each for fifty shoppers
# what a source that answers is right about, elsewhere (Beauty and Complete Journey): what a shopper has comes first
GUESSES = {
    "repurchase": 0.10, "considered": 0.05, "linear": 0.010, "semantic": 0.010, "sequence": 0.008, "similar": 0.006,
    "transitions": 0.006, "copurchase": 0.005, "neighbours": 0.005, "kindred": 0.004, "crowd": 0.004, "popular": 0.001,
    "taste": 0.001, "fresh": 0.0005,
}  # fmt: skip
OF_OTHERS = (
    "linear", "kindred", "semantic", "sequence", "transitions", "copurchase", "neighbours", "crowd", "popular", "taste",
)
HALFWAY = 2.0  # events a product at which what learns from others is half as good as it becomes
POWER = 2.0  # with the shares themselves several poor sources that agree outvote the best one (docs/log.md)
LEAST = 0.01  # of it: what happens after the training still orders what nothing else does


def counted(dense: float, replayed: Sequence[Replayed] = ()) -> Mapping[str, float]:
    """The weight of every source, the largest 1, in a log of `dense` events a product."""
    grown = dict.fromkeys(OF_OTHERS, max(dense / (dense + HALFWAY), LEAST))
    weights = {name: _share(name, guess * grown.get(name, 1.0), replayed) for name, guess in GUESSES.items()}
    largest = max(weights.values())
    return {name: round((weight / largest) ** POWER, 8) for name, weight in weights.items()}


def _share(name: str, guess: float, replayed: Sequence[Replayed]) -> float:
    right, shown = guess * GUESSED, GUESSED
    for part in replayed:
        examples, column = part.examples, RANK + name
        if column in examples.columns:
            first = np.nan_to_num(examples.features[:, examples.columns.index(column)], nan=np.inf) < FIRST
            right += float((part.weights * examples.labels)[first].sum())
            shown += float(part.weights[first].sum())
    return right / shown
