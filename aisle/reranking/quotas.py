"""Quotas: at most, or at least, so many of a brand, a category, a seller, of what is sponsored, in a row of places.

Each place goes to the best candidate that keeps every quota. What would be one too many anywhere is taken out with the
quota's name, and the slate ends where nothing fits: a quota that gives way is none. A floor is kept as late as it can
be, and as long as there are candidates that count for it and that the quotas let stand there.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from aisle.records.candidates import Candidates
from aisle.records.history import Ints
from aisle.records.request import Context
from aisle.records.slate import Arrangement


@dataclass(frozen=True)
class Quota:
    """codes: int32 (units,), what is counted together, -1 for what is not counted; of every `of` places in a row `most`
    may have the same code (None: any number), and `least` shall have one; `name` as a person reads it."""

    name: str
    codes: Ints
    most: int | None
    of: int = 10
    least: int = 0


def amount(most: int | None, least: int, of: int) -> str:
    """How many of how many places, as a person reads it."""
    told = [f"at least {least}" if least else "", "" if most is None else f"at most {most}"]
    return f"{' and '.join(filter(None, told))} of {of}"


@dataclass
class Quotas:
    """A `Reranker`. It looks at nothing but the order, so that a longer slate begins as a shorter one does; and at what
    stood on the pages before, so that it holds across them whatever happened meanwhile. variants: rows → the units
    that stand for them, which are counted."""

    quotas: tuple[Quota, ...] = ()
    variants: Callable[[Context, Ints], Ints] = lambda context, rows: rows

    def rerank(self, context: Context, ranked: Candidates, size: int) -> Arrangement:
        """All places, so that what is left over is known on the first page. What the request sorts is held to the
        quotas in the order it will have, by whoever sorts it: the cheapest of a brand stays, not the most relevant."""
        return Arrangement(tuple(range(len(ranked)))) if context.request.sort else self.held(context, ranked)

    def held(self, context: Context, ranked: Candidates) -> Arrangement:
        """The best first that keeps every quota, behind what was shown."""
        if not self.quotas or not len(ranked):
            return Arrangement(tuple(range(len(ranked))))
        before = np.array(context.shown, np.int32)
        units = self.variants(context, np.concatenate([before, ranked.rows]))
        lately = [_Lately(quota, quota.codes[units].tolist(), len(before)) for quota in self.quotas]
        place = {int(row): at for at, row in enumerate(ranked.rows)}
        again = [place[row] for row in context.shown if row in place]
        waiting = [len(before) + at for at in range(len(ranked)) if at not in set(again)]
        order, left = self._placed(lately, len(before), waiting)
        behind = [at - len(before) for at in order]
        return Arrangement((*again, *behind), tuple((at - len(before), self._why(at, lately)) for at in left))

    def _placed(self, lately: Sequence["_Lately"], before: int, waiting: list[int]) -> tuple[list[int], list[int]]:
        """Those that wait in their places behind the first `before`, and those that no place is left for."""
        order = list(range(before))
        floors = [each for each in lately if each.quota.least]
        while waiting:
            fits = (k for k, at in enumerate(waiting) if not any(each.holds(at) for each in lately))
            due = _due(floors, len(order))
            k = _served(list(fits), waiting, due) if due else next(fits, None)
            if k is None:
                break
            order.append(waiting.pop(k))
            for each in lately:
                each.shown(order)
        return order[before:], waiting

    def _why(self, at: int, lately: Sequence["_Lately"]) -> str:
        """The first quota that holds a candidate back."""
        quota = next(each.quota for each in lately if each.holds(at))
        return f"at most {quota.most} of every {quota.of} places may have the same {quota.name}"


def _due(floors: Sequence["_Lately"], place: int) -> list["_Lately"]:
    """The floors of which one must be served at the next place, or a stretch of places would have too few: those that
    lack something where all places up to the end of a stretch are needed (earliest deadline first, looking ahead)."""
    open_ = [each for each in floors if each.waiting]
    for end in range(place, place + max((each.quota.of for each in open_), default=0)):
        if sum(each.lacks(end) for each in open_) >= end - place + 1:
            return [each for each in open_ if each.lacks(end)]
    return []


def _served(fits: Sequence[int], waiting: Sequence[int], due: Sequence["_Lately"]) -> int | None:
    """The first of these that counts for most of the floors that are due."""
    return max(fits, key=lambda k: (sum(each.counts(waiting[k]) for each in due), -k), default=None)


class _Lately:
    """How often each code stands among the last `of - 1` places."""

    def __init__(self, quota: Quota, codes: Sequence[int], before: int) -> None:
        self.quota, self._codes, self._counts = quota, codes, Counter[int]()
        self.waiting, self._counted = sum(code >= 0 for code in codes), list[int]()  # of the floor: left, and where
        for at in range(before):
            self.shown(range(at + 1))

    def holds(self, at: int) -> bool:
        """Would a candidate be one too many at the next place?"""
        code, most = self._codes[at], self.quota.most
        return code >= 0 and most is not None and self._counts[code] >= most

    def counts(self, at: int) -> bool:
        """Does a candidate count for the floor?"""
        return self._codes[at] >= 0

    def lacks(self, end: int) -> int:
        """How many that count for the floor the stretch that ends with a place still lacks."""
        first = end - self.quota.of + 1
        return 0 if first < 0 else max(self.quota.least - sum(place >= first for place in self._counted), 0)

    def shown(self, order: Sequence[int]) -> None:
        """The last of these was placed."""
        self._counts[self._codes[order[-1]]] += 1
        if self.quota.least and self.counts(order[-1]):
            self.waiting -= 1
            self._counted = [*self._counted[-self.quota.of :], len(order) - 1]
        if len(order) >= self.quota.of:
            self._counts[self._codes[order[-self.quota.of]]] -= 1
