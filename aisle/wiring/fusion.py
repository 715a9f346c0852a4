"""What each source counts where no trees decide: how often it was right lately, and before it was ever asked, a guess.

The weight of a source in the fusion is the square of the share of right products among the ten that it puts first,
counted in a replay; a guess (sources.py), with the weight of GUESSED products, stands in for what was not seen.
What learns from others grows with the log, and so does the guess. So a shop without events is led by what its texts
say, and one with many by what its shoppers did.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from aisle.pipeline.train import Replayed
from aisle.records.candidates import RANK
from aisle.wiring.sources import TABLE

FIRST = 10  # places of a source's list that are judged
GUESSED = 500.0  # products that a guess counts for: ten each for fifty shoppers
HALFWAY = 2.0  # events a product at which what learns from others is half as good as it becomes
POWER = 2.0  # with the shares themselves several poor sources that agree outvote the best one (docs/log.md)
LEAST = 0.01  # of it: what happens after the training still orders what nothing else does


def counted(dense: float, replayed: Sequence[Replayed] = ()) -> Mapping[str, float]:
    """The weight of every source, the largest 1, in a log of `dense` events a product."""
    grown = max(dense / (dense + HALFWAY), LEAST)
    weights = {name: _share(name, source.guess * (grown if source.of_others else 1.0), replayed)
               for name, source in TABLE.items()}  # fmt: skip
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
