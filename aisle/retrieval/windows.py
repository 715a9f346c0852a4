"""The lessons of a log of histories: every step that has a next one, in windows of one shopper each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aisle.records.digest import digest
from aisle.records.history import Interactions, Longs
from aisle.retrieval.transformer import LONGEST, Steps, gap_of

BATCH = 512  # steps of histories a batch
SHARE = 10  # of so many shoppers the last step of one is held out to stop by
FEWEST = 200  # steps held out: of fewer shoppers several each, but of all steps no more than one of SHARE
JUDGED = 2000  # shoppers of whom steps are held out, at most
AMONG = 1 << 17  # products among which the right one of a held-out step is ranked, about


@dataclass(frozen=True)
class Windows:
    """Every step of a log that has a next one. Window w holds the steps `starts[w]:starts[w + 1]`, at most LONGEST of
    one shopper; targets: int32 (n,), the row of the next step; held: bool (n,), is it kept to judge by."""

    steps: Steps
    targets: NDArray[np.int32]
    starts: Longs
    held: NDArray[np.bool_]

    @classmethod
    def of(cls, log: Interactions, seed: int) -> "Windows":
        """The windows of a log."""
        columns, owners = log.columns, log.owners()
        goes_on = np.r_[owners[1:] == owners[:-1], False] if len(owners) else np.zeros(0, bool)
        at = np.flatnonzero(goes_on)
        place = at - log.indptr[owners[at]]
        starts = np.flatnonzero((place % LONGEST == 0) | np.r_[True, owners[at][1:] != owners[at][:-1]][: len(at)])
        same = (columns.orders[at] >= 0) & (columns.orders[at] == columns.orders[at + 1])
        gaps = gap_of(columns.times[at], columns.times[at + 1], same) if log.timed else np.zeros(len(at), np.int8)
        steps = Steps(columns.rows[at], columns.types[at], columns.types[at + 1], gaps)
        held = _held(owners[at], steps.rows != columns.rows[at + 1], log.shoppers, seed)
        return cls(steps, columns.rows[at + 1], np.r_[starts, len(at)].astype(np.int64), held)

    def histories(self, steps: Longs) -> list[NDArray[np.int32]]:
        """The rows of each step's window as far as the step, int32 arrays."""
        starts = self.starts[np.searchsorted(self.starts, steps, side="right") - 1]
        return [self.steps.rows[start : step + 1] for start, step in zip(starts.tolist(), steps.tolist(), strict=True)]

    def among(self, size: int, steps: Longs, seed: int) -> Longs:
        """The rows, of so many, among which the products that follow `steps` are ranked to tell one epoch from another:
        int64, ascending. All, or of more than AMONG a sample and what these steps name: with every one of a million,
        judging takes longer than learning."""
        if size <= AMONG:
            return np.arange(size)
        drawn = np.random.default_rng([seed, size]).choice(size, AMONG, replace=False)
        return np.unique(np.concatenate([drawn, self.targets[steps], *self.histories(steps)]))

    def batches(self, random: np.random.Generator, most: int) -> list[Longs]:
        """Windows in batches of one length, shuffled: int64 (k, length), positions of steps; about `most` steps."""
        lengths = np.diff(self.starts)
        order = random.permutation(len(lengths))
        if lengths.sum() > most:
            order = order[: int(np.searchsorted(np.cumsum(lengths[order]), most)) + 1]
        order = order[np.argsort(lengths[order], kind="stable")]
        made = []
        for length in np.unique(lengths[order]):
            first, last = np.searchsorted(lengths[order], [length, length + 1])
            size = max(1, BATCH // int(length))
            made += [self.starts[order[k : min(k + size, last)], None] + np.arange(length)
                     for k in range(first, last, size)]  # fmt: skip
        return [made[k] for k in random.permutation(len(made))]


def _held(owners: NDArray[np.int32], moves: NDArray[np.bool_], names: NDArray[np.str_], seed: int) -> NDArray[np.bool_]:
    """bool (n,): which steps are held out, the last ones of some shoppers that move on to another product: a look that
    is logged twice leads to itself, and who is judged by that has nothing to learn."""
    held, at = np.zeros(len(owners), bool), np.flatnonzero(moves)
    mine = owners[at]
    ends = np.flatnonzero(np.r_[mine[1:] != mine[:-1], True][: len(at)])
    drawn = _drawn(ends, names[mine[ends]], seed)
    each = -(-min(FEWEST, len(owners) // SHARE) // max(len(drawn), 1))
    for back in range(max(each, 1)):
        step = drawn - back
        held[at[step[(step >= 0) & (mine[step] == mine[drawn])]]] = True
    return held


def _drawn(ends: Longs, names: NDArray[np.str_], seed: int) -> Longs:
    """Of the last steps of shoppers those that are held out: of the same shoppers at every moment of a log, for what
    goes on learning from one moment to the next must not be judged by what it learned."""
    hashes = [digest(f"{seed} {name}") for name in names.tolist()]
    place = np.frombuffer(b"".join(hashes), np.uint64)
    return ends[np.argsort(place, kind="stable")[: min(JUDGED, max(len(ends) // SHARE, int(len(ends) > 1)))]]
