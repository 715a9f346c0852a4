"""Which models learn histories in a shop, how much of its log they read, and what came of them."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from aisle.records.history import Interactions, Longs
from aisle.records.liking import TAKEN_CODES
from aisle.retrieval import linear, semantic, sequence
from aisle.settings import Settings
from aisle.stages import Progress
from aisle.wiring.expected import Courses, Expected, with_kindred
from aisle.wiring.forecast import Forecast
from aisle.wiring.parts import Content
from aisle.wiring.readers import gloss_of
from aisle.wiring.report import Trained
from aisle.wiring.texts import sentences

NAME = "sequence"
REPEATING = 0.3  # share of orders that repeat an earlier one


@dataclass(frozen=True)
class Given:
    """What a course begins with."""

    log: Interactions
    content: Content
    target: tuple[int, ...]
    folder: Path  # of what a run that is killed leaves behind
    settings: Settings
    seed: int
    progress: Progress
    plan: Forecast

    def share(self, readings: Callable[[int], tuple[int, int]], events: int) -> int:
        """How many steps one reading may take of so many in all: the log is read at every moment of the past, and at
        its end."""
        first, onward = readings(sequence.steps_of(self.log.of(TAKEN_CODES)))
        return max(1, events // (first + onward * (self.settings.train.cutoffs + 1)))


def learnable(log: Interactions, report: Trained) -> tuple[int, str]:
    """Steps of shoppers from one product to the next, and why nothing learns them; empty where it can."""
    steps, share = sequence.steps_of(log.of(TAKEN_CODES)), report.figures.get("repeat_share", 0.0)
    if steps < sequence.ENOUGH:
        return steps, f"{steps} steps of shoppers from one product to the next, {sequence.ENOUGH} are needed"
    if share >= REPEATING:
        # measured on Complete Journey (share .50): NDCG@10 .476 with the sequence model, .479 without
        return steps, f"{share:.0%} of orders repeat an earlier one: what was bought says more than what comes next"
    return steps, ""


def courses_of(given: Given, report: Trained) -> Courses:
    """What learns from this log; the report says why others do not."""
    unlearnable = learnable(given.log, report)[1]
    why = unlearnable or ("" if find_spec("torch") else "no torch: pip install 'aisle[train]'")
    no_products = "" if given.settings.train.linear_products else "shop.toml gives it no products"
    no_events = "" if given.settings.train.sequence_events else "shop.toml gives it no events"
    no_text = "products have no vectors" if given.content.vectors is None else ""
    untuned = "shop.toml says none" if given.settings.encoder.tune == "none" else ""
    resting = {
        "sequence model": no_events or why,
        "semantic model": untuned or no_text or why,
        "linear model": no_products or unlearnable,
    }
    for name, reason in given.plan.less.items():
        if name in given.plan.resting:
            resting[name] = resting[name] or reason
        elif not resting.get(name):
            report.figures.setdefault("read less", {})[name] = reason
    report.skipped |= {name: why for name, why in resting.items() if why}
    makers = (_sequence, _semantic, _linear)
    made: Any = [None if resting[name] else maker(given) for name, maker in zip(resting, makers, strict=True)]
    return Courses(*made)


def _sequence(given: Given) -> sequence.Course:
    texts = None if given.content.vectors is None else given.content.vectors.vectors
    return sequence.Course(
        len(given.content.catalogue), texts, TAKEN_CODES, given.target[0], given.seed,
        given.share(sequence.readings, given.plan.sequence_events), given.progress, given.folder,
    )  # fmt: skip


def _semantic(given: Given) -> semantic.TextCourse | None:
    options, content = given.settings.encoder, given.content
    if content.vectors is None:
        return None
    language = None
    if options.tune in ("lora", "full"):
        from aisle.encoders.text import TextEncoder
        from aisle.encoders.tunable import Tunable

        texts = [gloss_of(options.model)(text) for text in sentences(content.catalogue)]
        language = Tunable(TextEncoder(options.model, options.batch), texts, options.tune)
    most = given.share(semantic.readings, given.plan.tune_events)
    return semantic.TextCourse(
        content.vectors.vectors, TAKEN_CODES, given.seed, most, given.progress, language, content.traits
    )


def _linear(given: Given) -> linear.LinearCourse:
    return linear.LinearCourse(
        len(given.content.catalogue), TAKEN_CODES, given.target[0], given.seed, given.plan.linear_products
    )


def finished(courses: Courses, log: Interactions, sold: Longs, report: Trained) -> Expected:
    """The models of the whole log; sold: int64 (rows,), purchases of each."""
    made, steps = with_kindred(courses.until(log), sold), sequence.steps_of(log.of(TAKEN_CODES))
    if courses.linear is not None and made.linear is not None:
        report.figures[made.linear.name] = {
            f"ndcg_at_10_of_held_out_steps_{name}": round(value, 4) for name, value in courses.linear.figures.items()
        }
    for model in (made.sequence, made.semantic, made.linear):
        if model is not None:
            report.fitted.append(f"{model.name} model on {steps} steps")
    for course, model in ((courses.sequence, made.sequence), (courses.semantic, made.semantic)):
        if course is not None and model is not None:
            report.figures[model.name] = {"ndcg_at_10_of_held_out_steps": round(max(course.figures), 4)}
    if courses.sequence is not None and courses.sequence.seconds:
        pace = courses.sequence.seen / courses.sequence.seconds  # judging included
        report.figures.setdefault("sequence", {})["steps_a_second"] = round(pace)
    return made
