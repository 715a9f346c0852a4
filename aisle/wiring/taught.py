"""What relevance is learned from: judgements, and where there are too few of them what shoppers did with what searches
showed them, its place taken into account."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from aisle.catalogue.catalogue import Catalogue
from aisle.feedback.clicks import seen
from aisle.feedback.positions import attraction_of
from aisle.ranking.relevance import FEWEST
from aisle.records.history import Floats
from aisle.settings import Settings
from aisle.stages import Store

LOOKED = 5.0  # times that a product must have been looked at in answer to a query
ANSWERED = 100  # clicks from which they teach


@dataclass(frozen=True)
class Taught:
    """Pairs of a query and a known product, and what each is worth, float32 (n,); kind: "judgements" or "clicks";
    figures: what is told of them."""

    pairs: list[tuple[str, str]]
    values: Floats
    kind: str = "judgements"
    figures: Mapping[str, Any] = field(default_factory=dict)

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
    said = Taught([(query, product) for query, product, _ in known], np.array([v for *_, v in known], np.float32))
    if len(known) >= FEWEST or not settings.search.clicks:
        return said
    return clicked(store, catalogue) or said


def judged(store: Store) -> list[tuple[str, str, float]]:
    """(query, product, relevance) as last judged."""
    latest: dict[tuple[str, str], float] = {}
    for page in store.read(kinds=("judgement",)):
        for row in page:
            body = json.loads(row.body)
            latest[body["query"], body["product"]] = float(body["relevance"])
    return [(query, product, value) for (query, product), value in latest.items()]


def clicked(store: Store, catalogue: Catalogue) -> Taught | None:
    """How often those who looked at a product in answer to a query acted on it; None where too little is known."""
    told = seen(store.read(kinds=("served", "event")))
    if told.clicked.sum() < ANSWERED:
        return None
    found = attraction_of(told)
    known = np.array([catalogue.row_of_id(product) >= 0 for _, product in told.pairs])
    kept = np.flatnonzero(known & (found.looked >= LOOKED))
    if len(kept) < FEWEST:
        return None
    values = found.attraction[kept].astype(np.float32)
    most = np.quantile(values, 0.99)  # one pair that everybody clicked would be the scale of all
    figures = {
        "pairs": len(kept), "showings": int(told.shown.sum()), "clicks": int(told.clicked.sum()),
        "moved": round(found.moved, 3), "looked_at": [round(float(look), 3) for look in found.look[:10]],
    }  # fmt: skip
    return Taught([told.pairs[int(at)] for at in kept], np.minimum(values, most), "clicks", figures)
