"""The text encoder that serves: the same model as ONNX with int8 weights. It needs no torch.

`export` writes it and measures what int8 costs: the mean cosine to the full model's vectors, and how many of the ten
nearest products stay the ten nearest. The figures lie beside the model and are shown by `aisle train`.
"""

import json
import logging
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from aisle.encoders.session import opened
from aisle.encoders.text import TextEncoder, unit
from aisle.errors import MissingPackageError
from aisle.records.history import Floats

UNKNOWN = ("[UNK]", "<unk>")  # how tokenizers name what they do not know
UNREAD = 0.3  # share of unknown tokens from which a text cannot be read
LONGEST = 128  # tokens of a query that are read


class OnnxEncoder:
    """A `QueryEncoder` on onnxruntime."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._session, self._tokenizer = opened(folder, LONGEST)
        self._unknown = next((i for name in UNKNOWN if (i := self._tokenizer.token_to_id(name)) is not None), -1)
        self.figures: dict[str, Any] = json.loads((folder / "figures.json").read_text())
        self.dim = int(self.figures["dim"])

    def encode(self, things: Sequence[str]) -> Floats:
        """Texts → unit vectors, float32 (n, dim)."""
        if not len(things):
            return np.zeros((0, self.dim), np.float32)
        tokens = self._tokenizer.encode_batch(list(things))
        ids = np.array([t.ids for t in tokens], np.int64)
        mask = np.array([t.attention_mask for t in tokens], np.int64)
        return unit(self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0])

    def reads(self, text: str) -> bool:
        """Is this text written in what the model knows, rather than mostly in characters that are all one to it."""
        read = self._tokenizer.encode(text, add_special_tokens=False).ids
        return bool(read) and read.count(self._unknown) < UNREAD * len(read)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The encoder that `export` wrote."""
        return cls(folder)


def export(encoder: TextEncoder, folder: Path, sample: Sequence[str]) -> dict[str, Any]:
    """Write the encoder as int8 ONNX into a new folder; returns the loss measured on `sample` texts."""
    folder.mkdir(parents=True)
    example = encoder.module.tokenizer(["a short text", "another"], padding=True, return_tensors="pt")
    given = {name: example[name] for name in ("input_ids", "attention_mask")}
    quantised(lambda inputs: encoder.module(inputs)["sentence_embedding"], encoder.module, given, "vector", folder)
    encoder.module.tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "figures.json").write_text(json.dumps({"dim": encoder.dim}))
    figures = {"dim": encoder.dim, "model": encoder.model, **loss(encoder, OnnxEncoder(folder), sample)}
    (folder / "figures.json").write_text(json.dumps(figures))
    return figures


def quantised(
    forward: Callable[[dict[str, Any]], Any], module: Any, example: dict[str, Any], output: str, folder: Path
) -> None:
    """Write `model.onnx` into a folder: what `forward` makes of inputs by name through `module`, in int8."""
    try:
        import onnx  # noqa: F401
        from onnxruntime.quantization import QuantType, quantize_dynamic
    except ImportError:
        raise MissingPackageError("exporting the encoder", "no onnx", "pip install 'aisle[train]'") from None
    full, small = folder / "full.onnx", folder / "model.onnx"
    _trace(forward, module, example, output, full)
    # only the linear layers: an int8 table of word vectors costs more accuracy than the rest together
    logging.disable(logging.WARNING)  # the quantiser advises on the root logger
    try:
        quantize_dynamic(full, small, op_types_to_quantize=["MatMul"], per_channel=True, weight_type=QuantType.QInt8)
    finally:
        logging.disable(logging.NOTSET)
    full.unlink()


def loss(full: Any, small: Any, sample: Sequence[str]) -> dict[str, float]:
    """What the smaller encoder loses: mean cosine to the full one, and the overlap of nearest neighbours at 10."""
    if not len(sample):
        return {}
    a, b = full.encode(sample), small.encode(sample)
    nearest = min(10, len(sample))
    top = [np.argsort(-(v @ a.T), axis=1, kind="stable")[:, :nearest] for v in (a, b)]
    overlap = np.mean([len(set(x) & set(y)) / nearest for x, y in zip(*top, strict=True)])
    return {"cosine": float((a * b).sum(axis=1).mean()), "overlap_at_10": float(overlap)}


def _trace(
    forward: Callable[[dict[str, Any]], Any], module: Any, example: dict[str, Any], output: str, path: Path
) -> None:
    import torch

    names = list(example)

    class Named(torch.nn.Module):
        """Inputs in the order of their names → one row of output a text."""

        def __init__(self) -> None:
            super().__init__()
            self.module = module

        def forward(self, *values: Any) -> Any:
            return forward(dict(zip(names, values, strict=True)))

    axes = {name: {0: "texts", 1: "tokens"} for name in names}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # tracing warns of every shape it makes constant; `loss` checks the result
        torch.onnx.export(
            Named().eval(), tuple(example.values()), str(path), dynamo=False,
            input_names=names, output_names=[output], dynamic_axes={**axes, output: {0: "texts"}},
            opset_version=17,
        )  # fmt: skip
