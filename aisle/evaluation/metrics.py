"""Metrics of slates. Per request: float64 (requests,). Of all slates together: one number.

Requests that got no answer count as zero, never as missing: a system that fails on hard ones must not look better.
hits are bool (requests, places): is the product at this place a right one; wanted: how many right ones there are.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.stages import Metric

Hits = NDArray[np.bool_]
Values = NDArray[np.float64]


def hits_of(lists: Sequence[Sequence[int]], truths: Sequence[frozenset[int]], k: int) -> tuple[Hits, Values]:
    """Ranked rows and right rows → hits (requests, k) and wanted (requests,)."""
    hits = np.zeros((len(lists), k), bool)
    for number, (ranked, truth) in enumerate(zip(lists, truths, strict=True)):
        for place, row in enumerate(ranked[:k]):
            hits[number, place] = row in truth
    return hits, np.array([len(truth) for truth in truths], np.float64)


def _share(part: NDArray[Any], whole: Values) -> Values:
    """part / whole, 0 where there is nothing to be had."""
    return np.asarray(np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0), np.float64)


def ndcg(hits: Hits, wanted: Values) -> Values:
    """Binary NDCG, the ideal over min(k, wanted) (Järvelin and Kekäläinen, TOIS 2002).

    >>> ndcg(np.array([[True, False, True]]), np.array([2.0])).round(4).tolist()
    [0.9197]
    """
    discounts = 1 / np.log2(np.arange(2, hits.shape[1] + 2))
    best = np.concatenate([[0.0], np.cumsum(discounts)])[np.minimum(wanted, hits.shape[1]).astype(int)]
    return _share(hits @ discounts, best)


def recall(hits: Hits, wanted: Values) -> Values:
    """Share of the right products that are shown: hits / wanted."""
    return _share(hits.sum(axis=1), wanted)


def capped_recall(hits: Hits, wanted: Values) -> Values:
    """hits / min(k, wanted): 1 where the slate could not be better."""
    best = np.minimum(wanted, hits.shape[1])
    return _share(hits.sum(axis=1), best)


def hit_rate(hits: Hits, wanted: Values) -> Values:
    """1 where any shown product is right."""
    return np.asarray(hits.any(axis=1), np.float64)


def reciprocal_rank(hits: Hits, wanted: Values) -> Values:
    """1 / place of the first right product.

    >>> reciprocal_rank(np.array([[False, True], [False, False]]), np.array([1.0, 1.0])).tolist()
    [0.5, 0.0]
    """
    return np.asarray(np.where(hits.any(axis=1), 1 / (hits.argmax(axis=1) + 1), 0.0), np.float64)


def coverage(lists: Sequence[Sequence[int]], catalogue: int) -> float:
    """Share of the catalogue that is shown to anybody."""
    return len({row for ranked in lists for row in ranked}) / catalogue if catalogue else float("nan")


def gini(lists: Sequence[Sequence[int]], catalogue: int) -> float:
    """How unequally exposure is spread over the catalogue: 0 everyone alike, 1 all on one product.

    >>> round(gini([[0], [1], [2], [3]], 4), 4), round(gini([[0], [0], [0], [0]], 4), 4)
    (0.0, 0.75)
    """
    shown = np.bincount([row for ranked in lists for row in ranked], minlength=catalogue).astype(np.float64)
    if not shown.sum():
        return float("nan")
    ordered = np.sort(shown)
    return float(1 - 2 * (np.cumsum(ordered) / shown.sum()).sum() / len(ordered) + 1 / len(ordered))


def novelty(lists: Sequence[Sequence[int]], buyers: NDArray[np.int64], shoppers: int) -> Values:
    """Mean self-information of what is shown, -log2(share of shoppers who have it), bits (Zhou et al., PNAS 2010)."""
    information = -np.log2(np.maximum(buyers, 1) / max(shoppers, 1))
    return np.array([information[list(ranked)].mean() if len(ranked) else np.nan for ranked in lists])


METRICS: Mapping[str, Metric] = {
    "ndcg": ndcg,
    "recall": recall,
    "capped_recall": capped_recall,
    "hit_rate": hit_rate,
    "mrr": reciprocal_rank,
}
