"""Peers that other people wrote or that need no training, for the next-product benchmarks.

Popularity, `implicit` (item-kNN by cosine and BM25, ALS, BPR) and EASE (Steck, WWW 2019, in closed form). Each is
fitted on a matrix of users × products, chooses its settings from a small grid on validation, and is fitted again on
everything that precedes the test. What a peer says nothing about is filled up with the popular.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from aisle.evaluation.metrics import hits_of, ndcg
from benchmarks.next_product_board import Board, Cost, Lists, Values, metered, told

THREADS = 2  # as ours
LARGEST = 20_000  # products up to which EASE's dense square is inverted
BATCH = 256  # users scored at once
LOW = -1e6  # below what any peer says; popularity stands behind it
TUNED_ON = 4000  # users of the validation, sampled where there are more
Codes = NDArray[np.int64]
Matrix = Any  # scipy.sparse.csr_matrix, float32, users × products; scipy carries no types
Scores = Callable[[Codes], Values]  # rows of users → (n, products), NaN where nothing is said


@dataclass
class Problem:
    """What a peer is fitted on and asked for. matrices: the same log under several weights of its behaviours, or one.

    popular: (products,); had: what is held back of each user; asked: rows of users; allowed: (asked, c) codes of the
    only products to be ranked, in the order in which ties stay.
    """

    matrices: Mapping[str, Matrix]
    popular: Values
    asked: Codes
    truths: list[frozenset[int]]
    had: Matrix | None = None
    allowed: Codes | None = None


@dataclass(frozen=True)
class Peer:
    """`fit(matrix, *settings)` gives scores; `quick` ones are fitted again for every order of the log."""

    fit: Callable[..., Scores]
    grid: tuple[tuple[Any, ...], ...] = ((),)
    quick: bool = True
    largest: int = 1 << 40  # products that it can do


def popularity(matrix: Matrix) -> Scores:
    """Nothing is said, so popularity fills everything."""
    return lambda users: np.full((len(users), matrix.shape[1]), np.nan)


def item_knn(matrix: Matrix, nearest: int) -> Scores:
    """implicit's cosine."""
    from implicit.nearest_neighbours import CosineRecommender

    return _walk(CosineRecommender(K=nearest, num_threads=THREADS), matrix)


def bm25(matrix: Matrix, nearest: int, k1: float, b: float) -> Scores:
    """implicit's BM25."""
    from implicit.nearest_neighbours import BM25Recommender

    return _walk(BM25Recommender(K=nearest, K1=k1, B=b, num_threads=THREADS), matrix)


def similarity(model: Any, matrix: Matrix) -> Matrix:
    """What an implicit item-item model has found, products × products."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # implicit converts its own COO matrix and warns of it
        model.fit(matrix, show_progress=False)
    return model.similarity.tocsr()


def _walk(model: Any, matrix: Matrix) -> Scores:
    table = similarity(model, matrix)
    return lambda users: said(matrix[users] @ table)


def said(found: Matrix) -> Values:
    """A sparse product as dense scores, NaN where it is empty."""
    dense = np.asarray(found.toarray(), np.float64)
    dense[dense == 0] = np.nan
    return dense


def als(matrix: Matrix, factors: int, regularization: float, alpha: float) -> Scores:
    """implicit's alternating least squares."""
    from implicit.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(factors=factors, regularization=regularization, alpha=alpha, iterations=15,
                                    num_threads=THREADS, random_state=0)  # fmt: skip
    return _factors(model, matrix)


def bpr(matrix: Matrix, factors: int, rate: float, regularization: float) -> Scores:
    """implicit's Bayesian personalised ranking; on several threads it is not repeatable to the digit."""
    from implicit.bpr import BayesianPersonalizedRanking

    model = BayesianPersonalizedRanking(factors=factors, learning_rate=rate, regularization=regularization,
                                        iterations=200, num_threads=THREADS, random_state=0)  # fmt: skip
    return _factors(model, matrix)


def _factors(model: Any, matrix: Matrix) -> Scores:
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):  # implicit's own threads call BLAS
        model.fit(matrix, show_progress=False)
    return lambda users: np.asarray(model.user_factors[users] @ model.item_factors.T, np.float64)


def ease(matrix: Matrix, ridge: float) -> Scores:
    """B = I - P diag(1 / diag P), P = (XᵀX + λI)⁻¹, by Cholesky in float32."""
    from scipy.linalg.lapack import spotrf, spotri

    seen = matrix.astype(np.float32)
    gram = np.asfortranarray((seen.T @ seen).toarray())
    gram[np.diag_indices_from(gram)] += ridge
    lower, failed = spotrf(gram, lower=1, overwrite_a=1, clean=1)
    inverse, failed_too = spotri(lower, lower=1, overwrite_c=1)
    if failed or failed_too:
        raise SystemExit(f"EASE: the Gram matrix plus {ridge} is not positive definite")
    weights = np.tril(inverse)
    weights += np.tril(inverse, -1).T
    weights /= -np.diag(weights).copy()
    np.fill_diagonal(weights, 0)
    return lambda users: np.asarray(seen[users] @ weights, np.float64)


