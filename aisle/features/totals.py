"""Sums of a tally over the levels of the catalogue, kept until the tally changes."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.records.history import Moment


@dataclass
class LevelTotals:
    """Totals by code; the last entry of each stands for rows without a code. levels: int32 (rows, k), -1 for none."""

    levels: NDArray[np.int32]
    _kept: dict[str, tuple[Any, int, list[NDArray[np.float64]]]] = field(default_factory=dict)

    def of(self, moment: Moment, name: str) -> list[NDArray[np.float64]]:
        """float64 (codes + 1,) a level: the sum of tally `name`, in the tally's own units."""
        kept = self._kept.get(name)
        if kept is not None and kept[0] is moment.columns and kept[1] == moment.version:
            return kept[2]
        totals: list[NDArray[np.float64]] = []
        weights = moment.columns[name].astype(np.float64)
        for codes in self.levels.T:
            size = int(codes.max(initial=-1)) + 2
            totals.append(np.asarray(np.bincount(codes % size, weights, size), np.float64))
        self._kept[name] = (moment.columns, moment.version, totals)
        return totals
