"""A slate that is varied: five ways to choose the next place, each from the same candidates, one place after the other.

`weight` is what variety counts: 0 keeps the order, 1 forgets relevance. Relevance is the blend scaled to [0, 1] over
the candidates that may move, always the same POOL of them, so that a longer slate begins as a shorter one does.

mmr         argmax (1 - λ) relevance - λ max likeness to the places above (Carbonell and Goldstein, SIGIR 1998)
dpp         a determinantal point process, its likeliest slate found greedily (Chen, Zhang and Zhou, NeurIPS 2018)
intents     xQuAD (Santos, Macdonald and Ounis, WWW 2010): the shopper's categories are the intents to be covered
calibrated  categories in the proportion in which this shopper took them (Steck, RecSys 2018)
tree        the same at every level of the category tree: departments first of all, then what is within them

The last three go by what a shopper wants: what they took, and PRIOR lines of what the candidates are. The more is
known the less those lines are, and slates narrow; `widen` is the least part that is not the shopper's own: what is
missing of it is what all shoppers take (the prior of Steck's paper).

A shopper sees some products at once: which they are is chosen as above, and within each ROW the better ranked stand
first, which changes nothing about variety and mends half of what it costs.
Shoppers differ in how varied a slate they want. With `appetite` the weight is multiplied by how unlike each other the
things are that this shopper took, over how unlike the candidates are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from aisle.records.candidates import Candidates
from aisle.records.history import Ints, Longs, among
from aisle.records.request import Context
from aisle.records.slate import Arrangement
from aisle.reranking.distance import Distance, spread_of

POOL = 200  # candidates that may move, at most
ROW = 3  # places that are seen at once
PRIOR = 5.0  # lines that a shopper's own categories, and appetite, are shrunk by towards those of the candidates
LATEST = 30  # of what a shopper took that tells the appetite
FIRST = 50  # candidates that it is compared with
SMOOTH = 0.01  # part of the wanted distribution that is mixed into the slate's, so that its divergence is finite
LEAST = 1e-6  # a weight below which nothing is varied any more
KIND = -1  # the level of what counts as one intent or kind
TAKERS = "buyers"  # of a moment: how many shoppers took each row
FLAT = 1e-9  # a determinant below which nothing new is left
Doubles = NDArray[np.float64]
Method = Literal["mmr", "dpp", "intents", "calibrated", "tree"]


@dataclass
class Diversity:
    """A `Reranker`. category: int32 (rows,), what counts as one intent or kind, -1 unknown; target: codes of the event
    types that count as taking; whole: what stands behind the slate may yet come forward (a quota takes something out),
    so all that may move is put in order; widen: the least part of what a shopper wants that is not their own."""

    distance: Distance
    category: Ints
    weight: float
    method: Method = "mmr"
    target: tuple[int, ...] = ()
    whole: bool = False
    appetite: bool = False
    widen: float = 0.0

    def rerank(self, context: Context, ranked: Candidates, size: int) -> Arrangement:
        """The rows that hold the first `size` places anew, or the whole pool; behind them the order stays."""
        pool = min(int((~ranked.behind()).sum()), POOL)
        if self.weight == 0 or pool < 2:
            return Arrangement(tuple(range(len(ranked))))
        relevance = _scaled(ranked.scores[:pool, -1].astype(np.float64))
        rows = ranked.rows[:pool]
        places = pool if self.whole else min(-(-size // ROW) * ROW, pool)
        chosen = _in_rows(_taken(self._values(context, rows, relevance), pool, places))
        left = np.ones(len(ranked), bool)
        left[chosen] = False
        return Arrangement((*chosen, *np.flatnonzero(left).tolist()))

    def _values(self, context: Context, rows: Ints, relevance: Doubles) -> "Values":
        weight = min(self.weight * self.wanted(context, rows), 1.0) if self.appetite else self.weight
        if self.method == "mmr":
            return _marginal(self._likeness(rows), relevance, weight)
        if self.method == "dpp":
            return _determinantal(self._likeness(rows), relevance, weight)
        if self.method == "intents":
            return _intents(*self._kinds(context, rows, KIND), relevance, weight)
        levels = [KIND] if self.method == "calibrated" else range(self.distance.levels.shape[1])
        return _calibrated([self._kinds(context, rows, level) for level in levels], relevance, weight)

    def wanted(self, context: Context, rows: Ints) -> float:
        """This shopper's appetite for variety: 1 for one of whom nothing is known, or whose things are as unlike each
        other as the candidates are."""
        here = spread_of(self.distance.between(rows[:FIRST]))
        mine = np.unique(context.history.of(self.target).rows[::-1][:LATEST])
        if not here > 0 or len(mine) < 2:
            return 1.0
        own = spread_of(self.distance.between(mine.astype(np.int32)))
        return 1.0 if np.isnan(own) else (len(mine) * own / here + PRIOR) / (len(mine) + PRIOR)

    def _likeness(self, rows: Ints) -> "Likeness":
        """How like the others are to what was chosen: ten lines of a table of two hundred, or all of it."""
        if self.whole:
            table = np.asarray(1 - np.nan_to_num(self.distance.between(rows), nan=1.0), np.float64)
            np.fill_diagonal(table, 1.0)
            return table.__getitem__

        def to(at: int) -> Doubles:
            distances = np.nan_to_num(self.distance.against(rows[at : at + 1], rows)[0], nan=1.0)
            likeness = np.asarray(1 - distances, np.float64)
            likeness[at] = 1.0
            return likeness

        return to

    def _kinds(self, context: Context, rows: Ints, level: int) -> "Kinds":
        """The kind of every candidate at a level, int64 (n,), and how much of each this shopper wants, float64
        (kinds,), sum 1."""
        category = self.category if level == KIND else self.distance.levels[:, level]
        codes, member = np.unique(category[rows], return_inverse=True)
        here = np.bincount(member, minlength=len(codes)) / len(rows)
        past = category[context.history.of(self.target).rows]
        held, at = among(past, codes)
        mine = np.bincount(at[held], minlength=len(codes))
        lines, prior = mine.sum() + PRIOR, PRIOR * here
        if self.widen * lines > PRIOR and TAKERS in context.moment.columns:
            by_kind = context.moment.once((TAKERS, level), lambda columns: _by_kind(category, columns[TAKERS]))
            more = (self.widen * lines - PRIOR) / max(1 - self.widen, LEAST)  # so that all that is not own is `widen`
            prior = prior + more * (by_kind[codes + 1] + PRIOR * here) / (by_kind[codes + 1].sum() + PRIOR)
        return member.astype(np.int64), np.asarray((mine + prior) / (mine + prior).sum(), np.float64)


Kinds = tuple[NDArray[np.int64], Doubles]
Likeness = Callable[[int], Doubles]  # of one candidate to all, in [0, 1], 1 to itself
Values = Callable[[int | None], Doubles]  # told what was chosen last: what each candidate is worth next, float64 (n,)


def _taken(values: Values, pool: int, size: int) -> list[int]:
    """One place after the other, each for the candidate of most worth; ties go to the better ranked."""
    chosen: list[int] = []
    left = np.ones(pool, bool)
    last: int | None = None
    for _ in range(size):
        last = int(np.where(left, values(last), -np.inf).argmax())
        chosen.append(last)
        left[last] = False
    return chosen


def _in_rows(chosen: Sequence[int]) -> list[int]:
    """Every row by itself in the order of the ranking."""
    return [at for start in range(0, len(chosen), ROW) for at in sorted(chosen[start : start + ROW])]


def _scaled(relevance: Doubles) -> Doubles:
    span = float(relevance.max() - relevance.min())
    return (relevance - relevance.min()) / span if span > 0 else np.ones(len(relevance))


def _marginal(likeness: Likeness, relevance: Doubles, weight: float) -> Values:
    worst = np.zeros(len(relevance))

    def values(last: int | None) -> Doubles:
        if last is not None:
            np.maximum(worst, likeness(last), out=worst)
        return (1 - weight) * relevance - weight * worst

    return values


def _determinantal(likeness: Likeness, relevance: Doubles, weight: float) -> Values:
    """log det of diag(q) S diag(q) grows by what a candidate adds beyond the span of those chosen; q = exp(α relevance)
    with α = (1 - λ) / 2λ, the paper's trade-off. The likeness is a mean of kernels over what is known of each pair, not
    always positive definite: a candidate that adds nothing more stands behind those that do, by relevance."""
    alpha = (1 - weight) / (2 * max(weight, LEAST))
    added = np.ones(len(relevance))
    span = np.zeros((0, len(relevance)))

    def values(last: int | None) -> Doubles:
        nonlocal span, added
        if last is not None and added[last] > FLAT:
            step = (likeness(last) - span[:, last] @ span) / np.sqrt(added[last])
            span = np.vstack([span, step])
            added = added - np.square(step)
        alive = added > FLAT
        return np.where(alive, np.log(np.maximum(added, FLAT)) + 2 * alpha * relevance, 2 * np.log(FLAT) + relevance)

    return values


def _by_kind(category: Ints, counts: Longs) -> Doubles:
    """Sums by kind, float64 (kinds + 1,), the first of what has none."""
    return np.bincount(category + 1, weights=counts).astype(np.float64)


def _intents(member: NDArray[np.int64], wanted: Doubles, relevance: Doubles, weight: float) -> Values:
    open_ = np.ones(len(wanted))  # how likely each intent is not satisfied yet

    def values(last: int | None) -> Doubles:
        if last is not None:
            open_[member[last]] *= 1 - relevance[last]
        return np.asarray((1 - weight) * relevance + weight * (wanted * open_)[member] * relevance, np.float64)

    return values


def _calibrated(levels: Sequence[Kinds], relevance: Doubles, weight: float) -> Values:
    counts = [np.zeros(len(wanted)) for _, wanted in levels]

    def values(last: int | None) -> Doubles:
        off = np.zeros(len(relevance))
        for (member, wanted), seen in zip(levels, counts, strict=True):
            if last is not None:
                seen[member[last]] += 1
            made = (seen + np.eye(len(seen))) / (seen.sum() + 1)  # a line for one more of each kind
            off += _divergences(wanted, made)[member] / len(levels)
        return np.asarray((1 - weight) * relevance - weight * off, np.float64)

    return values


def _divergences(wanted: Doubles, made: Doubles) -> Doubles:
    """Kullback-Leibler, Σ p log(p / q), of every line q of (n, kinds), with a little of p mixed in; every kind has a
    share of p, for the candidates' own distribution is part of it."""
    mixed = (1 - SMOOTH) * made + SMOOTH * wanted
    return np.asarray((wanted * np.log(wanted / mixed)).sum(axis=1), np.float64)
