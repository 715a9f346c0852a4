"""Why a product is here, in words that a shopper can read: asked of the sources that named it."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from aisle.pipeline.run import Run
from aisle.pipeline.scenario import Scenario
from aisle.records.slate import Because, Reason
from aisle.stages import Retriever
from aisle.wiring.live import Served

REASONS = 2  # a placement


def reasons(served: Served, scenario: Scenario, made: Run, rows: Sequence[int]) -> list[tuple[Reason, ...]]:
    """For every row: of the sources that named it, those in whose list it stands highest, the likeliest first."""
    retrievers: dict[str, Retriever] = {r.name: r for r in scenario.retrievers}
    if scenario.fallback is not None:
        retrievers[scenario.fallback.name] = scenario.fallback
    named = [name for name in retrievers if name in made.found.columns]
    places = _places(made, named, rows, scenario.sources)
    best: list[list[int]] = places.argsort(axis=0, kind="stable")[:REASONS].T.tolist()
    asked: dict[int, list[int]] = {}
    for k, lines in enumerate(best):
        for line in lines:
            if places[line, k] < np.inf:
                asked.setdefault(line, []).append(k)
    texts: dict[tuple[int, int], Reason] = {}
    for line, ks in asked.items():  # one question a source, for all the rows that it explains
        whys = retrievers[named[line]].why(made.context, [rows[k] for k in ks])
        texts |= {(line, k): Reason(named[line], _said(served, why)) for k, why in zip(ks, whys, strict=True)}
    told = [tuple(texts[line, k] for line in lines if (line, k) in texts) for k, lines in enumerate(best)]
    return [reason or (Reason("rules", "chosen by the shop"),) for reason in told]


def _places(made: Run, named: Sequence[str], rows: Sequence[int], weights: Mapping[str, float]) -> NDArray[np.float64]:
    """float64 (sources, rows): a row's rank in a source over the source's weight; infinite where it was not named."""
    found = made.found
    places = np.full((len(named), len(rows)), np.inf)
    if not len(found):
        return places
    at = np.minimum(np.searchsorted(found.rows, rows), len(found) - 1)
    for line, name in enumerate(named):
        column = found.column(name)
        mine = np.where(found.rows[at] == rows, column[at], np.nan)
        before = (column[~np.isnan(column)] > mine[:, None]).sum(axis=1)
        places[line] = np.where(np.isnan(mine), np.inf, (before + 1) / weights.get(name, 1.0))
    return places


def _said(served: Served, because: Because) -> str:
    catalogue = served.generation.catalogue
    title = catalogue.said("title", catalogue.leader(because.row)) if because.row >= 0 else "what you chose"
    return because.text.replace("{title}", title)
