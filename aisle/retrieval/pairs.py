"""Tables of pairs: for each row its best companions, and the walk from what a shopper has to what goes with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from aisle.records.candidates import Candidates, found, nothing
from aisle.records.event import guest
from aisle.records.history import NO_TIME, Floats, Interactions, Ints, Longs, numbered, spans
from aisle.records.request import Context
from aisle.records.times import DAY
from aisle.stages import VectorIndex

Matrix = Any  # scipy.sparse.csr_matrix, float32; scipy carries no types
SEEDS = 120  # of a shopper's latest rows that a walk starts from
KEPT = 100  # companions kept a row
LIFT = 1.3  # times as often as by chance
FEW = 10  # companions of a row, below which none is left out, and others come behind them
BEHIND = 0.2  # what these count
DENSE = 16  # a sum with a place for every column is quicker than sorting, up to so many columns an entry
STEP = 0.85  # what one place further back in an untimed history weighs


@dataclass(frozen=True, slots=True)
class Seeds:
    """Rows a walk starts from and what each weighs: int32 (s,), float32 (s,)."""

    rows: Ints
    weights: Floats


def seeds_of(context: Context, half_life: float) -> Seeds:
    """The anchors if the request has some, else the shopper's latest rows, weighted by age (half-life in days)."""
    if len(context.anchors):
        return Seeds(context.anchors, np.ones(len(context.anchors), np.float32))
    rows, times = context.once("latest", context.history.latest)
    return Seeds(rows[:SEEDS], faded(times[:SEEDS], context.now, half_life))


def faded(times: Longs, now: int, half_life: float) -> Floats:
    """What interactions weigh, the latest first, float32 (n,); `half_life` in days."""
    if (times == NO_TIME).any():  # of an untimed log; what is recorded now has a time
        return (STEP ** np.arange(len(times))).astype(np.float32)
    return np.exp2(-np.maximum(now - times, 0) / DAY / half_life).astype(np.float32)


def entries(table: Matrix, rows: Ints) -> tuple[Ints, Floats, Longs]:
    """The entries of some rows one behind the other: columns, values, and how many each row has. (Five times as quick
    as `table[rows]`, which a request would ask for eight times.)"""
    starts = table.indptr
    at = spans(starts, rows)
    return table.indices[at], table.data[at], starts[rows + 1] - starts[rows]


def weighted(table: Matrix, rows: Ints, weights: Floats) -> tuple[Ints, Floats]:
    """Σ weight · table[row] over some rows: the columns reached, ascending, and their sums."""
    return summed(table, entries(table, rows), weights)


def summed(table: Matrix, read: tuple[Ints, Floats, Longs], weights: Floats) -> tuple[Ints, Floats]:
    """The same of entries that were read before."""
    columns, values, lengths = read
    values = values * np.repeat(weights, lengths)
    if table.shape[1] <= DENSE * len(columns):
        sums = np.bincount(columns, values, table.shape[1])
        reached = np.flatnonzero(sums != 0)  # five times as quick as of numbers
        return reached.astype(np.int32), sums[reached].astype(np.float32)
    reached, inverse = np.unique(columns, return_inverse=True)
    return reached.astype(np.int32), np.bincount(inverse, values, len(reached)).astype(np.float32)


def walked(name: str, table: Matrix, seeds: Seeds, context: Context, limit: int) -> Candidates:
    """The best rows that a walk reaches."""
    if not len(seeds.rows):
        return nothing(name)
    rows, scores = weighted(table, seeds.rows, seeds.weights)
    keep = context.mask[rows] & (scores > 0)
    return found(name, rows[keep], scores[keep], limit)


def origins(table: Matrix, seeds: Seeds, rows: Sequence[int]) -> list[int]:
    """The seed that contributes most to each row, -1 where none does."""
    if not len(seeds.rows):
        return [-1] * len(rows)
    columns, values, lengths = entries(table, seeds.rows)
    given = values * np.repeat(seeds.weights, lengths)
    from_seed = np.repeat(seeds.rows, lengths)
    made = []
    for row in rows:
        mine = np.flatnonzero(columns == row)
        made.append(int(from_seed[mine[given[mine].argmax()]]) if len(mine) else -1)
    return made


def likest(index: VectorIndex, seeds: Seeds, rows: Sequence[int]) -> list[tuple[int, float]]:
    """The seed whose vector lies nearest to each row's, and how near; -1 where there is none but the row itself."""
    asked = np.array(rows, np.int32)
    likeness = np.where(seeds.rows[:, None] == asked, -np.inf, index.take(seeds.rows) @ index.take(asked).T)
    best = np.where(likeness.max(axis=0) > -np.inf, seeds.rows[likeness.argmax(axis=0)], -1)
    return list(zip(best.tolist(), likeness.max(axis=0).tolist(), strict=True))


