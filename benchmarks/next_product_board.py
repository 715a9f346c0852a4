"""What the next-product benchmarks count: cost of a step, figures of every system, and paired lifts between them."""

import resource
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aisle.evaluation.bootstrap import interval, lift
from aisle.evaluation.metrics import hit_rate, hits_of, ndcg, reciprocal_rank
from aisle.stages import Metric
from benchmarks.rows import Row, peak_mib

Lists = list[list[int]]
Values = NDArray[np.float64]
NAN = float("nan")
UNBOUNDED = 1e4  # a lift's upper end that says only that the baseline may be zero
NEXT: Mapping[str, tuple[Metric, int]] = {  # one right product a user: recall is the hit rate
    "r@5": (hit_rate, 5), "r@10": (hit_rate, 10), "ndcg@5": (ndcg, 5), "ndcg@10": (ndcg, 10),
}  # fmt: skip
SESSION: Mapping[str, tuple[Metric, int]] = {"p@20": (hit_rate, 20), "mrr@20": (reciprocal_rank, 20)}


@dataclass
class Cost:
    """CPU seconds (user and system, of the process and its children that ended) and peak MiB of one step."""

    cpu: float = NAN
    peak: float = NAN


@contextmanager
def metered() -> Iterator[Cost]:
    """The cost of what is done inside; known when it is done."""
    cost = Cost()
    # Linux forgets the peak so far when asked to; elsewhere the peak is that of the process until now
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    before = _cpu()
    yield cost
    cost.cpu, cost.peak = _cpu() - before, peak_mib()


def told(text: str) -> None:
    """Tell the person who waits; what is measured goes to the standard output."""
    print(text, file=sys.stderr, flush=True)


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


@dataclass
class Board:
    """Figures of several systems on the same requests; a system's lift is that of the mean of its seeds."""

    name: str
    truths: list[frozenset[int]]
    metrics: Mapping[str, tuple[Metric, int]]
    main: str  # the metric that systems are compared by
    rows: list[Row] = field(default_factory=list)
    _values: dict[str, dict[str, list[tuple[str, Values]]]] = field(default_factory=dict)  # model → metric → seeds
    _told: set[str] = field(default_factory=set)  # models whose every seed has its own row

    def measured(self, lists: Sequence[Sequence[int]]) -> dict[str, Values]:
        """Every metric of every request."""
        return {name: of(*hits_of(lists, self.truths, k)) for name, (of, k) in self.metrics.items()}

    def add(
        self, model: str, values: Mapping[str, Values], seed: str = "0", seconds: float = NAN, each: bool = False
    ) -> None:
        """The figures of one system under one seed or order; `seconds` are those of making its lists.

        Their mean is told by `means`, and this one by itself where `each` is set.
        """
        for metric, value in values.items():
            self._values.setdefault(model, {}).setdefault(metric, []).append((seed, value))
            if each:
                self._told.add(model)
                found = interval(value)
                self.rows.append(Row(self.name, model, metric, found.value, found.low, found.high, seconds, seed=seed))

    def cost(self, model: str, what: str, cost: Cost, seed: str = "0") -> None:
        """CPU seconds of a step: training, tuning."""
        self.rows.append(Row(self.name, model, f"{what}, CPU s", cost.cpu, peak_mib=cost.peak, seed=seed))

    def note(self, model: str, metric: str, value: float, seed: str = "0") -> None:
        """A figure without an interval."""
        self.rows.append(Row(self.name, model, metric, value, seed=seed))

    def of(self, model: str, metric: str = "") -> Values:
        """A metric of every request, the mean of the seeds."""
        runs = self._values[model][metric or self.main]
        return np.asarray(np.mean([value for _, value in runs], axis=0), np.float64)

    @property
    def models(self) -> list[str]:
        """Every system measured so far."""
        return list(self._values)

    def seeds(self, model: str) -> str:
        """The seeds under which a system was measured."""
        return "+".join(dict.fromkeys(seed for seed, _ in self._values[model][self.main]))

    def means(self) -> None:
        """The figures of every system, the mean of its seeds or orders where it has several."""
        for model, metrics in self._values.items():
            for metric, runs in metrics.items():
                if len(runs) == 1 and model in self._told:
                    continue
                found = interval(self.of(model, metric))
                text = metric if len(runs) == 1 else f"{metric}, mean of {len(runs)}"
                seeds = self.seeds(model)
                self.rows.append(Row(self.name, model, text, found.value, found.low, found.high, seed=seeds))

    def best(self, models: Sequence[str]) -> str:
        """The best of these systems on the test itself, which favours them."""
        return max((model for model in models if model in self._values), key=lambda model: self.of(model).mean())

    def lift(self, model: str, over: str, name: str = "") -> None:
        """The relative gain of one system over another, paired over requests."""
        gain = lift(self.of(model), self.of(over))
        text = f"{self.main} over {name or over}"
        # a baseline that is never right in some resample has no ratio there
        low, high = (gain.low, gain.high) if gain.high < UNBOUNDED else (NAN, NAN)
        self.rows.append(Row(self.name, model, text, gain.value, low, high, seed=self.seeds(model)))

    def difference(self, model: str, over: str) -> None:
        """The difference of two systems, paired over requests."""
        gain = interval(self.of(model) - self.of(over))
        text = f"{self.main} minus {over}"
        self.rows.append(Row(self.name, model, text, gain.value, gain.low, gain.high, seed=self.seeds(model)))

    def lifts(self, model: str, peers: Sequence[str], others: Sequence[str]) -> None:
        """One system over the best of the peers, and over each of the others that is ever right."""
        known = [peer for peer in peers if peer in self._values]
        if known:
            best = self.best(known)
            self.lift(model, best, f"the best peer, {best}")
        for other in others:
            if self.of(other).any():
                self.lift(model, other)
