"""Learns to see in a text what shoppers choose next: contrastive fine-tuning (InfoNCE) on the shop's own histories.

An adapter bends the vectors of the language model, so that a history, the mean of its products' vectors, lies near the
product that followed; the model itself may learn, too, where there is a `Language`. Every step of a history is a
lesson, the other products of a batch are its negatives, corrected for how popular they are (Yi et al., RecSys 2019),
and no product of its own history is one. A step that tunes the model, too, takes hundreds of times as long
(docs/decisions/0004-semantic.md).
"""

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from aisle.catalogue.traits import Traits
from aisle.records.history import Floats, Longs, spans
from aisle.retrieval.learning import one_thread, stalled, torch
from aisle.retrieval.windows import Windows
from aisle.stages import Progress

STEP = 0.85  # what one place further back in a history weighs
WIDER = 2  # times the width of a vector: the adapter's hidden layer
RATE, DECAY = 1e-3, 0.01
TEMPERATURE = 0.05
WARM = 50  # batches until the rate is reached
PATIENCE = 4  # epochs without a better one: there is a dip before the rate falls (decision 4)
PART = 4096  # rows that are adapted at once
JUDGED = 1000  # held-out steps by which an epoch is judged
CELLS = 1 << 23  # scores that are held at once for that


class Language(Protocol):
    """A language model that learns: its weights, a rate for them, and the vectors of texts, with gradients."""

    module: Any
    rate: float
    lengths: NDArray[np.int64]

    def vectors(self, rows: Any) -> Any:
        """Of some texts, by their numbers: (k, width), unit length."""


class Adapter:
    """v → unit(v + W₂ relu(W₁ v)), at first v itself: once for products, and once more for what is looked for after
    a history, since what follows shampoo need not be shampoo. texts: float32 (rows, k), v where no language learns.
    To a product's the mean of its traits' vectors is added, which begin as zeros."""

    def __init__(
        self, texts: Floats, seed: int, language: Language | None = None, traits: Traits | None = None
    ) -> None:
        t = torch()
        t.manual_seed(seed)
        wide = texts.shape[1]
        self.texts: Any = t.from_numpy(np.ascontiguousarray(texts, np.float32))
        self.module: Any = t.nn.ModuleDict({name: self._bend(wide) for name in ("product", "history")})
        self.language, self.traits = language, traits if traits is not None and traits.size else None
        if self.traits is not None:
            self.module["traits"] = t.nn.EmbeddingBag(self.traits.size, wide, mode="mean")
            t.nn.init.zeros_(self.module["traits"].weight)
        if language is not None:
            self.module["language"] = language.module

    def groups(self) -> list[dict[str, Any]]:
        """The parameters that learn, with the rate of each."""
        names = ("product", "history", *(() if self.traits is None else ("traits",)))
        made = [{"params": list(self.module[name].parameters()), "rate": RATE} for name in names]
        if self.language is not None:
            learned = [weight for weight in self.language.module.parameters() if weight.requires_grad]
            made.append({"params": learned, "rate": self.language.rate})
        return made

    @staticmethod
    def _bend(wide: int) -> Any:
        t = torch()
        made = t.nn.Sequential(t.nn.Linear(wide, WIDER * wide), t.nn.ReLU(), t.nn.Linear(WIDER * wide, wide))
        t.nn.init.zeros_(made[2].weight)
        t.nn.init.zeros_(made[2].bias)
        return made

    def vectors(self, rows: Any) -> Any:
        """The adapted vectors of rows, (k, width), unit length."""
        read = self.texts[rows] if self.language is None else self.language.vectors(rows)
        return self._bent("product", read, 0 if self.traits is None else self._told(self.traits, rows))

    def _told(self, traits: Traits, rows: Any) -> Any:
        """The mean of each row's traits, (k, width); zeros for a row without any."""
        t, some = torch(), rows.numpy().astype(np.int32)
        codes = traits.codes[spans(traits.starts, some)].astype(np.int64)
        sizes = traits.starts[some + 1] - traits.starts[some]
        return self.module["traits"](t.from_numpy(codes), t.from_numpy(np.cumsum(sizes) - sizes))

    def looked_for(self, profiles: Any) -> Any:
        """What is looked for after histories, from the means of their products' vectors: (…, width), unit length."""
        return self._bent("history", torch().nn.functional.normalize(profiles, dim=-1))

    def _bent(self, name: str, vectors: Any, told: Any = 0) -> Any:
        return torch().nn.functional.normalize(vectors + self.module[name](vectors) + told, dim=-1)

    def bend(self, name: str) -> dict[str, Floats]:
        """The weights by which a product or a history is bent, as `semantic.py` reads them."""
        first, _, last = self.module[name]
        named = {"in": first.weight, "in_bias": first.bias, "out": last.weight, "out_bias": last.bias}
        return {name: value.detach().numpy().copy() for name, value in named.items()}

    def told(self) -> tuple[Floats, Sequence[str]]:
        """What is added for each trait, float32 (traits, width), and what they are."""
        if self.traits is None:
            return np.zeros((0, self.texts.shape[1]), np.float32), ()
        return self.module["traits"].weight.detach().numpy().copy(), self.traits.names

    def everything(self, some: Longs | None = None) -> Floats:
        """The adapted vectors of every row, or of some, float32 (n, width)."""
        t, rows = torch(), np.arange(len(self.texts)) if some is None else some
        order = np.arange(len(rows))
        if self.language is not None:
            order = np.argsort(self.language.lengths[rows], kind="stable")  # so that little is read as padding
        part = PART if self.language is None else PART // 32
        made = np.zeros((len(rows), self.texts.shape[1]), np.float32)
        with t.no_grad():
            for at in (order[k : k + part] for k in range(0, len(order), part)):
                made[at] = self.vectors(t.from_numpy(rows[at])).numpy()
        return made


