"""Linear: the next product as a weighted sum of what a shopper chose before, by ridge regression in closed form.

Every step of a log is a lesson: x, the products before it, each weighing STEP times what the one behind it weighs; y,
the product that followed. A shopper's products are one, too, each to be told by the others: Z. In matrices,
B = (XᵀX + MIX · ZᵀZ + λI)⁻¹ (XᵀY + MIX · ZᵀZ), as SLIST of Choi et al. (WWW 2021). Where order says nothing (a file
without times that is sorted by something else) B is EASE (Steck, WWW 2019), of Z alone; steps that are held out say
which of the two a shop wants. Of each product the KEPT largest weights stay, which ranks better than all of them do.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import scipy.sparse as sp

from aisle.records.candidates import Candidates
from aisle.records.history import Floats, Interactions, Longs
from aisle.records.request import Context
from aisle.records.slate import Because
from aisle.retrieval.moved import Moved
from aisle.retrieval.pairs import Matrix, Seeds, entries, load, origins, save, walked
from aisle.retrieval.windows import Windows

RIDGE = 200.0  # λ
STEP = 0.65  # what one place further back in a history weighs
MIX = 0.1  # what a shopper's products weigh as one lesson, beside the steps between them
REACH = 12  # places back that a lesson reads: .65^12 is .006
SEEDS = 30  # of a shopper's latest rows that a request reads
KEPT = 300  # weights of each product
BLOCK = 1024  # rows of B that are thinned at once
ENOUGH = 3000  # steps with a next one
MOST = 2_000_000  # of them that teach; of more, so many are drawn


@dataclass
class Linear:
    """A `Retriever`. table: B, rows × rows; types: codes of the behaviours that are read; step: what one place further
    back weighs."""

    table: sp.csr_matrix = field(default_factory=lambda: sp.csr_matrix((0, 0), dtype=np.float32))
    types: tuple[int, ...] = ()
    step: float = STEP
    name: str = "linear"

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """The rows with the largest sums, best first."""
        return walked(self.name, self.table, self._seeds(context), context, limit)

    def _seeds(self, context: Context) -> Seeds:
        return context.once(("linear", self.types), lambda: self._latest(context))

    def _latest(self, context: Context) -> Seeds:
        rows = context.history.of(self.types).rows[::-1][:SEEDS]
        return Seeds(rows, (self.step ** np.arange(len(rows))).astype(np.float32))

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """The product of the history that adds most to each."""
        return [Because("chosen next by shoppers who chose {title}", row)
                for row in origins(self.table, self._seeds(context), rows)]  # fmt: skip

    def moved(self, moved: Moved) -> Self:
        """The same over today's rows."""
        return replace(self, table=moved.table(self.table))

    def save(self, folder: Path) -> None:
        """Write the table."""
        save(folder, table=self.table)
        np.savez(folder / "read.npz", types=np.array(self.types, np.int64), step=self.step)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        with np.load(folder / "read.npz") as file:
            types, step = tuple(int(code) for code in file["types"]), float(file["step"])
        [table] = load(folder, ["table"])
        return cls(table, types, step)


@dataclass
class LinearCourse:
    """Fits a log anew at every moment; whether order counts is decided at the first. size: rows of the catalogue;
    target: the code of the behaviour that is asked for; largest: products that are covered, the most chosen."""

    size: int
    types: tuple[int, ...]
    target: int
    seed: int
    largest: int
    figures: dict[str, float] = field(default_factory=dict)  # NDCG@10 of held-out steps, by what was tried

    def until(self, past: Interactions) -> Linear | None:
        """The weights as of the end of `past`; None where there is too little to learn from."""
        log = past.of(self.types)
        windows = Windows.of(log, self.seed)
        if len(windows.targets) < ENOUGH:
            return None
        chosen = covered(log.columns.rows, self.size, self.largest)
        if not self.figures:
            for name, ordered in (("in order", True), ("without order", False)):
                trial = self._fitted(log, windows, chosen, ordered, held=True)
                self.figures[name] = _judged(trial, windows)
        return self._fitted(log, windows, chosen, self.ordered, held=False)

    @property
    def ordered(self) -> bool:
        """Does order count in this shop?"""
        return self.figures.get("in order", 0.0) >= self.figures.get("without order", 0.0)

    def _fitted(self, log: Interactions, windows: Windows, chosen: Longs, ordered: bool, held: bool) -> Linear:
        """`held`: learn nothing from the steps that are held out."""
        together = profiles(log, windows, self.size, held)[:, chosen]
        if ordered:
            before, after = lessons(windows, self.target, self.size, held, self.seed)
            table = sequential(before[:, chosen], after[:, chosen], together)
        else:
            table = symmetric(together)
        return Linear(spread(table, chosen, self.size), self.types, STEP if ordered else 1.0)


def covered(rows: Any, size: int, largest: int) -> Longs:
    """The most chosen rows, ascending: at most `largest`."""
    counts = np.bincount(rows, minlength=size)
    order = np.argsort(-counts, kind="stable")[:largest]
    return np.sort(order[counts[order] > 0]).astype(np.int64)


