"""THE TRAINING PATH: what was known at earlier moments is replayed through the request path's own steps, and what
happened afterwards is the label. So features at training and at serving cannot differ."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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


@dataclass(frozen=True, slots=True)
class Asked:
    """A shopper who is asked, the rows they took afterwards, and those of other objectives, by name; anchor: the
    products that the request stands on."""

    shopper: str
    taken: Ints
    beside: Mapping[str, Ints] = field(default_factory=dict)
    anchor: tuple[str, ...] = ()


def replay(
    scenario: Scenario,
    describer: Describer,
    asked: Sequence[Asked],
    now: int,
    limit: int,
    seed: int,
    repeat: str = "allow",
    progress: Callable[[Iterable[Asked]], Iterable[Asked]] = iter,
) -> Replayed:
    """Ask `scenario` as of `now` for each shopper; `limit` candidates each."""
    random = np.random.default_rng(seed)
    objectives = tuple(asked[0].beside) if asked else ()
    parts: list[_Part] = []
    for one in progress(asked):
        request = replace(request_of(one.shopper), anchor=one.anchor)
        context, fused = candidates(scenario, request, now, limit, repeat)
        labels = np.isin(fused.rows, one.taken)
        beside = np.stack([labels, *(np.isin(fused.rows, one.beside[name]) for name in objectives)], axis=1)
        own = np.isin(fused.rows, context.history.rows)
        chance = np.where(beside.any(axis=1), 1.0, np.where(own, OWN_KEPT, OTHER_KEPT))
        keep = np.flatnonzero(random.random(len(fused)) < chance).astype(np.int32)
        features = describer.describe(context, fused, keep)
        said = beside[keep].astype(np.float32)
        parts.append(_Part(features, said, (1 / chance[keep]).astype(np.float32), fused.rows[keep]))
    return _stacked(parts, describer.columns, objectives, now)


def candidates(
    scenario: Scenario, request: Request, now: int, limit: int, repeat: str = "allow"
) -> tuple[Context, Candidates]:
    """One request up to the fusion: the context and the candidates that a scorer would see."""
    scenario = replace(scenario, rest=None)
    context = run.prepare(scenario, request, Context(request, scenario.name, now, repeat=repeat))
    found, _, _ = run.retrieve(scenario, context, limit, in_turn)
    return context, run.fuse(scenario, found, limit)


def request_of(shopper: str) -> Request:
    """The request of a shopper as the log names them: a user, or the session of a guest."""
    kind, _, session = shopper.partition("session:")
    return Request(session=session) if not kind and session else Request(user=shopper)


@dataclass(frozen=True, slots=True)
class _Part:
    """What one request came to. labels: float32 (n, 1 + objectives), the target first."""

    features: Floats
    labels: Floats
    weights: Floats
    rows: Ints


def _stacked(parts: list[_Part], columns: tuple[str, ...], objectives: tuple[str, ...], now: int) -> Replayed:
    groups = np.array([len(part.rows) for part in parts], np.int64)
    nothing = np.zeros(0, np.float32)
    none = _Part(np.zeros((0, len(columns)), np.float32), np.zeros((0, 1 + len(objectives)), np.float32), nothing,
                 np.zeros(0, np.int32))  # fmt: skip
    every = parts or [none]
    labels = np.concatenate([part.labels for part in every])
    examples = Examples(
        np.concatenate([part.features for part in every]),
        np.ascontiguousarray(labels[:, 0]),
        groups,
        columns,
        objectives,
        labels[:, 1:],
    )
    return Replayed(examples, np.concatenate([part.weights for part in every]))
