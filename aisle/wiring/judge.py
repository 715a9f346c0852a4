"""Judgements → what relevance learns from."""

import json
from typing import Any

import numpy as np

from aisle.ranking.relevance import FEWEST
from aisle.stages import Store
from aisle.wiring.parts import Content


def judged(store: Store) -> list[tuple[str, str, float]]:
    """(query, product, relevance) as last judged."""
    latest: dict[tuple[str, str], float] = {}
    for page in store.read(kinds=("judgement",)):
        for row in page:
            body = json.loads(row.body)
            latest[body["query"], body["product"]] = float(body["relevance"])
    return [(query, product, value) for (query, product), value in latest.items()]


def signals_of(content: Content, pairs: list[tuple[str, str]]) -> Any:
    """float32 (n, signals) of (query, product) pairs; NaN throughout for a product that is not in the catalogue."""
    from aisle.ranking.relevance import SIGNALS

    out = np.full((len(pairs), len(SIGNALS)), np.nan, np.float32)
    by_query: dict[str, list[int]] = {}
    for place, (query, _) in enumerate(pairs):
        by_query.setdefault(query, []).append(place)
    for query, places in by_query.items():
        rows = np.array([content.catalogue.row_of_id(pairs[place][1]) for place in places], np.int32)
        known = np.flatnonzero(rows >= 0)
        reading = content.speller.read(query)
        vector = np.zeros(0, np.float32)
        if content.encoder is not None and query.strip():
            vector = content.encoder.encode([reading.corrected or query])[0]
        out[np.array(places)[known]] = content.relevance.signals(reading.words, vector, rows[known])
    return out


def fit_relevance(store: Store, content: Content, seed: int, report: Any) -> None:
    """Fit relevance to the shop's judgements, if there are enough."""
    pairs = [j for j in judged(store) if content.catalogue.row_of_id(j[1]) >= 0]
    if len(pairs) < FEWEST:
        why = f"{len(pairs)} judgements of known products, {FEWEST} are needed"
        report.skipped["relevance model"] = why + ": signals are summed"
        return
    signals = signals_of(content, [(query, product) for query, product, _ in pairs])
    content.relevance.fit(signals, np.array([value for *_, value in pairs], np.float32), seed)
    report.fitted.append(f"relevance on {len(pairs)} judgements")