def best(table: Matrix, kept: int = KEPT) -> Matrix:
    """The `kept` largest entries of every row; ties go to the smaller column."""
    table = table.tocsr()
    table.sum_duplicates()
    lengths = np.diff(table.indptr)
    owners = np.repeat(np.arange(table.shape[0]), lengths)
    large = np.flatnonzero(lengths > kept)
    keep = np.ones(table.nnz, bool)
    for row in large:
        part = slice(table.indptr[row], table.indptr[row + 1])
        threshold = np.partition(table.data[part], lengths[row] - kept)[lengths[row] - kept]
        keep[part] = table.data[part] >= threshold
    shape = table.shape
    return sp.csr_matrix((table.data[keep], (owners[keep], table.indices[keep])), shape=shape, dtype=np.float32)


def baskets(log: Interactions, ordered: bool = False) -> tuple[Longs, Longs]:
    """Which basket every interaction lies in, int64 (n,), numbered in order of shopper and time; and where each begins.
    A basket is an order; without orders, a shopper's day; without times, a guest's session, else one interaction;
    where what comes first matters (`ordered`) always one interaction, for a log is written as things happen. Its lines
    need not stand together: a file may be sorted by product, and two tills write to one account."""
    columns = log.columns
    if log.timed:
        days = columns.times // DAY
    elif ordered:
        days = np.arange(len(log))
    else:
        days = np.where(np.char.startswith(log.shoppers, guest(""))[log.owners()], 0, np.arange(len(log)))
    marks = np.where(columns.orders >= 0, columns.orders, -1 - days)
    return numbered(log.owners(), marks)


def incidence(log: Interactions, size: int, largest: int = 60, ordered: bool = False) -> tuple[Matrix, Longs]:
    """Baskets × rows, 1 where the basket holds the row; and where each basket begins. Of a basket with more than
    `largest` rows, whose every pair says little, so many count, drawn by a fixed seed."""
    basket, begins = baskets(log, ordered)
    if not len(basket):
        return sp.csr_matrix((0, size), dtype=np.float32), begins
    pairs = np.unique(basket * size + log.columns.rows)
    basket, rows = pairs // size, pairs % size
    drawn = np.lexsort((np.random.default_rng(0).random(len(basket)), basket))
    keep = np.empty(len(basket), bool)
    keep[drawn] = np.arange(len(basket)) - np.searchsorted(basket, basket) < largest
    ones = np.ones(int(keep.sum()), np.float32)
    return sp.csr_matrix((ones, (basket[keep], rows[keep])), shape=(len(begins), size)), begins


def corrected(table: Matrix, counts: NDArray[np.float64], out: float, into: float) -> Matrix:
    """D^-out · table · D^-into with D = counts + 1: takes back what mere popularity explains."""
    left = sp.diags((counts + 1.0) ** -out).astype(np.float32)
    right = sp.diags((counts + 1.0) ** -into).astype(np.float32)
    return (left @ table @ right).tocsr()


def telling(table: Matrix) -> Matrix:
    """A table of counts without what a row and a column have together anyway, less than LIFT times what chance would
    give them, Σ_j n_ij · Σ_i n_ij / Σ n (so large baskets, which hold everything, prove nothing); a row that would
    keep fewer than FEW stays as it is."""
    rows, columns = (np.asarray(table.sum(axis=axis), np.float64).ravel() for axis in (1, 0))
    owners = np.repeat(np.arange(table.shape[0]), np.diff(table.indptr))
    tells = table.data >= LIFT * rows[owners] * columns[table.indices] / max(float(table.sum()), 1e-9)
    few = np.bincount(owners[tells], minlength=table.shape[0]) < FEW
    made = table.copy()
    made.data[~(tells | few[owners])] = 0
    made.eliminate_zeros()
    return made


def behind(table: Matrix, others: Matrix) -> Matrix:
    """A table, and behind it others' companions of those rows that have FEW of their own."""
    table.eliminate_zeros()
    many = np.diff(table.indptr)
    least = np.full(
        len(many), np.median(table.data) if table.nnz else 1.0
    )  # what one order says must not outweigh many
    if table.nnz:
        least[many > 0] = np.minimum.reduceat(table.data, table.indptr[:-1][many > 0])
    others = sp.diags(((many < FEW) * BEHIND * least).astype(np.float32)) @ others
    missing = others - others.multiply(table != 0)
    return (table + missing).tocsr()


def save(folder: Path, **tables: Matrix) -> None:
    """Write tables as files of a new folder."""
    folder.mkdir(parents=True)
    for name, table in tables.items():
        sp.save_npz(folder / f"{name}.npz", table, compressed=False)


def load(folder: Path, names: Iterable[str]) -> list[Matrix]:
    """The tables that `save` wrote."""
    return [sp.load_npz(folder / f"{name}.npz").tocsr() for name in names]
