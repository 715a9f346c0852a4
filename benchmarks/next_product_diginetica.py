"""Diginetica: the next click of a session, ids only, from its beginning; what was clicked is not masked.

Protocol of SR-GNN (AAAI 2019): every prefix of every test session is one request, P@20 and MRR@20. Published there:
SR-GNN 50.7 / 17.6, GCE-GNN 54.2 / 19.0 (in per cent). In the file prefixes are chronological, and those of one session
stand longest first. The prefixes are loaded after training, each as a guest's session without times; so nothing is
learned from them. Prefixes of one session are not independent, so the true intervals are a little wider.
"""

import shutil
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import peers as others
from benchmarks.next_product_board import SESSION, Board, metered
from benchmarks.next_product_shop import Options, arms_on, data, measured, opened, trained, workplace

PLACES = 20
HELD_OUT = 5000  # last sessions of the file, for validation
GRID = tuple((nearest, itself) for nearest in (100, 500) for itself in (True, False))
DEFAULT = ("popularity", "item-knn")


def clicks(sessions: Sequence[Any], name: str, ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Sessions of product codes as events of guests."""
    for number, session in enumerate(sessions):
        for product in session:
            yield {"type": "view", "session": f"{name}{number}", "product": ids[product]}


def likeness(sessions: Sequence[Any], products: int, nearest: int, itself: bool) -> Any:
    """Cosine of products over sessions, products × products; `itself`: may the last click be shown again?"""
    from implicit.nearest_neighbours import CosineRecommender

    owners = np.repeat(np.arange(len(sessions)), [len(s) for s in sessions])
    matrix = others.matrix_of(owners, np.concatenate(sessions), (len(sessions), products))
    matrix.data[:] = 1
    table = others.similarity(CosineRecommender(K=nearest, num_threads=others.THREADS), matrix)
    if not itself:
        table.setdiag(0)
        table.eliminate_zeros()
    return table


def baselines(
    names: Sequence[str], sessions: Sequence[Any], prefixes: Sequence[Any], popular: Any, board: Board
) -> list[str]:
    """Popularity, and the cosine neighbours of the last click; their names on the board."""
    asked = np.arange(len(prefixes))
    problem = others.Problem({}, popular, asked, board.truths)
    labels = []
    if "popularity" in names:
        silent = others.lists(problem, lambda users: np.full((len(users), len(popular)), np.nan), PLACES)
        board.add("popularity", board.measured(silent))
        labels.append("popularity")
    if "item-knn" in names:
        with metered() as tuning:
            nearest, itself = chosen(sessions, popular)
        label = f"item-knn of the last click ({nearest}, {'itself too' if itself else 'not itself'})"
        with metered() as cost:
            table = likeness(sessions, len(popular), nearest, itself)
        last = np.array([prefix[-1] for prefix in prefixes])
        board.add(label, board.measured(others.lists(problem, lambda rows: others.said(table[last[rows]]), PLACES)))
        board.cost(label, "training", cost)
        board.cost(label, "tuning", tuning)
        labels.append(label)
    return labels


def chosen(sessions: Sequence[Any], popular: Any) -> tuple[int, bool]:
    """The settings with the best MRR@20 on the last click of the last sessions."""
    past, held = sessions[:-HELD_OUT], sessions[-HELD_OUT:]
    truths = [frozenset((int(session[-1]),)) for session in held]
    trial = Board("validation", truths, SESSION, "mrr@20")
    problem = others.Problem({}, popular, np.arange(len(held)), truths)
    last = np.array([session[-2] for session in held])
    for setting in GRID:
        table = likeness(past, len(popular), *setting)
        found = others.lists(problem, lambda rows, table=table: others.said(table[last[rows]]), PLACES)  # type: ignore[misc]
        trial.add(str(setting), trial.measured(found))
    best = trial.best(trial.models)
    return next(setting for setting in GRID if str(setting) == best)


def run(options: Options) -> Board:
    """Peers, then ours: one folder is loaded, and every seed is trained in a copy that then learns of the prefixes."""
    train = pd.read_parquet(data("diginetica/train_sessions.parquet"))["session"].to_list()
    test = pd.read_parquet(data("diginetica/test.parquet"))
    test = test.iloc[options.sample(len(test))]
    numbers = np.unique(np.concatenate(train))
    ids = [str(number) for number in numbers]
    sessions = [np.searchsorted(numbers, session) for session in train]
    prefixes = [np.searchsorted(numbers, prefix) for prefix in test["prefix"]]
    truths = [frozenset((int(target),)) for target in np.searchsorted(numbers, test["target"])]
    board = Board("diginetica", truths, SESSION, "mrr@20")
    popular = np.bincount(np.concatenate(sessions), minlength=len(ids)).astype(np.float64)
    labels = baselines(options.peers or DEFAULT, sessions, prefixes, popular, board)
    code = {name: number for number, name in enumerate(ids)}
    requests = [{"session": f"test{number}"} for number in range(len(prefixes))]
    with workplace(options, "diginetica") as folder:
        opened(folder, options, None, clicks(sessions, "s", ids)).close()
        for seed in options.seeds:
            place = folder / f"seed-{seed}"
            shutil.copytree(folder, place, ignore=shutil.ignore_patterns("seed-*"))
            with opened(place, options, None, []) as shop:
                trained(shop, seed, board)
                shop.load(events=clicks(prefixes, "test", ids))
                measured(shop, board, requests, PLACES, "allow", code, seed)
            shutil.rmtree(place)
    board.means()
    board.lifts("aisle", labels, arms_on(board))
    return board
