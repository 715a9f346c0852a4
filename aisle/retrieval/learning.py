"""Learns the transformer over histories, in torch: each step predicts the product of the next one.

A product's vector is its own plus its text's through an adapter, so that a product nobody bought has one. The loss is a
softmax over the right product and SHARED negatives that a batch has in common, drawn by popularity and corrected for it
(Bengio and Senécal 2008; Yi et al., RecSys 2019): the cross-entropy that Klenitskiy and Vasilev (RecSys 2023) found
40 % better than the usual one negative. Windows of one length share a batch, so nothing is padded.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from aisle.errors import MissingPackageError
from aisle.records.history import Floats, Longs
from aisle.retrieval.transformer import BLOCKS, GAPS, HEADS, LONGEST, TYPES, Steps, distances
from aisle.retrieval.windows import Windows
from aisle.stages import Progress

DIM = 64
DROPOUT = 0.3
RATE = 2e-3  # of learning; falls to a twentieth
OWN = 30.0  # times the rate at which a product's own vector moves: it is touched by few batches
WARM = 200  # batches until the rate is reached, or a tenth of all
SHARED = 1024
TEMPER = 0.75  # negatives are drawn by (count + 1)^TEMPER
PATIENCE = 4  # epochs without a better one
CELLS = 1 << 24  # scores that are held at once when it is judged
CLIP = 1.0
UNNAMED = 0.03  # share of a batch's products that are known by their text alone, so that a new one can be


def torch() -> Any:
    """The package, or the error that says how to get it."""
    try:
        return import_module("torch")
    except ImportError:
        raise MissingPackageError("the sequence model", "no torch", "pip install 'aisle[train]'") from None


@contextmanager
def one_thread() -> Iterator[None]:
    """Batches are small: a second thread adds a third, and where the cores are busy waits ten times as long."""
    t = torch()
    before = t.get_num_threads()
    t.set_num_threads(1)
    try:
        yield
    finally:
        t.set_num_threads(before)


def stalled(figures: Sequence[float], patience: int) -> bool:
    """Do so many epochs lie behind the best one. While none has hit anything the next may: nothing is learned yet."""
    best = int(np.argmax(figures))
    return figures[best] > 0 and len(figures) - best > patience


class Network:
    """The network while it learns. texts: float32 (rows, k), or None where products have no text."""

    def __init__(self, size: int, texts: Floats | None, seed: int) -> None:
        t = torch()
        t.manual_seed(seed)
        nn = t.nn
        self.size, self.own = size, nn.Embedding(size, DIM, sparse=True)
        self.bias = nn.Embedding(size, 1, sparse=True)
        nn.init.normal_(self.own.weight, std=0.05 if texts is None else 0.02)
        nn.init.zeros_(self.bias.weight)
        self.texts: Any = None if texts is None else t.from_numpy(np.asarray(texts, np.float32))
        adapter: Any = None if texts is None else nn.Sequential(
            nn.Linear(texts.shape[1], 2 * DIM), nn.ReLU(), nn.Linear(2 * DIM, DIM))  # fmt: skip
        tables = {"behaviour": (TYPES, DIM), "following": (TYPES, DIM), "gap": (GAPS, DIM), "near": (HEADS, LONGEST)}
        self.tables = nn.ParameterDict({name: nn.Parameter(0.02 * t.randn(shape)) for name, shape in tables.items()})
        self.blocks = nn.ModuleList([self._block(nn) for _ in range(BLOCKS)])
        self.norm = nn.LayerNorm(DIM)
        parts = [self.tables, self.blocks, self.norm, *([adapter] if adapter is not None else [])]
        self.dense, self.adapter = nn.ModuleList(parts), adapter
        self.drop = nn.Dropout(DROPOUT)
        self.dense.append(self.drop)

    @staticmethod
    def _block(nn: Any) -> Any:
        return nn.ModuleDict({
            "n1": nn.LayerNorm(DIM), "qkv": nn.Linear(DIM, 3 * DIM), "out": nn.Linear(DIM, DIM),
            "n2": nn.LayerNorm(DIM), "up": nn.Linear(DIM, 4 * DIM), "down": nn.Linear(4 * DIM, DIM),
        })  # fmt: skip

    def vectors(self, rows: Any, named: Any = None) -> Any:
        """The vectors of products, (k, DIM); `named` (k, 1) is 0 for those whose own vector is left out."""
        own = self.own(rows) if named is None else self.own(rows) * named
        return own if self.adapter is None else own + self.adapter(self.texts[rows])

    def read(self, vectors: Any, steps: Steps) -> Any:
        """Histories of one length, vectors (k, n, DIM) → what each of their steps looks for, (k, n, DIM)."""
        t = torch()
        drop, back, x = self.drop, t.from_numpy(distances(vectors.shape[1])), vectors
        near = self.tables["near"][:, back].masked_fill(back < 0, float("-inf"))[None]
        for name, codes in (("behaviour", steps.types), ("following", steps.following), ("gap", steps.gaps)):
            x = x + self.tables[name][t.from_numpy(codes.astype(np.int64))]
        x = drop(x)
        for block in self.blocks:
            q, k, v = (part.unflatten(2, (HEADS, -1)).transpose(1, 2)
                       for part in block["qkv"](block["n1"](x)).chunk(3, dim=2))  # fmt: skip
            spread = drop.p if drop.training else 0.0
            seen = t.nn.functional.scaled_dot_product_attention(q, k, v, near, spread)
            x = x + drop(block["out"](seen.transpose(1, 2).flatten(2)))
            x = x + drop(block["down"](drop(t.relu(block["up"](block["n2"](x))))))
        return self.norm(x)

    def everything(self, some: Longs | None = None) -> tuple[Floats, Floats]:
        """The vectors (n, DIM) and biases (n,) of all products, or of some rows."""
        t = torch()
        rows = t.arange(self.size) if some is None else t.from_numpy(some)
        with t.no_grad():
            parts = [self.vectors(part) for part in rows.split(65536)]
            return t.cat(parts).numpy(), self.bias.weight[rows, 0].numpy().copy()

    def forget(self, rows: Longs) -> None:
        """Products that no history holds were only ever pushed away: their own vector says nothing, their text does."""
        t = torch()
        with t.no_grad():
            self.own.weight[t.from_numpy(rows)] = 0
            self.bias.weight[t.from_numpy(rows)] = float(self.bias.weight.mean())

    def weights(self) -> dict[str, Floats]:
        """The weights by the names that `transformer.py` reads."""
        named = {f"blocks.{n}": p for n, p in self.blocks.named_parameters()} | dict(self.tables.items())
        named |= {f"norm.{n}": p for n, p in self.norm.named_parameters()}
        return {name: value.detach().numpy().copy() for name, value in named.items()}

    def state(self) -> dict[str, Any]:
        """Everything learned, as torch saves it."""
        parts = {"own": self.own, "bias": self.bias, "dense": self.dense}
        return {name: {k: v.clone() for k, v in part.state_dict().items()} for name, part in parts.items()}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        for name, part in (("own", self.own), ("bias", self.bias), ("dense", self.dense)):
            part.load_state_dict(state[name])


class Learner:
    """One run of learning: deterministic for a seed, resumed from `checkpoint` after a kill."""

    def __init__(self, network: Network, windows: Windows, seed: int) -> None:
        t = torch()
        self.network, self.windows, self.seed = network, windows, seed
        sparse = [network.own.weight, network.bias.weight]
        self.optimizers = [
            t.optim.SparseAdam(sparse, lr=RATE, betas=(0.9, 0.98)),
            t.optim.Adam(network.dense.parameters(), lr=RATE, betas=(0.9, 0.98)),
        ]
        counts = np.bincount(windows.targets, minlength=network.size) + 1.0
        chances = counts**TEMPER / (counts**TEMPER).sum()
        self.heap, self.log_chance = np.cumsum(chances), t.from_numpy(np.log(chances).astype(np.float32))
        self.best, self.figures, self.seen = (-1.0, network.state()), list[float](), 0

    def learn(self, epochs: int, most: int, progress: Progress, checkpoint: Path | None = None) -> list[float]:
        """NDCG@10 of the held-out steps after every epoch; the network keeps the best. An epoch reads at most `most`
        steps."""
        with one_thread():
            return self._learned(epochs, most, progress, checkpoint)

    def _learned(self, epochs: int, most: int, progress: Progress, checkpoint: Path | None) -> list[float]:
        t = torch()
        first = self._resumed(checkpoint)
        for epoch in progress(range(first, epochs), "learning sequences", epochs - first):
            random = np.random.default_rng([self.seed, epoch])
            t.manual_seed(self.seed * 1000 + epoch)
            self.network.dense.train()
            batches = self.windows.batches(random, most)
            for number, batch in enumerate(batches):
                self._paced((epoch * len(batches) + number) / (epochs * len(batches)), epoch * len(batches) + number)
                self._step(batch, random)
            self.network.dense.eval()
            self.figures.append(self.judged())
            if not self.figures[-1] < self.best[0]:  # of equals, or with nobody to judge by, the one that learned more
                self.best = self.figures[-1], self.network.state()
            if stalled(self.figures, PATIENCE):
                break
            if checkpoint is not None:
                self._write(checkpoint, epoch + 1)
        self.network.restore(self.best[1])
        self.network.dense.eval()
        return self.figures

    def _paced(self, done: float, number: int) -> None:
        rate = RATE * min(1.0, (number + 1) / WARM, 10 * done + 0.05) * max(0.05, 1 - done)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate * (OWN if optimizer is self.optimizers[0] else 1)

    def _step(self, batch: Longs, random: np.random.Generator) -> None:
        t, network, windows = torch(), self.network, self.windows
        steps, learned = windows.steps.take(batch), ~windows.held[batch].ravel()
        inputs, targets = steps.rows, windows.targets[batch].ravel()[learned]
        drawn = np.searchsorted(self.heap, random.random(min(SHARED, network.size)) * self.heap[-1])
        needed, inverse = np.unique(np.concatenate([inputs.ravel(), targets, drawn]), return_inverse=True)
        named = (random.random((len(needed), 1)) >= UNNAMED).astype(np.float32) if network.texts is not None else None
        own = network.vectors(t.from_numpy(needed.astype(np.int64)), None if named is None else t.from_numpy(named))
        inverse, cuts = t.from_numpy(inverse.ravel()), np.cumsum([inputs.size, len(targets)])
        at_input, at_target, at_drawn = inverse.tensor_split(t.from_numpy(cuts))
        look_up = t.nn.functional.embedding  # its gradient is summed in one order, unlike that of an index
        read = look_up(at_input.view(inputs.shape), own)
        looked_for = network.read(read, steps).flatten(0, 1)[t.from_numpy(learned)]
        right, wrong = t.from_numpy(targets.astype(np.int64)), t.from_numpy(drawn)
        hit = (looked_for * look_up(at_target, own)).sum(1) + network.bias(right)[:, 0]
        missed = looked_for @ look_up(at_drawn, own).T + network.bias(wrong)[:, 0] - self.log_chance[wrong]
        missed = missed - float(np.log(len(drawn)))
        missed = missed.masked_fill(right[:, None] == wrong[None], float("-inf"))
        loss = (t.logsumexp(t.cat([hit[:, None], missed], 1), 1) - hit).mean()
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        t.nn.utils.clip_grad_norm_(network.dense.parameters(), CLIP)
        for optimizer in self.optimizers:
            optimizer.step()
        self.seen += batch.size

    def judged(self) -> float:
        """NDCG@10 of the held-out next products among all (of very many: among a sample); NaN without any."""
        held = np.flatnonzero(self.windows.held)
        among = self.windows.among(self.network.size, held, self.seed)
        vectors, bias = self.network.everything(among)
        ranks = [((scores := asked @ vectors.T + bias) > scores[np.arange(len(right)), right][:, None]).sum(axis=1)
                 for asked, right in self._held(held, among)]  # fmt: skip
        rank = np.concatenate(ranks) if ranks else np.zeros(0)
        return float(np.where(rank < 10, 1 / np.log2(rank + 2), 0).mean()) if len(rank) else float("nan")

    def _held(self, held: Longs, among: Longs) -> Iterator[tuple[Floats, Longs]]:
        """What held-out steps look for, by length of their window, and where the right rows stand in `among`."""
        t, windows = torch(), self.windows
        starts = windows.starts[np.searchsorted(windows.starts, held, side="right") - 1]
        for length in np.unique(held - starts + 1):
            mine = held[held - starts + 1 == length]
            for part in np.array_split(mine, 1 + len(mine) * len(among) // CELLS):
                steps = windows.steps.take(part[:, None] - np.arange(length)[::-1])
                with t.no_grad():
                    vectors = self.network.vectors(t.from_numpy(steps.rows.astype(np.int64)))
                    looked_for = self.network.read(vectors, steps)[:, -1].numpy()
                yield looked_for, np.searchsorted(among, windows.targets[part])

    def _write(self, checkpoint: Path, epoch: int) -> None:
        t = torch()
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        aside = checkpoint.with_suffix(".writing")
        t.save({"epoch": epoch, "state": self.network.state(), "best": self.best, "figures": self.figures,
                "optimizers": [o.state_dict() for o in self.optimizers]}, aside)  # fmt: skip
        aside.rename(checkpoint)

    def _resumed(self, checkpoint: Path | None) -> int:
        """The epoch to begin with: what a run that was killed had done is not done again."""
        if checkpoint is None or not checkpoint.exists():
            return 0
        kept = torch().load(checkpoint, weights_only=True)
        self.network.restore(kept["state"])
        self.best, self.figures = kept["best"], kept["figures"]
        for optimizer, state in zip(self.optimizers, kept["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        return int(kept["epoch"])