PEERS: Mapping[str, Peer] = {
    "popularity": Peer(popularity),
    "item-knn": Peer(item_knn, ((20,), (100,), (500,))),
    "bm25": Peer(bm25, ((100, 1.2, 0.75), (500, 1.2, 0.75), (500, 5.0, 0.9))),
    "als": Peer(als, ((128, 0.1, 1.0), (128, 1.0, 10.0), (128, 0.1, 40.0), (128, 0.1, 100.0))),
    "bpr": Peer(bpr, ((64, 0.02, 0.01), (128, 0.05, 0.01), (128, 0.05, 0.05)), quick=False),
    "ease": Peer(ease, ((10.0,), (50.0,), (250.0,), (1000.0,)), quick=False, largest=LARGEST),
}


@dataclass
class Fitted:
    """A peer with the settings that were best on validation: the name of the matrix, and its own."""

    name: str
    peer: Peer
    matrix: str
    settings: tuple[Any, ...]
    tuning: Cost = field(default_factory=Cost)

    @property
    def label(self) -> str:
        """The peer and what was chosen."""
        weighed = [self.matrix] if self.matrix and self.peer.fit is not popularity else []
        chosen = [*weighed, *map(str, self.settings)]
        return f"{self.name} ({', '.join(chosen)})" if chosen else self.name

    def scores(self, problem: Problem) -> Scores:
        """Fit on a problem."""
        return self.peer.fit(problem.matrices[self.matrix], *self.settings)


def tuned(name: str, before: Problem) -> Fitted:
    """The settings of a peer with the best NDCG@10 on validation: first the matrix, then the peer's own."""
    peer, matrices = PEERS[name], list(before.matrices)
    first = Fitted(name, peer, matrices[0], peer.grid[0])
    if peer.fit is popularity or (len(matrices) == 1 and len(peer.grid) == 1):
        return first
    small = sampled(before)

    def best(made: list[Fitted]) -> Fitted:
        if len(made) == 1:
            return made[0]
        values = [ndcg(*hits_of(lists(small, one.scores(small)), small.truths, 10)).mean() for one in made]
        return made[int(np.argmax(values))]

    with metered() as cost:
        matrix = best([replace(first, matrix=matrix) for matrix in matrices])
        chosen = best([replace(matrix, settings=settings) for settings in peer.grid])
    return replace(chosen, tuning=cost)


def sampled(problem: Problem) -> Problem:
    """A problem that asks TUNED_ON users at most."""
    if len(problem.asked) <= TUNED_ON:
        return problem
    which = np.sort(np.random.default_rng(0).choice(len(problem.asked), TUNED_ON, replace=False))
    allowed = None if problem.allowed is None else problem.allowed[which]
    return replace(problem, asked=problem.asked[which], truths=[problem.truths[k] for k in which], allowed=allowed)


def lists(problem: Problem, scores: Scores, places: int = 10) -> Lists:
    """The best products of every user asked, best first; ties and what nothing is said of go by popularity."""
    share = problem.popular / (problem.popular.max() + 1)
    made: Lists = []
    for start in range(0, len(problem.asked), BATCH):
        users = problem.asked[start : start + BATCH]
        given = scores(users)
        given = np.where(np.isnan(given), LOW + share, given + 1e-9 * share)
        if problem.had is not None:
            had = problem.had[users].tocoo()
            given[had.row, had.col] = -np.inf
        if problem.allowed is not None:
            allowed = problem.allowed[start : start + BATCH]
            order = np.argsort(-np.take_along_axis(given, allowed, 1), axis=1, kind="stable")[:, :places]
            made += np.take_along_axis(allowed, order, 1).tolist()
            continue
        top = np.argpartition(-given, places, axis=1)[:, :places]
        order = np.argsort(-np.take_along_axis(given, top, 1), axis=1, kind="stable")
        made += np.take_along_axis(top, order, 1).tolist()
    return made


def measured(names: Sequence[str], before: Problem, problem: Problem, board: Board, note: str = "") -> list[Fitted]:
    """Tune, fit and measure peers; what was chosen."""
    chosen = []
    for name in names:
        if name not in PEERS:
            continue
        if len(problem.popular) > PEERS[name].largest:
            told(f"{name}: left out, {len(problem.popular)} products are more than {PEERS[name].largest}")
            continue
        one = tuned(name, before)
        with metered() as cost:
            scores = one.scores(problem)
        board.add(one.label + note, board.measured(lists(problem, scores)))
        board.cost(one.label + note, "training", cost)
        if one.tuning.cpu == one.tuning.cpu:
            board.cost(one.label + note, "tuning", one.tuning)
            told(f"{one.label}{note}: {cost.cpu:.0f} s of CPU to train, {one.tuning.cpu:.0f} s to tune")
        chosen.append(one)
    return chosen


def matrix_of(users: Codes, products: Codes, shape: tuple[int, int], weights: Any = None) -> Matrix:
    """Users × products, float32: the weights of a pair summed, each 1 where none is given."""
    given = np.ones(len(users), np.float32) if weights is None else np.asarray(weights, np.float32)
    return sp.csr_matrix((given, (users, products)), shape=shape)
