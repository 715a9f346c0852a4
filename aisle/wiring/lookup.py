"""`product` and `variants`: products as the shop states them now."""

import json

from aisle.catalogue.offers import NO_PRICE
from aisle.errors import UnknownError
from aisle.records.product import Product
from aisle.wiring.live import Live, Served


def product(live: Live, product_id: str, market: str = "") -> Product:
    """What the catalogue says of a product, with today's price and stock. Raises UnknownError for an unknown id."""
    served = live.served()
    return _stated(live, served, _unit(served, product_id), market)


def variants(live: Live, product_id: str, market: str = "") -> list[Product]:
    """What shares a product's group, in the order of the catalogue and itself among them, but for what is hidden.
    Raises UnknownError for an unknown id."""
    served = live.served()
    row = int(served.generation.catalogue.row_of[_unit(served, product_id)])
    units = range(*served.generation.catalogue.starts[row : row + 2].tolist())
    return [one for one in (_stated(live, served, unit, market) for unit in units) if not one.hidden]


def _unit(served: Served, product_id: str) -> int:
    """The unit of an id; of a group's the one that leads it."""
    catalogue = served.generation.catalogue
    unit = catalogue.ids.get(product_id)
    if unit is None and product_id in catalogue.rows:
        unit = catalogue.leader(catalogue.rows[product_id])
    if unit is None:
        raise UnknownError("product", product_id, "an id of the catalogue that is served")
    return unit


def _stated(live: Live, served: Served, unit: int, market: str) -> Product:
    catalogue = served.generation.catalogue
    said, offers = catalogue.lines([unit])[0], served.overlay.offers(market)
    ruled = unit in catalogue.units_of(*live.settings.rules.hides)
    hidden = bool(offers.hidden[unit] or served.overlay.withholds(market)[unit] or ruled)

    def asked(minor: int) -> int | None:
        return None if minor == NO_PRICE else minor

    texts = json.loads(said["texts"]) if said["texts"] else {}
    attributes = {name: tuple(values) for name, values in catalogue.attributes[unit].items()}
    return Product(
        id=said["id"], title=said["title"], group=said["group"], description=said["description"], brand=said["brand"],
        category=tuple(said["category"] or ()), price=asked(int(offers.price[unit])),
        list_price=asked(int(offers.list_price[unit])), currency=str(offers.currency[unit]), image=said["image"],
        url=said["url"], gtin=said["gtin"], language=said["language"], attributes=attributes, texts=texts,
        unit_size=said["unit_size"], available=bool(offers.available[unit] and offers.present[unit]),
        hidden=hidden, seller=said["seller"], market=market, created_at=said["created_at"],
    )  # fmt: skip
