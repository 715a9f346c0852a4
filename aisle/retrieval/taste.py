"""Taste: popular discoveries within the categories and brands that this shopper buys more than others do."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aisle.catalogue.levels import Levels
from aisle.records.candidates import Candidates, found, nothing
from aisle.records.history import NO_TIME, Ints, Longs, Moment
from aisle.records.request import Context
from aisle.records.slate import Because
from aisle.records.times import DAY

HALF_LIFE = 80.0  # days
PRIOR = 20.0  # orders that a shopper's own distribution is shrunk by
REACH = 4000  # products looked at
FIRST = 56  # half-life of first purchases, days


@dataclass
class Taste:
    """A `Retriever`: Σ_level weight · log(shopper's share / shop's share) + log(shoppers who discovered it lately)."""

    levels: Levels
    name: str = "taste"

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """The best discoveries; none for a shopper without history."""
        history, moment = context.history, context.moment
        if not len(history):
            return nothing(self.name)
        rows, codes = moment.once((self.levels, "discovered"), lambda _: self._reached(moment))
        discovered = moment.decayed(f"first{FIRST}", FIRST, rows) if moment.timed else moment.count("buyers", rows)
        timed = history.times[0] != NO_TIME
        ages = np.maximum(context.now - history.times, 0) / DAY if timed else np.zeros(len(history))
        decayed = np.exp2(-ages / HALF_LIFE)
        levels = self.levels
        share, weights = levels.shares(moment), np.repeat(levels.weights, np.diff(levels.starts))
        mine = levels.counted(history.rows, decayed)
        total = np.repeat(levels.by_level(mine), np.diff(levels.starts))
        lift = np.where(levels.nowhere, 0, weights * np.log((mine + PRIOR * share) / (total + PRIOR) / share))
        scores = (np.log(discovered + 0.1) + lift[codes].sum(axis=0)).astype(np.float32)
        shown = context.mask[rows]
        return found(self.name, rows[shown], scores[shown], limit)

    def _reached(self, moment: Moment) -> tuple[Ints, Longs]:
        """The rows looked at, and their codes in every level, (levels, rows)."""
        rows = _discovered(moment)
        return rows, np.ascontiguousarray(self.levels.flat[rows].T)

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """They are of a kind that this shopper buys, where the catalogue tells kinds apart."""
        names = " ".join(self.levels.names)
        kinds = [what for what, by in (("categories", "category"), ("brands", "brand")) if by in names]
        return [Because(f"popular in the {' and '.join(kinds)} you buy" if kinds else "popular lately")] * len(rows)


def _discovered(moment: Moment) -> Ints:
    """The rows most discovered: beyond them, no taste could lift a product into the best."""
    discovered = moment.columns[f"first{FIRST}" if moment.timed else "buyers"]
    rows = np.flatnonzero(moment.columns["buyers"] > 0).astype(np.int32)
    if len(rows) > REACH:
        rows = np.sort(rows[np.argpartition(-discovered[rows], REACH)[:REACH]])
    return rows
