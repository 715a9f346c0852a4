"""`train`: the log and the catalogue → a generation, published when it is whole."""

import shutil
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.catalogue.build import build
from aisle.catalogue.catalogue import Catalogue
from aisle.catalogue.codes import Codes
from aisle.catalogue.levels import levels_of
from aisle.catalogue.traits import traits_of
from aisle.engines.faiss_index import FaissIndex
from aisle.engines.generations import building, new_id
from aisle.engines.marks import marks_of
from aisle.engines.tantivy_index import TantivyIndex
from aisle.errors import InputError, MissingPackageError
from aisle.evaluation.splits import cuts
from aisle.features.state import folded
from aisle.language.guess import ENGLISH
from aisle.language.spelling import Speller
from aisle.language.thesaurus import needs
from aisle.language.tongue import tongue
from aisle.language.words import is_han, is_latin, is_paired
from aisle.records.digest import digest
from aisle.records.event import CODES, TYPES
from aisle.records.history import Floats, Interactions
from aisle.records.liking import TAKEN
from aisle.records.product import Product
from aisle.records.row import product_of
from aisle.records.times import DAY
from aisle.retrieval.chosen import Chosen
from aisle.retrieval.fresh import Fresh
from aisle.settings import Settings
from aisle.stages import Encoder, Progress, Store
from aisle.wiring import fold
from aisle.wiring.course import NAME, Given, courses_of, finished, learnable
from aisle.wiring.forecast import Forecast, Sizes, foreseen, pace
from aisle.wiring.lessons import fit_relevance
from aisle.wiring.needs import ROWS, Needs
from aisle.wiring.parts import SHADOW_EXPECTED, Behaviour, Content, Parts, created, log_prices
from aisle.wiring.pictures import looks_of, pictured
from aisle.wiring.ranker import Ranker
from aisle.wiring.readers import ENCODER, GLOSSED, MINILM, encoder_at, gloss_of
from aisle.wiring.report import STRANGE, Clock, Trained, plain
from aisle.wiring.taught import chosen_of, taught
from aisle.wiring.texts import (
    documents,
    language_of,
    named_of,
    phrases_of,
    relevance_of,
    same,
    sentences,
    spoken_by,
    take_apart,
    telling_of,
)

WIDE = 384  # numbers of a vector, as the default encoder has them
STEP = 512  # texts between two steps of the progress bar
ENOUGH, MOST = 50, 1000  # events of a type that is the target: one to two products, and between these
UNREAD = 0.3  # share of texts in another script than the encoder's, from which on it reads none
REPEATED = 0.15  # share of orders that repeat an earlier one, from which `repeat="auto"` allows repeats


