"""Vectors kept by content: a text that was encoded once, by the same model, is never encoded again."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from aisle.records.history import Floats

SAVED = 8192  # texts between two writes: a killed run loses at most these


class VectorCache:
    """Two arrays in one model's folder: sorted 16-byte digests of texts, and their vectors, float16."""

    def __init__(self, folder: Path, dim: int) -> None:
        self._path, self.dim = folder / "vectors.npz", dim
        self._keys, self._vectors = np.zeros(0, "S32"), np.zeros((0, dim), np.float16)
        if self._path.exists():
            with np.load(self._path) as file:
                if file["vectors"].shape[1] == dim:
                    self._keys, self._vectors = file["keys"], file["vectors"]

    def lacks(self, texts: Sequence[str]) -> bool:
        """Is there a text whose vector is not here."""
        return bool(len(texts)) and not np.isin(np.array([_digest(t) for t in texts], "S32"), self._keys).all()

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
        for start in range(0, len(missing), SAVED):
            part = missing[start : start + SAVED]
            self._add(unique[part], encode([texts[i] for i in first[part]]))
        at = np.searchsorted(self._keys, unique)
        vectors = self._vectors[at].astype(np.float32) if len(unique) else np.zeros((0, self.dim), np.float32)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray((vectors / np.where(lengths > 0, lengths, 1))[inverse], np.float32)

    def _add(self, keys: np.ndarray[tuple[int], np.dtype[np.bytes_]], vectors: Floats) -> None:
        keys = np.concatenate([self._keys, keys])
        order = np.argsort(keys)
        self._keys = keys[order]
        self._vectors = np.concatenate([self._vectors, vectors.astype(np.float16)])[order]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        aside = self._path.with_suffix(".writing.npz")
        np.savez(aside, keys=self._keys, vectors=self._vectors)
        aside.replace(self._path)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest().encode()
