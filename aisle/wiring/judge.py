"""Pairs of a query and a product, as relevance sees them: their signals, and their texts to read together."""

from collections.abc import Sequence

import numpy as np

from aisle.ranking.closer import Closer
from aisle.ranking.signals import SIGNALS
from aisle.records.history import Floats
from aisle.wiring.parts import Content
from aisle.wiring.texts import sentence

Pairs = list[tuple[str, str]]


def signals_of(content: Content, pairs: Pairs) -> Floats:
    """float32 (n, len(SIGNALS)) of (query, product) pairs, NaN throughout for an unknown product."""
    out = np.full((len(pairs), len(SIGNALS)), np.nan, np.float32)
    by_query: dict[str, list[int]] = {}
    for place, (query, _) in enumerate(pairs):
        by_query.setdefault(query, []).append(place)
    for query, places in by_query.items():
        rows = np.array([content.catalogue.row_of_id(pairs[place][1]) for place in places], np.int32)
        known = np.flatnonzero(rows >= 0)
        asked, vector = asked_of(content, query)
        out[np.array(places)[known]] = content.relevance.about.all(asked, vector, rows[known])
    return out


def read_of(content: Content, closer: Closer, pairs: Pairs) -> Floats:
    """What reading query and product together says of pairs of known products, float32 (n,)."""
    return closer.said(texts_of(content, pairs))


def texts_of(content: Content, pairs: Pairs) -> Pairs:
    """(query as it is searched, what is read of the product)."""
    queries = {query: content.reader.read(query).meant for query, _ in pairs}
    row = content.catalogue.row_of_id
    return [(queries[query], sentence(content.catalogue, row(product))) for query, product in pairs]


def asked_of(content: Content, query: str) -> tuple[Sequence[str], Floats]:
    """A query's words as they are searched, and its vector, empty where nothing can read it."""
    reading = content.reader.read(query)
    if content.encoder is None or not content.encoder.reads(reading.meant):
        return reading.words, np.zeros(0, np.float32)
    return reading.words, content.encoder.encode([reading.meant])[0]