def train(store: Store, folder: Path, settings: Settings, seed: int = 0, progress: Progress = plain) -> Trained:
    """Fit what the data can carry on everything in the store and publish it as the current generation."""
    report = Trained(new_id())
    clock = Clock(report, progress)
    with building(folder / "generations", report.generation) as target_folder:
        if settings.serve.keep_slates_days:
            before = time.time_ns() // 1_000_000 - settings.serve.keep_slates_days * DAY
            report.figures["slates_expired"] = store.expire("served", before)
        end = store.end()
        catalogue = clock.time("catalogue", lambda: catalogue_of(store, report, settings))
        log, exposure = clock.time("log", lambda: fold.read(store, catalogue, end))
        if log.lost:
            report.skipped["events without a time"] = f"{log.lost}, where others have one"
        if log.strange[0] > len(log):  # a few are of products that are sold no more
            known = next(iter(catalogue.units), "nothing")
            report.skipped[STRANGE] = f"{log.strange[0]}, one of {log.strange[1]!r}; the catalogue has {known!r}"
        if log.ahead:
            report.figures["dated_ahead"] = log.ahead
        if log.disliked:
            report.figures["ratings"] = {"against_below": log.below, "against": log.disliked}
        demand = np.bincount(log.columns.rows, minlength=len(catalogue))
        target = target_of(log)
        repeat = repeat_of(log, target, report)
        lessons = clock.time("lessons", lambda: taught(store, catalogue, settings))
        plan = forecast_of(len(lessons.pairs), catalogue, log, target, folder / "cache", settings, report)
        list(progress((), plan.told, 0))
        content = content_of(catalogue, target_folder, folder / "cache", settings, report, clock, progress, demand)
        clock.time(
            "relevance", lambda: fit_relevance(lessons, content, target_folder, settings, seed, report, progress)
        )
        chosen = clock.time("chosen", lambda: chosen_of(lessons, content))
        if chosen.keys:
            report.fitted.append(f"what was chosen in answer to {len(chosen.keys)} queries")
        given = Given(log, content, target, folder / "cache" / NAME, settings, seed, progress, plan)
        courses = courses_of(given, report)
        ranker = Ranker(content, log, target, repeat, plan.within(settings), seed, report, clock, progress, courses)
        made, shadow = ranker.fit()
        related = ranker.related(made, shadow) if made and shadow else {}
        held_out = {} if ranker.held_out is None else {"held_out": ranker.held_out}
        ranker.shadow.save(target_folder / SHADOW_EXPECTED)
        sold = np.bincount(log.of(target).columns.rows, minlength=len(catalogue))
        expected = clock.time("expected", lambda: finished(courses, log, sold, report))
        behaviour = clock.time("behaviour", lambda: Behaviour.of(log, len(catalogue), target, expected=expected))
        now = int(log.columns.times.max(initial=0)) if log.timed else 0
        state = clock.time("state", lambda: folded(catalogue, log, target, now, end, exposure))
        facts = {**facts_of(log, target, repeat, seed, report), "weights": dict(ranker.weights),
                 "beside": ranker.beside, **held_out, "marks": marks_of(store, end)}  # fmt: skip
        clock.time("save", lambda: Parts(content, behaviour, state, made, shadow, facts, related).save(target_folder))
    shutil.rmtree(folder / "cache" / NAME, ignore_errors=True)
    report.seconds["total"] = round(sum(report.seconds.values()), 2)
    return report


def forecast_of(
    lessons: int, catalogue: Catalogue, log: Interactions, target: tuple[int, ...], cache: Path, settings: Settings,
    report: Trained,
) -> Forecast:  # fmt: skip
    """What the run will take, and how much of the log each model may read; the report keeps it."""
    from aisle.encoders.cache import VectorCache

    steps, resting = learnable(log, report)
    options, model = settings.train, settings.encoder.model
    made = cuts(log, target, options.horizon_days, options.spacing_days, options.cutoffs)
    told = model and "content" not in report.skipped
    texts = [gloss_of(model)(text) for text in sentences(catalogue)] if told else []
    reads = settings.search.tune != "none" and bool(texts)
    if texts and _meets(catalogue, settings, settings.shop.language or language_of(catalogue)):
        texts += [phrase for phrase, _ in needs(ENGLISH)]
    judgements = lessons if reads else 0
    new, wide = VectorCache(kept_of(cache, model), WIDE).lacks(texts), WIDE if texts else 0
    learned = 0 if resting else steps
    markets = max(len(np.unique(log.columns.markets)), 1)
    sizes = Sizes(len(catalogue), new, wide, len(log), len(log.shoppers), learned, len(made), judgements, markets,
                  *pictured(catalogue, cache, settings))  # fmt: skip
    plan = foreseen(sizes, settings, pace())
    report.figures["forecast"] = {"minutes": round(plan.minutes, 1), "gib": round(plan.gib, 1), **plan.seconds}
    return plan


def catalogue_of(store: Store, report: Trained, settings: Settings) -> Catalogue:
    """The fold of product rows: the last word on each id and market. A shop that loaded no products has the ids of
    its events for a catalogue."""
    latest: dict[tuple[str, str], Product] = {}
    for page in store.read(kinds=("product",)):
        for row in page:
            product = product_of(row.body)
            latest[product.id, product.market] = product
    if latest:
        return build(spoken_by([*latest.values()], settings.shop.language))
    ids = {row.product for page in store.read(kinds=("event",)) for row in page if row.product}
    if not ids:
        raise InputError("train", "no products and no events", "a load before: shop.load(products=…, events=…)")
    report.skipped["content"] = "no products were loaded: the catalogue is the ids that events name"
    return build(Product(id=product, title=product) for product in sorted(ids))