class Lessons:
    """One run of learning from windows, deterministic for a seed."""

    def __init__(self, adapter: Adapter, windows: Windows, seed: int) -> None:
        t = torch()
        self.adapter, self.windows, self.seed = adapter, windows, seed
        self.optimizer = t.optim.AdamW(adapter.groups(), lr=RATE, weight_decay=DECAY)
        counts = np.bincount(windows.targets, minlength=len(adapter.texts)) + 1.0
        self.log_chance = t.from_numpy(np.log(counts / counts.sum()).astype(np.float32))

    def learn(self, epochs: int, most: int, progress: Progress) -> list[float]:
        """NDCG@10 of held-out steps after every epoch; the adapter keeps the best. An epoch reads `most` steps."""
        with one_thread() if self.adapter.language is None else nullcontext():
            return self._learned(epochs, most, progress)

    def _learned(self, epochs: int, most: int, progress: Progress) -> list[float]:
        module, figures = self.adapter.module, list[float]()
        best = {name: value.clone() for name, value in module.state_dict().items()}
        for epoch in progress(range(epochs), "learning what texts lead to", epochs):
            batches = self.windows.batches(np.random.default_rng([self.seed, epoch]), most)
            for number, batch in enumerate(batches):
                done, seen = (epoch + number / len(batches)) / epochs, epoch * len(batches) + number
                for group in self.optimizer.param_groups:
                    group["lr"] = group["rate"] * min(1.0, (seen + 1) / WARM) * max(0.05, 1 - done)
                self._step(batch)
            figures.append(self.judged())
            if figures[-1] >= max(figures):
                best = {name: value.clone() for name, value in module.state_dict().items()}
            if epoch >= epochs // 2 and stalled(figures, PATIENCE):
                break  # not earlier: what reads alike must be unlearned before what follows is found
        module.load_state_dict(best)
        return figures

    def _step(self, batch: Longs) -> None:
        t, windows = torch(), self.windows
        rows, targets = windows.steps.rows[batch], windows.targets[batch]
        needed, inverse = np.unique(np.concatenate([rows, targets], axis=1), return_inverse=True)
        places = inverse.reshape(len(batch), -1)
        at_rows, at_targets = places[:, : rows.shape[1]], places[:, rows.shape[1] :]
        vectors = self.adapter.vectors(t.from_numpy(needed.astype(np.int64)))
        look_up = t.nn.functional.embedding  # its gradient is summed in one order, unlike that of an index
        profiles = t.from_numpy(_weights(rows.shape[1])) @ look_up(t.from_numpy(at_rows), vectors)
        scores = self.adapter.looked_for(profiles) @ vectors.T / TEMPERATURE
        scores = scores - self.log_chance[t.from_numpy(needed.astype(np.int64))]
        hit = scores.gather(2, t.from_numpy(at_targets[..., None]))[..., 0]
        own = np.zeros((len(batch), len(needed)), bool)
        np.put_along_axis(own, places, True, axis=1)
        missed = scores.masked_fill(t.from_numpy(own)[:, None], float("-inf"))
        losses = t.logsumexp(t.cat([hit[..., None], missed], 2), 2) - hit
        learned = t.from_numpy(~windows.held[batch])
        if not bool(learned.any()):
            return
        loss = losses[learned].mean()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()

    def judged(self) -> float:
        """NDCG@10 of held-out next products among those that their histories do not hold (of very many: among a
        sample); NaN without any."""
        windows = self.windows
        held = np.flatnonzero(windows.held)[:JUDGED]
        among = windows.among(len(self.adapter.texts), held, self.seed)
        vectors = self.adapter.everything(among)
        histories = [np.searchsorted(among, rows) for rows in windows.histories(held)]
        targets = np.searchsorted(among, windows.targets[held])
        size = max(1, CELLS // len(among))
        parts = [slice(k, k + size) for k in range(0, len(held), size)]
        gains = [self._gains(vectors, histories[part], targets[part]) for part in parts]
        return float(np.concatenate(gains).mean()) if gains else float("nan")

    def _gains(self, vectors: Floats, histories: Sequence[Longs], targets: Longs) -> Floats:
        """float32 (k,): the gain of each target, after the histories before them."""
        t, profiles = torch(), np.stack([_weights(len(rows))[-1] @ vectors[rows] for rows in histories])
        with t.no_grad():
            scores = self.adapter.looked_for(t.from_numpy(profiles)).numpy() @ vectors.T
        right = scores[np.arange(len(targets)), targets][:, None]
        for mine, rows in zip(scores, histories, strict=True):
            mine[rows] = -np.inf
        equals = np.maximum((scores == right).sum(axis=1) - 1, 0)  # they stand in any order
        rank = (scores > right).sum(axis=1) + equals / 2
        return np.where(rank < 10, 1 / np.log2(rank + 2), 0).astype(np.float32)


def _weights(length: int) -> Floats:
    """float32 (length, length): what each step of a history weighs when it is told as of each of its steps."""
    back = np.arange(length)[:, None] - np.arange(length)[None]
    return np.where(back >= 0, STEP ** np.maximum(back, 0), 0).astype(np.float32)
