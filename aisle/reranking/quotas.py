"""Quotas: at most so many of a brand, a category, a seller, of what is sponsored, in a row of places. Held always.

Each place goes to the best candidate that keeps every quota. What fits nowhere is taken out with the quota's name, and
the slate ends where nothing fits: a quota that gives way is none.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from aisle.records.candidates import Candidates
from aisle.records.history import Ints
from aisle.records.request import Context
from aisle.records.slate import Arrangement


@dataclass(frozen=True)
class Quota:
    """codes: int32 (rows,), what is counted together, -1 for what is not counted; `most` of every `of` places in a
    row may have the same code; `name` as a person reads it."""

    name: str
    codes: Ints
    most: int
    of: int = 10


@dataclass
class Quotas:
    """A `Reranker`. It looks at nothing but the order, so that a longer slate begins as a shorter one does."""

    quotas: tuple[Quota, ...] = ()

    def rerank(self, context: Context, ranked: Candidates, size: int) -> Arrangement:
        """The first `size` places within all quotas; behind them the order stays."""
        waiting = list(range(len(ranked)))
        if not self.quotas or not waiting:
            return Arrangement(tuple(waiting))
        codes = [quota.codes[ranked.rows].tolist() for quota in self.quotas]
        order: list[int] = []
        while waiting and len(order) < size:
            full = [
                set(said) - {-1} if quota.most == 0 else self._full(quota, [said[at] for at in order])
                for quota, said in zip(self.quotas, codes, strict=True)
            ]
            fitting = (k for k, at in enumerate(waiting) if not _held(at, codes, full))
            k = next(fitting, None)
            if k is None:
                return Arrangement(tuple(order), tuple((at, self._why(at, codes, full)) for at in waiting))
            order.append(waiting.pop(k))
        return Arrangement((*order, *waiting))

    @staticmethod
    def _full(quota: Quota, shown: Sequence[int]) -> set[int]:
        """Codes of which the next place may not have another one."""
        lately = Counter(code for code in shown[-(quota.of - 1) :] if code >= 0) if quota.of > 1 else Counter[int]()
        return {code for code, often in lately.items() if often >= quota.most}

    def _why(self, at: int, codes: Sequence[Sequence[int]], full: Sequence[set[int]]) -> str:
        """The first quota that holds a candidate back."""
        quotas = zip(self.quotas, codes, full, strict=True)
        quota = next(quota for quota, said, closed in quotas if said[at] in closed)
        return f"at most {quota.most} of every {quota.of} places may have the same {quota.name}"


def _held(at: int, codes: Sequence[Sequence[int]], full: Sequence[set[int]]) -> bool:
    return any(said[at] in closed for said, closed in zip(codes, full, strict=True))
