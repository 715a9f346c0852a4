"""The language model while it learns on: vectors of texts through which gradients flow.

"full" moves every weight. The others leave them, and learn beside them: "lora" low-rank updates of each linear layer
(Hu et al., ICLR 2022) and "prefix" some vectors that every layer attends to (Li and Liang, ACL 2021), both through
peft; "adapter" a bottleneck behind each block of a layer (Houlsby et al., ICML 2019), which peft has not.
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
NARROW, VIRTUAL = 64, 20  # width of an adapter's bottleneck; vectors of a prefix
RATES = {"full": 5e-5, "lora": 5e-4}


class Tunable:
    """Texts by their number → vectors (k, dim) of unit length, with gradients. `rate` is a fitting rate of learning."""

    def __init__(self, encoder: TextEncoder, texts: Sequence[str], how: str) -> None:
        self.module: Any = encoder.module
        self.rate, self.dim = RATES[how], encoder.dim
        if how == "lora":
            self.module[0].auto_model = beside(self.module[0].auto_model, how)
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


def beside(model: Any, how: str) -> Any:
    """A transformer with weights beside its own, which alone learn: "lora", "adapter" or "prefix"."""
    if how == "adapter":
        return _adapted(model)
    try:
        from peft import LoraConfig, PrefixTuningConfig, get_peft_model
    except ImportError:
        raise MissingPackageError("encoder.tune", "no peft", "pip install 'aisle[train]'") from None
    config = (
        LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules="all-linear")
        if how == "lora"
        else PrefixTuningConfig(task_type="FEATURE_EXTRACTION", num_virtual_tokens=VIRTUAL)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers by a name that will change
        return get_peft_model(model, config)


def _adapted(model: Any) -> Any:
    """x → x + up(gelu(down(x))) behind attention and behind the wide layer, at first x itself."""
    import torch

    class Bottleneck(torch.nn.Module):
        """A linear layer and what learns behind it."""

        def __init__(self, layer: Any) -> None:
            super().__init__()
            self.layer, wide = layer, layer.out_features
            self.down, self.up = torch.nn.Linear(wide, NARROW), torch.nn.Linear(NARROW, wide)
            torch.nn.init.zeros_(self.up.weight)
            torch.nn.init.zeros_(self.up.bias)

        def forward(self, tokens: Any) -> Any:
            made = self.layer(tokens)
            return made + self.up(torch.nn.functional.gelu(self.down(made)))

    for weight in model.parameters():
        weight.requires_grad = False
    for block in list(model.modules()):  # BERT's names: `output.dense` closes each block of a layer
        inner: Any = getattr(block, "output", None)
        if isinstance(getattr(inner, "dense", None), torch.nn.Linear):
            inner.dense = Bottleneck(inner.dense)
    return model
