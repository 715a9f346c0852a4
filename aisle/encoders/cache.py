"""Vectors kept by content: a text that was encoded once, by the same model, is never encoded again."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aisle.records.digest import digest
from aisle.records.history import Floats

Keys = np.ndarray[tuple[int], np.dtype[np.bytes_]]
Halves = NDArray[np.float16]
SAVED = 8192  # texts between two writes: a killed run loses at most these


class VectorCache:
    """Files of one model's folder, each a batch of 16-byte digests of texts and their vectors, float16."""

    def __init__(self, folder: Path, dim: int) -> None:
        self._folder, self.dim = folder, dim
        self._keys, self._vectors = np.zeros(0, "S32"), np.zeros((0, dim), np.float16)
        batches = []
        for path in sorted(folder.glob("vectors*.npz")):
            with np.load(path) as file:
                if file["vectors"].shape[1] == dim:
                    batches.append((file["keys"], file["vectors"]))
        self._add(batches)

    def lacks(self, texts: Sequence[str]) -> int:
        """How many different texts have no vector here."""
        return int((~np.isin(np.unique(np.array([_digest(t) for t in texts], "S32")), self._keys)).sum())

    def encode(
        self,
        texts: Sequence[str],
        encode: Callable[[Sequence[str]], Floats],
    ) -> Floats:
        """float32 (n, dim), unit length: from the cache, and from `encode` for what it does not hold."""
        keys = np.array([_digest(text) for text in texts], "S32")
        unique, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        missing = np.flatnonzero(~np.isin(unique, self._keys))
        # similar lengths together, so that little is encoded as padding
        missing = missing[np.argsort([len(texts[i]) for i in first[missing]], kind="stable")]
        batches = []
        for start in range(0, len(missing), SAVED):
            part = missing[start : start + SAVED]
            vectors = encode([texts[i] for i in first[part]]).astype(np.float16)
            known = vectors.any(axis=1)  # what came to nothing is tried again by the next run
            self._write(unique[part][known], vectors[known])
            batches.append((unique[part], vectors))
        self._add(batches)
        at = np.searchsorted(self._keys, unique)
        vectors = self._vectors[at].astype(np.float32) if len(unique) else np.zeros((0, self.dim), np.float32)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray((vectors / np.where(lengths > 0, lengths, 1))[inverse], np.float32)

    def _add(self, batches: list[tuple[Keys, Halves]]) -> None:
        keys = np.concatenate([self._keys, *(keys for keys, _ in batches)])
        order = np.argsort(keys, kind="stable")
        self._keys = keys[order]
        self._vectors = np.concatenate([self._vectors, *(vectors for _, vectors in batches)])[order]

    def _write(self, keys: Keys, vectors: Halves) -> None:
        """A batch is a file of its own: what was written before is not written again."""
        self._folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.blake2b(keys.tobytes(), digest_size=8).hexdigest()
        aside = self._folder / f"writing-{name}.npz"
        np.savez(aside, keys=keys, vectors=vectors)
        aside.replace(self._folder / f"vectors-{name}.npz")


def _digest(text: str) -> bytes:
    return digest(text, 16).hex().encode()
