"""What speaks for a product beside its relevance: how much it is bought, how much its kind is, whether this shopper
had it before, and whether the shop says of it what the query names.

`intent`: of the kinds of product (ends of the category tree) that answer a query well, shoppers mostly mean the one
that they buy most: "milk" is rather white milk than chocolate milk, although both titles say it. `share`: the part of
that demand which is of the product's kind, among products whose title says the query.

`stated`: of the brands, kinds and colours that a query names, those that the product is of. A title can say "Brother"
because it fits what Brother makes.

`thrift`: where a query asks for what is cheap, how low the price is among those of its kind that were found.

`spared`: of the things that a query does not want, those that a product says it is free of: "milk without lactose" asks
for lactose-free milk, and only where there is none for what does not speak of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from aisle.ranking.relevance import COLUMN, NAMED, WHOLE
from aisle.records.candidates import Candidates
from aisle.records.history import Bools, Floats, Ints
from aisle.records.request import Context

WELL = 0.85  # of the best relevance: what answers a query well
COLUMNS = ("prior", "intent", "share", "own", "stated", "spared", "thrift")


@dataclass
class Prior:
    """A `Scorer`: `prior` and `intent` in [0, 1], log demand of the product and of its kind over the candidates;
    `share` in [0, 1], 0 for what does not answer well; `own` 1 for what this shopper had; `stated` the part of what the
    query names, `spared` of what it does not want; `thrift` from 1 for the lowest price of a kind to 0 for the highest.

    kinds: int32 (rows,), -1 where a row has none; stating: some (attribute, value), some rows and bool (units,), what
    may be shown → float32 (n,), the part of these that a unit of each row states; sparing: a thing → bool (rows,),
    which say that they are free of it;
    price: float32 (rows,), log of major units, NaN where unknown."""

    kinds: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    stating: Callable[[Sequence[tuple[str, str]], Ints, Bools], Floats] | None = None
    sparing: Callable[[str], Bools] | None = None
    price: Floats | None = None

    def score(self, context: Context, candidates: Candidates) -> Candidates:
        """Candidates with these columns."""
        moment, rows = context.moment, candidates.rows
        demand = moment.decayed("last112", 112, rows) if moment.timed else moment.count("orders", rows)
        intent, share = self._kinds(candidates, demand)
        own, stated = np.isin(rows, context.history.rows), self._stated(context, rows)
        columns = [_log_share(demand), intent, share, own, stated, self._spared(context, rows),
                   self._thrift(context, rows)]  # fmt: skip
        return candidates.beside(COLUMNS, np.column_stack(columns).astype(np.float32))

    def _stated(self, context: Context, rows: Ints) -> Floats:
        named = context.reading.named
        if not named or self.stating is None:
            return np.zeros(len(rows), np.float32)
        return self.stating(named, rows, context.units)

    def _spared(self, context: Context, rows: Ints) -> Floats:
        unwanted = context.reading.without
        if not unwanted or self.sparing is None:
            return np.zeros(len(rows), np.float32)
        return np.asarray(np.mean([self.sparing(thing)[rows] for thing in unwanted], axis=0), np.float32)

    def _thrift(self, context: Context, rows: Ints) -> Floats:
        if not context.reading.cheap or self.price is None:
            return np.zeros(len(rows), np.float32)
        price, kinds = self.price[rows], self.kinds[rows] if len(self.kinds) else np.zeros(len(rows), np.int32)
        _, kind = np.unique(kinds, return_inverse=True)
        low, high = np.full(len(rows), np.inf), np.full(len(rows), -np.inf)
        np.fmin.at(low, kind, price)
        np.fmax.at(high, kind, price)
        span = (high - low)[kind]
        with np.errstate(divide="ignore", invalid="ignore"):
            said = np.where(span > 0, (high[kind] - price) / span, 0.5)
        return np.asarray(np.where(np.isnan(price), 0.0, said), np.float32)

    def _kinds(self, candidates: Candidates, demand: Floats) -> tuple[Floats, Floats]:
        """The demand of each candidate's kind, counted over the candidates that answer well."""
        nothing = np.zeros(len(candidates), np.float32)
        if not len(self.kinds) or not len(candidates) or COLUMN not in candidates.columns:
            return nothing, nothing
        relevance, kinds = candidates.column(COLUMN), self.kinds[candidates.rows]
        well = relevance >= WELL * float(relevance.max())
        named = well & (candidates.column(NAMED) > WHOLE)
        size = int(self.kinds.max(initial=-1)) + 2
        of_kind, of_named = (np.bincount(kinds % size, demand * some, size) for some in (well, named))
        of_kind[size - 1] = of_named[size - 1] = 0  # rows without a kind
        shares = of_named / max(float(of_named.sum()), 1e-9)
        return _log_share(of_kind[kinds % size].astype(np.float64)), np.asarray(
            shares[kinds % size] * named, np.float32
        )


def _log_share(demand: Floats | NDArray[np.float64]) -> Floats:
    """log(1 + demand) over the largest of them, float32 (n,) in [0, 1]."""
    logs = np.log1p(demand)
    return np.asarray(logs / max(float(logs.max(initial=0)), 1e-9), np.float32)
