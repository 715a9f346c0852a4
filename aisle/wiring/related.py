"""Scenarios that stand on products: what would have been asked at an earlier moment, and a ranker of each.

`product` stands on the first product that was looked at in a visit, and what was looked at then is right; `basket` on
half of an order, and the rest is; `after` on the last order, and the next one is. Home's ranker is where each begins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from aisle.evaluation.splits import Cut
from aisle.pipeline.train import Asked, Replayed
from aisle.ranking.related import Related
from aisle.records.candidates import RANK, reciprocal
from aisle.records.event import CODES
from aisle.records.history import NO_TIME, Floats, Interactions, Longs
from aisle.records.measurement import Examples
from aisle.retrieval.pairs import baskets
from aisle.wiring.report import Trained

STANDING = ("product", "basket", "after")
LOOKS = (CODES["view"], CODES["click"])
FEWEST = 30  # requests of a scenario with something right among its candidates, from which a ranker is learned
MOST = 1500  # requests of a scenario that are replayed
GUESTS = 3  # of so many one is asked as a guest: many who look at a product, or fill a basket, are nobody known
PLACES = 10


@dataclass(frozen=True)
class Visits:
    """A log's interactions of some types by visits: an order, else a shopper's day, else one by itself."""

    log: Interactions
    visits: Longs = field(repr=False)  # int64 (n,)

    @classmethod
    def of(cls, log: Interactions, types: tuple[int, ...]) -> "Visits":
        """Those of one log."""
        some = log.of(types)
        return cls(some, baskets(some)[0])

    def around(self, cut: Cut, shopper: int, types: tuple[int, ...]) -> tuple[list[int], list[int]]:
        """The rows of the last visit before a cut and of the first behind it, each in order, distinct."""
        first, end = int(self.log.indptr[shopper]), int(self.log.indptr[shopper + 1])
        at = first + int(np.isin(cut.past.history(shopper).types, types).sum())
        return self._visit(first, at, at - 1), self._visit(at, end, at) if self._within(cut, at, end) else []

    def _within(self, cut: Cut, at: int, end: int) -> bool:
        time = int(self.log.columns.times[at]) if at < end else NO_TIME
        return at < end and (cut.by_order or time < cut.until)

    def _visit(self, start: int, end: int, at: int) -> list[int]:
        """The rows from `start` to `end` that belong to the visit at `at`."""
        if not start <= at < end:
            return []
        part = slice(start, end)
        return list(dict.fromkeys(self.log.columns.rows[part][self.visits[part] == self.visits[at]].tolist()))


def requests(
    log: Interactions, cut: Cut, scenario: str, target: tuple[int, ...], ids: Sequence[str],
    most: int, seed: int,
) -> list[Asked]:  # fmt: skip
    """What this scenario would have been asked just behind a cut, of at most `most` shoppers."""
    types = LOOKS if scenario == "product" else target
    visits, random = Visits.of(log, types), np.random.default_rng(seed)
    made: list[Asked] = []
    for shopper in random.permutation(len(log.shoppers)).tolist():
        if len(made) == most:
            break
        anchors, right = stood(scenario, *visits.around(cut, shopper, types))
        if right:
            name = str(log.shoppers[shopper]) if len(made) % GUESTS else ""
            made.append(Asked(name, np.array(right, np.int32), anchor=tuple(ids[row] for row in anchors)))
    return made


def stood(scenario: str, last: list[int], visit: list[int]) -> tuple[list[int], list[int]]:
    """What a request stands on, and what is right then, of the last visit and the one behind it."""
    if scenario == "after":
        return last, [row for row in visit if row not in last] if last else []
    if len(visit) > 1:
        half = 1 if scenario == "product" else len(visit) // 2
        return visit[:half], visit[half:]
    if scenario == "product" and last:
        return last[-1:], [row for row in visit if row != last[-1]]
    return [], []


def fitted(
    replayed: Mapping[str, Replayed], fused: Mapping[str, Mapping[str, float]], begun: Related, seed: int,
    report: Trained,
) -> dict[str, Related]:  # fmt: skip
    """A ranker of each scenario that has enough to learn from and is not ordered better by what `fused` weighs its
    sources with; `begun` knows home's ranker and the features."""
    made: dict[str, Related] = {}
    for name, part in replayed.items():
        right = positive(part.examples)
        if right < FEWEST:
            report.skipped[f"ranker of {name}"] = f"{right} requests to learn from, {FEWEST} are needed"
            continue
        ranker = Related(begun.features, begun.sources, home=begun.home).fit(part.examples, seed, part.weights)
        learned, plain = (found(scores, part) for scores in (ranker.said, weighed(part.examples, fused[name])))
        told = {"ndcg@10": round(learned, 4), "fused": round(plain, 4), "gain": round(ranker.gain, 1)}
        report.figures.setdefault("scenarios", {})[name] = {"requests": right, **told}
        if learned < plain:
            report.skipped[f"ranker of {name}"] = f"NDCG@10 is {learned:.4f} with it, {plain:.4f} by fusion"
            continue
        made[name] = ranker
    return made


def positive(examples: Examples) -> int:
    """Requests with something right."""
    ends = np.cumsum(examples.groups)
    right = np.r_[0, np.cumsum(examples.labels > 0)]
    return int((right[ends] > right[ends - examples.groups]).sum())


def weighed(examples: Examples, weights: Mapping[str, float]) -> Floats:
    """Reciprocal rank fusion of some sources' lists, float32 (n,)."""
    known = [name for name in weights if RANK + name in examples.columns]
    ranks = examples.features[:, [examples.columns.index(RANK + name) for name in known]]
    return reciprocal(ranks, np.array([weights[name] for name in known], np.float32))


def found(scores: Floats, part: Replayed) -> float:
    """NDCG@10 of requests by the scores of their examples, estimated where negatives were sampled: each stands for as
    many as its weight says."""
    ends, gains = np.cumsum(part.examples.groups)[:-1], []
    every = (scores, part.examples.labels > 0, part.weights)
    for mine, right, weight in zip(*(np.split(some, ends) for some in every), strict=True):
        if right.any():
            order = np.argsort(-mine, kind="stable")
            places = (np.cumsum(weight[order]) - weight[order] + 1)[right[order]]
            ideal = (1 / np.log2(np.arange(min(int(right.sum()), PLACES)) + 2)).sum()
            gains.append(float((1 / np.log2(places[places <= PLACES] + 1)).sum() / ideal))
    return float(np.mean(gains)) if gains else 0.0
