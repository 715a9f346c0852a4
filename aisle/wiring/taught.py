"""What relevance is learned from: judgements, and where there are too few of them what shoppers did with what searches
showed them, its place taken into account."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from aisle.catalogue.catalogue import Catalogue
from aisle.feedback.clicks import Seen, seen
from aisle.feedback.positions import Attraction, attraction_of
from aisle.ranking.relevance import FEWEST
from aisle.records.history import Floats
from aisle.retrieval.chosen import Chosen
from aisle.settings import Settings
from aisle.stages import Store
from aisle.wiring.parts import Content

LOOKED = 5.0  # times that a product must have been looked at in answer to a query
ANSWERED = 100  # clicks from which they teach
USUAL = 10.0  # looks of the usual worth that are added to those at a product
MOST = 0.99  # quantile that is the scale: one pair that everybody clicked would be the scale of all
Judged = tuple[str, str, float]  # query, product, relevance


@dataclass(frozen=True)
class Taught:
    """Pairs of a query and a known product, and what each is worth, float32 (n,); kind: "judgements" or "clicks";
    figures: what is told of them; judged: (query, product, relevance) of all judgements; seen, found: what shoppers
    did with searches, and what that says, where there is enough of it."""

    pairs: list[tuple[str, str]]
    values: Floats
    kind: str = "judgements"
    figures: Mapping[str, Any] = field(default_factory=dict)
    judged: Sequence[Judged] = ()
    seen: Seen | None = None
    found: Attraction | None = None

    @property
    def skipped(self) -> str:
        """Why nothing is learned from them; empty where there is enough."""
        if len(self.pairs) >= FEWEST:
            return ""
        clicks = f", and clicks on {self.figures['pairs']} pairs" if self.figures else ""
        return f"{len(self.pairs)} judgements of known products{clicks}, {FEWEST} are needed"


def taught(store: Store, catalogue: Catalogue, settings: Settings) -> Taught:
    """Judgements of known products; clicks where there are fewer than FEWEST, and enough of those."""
    known = [j for j in judged(store) if catalogue.row_of_id(j[1]) >= 0]
    pairs = [(query, product) for query, product, _ in known]
    said = Taught(pairs, np.array([v for *_, v in known], np.float32), judged=known)
    told = seen(store.read(kinds=("served", "event"))) if settings.search.clicks else None
    if told is None or told.clicked.sum() < ANSWERED:
        return said
    found = attraction_of(told)
    said = replace(said, seen=told, found=found)
    clicks = None if len(known) >= FEWEST else clicked(told, found, catalogue)
    return (
        said if clicks is None else replace(said, pairs=clicks[0], values=clicks[1], kind="clicks", figures=clicks[2])
    )


def judged(store: Store) -> list[Judged]:
    """(query, product, relevance) as last judged."""
    latest: dict[tuple[str, str], float] = {}
    for page in store.read(kinds=("judgement",)):
        for row in page:
            body = json.loads(row.body)
            latest[body["query"], body["product"]] = float(body["relevance"])
    return [(query, product, value) for (query, product), value in latest.items()]


def clicked(
    told: Seen, found: Attraction, catalogue: Catalogue
) -> tuple[list[tuple[str, str]], Floats, Mapping[str, Any]] | None:
    """Pairs that teach, how often those who looked at the product acted on it, and figures; None of too few."""
    known = np.array([catalogue.row_of_id(product) >= 0 for _, product in told.pairs])
    kept = np.flatnonzero(known & (found.looked >= LOOKED))
    if len(kept) < FEWEST:
        return None
    values = found.attraction[kept].astype(np.float32)
    figures = {
        "pairs": len(kept), "showings": int(told.shown.sum()), "clicks": int(told.clicked.sum()),
        "moved": round(found.moved, 3), "looked_at": [round(float(look), 3) for look in found.look[:10]],
    }  # fmt: skip
    return [told.pairs[int(at)] for at in kept], np.minimum(values, np.quantile(values, MOST)), figures


def chosen_of(told: Taught, content: Content) -> Chosen:
    """What is known of queries that were asked or judged before, by what their words mean to the shop. Of judges, -1 is
    for the least that they gave, and more counts from 0 to 1, for what nobody judged is seldom better."""
    lines = dict[tuple[str, int], float]()
    chosen, keys = content.chosen, dict[str, str]()

    def key(query: str) -> str:
        if query not in keys:
            keys[query] = chosen.key(content.reader.read(query).words)
        return keys[query]

    if told.seen is not None and told.found is not None:
        lines |= _by_clicks(told.seen, told.found, key, content.catalogue)
    values = [value for *_, value in told.judged]
    low, span = min(values, default=0.0), max(values, default=0.0) - min(values, default=0.0)
    for query, product, value in told.judged if span else ():
        lines[key(query), content.catalogue.row_of_id(product)] = (value - low) / span or -1.0
    return chosen.fit((key, row, worth) for (key, row), worth in lines.items())


def _by_clicks(
    told: Seen, found: Attraction, key: Callable[[str], str], catalogue: Catalogue
) -> dict[tuple[str, int], float]:
    """(key, row) → how much more those who look at it act than is usual, over the most of all, or over the usual where
    nearly nothing is more: -1 is for what nobody acts on, however few of all are wanted."""
    looks, acts = defaultdict[tuple[str, int], float](float), defaultdict[tuple[str, int], float](float)
    for (query, product), looked, attraction in zip(told.pairs, found.looked, found.attraction, strict=True):
        row = catalogue.row_of_id(product)
        if row >= 0:
            looks[key(query), row] += float(looked)
            acts[key(query), row] += float(looked * attraction)
    kept = [pair for pair, looked in looks.items() if looked >= LOOKED]
    usual = sum(acts.values()) / max(sum(looks.values()), 1e-9)
    more = np.array([(acts[pair] + USUAL * usual) / (looks[pair] + USUAL) - usual for pair in kept])
    most = max(float(np.quantile(more, MOST)) if len(more) else 0.0, usual, 1e-9)
    return dict(zip(kept, np.clip(more / most, -1, 1).tolist(), strict=True))
