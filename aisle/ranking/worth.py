"""What a purchase is worth to the shop: its money, and whether it is a discovery or comes from the long tail.

Every column but the last three is the scenario's own score times a factor, so with trees, whose score is a probability,
it is an expectation for showing the product: of revenue and margin in major units, of a product new to this shopper, of
a sale from the tail. Weighed together they are one number in the same unit, and a weight says what one of them is
worth. `rare` and `overlooked` are of the showing itself: the weight is the Lagrange multiplier of how much of the tail,
or of what was shown little, slates hold, so that each such place goes to the shopper whom it costs least. `refunded` is
money that is expected back: the probability of a return, where the ranker learned it, times the price.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aisle.catalogue.catalogue import Catalogue
from aisle.catalogue.offers import NO_PRICE, Overlay
from aisle.ranking.described import REFUND, REFUNDED
from aisle.records.candidates import Candidates
from aisle.records.history import Floats, Ints, Longs, Moment
from aisle.records.money import exponent
from aisle.records.request import Context

COLUMNS = ("revenue", "margin", "novel", "tail", "unseen", "rare", "overlooked", REFUNDED)
SHOWN = "shown"  # of a moment: showings of every product
BASES = ("purchase", "relevance", "fusion")  # the scenario's own score: the first of these that there is


@dataclass
class Worth:
    """A `Scorer`. target: codes of the event types that count as taking; variants: rows → the units that stand for
    them, whose offers count (without: the leaders).

    margin: price less cost; of a product whose cost is unknown, or in another currency, the price times the shop's
    share of margin in its prices, 0 where no cost is known. novel: 1 for what this shopper never took. tail: the part
    of all sales that better selling products have, 0 for the best seller and nearly 1 for the last. unseen: the part
    of all showings that products have which are shown more: where what is shown often counts less, a shop that learns
    from its own slates does not narrow to what it shows. rare: what `tail` multiplies, by itself. overlooked: 1 / (1 +
    showings / their mean), by which Σ log(mean + showings) grows with one more: proportional fairness to products.
    """

    catalogue: Catalogue
    overlay: Callable[[], Overlay]
    target: tuple[int, ...]
    variants: Callable[[Context, Ints], Ints] | None = None

    def __post_init__(self) -> None:
        self._cost = np.asarray(self.catalogue.table.column("cost").to_numpy(), np.float64)
        offers = self.overlay().offers("")
        price = np.where(offers.price == NO_PRICE, np.nan, offers.price.astype(np.float64))
        known = ~np.isnan(self._cost) & (price > 0)
        nothing = np.zeros(0, np.int64)
        self._showings: tuple[Longs, Floats, Floats] = (nothing, np.zeros(0, np.float32), np.zeros(0, np.float32))
        self._share = float(1 - self._cost[known].sum() / price[known].sum()) if known.any() else 0.0

    def score(self, context: Context, candidates: Candidates) -> Candidates:
        """Candidates with every column."""
        base = next(candidates.column(name) for name in BASES if name in candidates.columns)
        rows = candidates.rows
        units = self.leaders(rows) if self.variants is None else self.variants(context, rows)
        price, margin = self.money(units, context.request.market)
        had = np.isin(candidates.rows, context.history.of(self.target).rows)
        tail = self._tail(context.moment)[candidates.rows]
        unseen, overlooked = (of[candidates.rows] for of in self._shown(context.moment))
        factors = np.stack([price, margin, ~had, tail, unseen], axis=1)
        back = price * candidates.column(REFUND) if REFUND in candidates.columns else np.zeros(len(price))
        worth = np.column_stack([np.nan_to_num(base)[:, None] * factors, tail, overlooked, back])
        return candidates.beside(COLUMNS, np.asarray(worth, np.float32))

    def currencies(self, market: str = "") -> list[str]:
        """The currencies in which a market's products have a price."""
        offers = self.overlay().offers(market)
        return [str(code) for code in np.unique(offers.currency[offers.price != NO_PRICE])]

    def leaders(self, rows: Ints) -> Ints:
        """The first unit of each row, int32 (n,)."""
        return self.catalogue.starts[rows].astype(np.int32)

    def money(self, units: Ints, market: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Price and margin of units in major units, float64 (n,); 0 where no price is known."""
        offers = self.overlay().offers(market)
        price = np.where(offers.price[units] == NO_PRICE, 0.0, offers.price[units])
        cost = self._cost[units]
        # a cost is in the currency of the market that names none
        known = ~np.isnan(cost) & (offers.currency[units] == self.overlay().offers("").currency[units])
        margin = np.where(known, price - cost, price * self._share)
        margin[price == 0] = 0
        currencies, place = np.unique(offers.currency[units], return_inverse=True)
        scale = np.array([10.0 ** exponent(str(code)) if code else 1.0 for code in currencies])[place]
        return price / scale, margin / scale

    def _tail(self, moment: Moment) -> Floats:
        """float32 (rows,)."""
        return moment.once(("above", "buyers"), lambda columns: above(columns["buyers"]))

    def _shown(self, moment: Moment) -> tuple[Floats, Floats]:
        """unseen and overlooked, float32 (rows,); showings change by the hour, with an array of their own."""
        shown = moment.columns.get(SHOWN)
        if shown is None:
            return np.zeros(len(self.catalogue), np.float32), np.ones(len(self.catalogue), np.float32)
        if self._showings[0] is not shown:
            self._showings = (shown, above(shown), overlooked(shown))
        return self._showings[1:]


def above(sales: Longs) -> Floats:
    """The part of all sales (or showings) that is of products which have more."""
    order = np.argsort(-sales, kind="stable")
    total = np.cumsum(sales[order])
    first = np.searchsorted(-sales[order], -sales[order], side="left")  # equals share a place
    above = np.empty(len(sales), np.float32)
    above[order] = np.r_[0, total][first] / max(int(total[-1]) if len(total) else 0, 1)
    return above


def overlooked(showings: Longs) -> Floats:
    """1 for what was never shown, a half for what is shown as often as the mean, nearly 0 for what is always shown."""
    return np.asarray(1 / (1 + showings / max(showings.mean() if len(showings) else 0.0, 1e-9)), np.float32)
