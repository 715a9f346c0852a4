"""THE TRAINING PATH: what was known at earlier moments is replayed through the request path's own steps, and what
happened afterwards is the label. So features at training and at serving cannot differ."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from aisle.pipeline import run
from aisle.pipeline.deadline import in_turn
from aisle.pipeline.scenario import Scenario
from aisle.records.candidates import Candidates
from aisle.records.history import Floats, Ints
from aisle.records.measurement import Examples
from aisle.records.request import Context, Request

OWN_KEPT, OTHER_KEPT = 0.35, 0.15  # share of negatives that become examples: own products, and the others


class Describer(Protocol):
    """Features of candidates, the same ones that a scorer reads when it serves."""

    @property
    def columns(self) -> tuple[str, ...]: ...
    def describe(self, context: Context, candidates: Candidates, keep: Ints | None = None) -> Floats: ...


@dataclass(frozen=True, slots=True)
class Replayed:
    """Examples and the weight of each, float32 (n,), which takes back what sampling of negatives did."""

    examples: Examples
    weights: Floats


def replay(
    scenario: Scenario,
    describer: Describer,
    asked: Sequence[tuple[str, Ints]],
    now: int,
    limit: int,
    seed: int,
    repeat: str = "allow",
    progress: Callable[[Iterable[tuple[str, Ints]]], Iterable[tuple[str, Ints]]] = iter,
) -> Replayed:
    """Ask `scenario` as of `now` for each (shopper, rows taken afterwards); `limit` candidates each."""
    random = np.random.default_rng(seed)
    parts: list[tuple[Floats, Floats, Floats, Ints]] = []
    for shopper, future in progress(asked):
        context, fused = candidates(scenario, shopper, now, limit, repeat)
        labels = np.isin(fused.rows, future)
        own = np.isin(fused.rows, context.history.rows)
        chance = np.where(labels, 1.0, np.where(own, OWN_KEPT, OTHER_KEPT))
        keep = np.flatnonzero(random.random(len(fused)) < chance).astype(np.int32)
        features = describer.describe(context, fused, keep)
        parts.append(
            (
                features,
                labels[keep].astype(np.float32),
                (1 / chance[keep]).astype(np.float32),
                fused.rows[keep],
            )
        )
    return _stacked(parts, describer.columns, now)


def candidates(
    scenario: Scenario, shopper: str, now: int, limit: int, repeat: str = "allow"
) -> tuple[Context, Candidates]:
    """One shopper's request up to the fusion: the context and the candidates that a scorer would see."""
    request = request_of(shopper)
    context = run.prepare(scenario, request, Context(request, scenario.name, now, repeat=repeat))
    found, _, _ = run.retrieve(scenario, context, limit, in_turn)
    return context, run.fuse(scenario, found, limit)


def request_of(shopper: str) -> Request:
    """The request of a shopper as the log names them: a user, or the session of a guest."""
    kind, _, session = shopper.partition("session:")
    return Request(session=session) if not kind and session else Request(user=shopper)


def _stacked(parts: list[tuple[Floats, Floats, Floats, Ints]], columns: tuple[str, ...], now: int) -> Replayed:
    groups = np.array([len(labels) for _, labels, _, _ in parts], np.int64)
    features = [f for f, *_ in parts] or [np.zeros((0, len(columns)), np.float32)]
    empty = np.zeros(0, np.float32)
    weights = np.concatenate([w for _, _, w, _ in parts] or [empty])
    examples = Examples(
        np.concatenate(features),
        np.concatenate([labels for _, labels, _, _ in parts] or [empty]),
        groups,
        columns,
        np.concatenate([rows for *_, rows in parts] or [np.zeros(0, np.int32)]),
        np.full(len(parts), now, np.int64),
        np.ones(int(groups.sum()), np.float32),
    )
    return Replayed(examples, weights)