def content_of(
    catalogue: Catalogue,
    folder: Path,
    cache: Path,
    settings: Settings,
    report: Trained,
    clock: Clock,
    progress: Progress,
    demand: NDArray[np.int64],
    before: Content | None = None,
) -> Content:
    """Indexes, vectors and vocabulary of a catalogue, built into the generation's folder; in the language and with the
    levels of a generation `before`, where what that learned goes on."""
    spoken = language_of(catalogue) if before is None else before.speller.tongue.code
    report.figures["language"] = language = settings.shop.language or spoken
    made = clock.time("words", lambda: documents(catalogue, tongue(language)))
    speller = Speller.fit((d["title"] + d["category"] + d["brand"] for d in made), language)
    clock.time("compounds", lambda: take_apart(made, speller.compounds))
    texts = clock.time("text index", lambda: TantivyIndex.build(made, folder / "texts", speller.tongue.stem))
    vectors, encoder = vectors_of(catalogue, folder, cache, settings, report, clock, progress)
    met = None
    if vectors is not None and _meets(catalogue, settings, language):
        met = clock.time("needs", lambda: needs_of(cache, settings, progress))
    levels = levels_of(catalogue, None if before is None else before.levels.names)
    price = log_prices(catalogue)
    telling = telling_of(catalogue, speller.tongue)
    relevance = relevance_of(made, catalogue.said_of_leader("title"), vectors, speller.tongue, telling)
    phrases = clock.time("phrases", lambda: phrases_of(catalogue, demand, speller.tongue))
    named = clock.time("names", lambda: named_of(catalogue, relevance, speller.tongue))
    fresh = Fresh(created(catalogue))
    looks = looks_of(catalogue, cache, settings, report, clock, progress)
    codes, traits = Codes.of(catalogue), clock.time("traits", lambda: traits_of(catalogue))
    return Content(
        catalogue,
        levels,
        price,
        texts,
        vectors,
        speller,
        relevance,
        fresh,
        encoder,
        phrases,
        named,
        codes,
        traits,
        Chosen(partial(same, speller.tongue)),
        looks,
        needs=met,
    )


def vectors_of(
    catalogue: Catalogue,
    folder: Path,
    cache: Path,
    settings: Settings,
    report: Trained,
    clock: Clock,
    progress: Progress,
) -> tuple[FaissIndex | None, Any]:
    """Text vectors of every row, and the encoder that serves; none where nothing can read the text."""
    from aisle.encoders.onnx import OnnxEncoder

    model = settings.encoder.model
    said = sentences(catalogue)
    texts = [gloss_of(model)(text) for text in said]
    if why := _unreadable(texts, model, report):
        report.skipped["text vectors"] = why
        return None, None
    mine = kept_of(cache, model)
    try:
        vectors = clock.time("encode", lambda: _encoded(texts, mine, settings, progress))
    except MissingPackageError as error:
        report.skipped["text vectors"] = str(error)
        return None, None
    shutil.copytree(mine / "encoder", folder / ENCODER)
    if texts != said:
        (folder / GLOSSED).touch()
    figures = OnnxEncoder.load(folder / ENCODER).figures
    report.figures["int8"] = {name: round(v, 4) for name, v in figures.items() if isinstance(v, float)}
    report.fitted.append(f"text vectors of {len(texts)} rows ({model})")
    return FaissIndex(vectors), encoder_at(folder)


def _meets(catalogue: Catalogue, settings: Settings, language: str) -> bool:
    """Are queries read as needs in this shop."""
    return len(catalogue) >= ROWS and settings.search.thesaurus and language == ENGLISH


def needs_of(cache: Path, settings: Settings, progress: Progress) -> Needs:
    """The needs that queries may be near to, read as products are."""
    phrases = [phrase for phrase, _ in needs(ENGLISH)]
    return Needs.of(_encoded(phrases, kept_of(cache, settings.encoder.model), settings, progress), ENGLISH)


def kept_of(cache: Path, model: str) -> Path:
    """Where the vectors of a model are kept."""
    return cache / digest(model).hex()


