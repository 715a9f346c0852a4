"""The overlay: what changes by the minute (price, stock, hidden), by market, over a catalogue that does not."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from aisle.records.history import Bools, Longs
from aisle.records.product import Product

NO_PRICE = -1
MASKS = 128  # kept, two a market


@dataclass(frozen=True, slots=True)
class Offers:
    """One market's offers, one entry a unit sold: minor units or NO_PRICE, ISO codes, and what may be sold."""

    price: Longs
    list_price: Longs
    currency: NDArray[np.str_]
    available: Bools
    hidden: Bools
    present: Bools  # does this market list the unit at all

    def changed(self, units: Mapping[int, Product]) -> "Offers":
        """A copy in which these units have these products' offers."""
        new = replace(self, **{name: getattr(self, name).copy() for name in self.__slots__})
        for unit, product in units.items():
            new.price[unit] = NO_PRICE if product.price is None else product.price
            new.list_price[unit] = NO_PRICE if product.list_price is None else product.list_price
            new.currency[unit] = product.currency
            new.available[unit] = is_available(product)
            new.hidden[unit] = product.hidden
            new.present[unit] = True
        return new


@dataclass(frozen=True, slots=True)
class Overlay:
    """Offers by market; `revision` grows with every change, so that what was derived from one can be kept."""

    markets: Mapping[str, Offers]
    revision: int = 0
    withheld: Mapping[str, Bools] = field(default_factory=dict)  # by market, units that may not be shown at all
    _masks: dict[tuple[str, str], Bools] = field(default_factory=dict, compare=False, repr=False)

    def offers(self, market: str) -> Offers:
        """A market's offers; a market that the shop never named sees the default market's."""
        return self.markets[self.known(market)]

    def past(self, came: Bools, sold: Bools) -> "Overlay":
        """Offers of an earlier day, as far as they are known: without units that had not come, and with those that are
        sold out today and were sold then; bool (units,) each."""
        markets = {name: replace(one, present=one.present & came, available=one.available | sold)
                   for name, one in self.markets.items()}  # fmt: skip
        return replace(self, markets=markets, _masks={})

    def known(self, market: str) -> str:
        """A market, or the default one in place of one that the shop never named."""
        return market if market in self.markets else "" if "" in self.markets else next(iter(self.markets))

    def withholds(self, market: str) -> Bools:
        """bool (units,): what may not be shown in a market, whatever is offered there."""
        kept = self.withheld.get(self.known(market))
        return np.zeros(len(self.offers(market).price), bool) if kept is None else kept

    def showable(self, market: str) -> Bools:
        """bool (units,): listed in this market, available, not hidden and not withheld."""
        return self._kept(("showable", market), lambda offers: offers.present & offers.available)

    def permitted(self, market: str) -> Bools:
        """bool (units,): neither hidden nor withheld, sold out or not: what may be named to a shopper."""
        return self._kept(("permitted", market), lambda offers: np.ones(len(offers.price), bool))

    def _kept(self, key: tuple[str, str], here: Callable[[Offers], Bools]) -> Bools:
        if key not in self._masks:
            offers = self.offers(key[1])
            mask = np.asarray(here(offers) & ~offers.hidden & ~self.withholds(key[1]), bool)
            mask.flags.writeable = False
            if len(self._masks) >= MASKS:  # a market is a request's word: do not let them fill the memory
                return mask
            self._masks[key] = mask
        return self._masks[key]

    def guarded(self, withheld: Mapping[str, Bools]) -> "Overlay":
        """The overlay with other units withheld, by market."""
        if self.withheld.keys() == withheld.keys() and all(
            np.array_equal(self.withheld[market], kept) for market, kept in withheld.items()
        ):
            return self
        return Overlay(self.markets, self.revision + 1, withheld)

    def changed(self, products: Iterable[Product], units: Mapping[str, int]) -> "Overlay":
        """The overlay after these products changed; ids that the catalogue does not hold are passed over."""
        by_market: dict[str, dict[int, Product]] = {}
        for product in products:
            if product.id in units:
                by_market.setdefault(product.market, {})[units[product.id]] = product
        if not by_market:
            return self
        markets = dict(self.markets)
        for market, changes in by_market.items():
            size = len(next(iter(self.markets.values())).price)
            markets[market] = (markets.get(market) or no_offers(size)).changed(changes)
        return Overlay(markets, self.revision + 1, self.withheld)


def is_available(product: Product) -> bool:
    """What the shop said; where it did not say, a product is available unless its stock is zero, or oversold."""
    if product.available is None:
        return product.quantity is None or product.quantity > 0
    return product.available


def no_offers(size: int) -> Offers:
    """A market that lists none of `size` units."""
    unpriced, nowhere = np.full(size, NO_PRICE, np.int64), np.zeros(size, bool)
    return Offers(unpriced, unpriced.copy(), np.full(size, "", "U3"), nowhere, nowhere.copy(), nowhere.copy())
