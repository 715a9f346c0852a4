"""How far what a shopper took is due again, beside how likely it is taken: what was bought this morning will hardly be
wanted tonight, however often it comes back within the weeks that a ranker looks ahead."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from aisle.records.candidates import Candidates
from aisle.records.history import Floats, History, Ints
from aisle.records.request import Context

COLUMN = "due"


@dataclass
class Due:
    """A `Scorer`: `due` in [0, 1]. target: codes of event types that take a product; due_of: a history, its distinct
    rows, ascending, and now (UTC ms) → float32 (n,)."""

    target: tuple[int, ...]
    due_of: Callable[[History, Ints, int], Floats]

    def score(self, context: Context, candidates: Candidates) -> Candidates:
        """Candidates that this shopper took, with this column."""
        mine, order = context.history.of(self.target), candidates.rows.argsort()
        mine = mine.take(np.isin(mine.rows, candidates.rows))
        said = self.due_of(mine, candidates.rows[order], context.now)
        return candidates.beside((COLUMN,), said[order.argsort(), None])
