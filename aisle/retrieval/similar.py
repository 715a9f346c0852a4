"""Similar: what resembles, in meaning, the anchors or what this shopper lately chose. Needs no events at all.

What reads alike is the likelier, the more its title says of theirs. Beside an anchor stands what could be taken
instead: that which looks like it, too, and shares its kind, brand, colour and other traits; these the less, the more
alike it is already, for two feeds name one thing's kind in two ways. What one buys next need not share any (on Beauty
it costs), so a history is not told them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aisle.catalogue.traits import Traits
from aisle.records.candidates import Candidates, found, nothing
from aisle.records.history import Floats, Ints
from aisle.records.request import Context
from aisle.records.slate import Because
from aisle.retrieval.pairs import Seeds, likest, seeds_of
from aisle.stages import VectorIndex

HALF_LIFE = 30.0  # days
SEEDS = 30
AGREEING = 0.6  # of what lacks to likeness: what is worth sharing all traits of the anchors
SAYING = 0.5  # of how alike texts are: what is worth a title that says all that the seeds' say
LOOKING = 0.5  # of a cosine: what is worth looking as the anchors do
REACH = 300  # rows named: farther away, likeness says nothing
ALIKE = 0.5  # cosine from which a shopper may be told that one is similar to the other


@dataclass
class Similar:
    """A `Retriever` over text vectors (None where no encoder reads the texts): inner product with the weighted mean of
    the seeds' vectors, how much of the seeds' titles the others' say (`saying`: seeds, float32 weights of these, and
    rows → float32 (n,) in [0, 1]) and, where these are anchors, inner products of their `pictures` (zeros where there
    is none) and what the `traits` of both agree in."""

    index: VectorIndex | None
    traits: Traits | None = None
    pictures: VectorIndex | None = None
    saying: Callable[[Ints, Floats, Ints], Floats] | None = None
    name: str = "similar"

    def retrieve(self, context: Context, limit: int) -> Candidates:
        """The rows nearest to the seeds."""
        seeds = self._seeds(context)
        looks = self.pictures if len(context.anchors) else None
        indexes = [(index, weight) for index, weight in ((self.index, 1.0), (looks, LOOKING)) if index is not None]
        asked = [(index, weight, one) for index, weight in indexes if (one := _profile(index, seeds)) is not None]
        if not asked:
            return nothing(self.name)
        lists = [index.search(one[None], context.mask, min(limit, REACH))[0] for index, _, one in asked]
        rows, scores = lists[0]
        if self.index is None:  # what has no picture looks like nothing
            shown = asked[0][0].take(rows).any(axis=1)
            rows, scores = rows[shown], scores[shown]
        parts = [scores]
        if len(lists) > 1:
            rows = np.unique(np.concatenate([rows for rows, _ in lists]))
            parts = [index.take(rows) @ one for index, _, one in asked]
        if self.saying is not None and asked[0][0] is self.index:
            parts[0] = (1 - SAYING) * parts[0] + SAYING * self.saying(seeds.rows, seeds.weights, rows)
        likeness = np.average(parts, axis=0, weights=[weight for _, weight, _ in asked])
        if self.traits is not None and len(context.anchors):
            agreement = self.traits.agreement(seeds.rows, seeds.weights, rows)
            likeness = likeness + AGREEING * agreement * np.maximum(1 - likeness, 0)
        return found(self.name, rows, np.asarray(likeness, np.float32), limit)

    def why(self, context: Context, rows: Sequence[int]) -> list[Because]:
        """The seed that each resembles most."""
        seeds = self._seeds(context)
        index = self.index or self.pictures
        if not len(seeds.rows) or index is None:
            return [Because("similar to what you chose")] * len(rows)
        told = []
        for seed, cosine in likest(index, seeds, rows):
            near = cosine >= ALIKE or len(context.anchors)
            told.append(Because("similar to {title}", seed) if near else Because("goes with what you chose"))
        return told

    def _seeds(self, context: Context) -> Seeds:
        seeds = seeds_of(context, HALF_LIFE)
        return Seeds(seeds.rows[:SEEDS], seeds.weights[:SEEDS])


def _profile(index: VectorIndex, seeds: Seeds) -> Any:
    """The weighted mean of the seeds' vectors, of length 1; None where there is nothing."""
    if not len(seeds.rows):
        return None
    profile = seeds.weights @ index.take(seeds.rows)
    length = float(np.linalg.norm(profile))
    return (profile / length).astype(np.float32) if length > 0 else None
