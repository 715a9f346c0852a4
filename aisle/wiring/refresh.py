"""`refresh`: the catalogue and the log as they are now, with what the last training learned.

A training run takes minutes; what came this morning is to be found this morning. A refresh builds anew what is read
off the catalogue (indexes, vectors, words) and counted in the log (tables, histories, counters), and carries over what
is learned: the ranker, relevance, and the models of histories, whose rows move to where their products stand now.
Products that came since borrow from those that read like them (`retrieval/moved.py`).
"""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np

from aisle.engines.faiss_index import FaissIndex
from aisle.engines.generations import building, current, new_id, read
from aisle.engines.marks import marks_of
from aisle.errors import NotTrainedError
from aisle.features.state import folded
from aisle.language.tongue import tongue
from aisle.records.history import Floats
from aisle.retrieval.moved import Moved
from aisle.settings import Settings
from aisle.stages import Progress, Store
from aisle.wiring import fold
from aisle.wiring.expected import Expected, with_kindred
from aisle.wiring.parts import RELEVANCE, SHADOW_EXPECTED, Behaviour, Content, Parts
from aisle.wiring.readers import CROSS, ENCODER
from aisle.wiring.report import Clock, Trained, plain
from aisle.wiring.train import catalogue_of, content_of, counted


def refresh(store: Store, folder: Path, settings: Settings, progress: Progress = plain) -> Trained:
    """Publish a generation of everything in the store that knows what the current one learned.

    Raises NotTrainedError before the first training, and where what was learned does not fit any more: shop.toml names
    another encoder or language, or texts cannot be read."""
    root, report = folder / "generations", Trained(new_id())
    clock = Clock(report, progress)
    with building(root, report.generation, brief=True) as made:
        if (name := current(root)) is None:
            raise NotTrainedError(str(folder), "no generation", "a training run: shop.train() or `aisle train`")
        parts = clock.time("open", lambda: Parts.load(root / name))
        _same(root / name, parts.content, settings)
        end = store.end()
        catalogue = clock.time("catalogue", lambda: catalogue_of(store, report, settings))
        log, exposure = clock.time("log", lambda: fold.read(store, catalogue, end))
        demand = np.bincount(log.columns.rows, minlength=len(catalogue))
        content = content_of(
            catalogue, made, folder / "cache", settings, report, clock, progress, demand, parts.content
        )
        if content.vectors is None and parts.content.vectors is not None:
            raise NotTrainedError(str(folder), report.skipped["text vectors"], "texts as at the last training: train")
        take = None if content.vectors is None else content.vectors.take
        moved = Moved.of(parts.content.catalogue, catalogue, take, content.traits)
        target = tuple(parts.facts["target"])
        _carry(root / name, made, parts.content, content, moved)
        sold = np.bincount(log.of(target).columns.rows, minlength=len(catalogue))
        expected = clock.time(
            "expected",
            lambda: with_kindred(replace(parts.behaviour.expected, kindred=None).moved(moved, FaissIndex), sold),
        )
        behaviour = clock.time("behaviour", lambda: Behaviour.of(log, len(catalogue), target, expected=expected))
        now = int(log.columns.times.max(initial=0)) if log.timed else 0
        state = clock.time("state", lambda: folded(catalogue, log, target, now, end, exposure))
        report.figures |= {"new": len(moved.new), "gone": int((moved.now < 0).sum()),
                           "learned": parts.facts["figures"].get("learned", name)}  # fmt: skip
        facts = {**parts.facts, **counted(log, report), "figures": {**parts.facts["figures"], **report.figures},
                 "marks": marks_of(store, end)}  # fmt: skip
        whole = Parts(content, behaviour, state, parts.ranker, parts.shadow, facts, parts.related)
        clock.time("save", lambda: whole.save(made))
    report.seconds["total"] = round(sum(report.seconds.values()), 2)
    return report


def _same(before: Path, was: Content, settings: Settings) -> None:
    """Do settings name what learned? Raises NotTrainedError where they do not."""
    model = str(read(before / ENCODER, "figures.json").get("model")) if (before / ENCODER).exists() else ""
    for key, learned, said in (
        ("encoder.model", model, settings.encoder.model if model else ""),
        ("shop.language", was.speller.tongue.code, settings.shop.language and tongue(settings.shop.language).code),
    ):
        if said != learned and (said or key == "encoder.model"):
            found = f"{key} = {said!r}, and the last training learned with {learned!r}"
            raise NotTrainedError(str(before), found, "a training run")


def _carry(before: Path, today: Path, was: Content, now: Content, moved: Moved) -> None:
    """What judgements and clicks taught, and what only `evaluate` reads."""
    now.relevance.read(before / RELEVANCE)
    now.chosen = was.chosen.moved(moved)
    if (before / CROSS).exists():
        shutil.copytree(before / CROSS, today / CROSS)
    Expected.load(before / SHADOW_EXPECTED).moved(moved, _scanned).save(today / SHADOW_EXPECTED)


def _scanned(vectors: Floats) -> FaissIndex:
    """An index that only `evaluate` asks: lists would cost every refresh as much again, and a scan finds what they do,
    and a little more."""
    return FaissIndex(vectors, scanned=vectors.size)
