"""`product`: one product as the shop states it now."""

import json

from aisle.catalogue.offers import NO_PRICE
from aisle.errors import UnknownError
from aisle.records.product import Product
from aisle.wiring.live import Live


def product(live: Live, product_id: str, market: str = "") -> Product:
    """What the catalogue says of a product, with today's price and stock. Raises UnknownError for an unknown id."""
    served = live.served()
    catalogue = served.generation.catalogue
    unit = catalogue.ids.get(product_id)
    if unit is None and product_id in catalogue.rows:
        unit = catalogue.leader(catalogue.rows[product_id])
    if unit is None:
        raise UnknownError("product", product_id, "an id of the catalogue that is served")
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
