"""What a shop learns from judgements, through its public face."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from aisle.encoders.cross import READINGS
from aisle.language.spelling import Speller
from aisle.wiring.lessons import EPOCHS, TURNS, Lessons
from aisle.wiring.report import plain
from tests.worlds import opened

pytest.importorskip("torch", reason="the encoder learns in torch")
COLOURS = {"red": "scarlet", "blue": "navy", "green": "emerald", "black": "ebony", "white": "ivory"}
THINGS = (
    "lamp",
    "chair",
    "shirt",
    "carpet",
    "bottle",
    "bag",
    "coat",
    "plate",
    "towel",
    "hat",
    "sofa",
    "desk",
    "vase",
    "belt",
)
GOODS = [{"id": f"{thing}-{colour}", "title": f"{thing} in {colour}"} for thing in THINGS for colour in COLOURS]
WORDINGS = ("{colour} {thing}", "{thing} {colour}", "a {colour} {thing}", "one {colour} {thing}")


def judgements() -> list[dict[str, Any]]:
    """What judges say of every colour of a thing: 3 for the right one, 1 for another. No product says "scarlet"."""
    return [
        {"query": wording.format(colour=COLOURS[asked], thing=thing), "product": f"{thing}-{colour}",
         "relevance": 3 if asked == colour else 1}
        for thing in THINGS for asked in COLOURS for colour in COLOURS for wording in WORDINGS if thing != "hat"
    ]  # fmt: skip


def test_the_encoder_learns_to_read_query_and_product_together(tmp_path: Path) -> None:
    with opened(tmp_path, "[search]\ntune_pairs = 2500\n[encoder]\n") as shop:
        shop.load(products=GOODS, judgements=judgements())
        report = shop.train(seed=0)
        assert any("reading query and product together" in what for what in report.fitted)
        figures = report.figures["relevance"]
        assert 0 < figures["weight_of_reading"] <= 1 and figures["rmse"]["both"] <= figures["rmse"]["signals"] + 0.05
        scores = shop.relevance([("emerald hat", "hat-green"), ("emerald hat", "hat-red"), ("hat", "nothing")])
        assert scores[0] > scores[1] + 0.1 and scores[2] == -1
        found = shop.search("ivory sofa")
        assert found.ids[0] == "sofa-white" and "closer" in found.placements[0].columns
        assert shop.rank(["hat-red", "hat-green", "hat-blue"], query="navy hat").ids[0] == "hat-blue"
    with opened(tmp_path) as again:
        assert again.search("ivory sofa").ids == found.ids


def test_too_few_queries_teach_signals_alone(tmp_path: Path) -> None:
    judged = [{"query": f"{wording} thing", "product": f"p{k}", "relevance": k % 3}
              for k in range(400) for wording in ("red", "blue", "green")]  # fmt: skip
    with opened(tmp_path, "[encoder]\n") as shop:
        shop.load(products=[{"id": f"p{k}", "title": f"thing {k}"} for k in range(400)], judgements=judged)
        report = shop.train()
        assert "3 different queries" in report.skipped["reading query and product together"]
        assert np.isfinite(shop.relevance([("red thing", "p1"), ("", "p2")])).all()


def lessons(queries: int) -> Lessons:
    pairs = [(f"query {k}", f"p{n}") for k in range(queries) for n in range(4)]
    content = SimpleNamespace(speller=Speller({}))
    return Lessons(content, pairs, np.zeros(len(pairs), np.float32), 0, plain)  # type: ignore[arg-type]


def test_every_pair_is_judged_by_a_reader_of_other_queries_where_there_is_time() -> None:
    made = lessons(30)
    parts = made.parts((TURNS + 1) * EPOCHS * READINGS * len(made.pairs))
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(made.pairs)))
    for part in parts:
        others = np.setdiff1d(np.arange(len(made.pairs)), part)
        assert not set(made.queries[part]) & set(made.queries[others])


def test_a_share_is_kept_once_where_there_is_none() -> None:
    made = lessons(40)
    (part,) = made.parts(100)
    assert len(part) == 4 * 6 and len({int(q) for q in made.queries[part]}) == 6
