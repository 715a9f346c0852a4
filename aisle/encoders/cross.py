"""Reads a query and a product's text as one, and learns from judges how relevant the one is to the other.

A cross-encoder (Nogueira and Cho, 2019) that begins as the shop's sentence encoder: both texts are read together, and
a linear head compares the mean of the query's token vectors with that of the product's. It learns judgements scaled to
[0, 1] by least squares, batches of like length at a time so that little is padding; word vectors stay as they are. Each
batch is read a second time with its word vectors moved a little to where that hurts most (the fast gradient method,
Miyato et al., ICLR 2017), which unseen queries gain by (docs/log.md). The epoch that judges queries it has not read
best is kept. "full" moves every other weight; "lora", "adapter" and "prefix" learn few beside them (`tunable.py`).
"""

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.encoders.cross_onnx import LONGEST
from aisle.encoders.onnx import quantised
from aisle.encoders.text import TextEncoder, has_bfloat16
from aisle.encoders.tunable import beside
from aisle.records.history import Bools, Floats
from aisle.stages import Progress

BATCH = 32  # pairs
RATES = {"full": 5e-5, "lora": 5e-4, "adapter": 1e-3, "prefix": 1e-2}
MOVED = 0.1  # length of the step by which the word vectors of a pair are moved
READINGS = 2  # of a pair in an epoch: as it is, and moved
HEAD = 10.0  # times that rate for the head, which begins with nothing
WARM = 0.06  # share of all batches until the rate is reached; it falls to nothing from there
DECAY, DROPOUT, CLIP = 0.01, 0.1, 1.0
SORTED = 128  # batches that are cut from one heap sorted by length

Pairs = Sequence[tuple[str, str]]


class CrossEncoder:
    """(query, text) → relevance in about [0, 1], on torch: what learns. `how` is one of RATES; moved: how far
    the word vectors of a pair are moved for its second reading, 0 for none."""

    def __init__(self, encoder: TextEncoder, how: str = "full", seed: int = 0, moved: float = MOVED) -> None:
        import torch

        torch.manual_seed(seed)
        self.tokenizer, self.rate, self.seed = encoder.module.tokenizer, RATES[how], seed
        model = encoder.module[0].auto_model
        words = model.get_input_embeddings()
        for weight in words.parameters():
            weight.requires_grad = False  # of 30,000 words a shop judges few: the others would drift from them
        self.module: Any = _Head(model if how == "full" else beside(model, how), how != "prefix")
        self._moved, self._readings = _Moved(words, moved), READINGS if moved else 1

    def read(self, pairs: Pairs) -> list[dict[str, NDArray[np.int64]]]:
        """Each pair's tokens, by the name of the model's input."""
        queries, texts = [query for query, _ in pairs], [text for _, text in pairs]
        read = self.tokenizer(queries, texts, truncation="longest_first", max_length=LONGEST)
        return [{name: np.array(read[name][k], np.int64) for name in read} for k in range(len(pairs))]

    def fit(self, pairs: Pairs, wanted: Floats, held: Bools, epochs: int, progress: Progress) -> list[float]:
        """Learn float32 (n,) in [0, 1] of each pair; returns after every epoch what a line through what is said of the
        `held` ones leaves unexplained, 1 - r², of which the best is kept."""
        import torch

        read, lessons = self.read(pairs), np.flatnonzero(~held)
        lengths = np.array([len(one["input_ids"]) for one in read])
        self.module.head.bias.data.fill_(float(wanted[lessons].mean()))
        optimizer, rate = self._optimizer(max(1, epochs * -(-len(lessons) // BATCH)))
        best, figures = dict[str, Any](), list[float]()
        for epoch in range(epochs):
            batches = list(_batches(lessons, lengths, np.random.default_rng([self.seed, epoch])))
            for batch in progress(batches, f"reading judgements, epoch {epoch + 1} of {epochs}", len(batches)):
                optimizer.zero_grad()
                with self._moved as moved:
                    for _ in range(self._readings):
                        said = self._said([read[k] for k in batch])
                        loss: Any = torch.nn.functional.mse_loss(said, torch.from_numpy(wanted[batch]))
                        (loss / self._readings).backward()
                        moved.on()
                torch.nn.utils.clip_grad_norm_(self.module.parameters(), CLIP)
                optimizer.step()
                rate.step()
            figures.append(_unexplained(self._scored([read[k] for k in np.flatnonzero(held)]), wanted[held]))
            if figures[-1] <= min(figures):
                best = {name: value.clone() for name, value in self.module.state_dict().items()}
        if best:
            self.module.load_state_dict(best)
        return figures

    def score(self, pairs: Pairs) -> Floats:
        """Relevance of each pair, float32 (n,)."""
        return self._scored(self.read(pairs))

    def _scored(self, read: list[dict[str, NDArray[np.int64]]]) -> Floats:
        import torch

        order = np.argsort([len(one["input_ids"]) for one in read], kind="stable")
        made = np.zeros(len(read), np.float32)
        self.module.eval()
        with torch.no_grad():
            for start in range(0, len(order), 2 * BATCH):
                some = order[start : start + 2 * BATCH]
                made[some] = self._said([read[k] for k in some]).numpy()
        self.module.train()
        return made

    def _said(self, read: list[dict[str, NDArray[np.int64]]]) -> Any:
        import torch

        with torch.autocast("cpu", torch.bfloat16, enabled=has_bfloat16()):
            return self.module(**{name: torch.from_numpy(value) for name, value in padded(read).items()}).float()

    def _optimizer(self, steps: int) -> tuple[Any, Any]:
        import torch

        learning = [weight for weight in self.module.model.parameters() if weight.requires_grad]
        groups = [{"params": learning, "lr": self.rate},
                  {"params": list(self.module.head.parameters()), "lr": HEAD * self.rate}]  # fmt: skip
        optimizer = torch.optim.AdamW(groups, weight_decay=DECAY)
        warm = max(1.0, WARM * steps)
        rate = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda at: min(1.0, (at + 1) / warm) * (1 - at / steps))
        return optimizer, rate

    def export(self, folder: Path) -> None:
        """Write it as int8 ONNX into a new folder, for `cross_onnx.py`."""
        folder.mkdir(parents=True)
        model = self.module.model
        self.module.model = model.merge_and_unload() if hasattr(model, "merge_and_unload") else model
        example = self.tokenizer(["a query"] * 2, ["a text", "another one"], padding=True, return_tensors="pt")
        quantised(lambda inputs: self.module(**inputs), self.module, dict(example), "relevance", folder)
        self.tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))


