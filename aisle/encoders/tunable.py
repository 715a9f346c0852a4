"""The language model while it learns on: vectors of texts through which gradients flow.

"full" moves every weight; "lora" leaves them and learns low-rank updates beside each linear layer (Hu et al., ICLR
2022), through peft.
"""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.encoders.text import TextEncoder, has_bfloat16
from aisle.errors import MissingPackageError

LONGEST = 64  # tokens of a text that are read while learning
RANK, ALPHA = 16, 32  # of the low-rank updates
RATES = {"full": 5e-5, "lora": 5e-4}


class Tunable:
    """Texts by their number → vectors (k, dim) of unit length, with gradients. `rate` is a fitting rate of learning."""

    def __init__(self, encoder: TextEncoder, texts: Sequence[str], how: str) -> None:
        self.module: Any = encoder.module
        self.rate, self.dim = RATES[how], encoder.dim
        if how == "lora":
            self.module[0].auto_model = beside(self.module[0].auto_model)
        read = self.module.tokenizer(list(texts), truncation=True, max_length=LONGEST)["input_ids"]
        self._tokens = [np.array(ids, np.int64) for ids in read]
        self.lengths: NDArray[np.int64] = np.array([len(ids) for ids in self._tokens], np.int64)

    def vectors(self, rows: Any) -> Any:
        """The vectors of some texts; `rows` is a tensor of int64 (k,)."""
        import torch

        mine = [self._tokens[row] for row in rows.tolist()]
        ids = np.zeros((len(mine), max(map(len, mine), default=1)), np.int64)
        for line, tokens in zip(ids, mine, strict=True):
            line[: len(tokens)] = tokens
        mask = np.arange(ids.shape[1]) < np.array([len(tokens) for tokens in mine])[:, None]
        read = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask.astype(np.int64))}
        with torch.autocast("cpu", torch.bfloat16, enabled=has_bfloat16()):
            vectors = self.module(read)["sentence_embedding"]
        return torch.nn.functional.normalize(vectors.float(), dim=1)


def beside(model: Any) -> Any:
    """A transformer with low-rank updates beside its linear layers, which alone learn."""
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError:
        raise MissingPackageError("encoder.tune", "no peft", "pip install 'aisle[train]'") from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers by a name that will change
        return get_peft_model(model, LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules="all-linear"))