def _unreadable(texts: list[str], model: str, report: Trained) -> str:
    """Why the encoder cannot read these texts; empty if it can."""
    if not model:
        return "shop.toml names no encoder"
    if "content" in report.skipped or np.mean([not text.strip() for text in texts]) > UNREAD:
        return "products have no text"
    if model == MINILM and np.mean([is_han(text) and not is_latin(text) for text in texts]) > UNREAD:
        return "the encoder's vocabulary lacks Chinese: pip install 'aisle[zh]' to have it read English glosses"
    if model == MINILM and np.mean([is_paired(text) or not is_latin(text) for text in texts]) > UNREAD:
        return "the encoder reads Latin letters: name one that reads this language under [encoder] model"
    return ""


def _encoded(texts: list[str], cache: Path, settings: Settings, progress: Progress) -> Floats:
    """Vectors from the cache, and from torch only where a text is new: then the encoder is exported, too. Where it was
    and there is no torch (a machine that only serves), what was exported reads what is new."""
    from aisle.encoders.cache import VectorCache
    from aisle.encoders.onnx import OnnxEncoder, export
    from aisle.encoders.text import TextEncoder

    exported = cache / "encoder"
    if exported.exists():
        kept = VectorCache(cache, OnnxEncoder.load(exported).dim)
        if not kept.lacks(texts):
            return kept.encode(texts, lambda part: np.zeros((0, kept.dim), np.float32))
    encoder: Encoder
    try:
        encoder = TextEncoder(settings.encoder.model, settings.encoder.batch)
    except MissingPackageError:
        if not exported.exists():
            raise
        encoder = OnnxEncoder.load(exported)
    if isinstance(encoder, TextEncoder) and not exported.exists():
        aside = cache / "encoder.writing"
        shutil.rmtree(aside, ignore_errors=True)
        aside.parent.mkdir(parents=True, exist_ok=True)
        export(encoder, aside, texts[:: max(1, len(texts) // 300)][:300])
        aside.rename(exported)

    def encode(part: Sequence[str]) -> Floats:
        steps = range(0, len(part), STEP)
        return np.concatenate([encoder.encode(part[k : k + STEP]) for k in progress(steps, "encoding", len(steps))])

    return VectorCache(cache, encoder.dim).encode(texts, encode)


def target_of(log: Interactions) -> tuple[int, ...]:
    """Codes of the types that count as taking a product."""
    counts = np.bincount(log.columns.types[log.columns.types >= 0], minlength=len(TYPES))
    enough = min(max(ENOUGH, len(np.unique(log.columns.rows)) // 2), MOST)
    told = [name for name in TAKEN if counts[CODES[name]] >= enough] or sorted(
        TAKEN, key=lambda name: -counts[CODES[name]])  # fmt: skip
    return (CODES[told[0]],)


def repeat_of(log: Interactions, target: tuple[int, ...], report: Trained) -> str:
    """What `repeat="auto"` means in this shop: milk comes back, a sofa does not. A purchase that till and tracker tell
    of, each in its own words, is one: what was bought twice on a day did not come back."""
    taken = log.of(target)
    columns, owners = taken.columns, taken.owners().astype(np.int64)
    pairs = owners * (1 << 32) + columns.rows
    daily = taken.timed and target == (CODES["purchase"],)
    marks = columns.times // DAY if daily else columns.marks()
    orders = len(np.unique(np.stack([pairs, marks]), axis=1).T) if len(taken) else 0
    again = 1 - len(np.unique(pairs)) / orders if orders else 0.0
    report.figures["repeat_share"] = round(again, 4)
    return "allow" if again >= REPEATED else "exclude"


def facts_of(log: Interactions, target: tuple[int, ...], repeat: str, seed: int, report: Trained) -> dict[str, Any]:
    """What was decided, and what a person would ask of a generation."""
    return {
        "target": list(target), "repeat": repeat, "seed": seed, "fitted": report.fitted, "skipped": report.skipped,
        "figures": report.figures, **counted(log, report),
    }  # fmt: skip


def counted(log: Interactions, report: Trained) -> dict[str, Any]:
    """What of it is another fact after every run, a refresh or a training."""
    return {
        "generation": report.generation, "seconds": report.seconds, "timed": log.timed, "events": len(log),
        "shoppers": len(log.shoppers), "last_event": int(log.columns.times.max(initial=0)) if log.timed else 0,
    }  # fmt: skip