def padded(read: list[dict[str, NDArray[np.int64]]]) -> dict[str, NDArray[np.int64]]:
    """Tokens of several pairs as one array (n, longest) an input; what is padding has no attention."""
    longest = max((len(one["input_ids"]) for one in read), default=1)
    made = {name: np.zeros((len(read), longest), np.int64) for name in read[0]}
    for line, one in enumerate(read):
        for name, tokens in one.items():
            made[name][line, : len(tokens)] = tokens
    return made


def _batches(lessons: NDArray[np.int64], lengths: NDArray[np.int64], rng: np.random.Generator) -> Iterator[Any]:
    """Every lesson once, in batches of like length, in a random order."""
    order = rng.permutation(lessons)
    for start in range(0, len(order), BATCH * SORTED):
        heap = order[start : start + BATCH * SORTED]
        heap = heap[np.argsort(lengths[heap], kind="stable")]
        for at in rng.permutation(-(-len(heap) // BATCH)):
            yield heap[at * BATCH : (at + 1) * BATCH]


def _unexplained(said: Floats, wanted: Floats) -> float:
    """1 - r²; 1 where either never changes."""
    if len(said) < 2 or not np.ptp(said) or not np.ptp(wanted):
        return 1.0
    return 1 - float(np.corrcoef(said, wanted)[0, 1]) ** 2


class _Moved:
    """Moves the vectors that an embedding gives, from the second reading of a batch on, along the gradient of the loss:
    of each text by `far` in all."""

    def __init__(self, words: Any, far: float = MOVED) -> None:
        self._words, self._far = words, far
        self._hook: Any = None
        self._seen: Any = None
        self._step: Any = 0.0

    def __enter__(self) -> "_Moved":
        self._hook, self._step = self._words.register_forward_hook(self._given), 0.0
        return self

    def __exit__(self, *_: object) -> None:
        self._hook.remove()

    def _given(self, module: Any, inputs: Any, vectors: Any) -> Any:
        self._seen = (vectors.detach() + self._step).requires_grad_()
        return self._seen

    def on(self) -> None:
        """Move on from where the last reading was."""
        slope = self._seen.grad
        self._step = self._far * slope / (slope.norm(dim=(1, 2), keepdim=True) + 1e-12)


def _Head(model: Any, typed: bool) -> Any:  # noqa: N802 - a class, but of a package that is imported late
    import torch

    class Head(torch.nn.Module):
        """The means of the query's and of the text's token vectors, how they differ, and their product → one number."""

        def __init__(self) -> None:
            super().__init__()
            self.model, self.dropout = model, torch.nn.Dropout(DROPOUT)
            self.head = torch.nn.Linear(4 * model.config.hidden_size, 1)
            torch.nn.init.normal_(self.head.weight, std=0.02)

        def forward(self, **inputs: Any) -> Any:
            told = {name: given for name, given in inputs.items() if typed or name != "token_type_ids"}
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)  # peft gives a prefix by a name that will change,
                tokens = self.model(**told).last_hidden_state.float()  # and has no types of tokens behind it
            held, second = (inputs[name].unsqueeze(-1).float() for name in ("attention_mask", "token_type_ids"))
            sides = (held * (1 - second), held * second)
            query, text = ((tokens * here).sum(dim=1) / here.sum(dim=1).clamp(min=1) for here in sides)
            both = torch.cat([query, text, (query - text).abs(), query * text], dim=1)
            return self.head(self.dropout(both)).squeeze(-1)

    return Head()
