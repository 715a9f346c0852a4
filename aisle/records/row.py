"""A row of the log: the one shape in which every fact is stored, and the columns in which it is read back."""

import json
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from aisle.records.event import Event, Fault, Judgement, Served, Shopper, guest, shortened
from aisle.records.product import Product

Kind = Literal["event", "served", "product", "user", "judgement", "fault", "forget", "decision"]
Record = Product | Event | Served | Shopper | Judgement | Fault
SCHEMA_VERSION = 1  # of the body of a row; a reader keeps understanding every earlier one

# Fields of an event that have a column of their own, because folds of the log read them; the rest is the body.
COLUMNS = ("type", "user", "product", "timestamp", "order", "quantity", "price", "value")


class Row(NamedTuple):
    """`key` is unique within tenant and kind: appending a known key is a no-op. `offset` 0 = not stored yet."""

    kind: Kind
    key: str
    type: str | None = None
    user: str | None = None
    product: str | None = None
    timestamp: int | None = None
    order: str | None = None
    quantity: float | None = None
    price: int | None = None
    value: float | None = None
    body: str = ""
    offset: int = 0
    recorded_at: int = 0


def row_of(record: Record, key: str = "") -> Row:
    """Any record → its row. `key` overrides the record's own id (products: id, market and content)."""
    if isinstance(record, Event):
        return Row("event", key or record.id, body=_body(record, ("id", *COLUMNS)), type=record.type,
                   user=record.shopper, product=record.product or None, timestamp=record.timestamp,
                   order=record.order or None, quantity=record.quantity, price=record.price,
                   value=record.value)  # fmt: skip
    if isinstance(record, Served):
        shopper = record.user or (guest(record.session) if record.session else None)
        return Row("served", record.id, user=shopper, timestamp=record.timestamp, body=_body(record))
    if isinstance(record, Product):
        return Row("product", key or record.id, product=record.id, body=_body(record))
    if isinstance(record, Shopper):
        return Row("user", key or record.id, user=record.id, body=_body(record))
    if isinstance(record, Judgement):
        return Row("judgement", key, product=record.product, body=_body(record))
    return Row("fault", key, body=_body(record))


def product_of(body: str) -> Product:
    """The product that `row_of` wrote."""
    values: dict[str, Any] = json.loads(body)
    values["category"] = tuple(values.get("category", ()))
    values["attributes"] = {name: tuple(v) for name, v in values.get("attributes", {}).items()}
    return Product(**{"title": "", **values})


def _body(record: Record, without: tuple[str, ...] = ()) -> str:
    """The record's fields that say something, as JSON with sorted keys: equal records give equal text."""
    names = [name for name in record.__dataclass_fields__ if name not in without]  # fields() takes as long as the rest
    values = {name: value for name in names if (value := getattr(record, name)) not in ("", None, (), {})}
    said = {name: dict(value) if isinstance(value, Mapping) else value for name, value in values.items()}
    if "session" in said:
        said["session"] = shortened(str(said["session"]))
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if said else ""
