"""Which models learn histories in a shop, how much of its log they read, and what came of them."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from aisle.engines.faiss_index import FaissIndex
from aisle.records.history import Interactions
from aisle.retrieval import semantic, sequence
from aisle.settings import Settings
from aisle.stages import Progress
from aisle.wiring.expected import Courses, Expected
from aisle.wiring.parts import TAKEN_CODES, Content
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

    @property
    def moments(self) -> int:
        """At how many moments it is asked."""
        return self.settings.train.cutoffs + 1


def courses_of(given: Given, report: Trained) -> Courses:
    """What learns from this log; the report says why others do not."""
    why, steps = "", sequence.steps_of(given.log.of(TAKEN_CODES))
    if steps < sequence.ENOUGH:
        why = f"{steps} steps of shoppers from one product to the next, {sequence.ENOUGH} are needed"
    elif (share := report.figures.get("repeat_share", 0.0)) >= REPEATING:
        # measured on Complete Journey (share .50): NDCG@10 .476 with the sequence model, .479 without
        why = f"{share:.0%} of orders repeat an earlier one: what was bought says more than what comes next"
    elif find_spec("torch") is None:
        why = "no torch: pip install 'aisle[train]'"
    no_events = "" if given.settings.train.sequence_events else "shop.toml gives it no events"
    no_text = "products have no vectors" if given.content.vectors is None else ""
    untuned = "shop.toml says none" if given.settings.encoder.tune == "none" else ""
    for name, skipped in (("sequence model", no_events or why), ("semantic model", untuned or no_text or why)):
        if skipped:
            report.skipped[name] = skipped
    return Courses(
        None if no_events or why else _sequence(given), None if untuned or no_text or why else _semantic(given)
    )


def _sequence(given: Given) -> sequence.Course:
    rounds = sequence.EPOCHS + sequence.ONWARD * given.moments
    texts = None if given.content.vectors is None else given.content.vectors.vectors
    return sequence.Course(
        len(given.content.catalogue), texts, TAKEN_CODES, given.target[0], given.seed,
        max(1, given.settings.train.sequence_events // rounds), given.progress, given.folder,
    )  # fmt: skip


def _semantic(given: Given) -> semantic.TextCourse | None:
    options, content = given.settings.encoder, given.content
    if content.vectors is None:
        return None
    rounds = semantic.EPOCHS + semantic.ONWARD * given.moments
    language = None
    if options.tune in ("lora", "full"):
        from aisle.encoders.text import TextEncoder
        from aisle.encoders.tunable import Tunable

        texts = [gloss_of(options.model)(text) for text in sentences(content.catalogue)]
        language = Tunable(TextEncoder(options.model, options.batch), texts, options.tune)
    most = max(1, options.tune_events // rounds)
    return semantic.TextCourse(content.vectors.vectors, TAKEN_CODES, given.seed, most, given.progress, language)


def finished(courses: Courses, log: Interactions, report: Trained) -> Expected:
    """The models of the whole log."""
    made, steps = courses.until(log, FaissIndex), sequence.steps_of(log.of(TAKEN_CODES))
    for course, model in ((courses.sequence, made.sequence), (courses.semantic, made.semantic)):
        if course is not None and model is not None:
            report.fitted.append(f"{model.name} model on {steps} steps")
            report.figures[model.name] = {"ndcg_at_10_of_held_out_steps": round(max(course.figures), 4)}
    if courses.sequence is not None and courses.sequence.seconds:
        pace = courses.sequence.seen / courses.sequence.seconds  # judging included
        report.figures.setdefault("sequence", {})["steps_a_second"] = round(pace)
    return made
