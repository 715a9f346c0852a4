"""The transformer over a history, as it serves: a few small products of matrices in numpy, no torch.

Pre-norm blocks of causal attention as in SASRec (Kang and McAuley, ICDM 2018). Of each step it reads the product's
vector, the behaviour, the behaviour that follows and the time until then: asked for a purchase a day later it answers
differently than asked for what completes the basket. Where a step stands is told by its distance from the one that
asks (a learned bias on attention, as in T5), so that a history means the same however long it is. Only the last step
asks, so only it passes the last block.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from aisle.records.history import NO_TIME, Floats, Ints, Longs

LONGEST = 50  # steps of a history that are read
HEADS = 2
BLOCKS = 2
TYPES = 16  # behaviours that can be told apart
GAPS = 16
SHORT = 30 * 60_000  # ms: what happens within it belongs to one visit
SMALL = 1e-5  # as in torch.nn.LayerNorm


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps of histories one behind the other, each with what follows it; every column has shape (n,).

    rows: int32; types, following: int8, codes of `event.TYPES`; gaps: int8, buckets of the time until the next.
    """

    rows: Ints
    types: NDArray[np.int8]
    following: NDArray[np.int8]
    gaps: NDArray[np.int8]

    def take(self, which: NDArray[np.int64] | slice) -> "Steps":
        """The steps at `which`."""
        return Steps(self.rows[which], self.types[which], self.following[which], self.gaps[which])


def gap_of(before: Longs, after: Longs | int, same: NDArray[np.bool_] | bool = False) -> NDArray[np.int8]:
    """The bucket of the time between two events (UTC ms): 0 unknown, 1 within one visit or order (`same`), then twice
    as long each from half an hour on."""
    after = np.broadcast_to(np.asarray(after, np.int64), before.shape)
    known = (before != NO_TIME) & (after != NO_TIME)
    elapsed = np.where(known, np.maximum(np.where(known, after, 0) - np.where(known, before, 0), 1), 1)
    bucket = np.clip(2 + np.floor(np.log2(elapsed / SHORT)), 1, GAPS - 1)
    return np.where(known, np.where(same, 1, bucket), 0).astype(np.int8)


@dataclass(frozen=True)
class Transformer:
    """Weights by name, float32, as `learning.py` names them."""

    weights: Mapping[str, Floats]

    @property
    def dim(self) -> int:
        """The length of its vectors."""
        return int(self.weights["gap"].shape[1])

    def query(self, vectors: Floats, steps: Steps) -> Floats:
        """The vectors (n, dim) of a history's products and its steps → what is looked for, float32 (dim,)."""
        w = self.weights
        x = vectors + w["behaviour"][steps.types] + w["following"][steps.following] + w["gap"][steps.gaps]
        for block in range(BLOCKS):
            x = self._block(x, f"blocks.{block}.", last=block == BLOCKS - 1)
        return _normed(x[-1], w["norm.weight"], w["norm.bias"])

    def _block(self, x: Floats, name: str, last: bool) -> Floats:
        w, size = self.weights, len(x)
        q, k, v = np.split(_normed(x, w[name + "n1.weight"], w[name + "n1.bias"]) @ w[name + "qkv.weight"].T
                           + w[name + "qkv.bias"], 3, axis=1)  # fmt: skip
        if last:
            x, q = x[-1:], q[-1:]
        width = x.shape[1] // HEADS
        heads, back = [], distances(size)[-len(x) :]
        for head in range(HEADS):
            part = slice(head * width, (head + 1) * width)
            scores = q[:, part] @ k[:, part].T / np.float32(np.sqrt(width)) + w["near"][head, back]
            scores[back < 0] = -np.inf
            scores = np.exp(scores - scores.max(axis=1, keepdims=True))
            heads.append(scores / scores.sum(axis=1, keepdims=True) @ v[:, part])
        x = x + np.concatenate(heads, axis=1, dtype=np.float32) @ w[name + "out.weight"].T + w[name + "out.bias"]
        inner = _normed(x, w[name + "n2.weight"], w[name + "n2.bias"]) @ w[name + "up.weight"].T + w[name + "up.bias"]
        made: Floats = x + np.maximum(inner, 0) @ w[name + "down.weight"].T + w[name + "down.bias"]
        return made

    def save(self, path: Path) -> None:
        """Write the weights."""
        np.savez(path, **self.weights)  # type: ignore[arg-type]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the weights."""
        with np.load(path) as file:
            return cls({name: file[name] for name in file.files})


def distances(size: int) -> NDArray[np.int64]:
    """How many steps back each step lies from each, int64 (size, size); -1 for what is still to come."""
    steps = np.arange(size)
    back: NDArray[np.int64] = np.maximum(steps[:, None] - steps, -1)
    return back


def _normed(x: Floats, weight: Floats, bias: Floats) -> Floats:
    centred = x - x.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(SMALL))
    made: Floats = centred / spread * weight + bias
    return made
