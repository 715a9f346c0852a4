"""Why a product is here, in words that a shopper can read: asked of the sources that named it."""

from collections.abc import Sequence

import numpy as np

from aisle.pipeline.run import Run
from aisle.pipeline.scenario import Scenario
from aisle.records.candidates import RANK
from aisle.records.event import CODES
from aisle.records.slate import Because, Reason
from aisle.stages import Retriever
from aisle.wiring.live import Served

REASONS = 2  # a placement
PURCHASE = CODES["purchase"]
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
    best: list[list[int]] = places.argsort(axis=0, kind="stable")[:REASONS].T.tolist()
    asked: dict[int, list[int]] = {}
    for k, lines in enumerate(best):
        for line in lines:
            if places[line, k] < np.inf:
                asked.setdefault(line, []).append(k)
    texts: dict[tuple[int, int], Reason] = {}
    whole = set[tuple[int, int]]()
    for line, ks in asked.items():  # one question a source, for all the rows that it explains
        whys = retrievers[named[line]].why(made.context, [rows[k] for k in ks])
        texts |= {(line, k): Reason(named[line], _said(served, why, made.context.request.market))
                  for k, why in zip(ks, whys, strict=True)}  # fmt: skip
        whole |= {(line, k) for k, why in zip(ks, whys, strict=True) if why.whole}
    told = []
    for k, lines in enumerate(best):
        known = [(line, k) for line in lines if (line, k) in texts]
        told.append(_distinct([texts[one] for one in sorted(known, key=lambda one: one not in whole)]))
    return [reason or (Reason("rules", "chosen by the shop"),) for reason in told]


def _distinct(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """Two sources may say the same."""
    return tuple({reason.text: reason for reason in reversed(reasons)}.values())[::-1]


def _said(served: Served, because: Because, market: str) -> str:
    """Its text; a product that must not be shown is not named."""
    unit = nameable(served, because.row, market)
    title = served.generation.catalogue.said("title", unit) if unit >= 0 else "what you chose"
    text = because.text if PURCHASE in served.parts.facts["target"] else _chosen(because.text)
    return text.replace("{title}", title)


def nameable(served: Served, row: int, market: str) -> int:
    """The first unit of a row that is neither hidden nor withheld, -1 where none is."""
    if row < 0:
        return -1
    first, end = served.generation.catalogue.starts[row : row + 2].tolist()
    here = np.flatnonzero(served.overlay.permitted(market)[first:end])
    return first + int(here[0]) if len(here) else -1


def _chosen(text: str) -> str:
    """A reason in a shop whose log knows no purchases: nobody is told that they bought what they looked at."""
    return text.replace("bought", "chosen" if text.startswith(("bought", "often")) else "chose").replace(
        "you buy", "you like"
    )
