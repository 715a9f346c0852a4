"""Products, as the log states them → a catalogue: group variants, order the units, lay out columns and offers."""

import json
from collections.abc import Iterable

import pyarrow as pa

from aisle.catalogue.catalogue import Catalogue
from aisle.catalogue.offers import Overlay, no_offers
from aisle.records.product import Product

TEXT = (
    "title",
    "description",
    "brand",
    "currency",
    "image",
    "url",
    "gtin",
    "language",
    "unit_size",
    "seller",
)


def build(products: Iterable[Product]) -> Catalogue:
    """The catalogue of these products; a product listed in several markets is one unit with several offers.

    Rows stand in the order in which their groups first appear, so that the same products give the same catalogue.
    """
    listed: dict[str, dict[str, Product]] = {}
    for product in products:
        listed.setdefault(product.id, {})[product.market] = product
    facts = {unit_id: next(iter(markets.values())) for unit_id, markets in listed.items()}
    order: dict[str, list[str]] = {}
    for unit_id, product in facts.items():
        order.setdefault(product.ranked, []).append(unit_id)
    units = [unit_id for members in order.values() for unit_id in members]
    leaders = [facts[unit_id] for unit_id in units]
    table = _table(leaders)
    offers = _offers([listed[unit_id] for unit_id in units])
    return Catalogue(table, offers)


def _table(products: list[Product]) -> pa.Table:
    columns: dict[str, pa.Array] = {
        "id": pa.array([p.id for p in products], pa.string()),
        "group": pa.array([p.ranked for p in products], pa.string()),
        "category": pa.array([list(p.category) for p in products], pa.list_(pa.string())),
        "attributes": pa.array([_json(p.attributes) for p in products], pa.string()),
        "texts": pa.array([_json(p.texts) for p in products], pa.string()),
        "cost": pa.array([p.cost for p in products], pa.int64()),
        "created_at": pa.array([p.created_at for p in products], pa.int64()),
    }
    for name in TEXT:
        columns[name] = pa.array([getattr(p, name) for p in products], pa.string())
    return pa.table(columns)


def _json(mapping: object) -> str:
    return json.dumps(mapping, ensure_ascii=False, sort_keys=True, default=list) if mapping else ""


def _offers(units: list[dict[str, Product]]) -> Overlay:
    names = sorted({market for unit in units for market in unit}) or [""]
    markets = {}
    for market in names:
        changes = {u: unit[market] for u, unit in enumerate(units) if market in unit}
        markets[market] = no_offers(len(units)).changed(changes)
    return Overlay(markets)