def lessons(windows: Windows, target: int, size: int, held: bool, seed: int = 0) -> tuple[Matrix, Matrix]:
    """What stood before each step and what followed it, both steps × size. Of a log of several behaviours the steps
    that lead to the target teach, if they are ENOUGH."""
    steps = len(windows.targets)
    teaches = windows.steps.following == target
    if teaches.sum() < ENOUGH:
        teaches = np.ones(steps, bool)
    if held:
        teaches = teaches & ~windows.held
    at = np.flatnonzero(teaches)
    if len(at) > MOST:
        at = np.sort(np.random.default_rng(seed).choice(at, MOST, replace=False))
    first = windows.starts[np.searchsorted(windows.starts, at, side="right") - 1]
    owners, rows, values = [], [], []
    for back in range(REACH):
        inside = np.flatnonzero(at - back >= first)
        owners.append(inside)
        rows.append(windows.steps.rows[at[inside] - back])
        values.append(np.full(len(inside), STEP**back, np.float32))
    told = (np.concatenate(values), (np.concatenate(owners), np.concatenate(rows)))
    ones = np.ones(len(at), np.float32)
    before = sp.csr_matrix(told, shape=(len(at), size))
    return before, sp.csr_matrix((ones, (np.arange(len(at)), windows.targets[at])), shape=(len(at), size))


def profiles(log: Interactions, windows: Windows, size: int, held: bool) -> Matrix:
    """Shoppers × size, 1 where one chose a row; without what is held out to judge by."""
    owners, rows = log.owners(), log.columns.rows
    if held:
        goes_on = np.flatnonzero(np.r_[owners[1:] == owners[:-1], False])
        keep = np.ones(len(rows), bool)
        keep[goes_on[windows.held] + 1] = False
        owners, rows = owners[keep], rows[keep]
    made = sp.csr_matrix((np.ones(len(rows), np.float32), (owners, rows)), shape=(len(log.shoppers), size))
    made.data[:] = 1
    return made


def sequential(before: Matrix, after: Matrix, together: Matrix) -> Matrix:
    """B of lessons X, Y (steps × n) and profiles Z (shoppers × n), thinned, its diagonal 0."""
    from scipy.linalg.lapack import spotrf, spotrs

    shared = MIX * (together.T @ together)
    wanted = np.asfortranarray((before.T @ after + shared).toarray())
    lower, failed = spotrf(_ridged(before.T @ before + shared), lower=1, overwrite_a=1)
    solved, failed_too = spotrs(lower, wanted, lower=1, overwrite_b=1)
    return _thinned(_whole(solved, failed, failed_too))


def symmetric(together: Matrix) -> Matrix:
    """EASE: P = (ZᵀZ + λI)⁻¹, B = -P / diag(P) with a diagonal of 0, thinned."""
    from scipy.linalg.lapack import spotrf, spotri

    lower, failed = spotrf(_ridged(together.T @ together), lower=1, overwrite_a=1, clean=1)
    inverse, failed_too = spotri(lower, lower=1, overwrite_c=1)
    made = _whole(inverse, failed, failed_too)
    made = np.tril(made) + np.tril(made, -1).T
    made /= -np.diag(made).copy()
    return _thinned(made)


def _ridged(gram: Matrix) -> Floats:
    made = np.asfortranarray(gram.toarray())
    made[np.diag_indices_from(made)] += RIDGE
    return made


def _whole(made: Floats, *failed: int) -> Floats:
    if any(failed):  # λ makes it positive definite, unless a value was not finite
        raise ArithmeticError("the normal equations of the linear model cannot be solved")
    return made


def _thinned(table: Floats) -> Matrix:
    """The KEPT largest positive weights of every row of B but its diagonal."""
    np.fill_diagonal(table, 0)
    parts = []
    for start in range(0, len(table), BLOCK):
        part = np.ascontiguousarray(table[start : start + BLOCK])
        kept = min(KEPT, part.shape[1])
        least = np.maximum(np.partition(part, -kept, axis=1)[:, -kept], 1e-9)
        parts.append(sp.csr_matrix(np.where(part >= least[:, None], part, 0).astype(np.float32)))
    return sp.vstack(parts).tocsr()


def spread(table: Matrix, chosen: Longs, size: int) -> Matrix:
    """A table over chosen rows as one over all `size`."""
    told = table.tocoo()
    return sp.csr_matrix((told.data, (chosen[told.row], chosen[told.col])), shape=(size, size))


def _judged(model: Linear, windows: Windows) -> float:
    """NDCG@10 of held-out next products among all that their history does not hold."""
    held = np.flatnonzero(windows.held)
    starts = windows.starts[np.searchsorted(windows.starts, held, side="right") - 1]
    gains = []
    for start, step in zip(starts.tolist(), held.tolist(), strict=True):
        rows = windows.steps.rows[start : step + 1][::-1][:SEEDS]
        given = (model.step ** np.arange(len(rows))).astype(np.float32)
        read, values, lengths = entries(model.table, rows)
        scores = np.bincount(read, values * np.repeat(given, lengths), model.table.shape[1])
        right = scores[windows.targets[step]]
        scores[rows] = 0
        rank = int((scores > right).sum())
        gains.append(1 / np.log2(rank + 2) if right > 0 and rank < 10 else 0.0)
    return float(np.mean(gains)) if gains else 0.0
