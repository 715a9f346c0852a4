"""Needs by their meaning: what is asked for in words that no product and no book says."""

from pathlib import Path

import numpy as np

from aisle.language.thesaurus import MOST, needs
from aisle.wiring.needs import EACH, Needs

DIM = 64


def of(folder: Path) -> Needs:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(len(needs("en")), DIM)).astype(np.float32)
    made = Needs.of(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), "en")
    made.save(folder)
    return made


def test_the_package_tells_what_people_need() -> None:
    said = dict(needs("en"))
    assert len(said) > 10_000 and "night light" in said["child afraid dark"]
    assert needs("xx") == () and len(needs("zh")) > 1000


def test_what_is_near_to_a_need_is_answered_as_it_is_and_what_is_not_is_not(tmp_path: Path) -> None:
    made = of(tmp_path)
    vector = made.index.take(np.array([7], np.int32))[0]
    assert made.answering(vector)[:EACH] == tuple(dict.fromkeys(needs("en")[7][1][:EACH]))
    assert len(made.answering(vector)) <= MOST
    assert made.answering(-vector) == ()


def test_phrases_of_another_version_are_not_read(tmp_path: Path) -> None:
    of(tmp_path)
    again = Needs.load(tmp_path, "en")
    assert again is not None and len(again.answers) == len(needs("en"))
    assert Needs.load(tmp_path, "zh") is None, "so many phrases are not these"
    assert Needs.load(tmp_path / "elsewhere", "en") is None
