"""Why a product is here, in words that a shopper can read: asked of the sources that named it."""

import re
from collections.abc import Sequence

import numpy as np

from aisle.pipeline.run import Run
from aisle.pipeline.scenario import Scenario
from aisle.records.candidates import RANK
from aisle.records.event import CODES
from aisle.records.request import HIDDEN, Context
from aisle.records.slate import Because, Reason
from aisle.stages import Retriever
from aisle.wiring.live import Served

REASONS, CONSIDERED = 2, 3  # told of a placement, and asked for: two may name the same product
BRIEF = 60  # characters of a title within a reason
PURCHASE = CODES["purchase"]
PART = re.compile(r"\s*(?:[,;|(\[，；（【]|\s[-–—]\s)")
LEAST = 1e-6  # weight of a source that has no say in the order, but may have a reason


def reasons(served: Served, scenario: Scenario, made: Run, positions: Sequence[int]) -> list[tuple[Reason, ...]]:
    """For each of some positions into the ranked: of the sources that named it, those in whose list it stands highest,
    the likeliest first, but what answers all that was asked before any other."""
    rows = [int(row) for row in made.ranked.rows[list(positions)]]
    retrievers: dict[str, Retriever] = {r.name: r for r in scenario.retrievers}
    retrievers |= {one.name: one for one in (scenario.fallback, scenario.rest) if one is not None}
    named = [name for name in retrievers if name in made.found.columns]
    weights = np.array([scenario.sources.get(name, 1.0) or LEAST for name in named])[:, None]
    ranks = made.ranked.some([RANK + name for name in named])[list(positions)].T
    places = np.where(np.isnan(ranks), np.inf, (ranks + 1) / weights)
    best: list[list[int]] = places.argsort(axis=0, kind="stable")[:CONSIDERED].T.tolist()
    asked: dict[int, list[int]] = {}
    for k, lines in enumerate(best):
        for line in lines:
            if places[line, k] < np.inf:
                asked.setdefault(line, []).append(k)
    said: dict[tuple[int, int], Because] = {}
    for line, ks in asked.items():  # one question a source, for all the rows that it explains
        whys = retrievers[named[line]].why(made.context, [rows[k] for k in ks])
        said |= {(line, k): why for k, why in zip(ks, whys, strict=True)}
    told = []
    for k, lines in enumerate(best):
        known = sorted(((line, said[line, k]) for line in lines if (line, k) in said), key=lambda one: not one[1].whole)
        told.append(tuple(Reason(named[line], _said(served, why, made.context))
                          for line, why in _apart(known)))  # fmt: skip
    return [reason or (Reason("rules", "chosen by the shop"),) for reason in told]


def _apart(known: Sequence[tuple[int, Because]]) -> list[tuple[int, Because]]:
    """The first REASONS that do not say the same, nor name the same product."""
    kept: list[tuple[int, Because]] = []
    for line, why in known:
        same = any(why.text == other.text or (why.row >= 0 and why.row == other.row) for _, other in kept)
        if not same and len(kept) < REASONS:
            kept.append((line, why))
    return kept


def _said(served: Served, because: Because, context: Context) -> str:
    """Its text; a product that must not be shown is not named."""
    unit = nameable(served, because.row, context)
    title = brief(served.generation.catalogue.said("title", unit)) if unit >= 0 else "what you chose"
    text = because.text if PURCHASE in served.parts.facts["target"] else _chosen(because.text)
    return text.replace("{title}", title)


def brief(title: str) -> str:
    """The beginning of a long title, up to a sign that parts it."""
    if len(title) <= BRIEF:
        return title
    parts = [found.start() for found in PART.finditer(title, BRIEF // 3, BRIEF)]
    return title[: parts[-1]] if parts else title[:BRIEF].rsplit(" ", 1)[0] + " …"


def nameable(served: Served, row: int, context: Context) -> int:
    """The first unit of a row that is neither hidden, by the feed or by rules, nor withheld, -1 where none is."""
    if row < 0:
        return -1
    first, end = served.generation.catalogue.starts[row : row + 2].tolist()
    here = served.overlay.permitted(context.request.market)[first:end]
    for hidden in context.memo.get(HIDDEN, ()):
        here = here & ~hidden[first:end]
    return first + int(here.argmax()) if here.any() else -1


def _chosen(text: str) -> str:
    """A reason in a shop whose log knows no purchases: nobody is told that they bought what they looked at."""
    return text.replace("bought", "chosen" if text.startswith(("bought", "often")) else "chose").replace(
        "you buy", "you like"
    )
