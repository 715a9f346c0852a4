"""A number that was measured, with its interval and support; and the rows from which a ranker learns."""

import math
from dataclasses import dataclass, field

import numpy as np

from aisle.errors import StageError
from aisle.records.history import Floats, Longs


@dataclass(frozen=True, slots=True)
class Measurement:
    """One metric of one model: `low` and `high` are its 95 % interval, `support` how many requests it rests on.

    A value that cannot be measured is undefined and says why in `note`; it is never a silent zero.
    """

    model: str
    metric: str
    value: float
    low: float = math.nan
    high: float = math.nan
    support: int = 0
    set: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if not math.isfinite(self.value) and not self.note:
            raise StageError(f"{self.model} {self.metric}", self.value, "a finite value, or a note that says why")


@dataclass(frozen=True, slots=True)
class Examples:
    """Candidates as they were ranked, features as they were then, and what came of them.

    features: float32 (n, f); labels: float32 (n,); groups: int64 (requests,), candidates of each request in turn;
    columns: f names; beside: float32 (n, k), labels of k other `objectives`.
    """

    features: Floats
    labels: Floats
    groups: Longs
    columns: tuple[str, ...]
    objectives: tuple[str, ...] = ()
    beside: Floats = field(default_factory=lambda: np.zeros((0, 0), np.float32))

    def __post_init__(self) -> None:
        if self.features.shape != (len(self.labels), len(self.columns)):
            raise StageError("Examples", self.features.shape, f"{(len(self.labels), len(self.columns))}")
        if int(self.groups.sum()) != len(self.labels):
            raise StageError("Examples", int(self.groups.sum()), f"groups that add up to {len(self.labels)}")

        if self.objectives and self.beside.shape != (len(self.labels), len(self.objectives)):
            raise StageError("Examples", self.beside.shape, f"{(len(self.labels), len(self.objectives))}")

    def __len__(self) -> int:
        return len(self.labels)

    def of(self, objective: str) -> Floats:
        """The labels of an objective, float32 (n,); those of the target where it names none of the others."""
        at = self.objectives.index(objective) if objective in self.objectives else -1
        return self.labels if at < 0 else np.ascontiguousarray(self.beside[:, at])


def joined(parts: list[Examples]) -> Examples:
    """Several sets of examples as one; their columns must agree."""
    if len({(part.columns, part.objectives) for part in parts}) != 1:
        raise StageError("Examples", sorted({len(p.columns) for p in parts}), "the same columns in every part")
    return Examples(
        np.concatenate([p.features for p in parts]),
        np.concatenate([p.labels for p in parts]),
        np.concatenate([p.groups for p in parts]),
        parts[0].columns,
        parts[0].objectives,
        np.concatenate([p.beside for p in parts]),
    )
