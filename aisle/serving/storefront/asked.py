"""What a search page is asked for, and the addresses that ask for a little more or less."""

from dataclasses import dataclass, replace
from math import isfinite
from typing import Any
from urllib.parse import urlencode

from aisle.records.money import as_written
from aisle.serving.storefront.visit import Visit

SORTS = ("", "price", "-price")


@dataclass(frozen=True)
class Asked:
    """The parameters of a search page."""

    q: str = ""
    category: tuple[str, ...] = ()
    brand: tuple[str, ...] = ()
    max_price: str = ""
    sort: str = ""
    cursor: str = ""

    @property
    def filters(self) -> dict[str, Any]:
        """As the engine takes them."""
        made: dict[str, Any] = {name: list(self.of(name)) for name in ("category", "brand") if self.of(name)}
        if self.max_price:
            made["price"] = {"lte": float(self.max_price)}
        return made

    def of(self, name: str) -> tuple[str, ...]:
        """The values chosen of a facet."""
        return self.category if name == "category" else self.brand

    def having(self, name: str, values: tuple[str, ...]) -> "Asked":
        """The same with other values of a facet."""
        return replace(self, category=values) if name == "category" else replace(self, brand=values)

    def toggled(self, name: str, value: str) -> "Asked":
        """The same with one value of a facet more, or less."""
        now = self.of(name)
        values = tuple(v for v in now if v != value) if value in now else (*now, value)
        return replace(self.having(name, values), cursor="")

    def fields(self, *without: str) -> list[tuple[str, str]]:
        """As the fields of a form."""
        said = [("q", self.q), *(("category", c) for c in self.category), *(("brand", b) for b in self.brand),
                ("max_price", self.max_price), ("sort", self.sort), ("cursor", self.cursor)]  # fmt: skip
        return [(name, value) for name, value in said if value and name not in without]

    @property
    def href(self) -> str:
        """As an address."""
        said = urlencode(self.fields())
        return "/search?" + said if said else "/search"


def asked_of(visit: Visit) -> Asked:
    """The parameters, read; what cannot be one is left out."""
    sort = visit.param("sort")
    return Asked(
        visit.param("q"), tuple(visit.many("category")), tuple(visit.many("brand")),
        _amount(visit.param("max_price")), sort if sort in SORTS else "", visit.param("cursor"),
    )  # fmt: skip


def _amount(text: str) -> str:
    try:
        amount = as_written(text)
    except ValueError:
        return ""
    return f"{amount:.10g}" if isfinite(amount) and 0 <= amount < 1e9 else ""
