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
BESIDE = 0.02  # what the best source beside products is guessed to have right
POWER = 2.0  # with the shares themselves several poor sources that agree outvote the best one (docs/log.md)
LEAST = 0.01  # of it: what happens after the training still orders what nothing else does


def counted(dense: float, replayed: Sequence[Replayed] = ()) -> Mapping[str, float]:
    """The weight of every source, the largest 1, in a log of `dense` events a product."""
    return _powered({name: _share(name, _grown(name, source.guess, dense), replayed) for name, source in TABLE.items()})


def counted_beside(dense: float, begun: Mapping[str, float], replayed: Sequence[Replayed] = ()) -> Mapping[str, float]:
    """The same of a scenario that stands on products, whose sources weigh what `begun` says in a large log that was
    never replayed."""
    guesses = {name: _grown(name, BESIDE * weight ** (1 / POWER), dense) for name, weight in begun.items()}
    return _powered({name: _share(name, guess, replayed) for name, guess in guesses.items()})


def _grown(name: str, guess: float, dense: float) -> float:
    return guess * max(dense / (dense + HALFWAY), LEAST) if TABLE[name].of_others else guess


def _powered(shares: Mapping[str, float]) -> Mapping[str, float]:
    largest = max(shares.values())
    return {name: round((share / largest) ** POWER, 8) for name, share in shares.items()}


def _share(name: str, guess: float, replayed: Sequence[Replayed]) -> float:
    right, shown = guess * GUESSED, GUESSED
    for part in replayed:
        examples, column = part.examples, RANK + name
        if column in examples.columns:
            first = np.nan_to_num(examples.features[:, examples.columns.index(column)], nan=np.inf) < FIRST
            right += float((part.weights * examples.labels)[first].sum())
            shown += float(part.weights[first].sum())
    return right / shown
