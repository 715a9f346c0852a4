"""Whether a shop's log carries the sequence model, how much of it is read, and what came of it."""

from importlib.util import find_spec
from pathlib import Path

from aisle.engines.faiss_index import FaissIndex
from aisle.records.history import Interactions
from aisle.retrieval.sequence import ENOUGH, EPOCHS, ONWARD, Course, Sequential, steps_of
from aisle.settings import Settings
from aisle.stages import Progress
from aisle.wiring.parts import TAKEN_CODES, Content
from aisle.wiring.report import Trained

NAME = "sequence"
REPEATING = 0.3  # share of orders that repeat an earlier one


def course_of(
    log: Interactions, content: Content, target: tuple[int, ...], folder: Path, settings: Settings, seed: int,
    report: Trained, progress: Progress,
) -> Course | None:  # fmt: skip
    """What learns from this log, or None; the report says why."""
    steps, options = steps_of(log.of(TAKEN_CODES)), settings.train
    why = ""
    if not options.sequence_events:
        why = "shop.toml gives it no events"
    elif steps < ENOUGH:
        why = f"{steps} steps of shoppers from one product to the next, {ENOUGH} are needed"
    elif (share := report.figures.get("repeat_share", 0.0)) >= REPEATING:
        # measured on Complete Journey (share .50): NDCG@10 .476 with it, .479 without
        why = f"{share:.0%} of orders repeat an earlier one: what was bought says more than what comes next"
    elif find_spec("torch") is None:
        why = "no torch: pip install 'aisle[train]'"
    if why:
        report.skipped["sequence model"] = why
        return None
    rounds = EPOCHS + ONWARD * (options.cutoffs + 1)
    texts = None if content.vectors is None else content.vectors.vectors
    return Course(
        len(content.catalogue), texts, TAKEN_CODES, target[0], seed, max(1, options.sequence_events // rounds),
        progress, folder,
    )  # fmt: skip


def finished(course: Course | None, log: Interactions, report: Trained) -> Sequential | None:
    """The sequence model of the whole log."""
    if course is None:
        return None
    made = course.until(log, FaissIndex)
    if made is not None:
        report.fitted.append(f"sequence model on {steps_of(log.of(TAKEN_CODES))} steps")
        report.figures["sequence"] = {"ndcg_at_10_of_held_out_steps": round(max(course.figures), 4)}
    return made
