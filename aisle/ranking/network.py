"""A neural ranker of several objectives at once, over the features that the trees read.

Experts read a candidate, gates mix them for each objective, and a tower an objective says its log-odds. One expert that
all share is a shared bottom (Caruana 1997), several are a mixture (MMoE, Ma et al., KDD 2018), and experts that belong
to one objective beside shared ones are one extraction layer of PLE (Tang et al., RecSys 2020). Each objective's loss is
weighed by its own uncertainty, which is learned (Kendall et al., CVPR 2018). A feature is read as its quantile among
the examples, and whether it is missing. It learns in torch and is served in numpy.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from aisle.errors import StageError
from aisle.ranking.calibration import Calibration
from aisle.ranking.described import COLUMN, Ranking, carried
from aisle.records.history import Floats
from aisle.records.measurement import Examples
from aisle.stages import Feature

# experts that all objectives share, experts of each objective's own, width of an expert
KINDS = {"shared": (1, 0, 256), "mmoe": (4, 0, 64), "ple": (2, 1, 64)}
DEEP, TOWER = 64, 32  # width of an expert's second layer, and of a tower
QUANTILES = 64
FILE = "network.npz"
RATE, DECAY, DROPOUT = 1e-3, 1e-5, 0.1
BATCH, EPOCHS, PATIENCE = 2048, 12, 2
HELD = 0.1  # share of the requests by which an epoch is judged
FIRST, PLACES = 1_000_000, 20_000  # examples that are learned from at most; examples that quantiles are of


@dataclass
class Network(Ranking):
    """A `Scorer`. kind: one of KINDS; weights: arrays by name, empty before `fit`; objectives: what the towers say."""

    kind: str = "mmoe"
    objectives: tuple[str, ...] = ()
    weights: dict[str, Floats] = field(default_factory=dict)
    losses: list[float] = field(default_factory=list)

    @property
    def learned(self) -> tuple[str, ...]:
        """The objectives that there were enough examples of."""
        return self.objectives

    def fit(self, examples: Examples, seed: int, weights: Floats | None = None) -> Self:
        """Learn from examples; `weights` (n,) takes back what sampling did. The epoch with the least loss on requests
        that were kept aside stays."""
        import torch

        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # the same sums, whatever the machine has
        try:
            return self._fit(examples, seed, np.ones(len(examples), np.float32) if weights is None else weights)
        finally:
            torch.set_num_threads(threads)

    def _fit(self, examples: Examples, seed: int, weights: Floats) -> Self:
        import torch

        torch.manual_seed(seed)
        random = np.random.default_rng([seed, 5])
        self.objectives = carried(examples)
        self.weights = {"quantiles": quantiles_of(examples.features[random.permutation(len(examples))[:PLACES]])}
        wanted = np.stack([examples.of(name) for name in self.objectives], axis=1)
        held = np.repeat(random.random(len(examples.groups)) < HELD, examples.groups)
        lessons = random.permutation(np.flatnonzero(~held))[:FIRST]
        module = _module(self.kind, 2 * examples.features.shape[1], len(self.objectives))
        module.start(np.average(wanted, axis=0, weights=weights))
        learns = torch.optim.AdamW(module.parameters(), lr=RATE, weight_decay=DECAY)
        best = dict[str, Any]()
        self.losses = []
        for epoch in range(EPOCHS):
            for group in learns.param_groups:
                group["lr"] = RATE * (1 - epoch / EPOCHS)
            order = random.permutation(lessons)
            module.train()
            for some in (order[k : k + BATCH] for k in range(0, len(order), BATCH)):
                loss = module.loss(*self._told(examples.features[some], wanted[some], weights[some]))
                learns.zero_grad()
                loss.backward()
                learns.step()
            self.losses.append(self._judged(module, examples.features[held], wanted[held], weights[held]))
            if self.losses[-1] <= min(self.losses):
                best = {name: value.detach().numpy().copy() for name, value in module.named_parameters()}
            if epoch + 1 - int(np.argmin(self.losses)) > PATIENCE:
                break
        self.weights |= best | {"mask": module.mask.numpy()}
        return self

    def _told(self, features: Floats, wanted: Floats, weights: Floats) -> tuple[Any, Any, Any]:
        import torch

        made: Any = (torch.from_numpy(one) for one in (self._read(features), wanted, weights))
        return tuple(made)

    def _judged(self, module: Any, features: Floats, wanted: Floats, weights: Floats) -> float:
        import torch

        module.eval()
        with torch.no_grad():
            sums = [(float(module.plain(*self._told(features[k : k + BATCH], wanted[k : k + BATCH],
                                                    weights[k : k + BATCH]))), len(features[k : k + BATCH]))
                    for k in range(0, len(features), BATCH)]  # fmt: skip
        return sum(loss * size for loss, size in sums) / max(sum(size for _, size in sums), 1)

    def _read(self, features: Floats) -> Floats:
        """Features as the network reads them, float32 (n, 2 · f)."""
        return read(features, self.weights["quantiles"])

    def predict(self, features: Floats, column: str = COLUMN) -> Floats:
        """Log-odds, float32 (n,). Raises StageError before `fit`."""
        if column not in self.objectives:
            raise StageError("network", f"no tower of {column}", "a fit before")
        w, at = self.weights, self.objectives.index(column)
        x = self._read(features)
        deep = np.maximum(x @ w["first"] + w["first_bias"][:, None], 0)  # (experts, n, width)
        deep = np.maximum(deep @ w["second"] + w["second_bias"][:, None], 0)
        gates = x @ w["gates"][at] + np.where(w["mask"][at], np.float32(0), np.float32(-np.inf))
        gates = np.exp(gates - gates.max(axis=1, keepdims=True))
        mixed = np.einsum("ne,enh->nh", gates / gates.sum(axis=1, keepdims=True), deep)
        tower = np.maximum(mixed @ w["tower"][at] + w["tower_bias"][at], 0)
        return np.asarray(tower @ w["out"][at] + w["out_bias"][at], np.float32)

    def save(self, folder: Path) -> None:
        """Write weights and calibrations."""
        folder.mkdir(parents=True)
        curves = {
            f"{end} {name}": getattr(curve, end) for name, curve in self.calibrations.items() for end in ("x", "y")
        }
        np.savez(folder / FILE, allow_pickle=False, kind=np.array(self.kind), columns=np.array(self.columns),
                 objectives=np.array(self.objectives), **self.weights, **curves)  # fmt: skip

    @classmethod
    def load(cls, folder: Path, features: tuple[Feature, ...], sources: Sequence[str]) -> Self:
        """The network that `save` wrote, over the same features."""
        with np.load(folder / FILE) as file:
            kept = dict(file)
        names = tuple(kept.pop("objectives").tolist())
        curves = {
            name: Calibration(kept.pop(f"x {name}"), kept.pop(f"y {name}")) for name in names if f"x {name}" in kept
        }
        kind, columns = str(kept.pop("kind")), kept.pop("columns").tolist()
        made = cls(features, tuple(sources), (COLUMN,), curves, kind, names, kept)
        if list(made.columns) != columns:
            raise StageError(str(folder), "a model of other features", "the declared ones: train again")
        return made


def quantiles_of(features: Floats) -> Floats:
    """QUANTILES of each feature, float32 (f, QUANTILES); of one that was never known zeros."""
    known = np.where(np.isnan(features).all(axis=0), np.float32(0), features)
    levels = np.nanquantile(known, np.linspace(0, 1, QUANTILES), axis=0).T
    return np.asarray(levels, np.float32)


def read(features: Floats, quantiles: Floats) -> Floats:
    """Each feature as its quantile from -1 to 1 (0 where it is missing), and whether it is, float32 (n, 2 · f)."""
    places = np.linspace(-1, 1, quantiles.shape[1])
    made = np.zeros((len(features), 2, features.shape[1]), np.float32)
    for at, levels in enumerate(quantiles):
        steps, first = np.unique(levels, return_index=True)
        last = np.r_[first[1:], len(levels)] - 1
        made[:, 0, at] = np.interp(features[:, at], steps, (places[first] + places[last]) / 2)
    missing = np.isnan(features)
    made[:, 0][missing] = 0
    made[:, 1] = missing
    return made.reshape(len(features), -1)


def masked(kind: str, objectives: int) -> NDArray[np.bool_]:
    """Which experts an objective may read, bool (objectives, experts)."""
    shared, own, _ = KINDS[kind]
    mine = np.repeat(np.eye(objectives, dtype=bool), own, axis=1)
    return np.concatenate([np.ones((objectives, shared), bool), mine], axis=1)


def _module(kind: str, wide: int, objectives: int) -> Any:
    import torch

    mask, width = torch.from_numpy(masked(kind, objectives)), KINDS[kind][2]
    experts = mask.shape[1]

    def made(*shape: int) -> Any:
        return torch.nn.Parameter(torch.randn(*shape) * (2 / shape[-2]) ** 0.5)

    def nought(*shape: int) -> Any:
        return torch.nn.Parameter(torch.zeros(*shape))

    class Module(torch.nn.Module):
        """The same sums as `predict`, with gradients."""

        def __init__(self) -> None:
            super().__init__()
            self.mask = mask
            self.first, self.first_bias = made(experts, wide, width), nought(experts, width)
            self.second, self.second_bias = made(experts, width, DEEP), nought(experts, DEEP)
            self.gates = nought(objectives, wide, experts)
            self.tower, self.tower_bias = made(objectives, DEEP, TOWER), nought(objectives, TOWER)
            self.out, self.out_bias = nought(objectives, TOWER), nought(objectives)
            self.unsure = nought(objectives)  # log of the variance of each objective's loss
            self.dropout = torch.nn.Dropout(DROPOUT)

        def start(self, rates: Any) -> None:
            """Say at first how often each objective happens."""
            rates = torch.from_numpy(np.clip(rates, 1e-6, 1 - 1e-6).astype(np.float32))
            self.out_bias.data = torch.log(rates / (1 - rates))
            torch.nn.init.normal_(self.out, std=0.05)

        def forward(self, x: Any) -> Any:
            deep = torch.relu(x @ self.first + self.first_bias[:, None])
            deep = self.dropout(torch.relu(deep @ self.second + self.second_bias[:, None]))
            gates = (x @ self.gates).masked_fill(~self.mask[:, None], float("-inf")).softmax(dim=-1)
            mixed = torch.einsum("tne,enh->tnh", gates, deep)
            tower = torch.relu(mixed @ self.tower + self.tower_bias[:, None])
            return torch.einsum("tnh,th->nt", tower, self.out) + self.out_bias

        def _losses(self, x: Any, wanted: Any, weights: Any) -> Any:
            said = torch.nn.functional.binary_cross_entropy_with_logits(self(x), wanted, reduction="none")
            return (said * weights[:, None]).sum(dim=0) / weights.sum()

        def loss(self, x: Any, wanted: Any, weights: Any) -> Any:
            return (torch.exp(-self.unsure) * self._losses(x, wanted, weights) + self.unsure / 2).sum()

        def plain(self, x: Any, wanted: Any, weights: Any) -> Any:
            return self._losses(x, wanted, weights).sum()

    return Module()
