"""How groups of shoppers fare: by how much is known of them, and by every column of the profiles that were loaded.

A gap says that slates hit less of what a group buys. That may lie in the group (who seldom buys the same again is
harder to foresee) or in the engine: the gain over the shop's best sellers, which find the group as hard, stands beside
it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aisle.evaluation.bootstrap import Interval, gap, interval, lift
from aisle.evaluation.splits import Cut
from aisle.records.history import Bools
from aisle.stages import Store

FEWEST = 30  # shoppers of a group, and others, of whom anything is told
VALUES = 20  # of a profile column at most: more are names, not groups
PARTS = ("few", "some", "many")
Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Group:
    """One group: its NDCG@10, how it differs from that of the others of whom this column is known (as a part of
    theirs), and what the engine gains in it over popularity."""

    field: str
    value: str
    shoppers: int
    ndcg: Interval
    gap: Interval
    gain: Interval


def groups_of(
    store: Store, asked: Sequence[str], cut: Cut, target: tuple[int, ...], ndcg: Doubles, popular: Doubles, seed: int
) -> tuple[Group, ...]:
    """Every group that is large enough. ndcg, popular: float64 (asked,), of the engine and of popularity; target: codes
    of the event types that count as taking."""
    made = []
    for field, value, here, others in [*_activity(asked, cut, target), *_profiles(store, asked)]:
        if min(here.sum(), others.sum()) >= FEWEST:
            made.append(Group(field, value, int(here.sum()), interval(ndcg[here], seed),
                              gap(ndcg[here], ndcg[others], seed), lift(ndcg[here], popular[here], seed)))  # fmt: skip
    return tuple(made)


def _activity(asked: Sequence[str], cut: Cut, target: tuple[int, ...]) -> Iterator[tuple[str, str, Bools, Bools]]:
    """Shoppers without a history, and thirds of the others by how much they took."""
    past = cut.past
    taken = np.array([len(past.history(past.find(shopper)).of(target)) for shopper in asked])
    yield "history", "none", taken == 0, taken > 0
    thirds = np.quantile(taken[taken > 0], [1 / 3, 2 / 3]) if taken.any() else np.zeros(2)
    part = np.searchsorted(thirds, taken, side="left")
    for number, name in enumerate(PARTS):
        here = (taken > 0) & (part == number)
        yield "history", name, here, ~here


def _profiles(store: Store, asked: Sequence[str]) -> Iterator[tuple[str, str, Bools, Bools]]:
    """Every value of every profile column that is none of names; the others are those of another value."""
    at = {shopper: k for k, shopper in enumerate(asked)}
    said: list[Mapping[str, str]] = [{} for _ in asked]
    for page in store.read(kinds=("user",)):
        for row in page:
            if row.user in at:
                said[at[row.user]] = json.loads(row.body).get("profile", {})
    for field in sorted({name for profile in said for name in profile}):
        told: Sequence[str | None] = [profile.get(field) for profile in said]
        values = sorted({value for value in told if value is not None})
        for value in values if len(values) <= VALUES else ():
            here = np.array([one == value for one in told], bool)
            yield field, value, here, ~here & np.array([one is not None for one in told], bool)
