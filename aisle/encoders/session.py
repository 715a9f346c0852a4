"""An exported model, opened: onnxruntime's session and the tokenizer beside it."""

from pathlib import Path
from typing import Any


def opened(folder: Path, longest: int) -> tuple[Any, Any]:
    """Session and tokenizer, which cuts to `longest` tokens and pads to the longest of what it reads at once."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(longest)
    tokenizer.enable_padding()
    return session(folder), tokenizer


def session(folder: Path) -> Any:
    """The `model.onnx` of a folder. One thread: on two busy cores a second one costs a hundredfold at the tail."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(folder / "model.onnx"), options)
