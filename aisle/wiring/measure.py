"""Slates as of a moment, and what became of them: what `train` chooses by and `evaluate` reports."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.evaluation.metrics import hits_of, ndcg
from aisle.pipeline import run
from aisle.pipeline.scenario import Scenario
from aisle.pipeline.train import request_of
from aisle.records.request import Context

PLACES = 10


def lists_of(
    scenario: Scenario,
    asked: Sequence[tuple[str, Any]],
    now: int,
    candidates: int,
    repeat: str = "allow",
    progress: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> list[list[int]]:
    """The rows that each shopper would have been shown, PLACES each."""
    made = []
    for shopper, _ in progress(asked):
        request = request_of(shopper)
        context = Context(request, scenario.name, now, repeat=repeat)
        made.append(run.run(scenario, request, context, PLACES, candidates).rows[:PLACES])
    return made


def score_of(lists: Sequence[Sequence[int]], truths: Sequence[frozenset[int]]) -> NDArray[np.float64]:
    """NDCG@10 of each request."""
    return ndcg(*hits_of(lists, truths, PLACES))
