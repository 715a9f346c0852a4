"""Raw rows → records, under the canonical columns. A value that cannot be read becomes a `Fault` that names it.

pydantic reads the values; what is special about shops is here: times by magnitude and timezone, money by currency,
categories as paths, texts tagged by language, unknown columns kept as attributes.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import chain, islice
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError

from aisle.errors import InputError, SourceError, shorten
from aisle.records.digest import digest
from aisle.records.event import TYPES, Event, Fault, Judgement, Shopper
from aisle.records.money import to_minor
from aisle.records.product import Product, checked_id
from aisle.records.row import Record, row_of
from aisle.records.sound import MOST, sound
from aisle.records.text import halved
from aisle.sources import markup
from aisle.sources.names import advice, called
from aisle.sources.tables import Raw, Table
from aisle.sources.values import (
    SHARED,
    Attributes,
    First,
    Money,
    Name,
    Number,
    Path,
    Prose,
    Reading,
    Stock,
    Text,
    Texts,
    Time,
    Whole,
    currencies,
    values_of,
)

Part = Literal["products", "events", "users", "judgements"]
REQUIRED: Mapping[Part, tuple[str, ...]] = {
    "products": ("id", "title"),
    "events": ("type",),
    "users": ("id",),
    "judgements": ("query", "product", "relevance"),
}
HEAD = 20  # rows of a table without columns that are looked at first


def _type(value: Any) -> Any:
    named = value.strip().lower() if isinstance(value, str) else value
    if isinstance(named, str) and (ours := called(named)):
        raise PydanticCustomError("type", "{ours}, if that is what it means", {"ours": repr(ours)})
    return named


Type = Annotated[Literal[TYPES], BeforeValidator(_type)]  # type: ignore[valid-type]
TAGGED = re.compile(r"^(title|description|brand|category)@[A-Za-z][\w-]*$")


class _Row(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)


class ProductRow(_Row):
    """The canonical columns of a product; the rest is kept as attributes."""

    id: Text
    title: Prose = ""  # a product without one is still sold and recommended; `check` asks for it
    group: Name = ""
    description: Texts = ""
    brand: Prose = ""
    category: Path = ()
    price: Money = None
    list_price: Money = None
    cost: Money = None
    currency: Name = ""
    image: First = ""
    url: Text = ""
    gtin: Name = ""
    language: Text = ""
    attributes: Attributes = {}
    unit_size: Text = ""
    available: Stock = None
    quantity: Whole = None
    hidden: bool = False
    seller: Text = ""
    market: Text = ""
    created_at: Time = None


class EventRow(_Row):
    """The canonical columns of an event; the rest is kept as attributes."""

    type: Type
    user: Name = ""
    product: Text = ""
    timestamp: Time = None
    id: Text = ""
    order: Name = ""
    session: Name = ""
    query: Text = ""
    slate: Text = ""
    position: Whole = None
    quantity: Number = None
    price: Money = None
    currency: Name = ""
    value: Number = None
    market: Text = ""
    scenario: Text = ""
    device: Text = ""
    refund_of: Text = ""


class UserRow(_Row):
    """A user's id; every other column is profile."""

    id: Text


class JudgementRow(_Row):
    """How well a product answers a query."""

    query: Text
    product: Text
    relevance: float


NAMES = frozenset({"row", *EventRow.model_fields, *UserRow.model_fields})  # that a fault of an event or user may have


def read(part: Part, table: Table, reading: Reading) -> Iterator[Record]:
    """Every row of a table as a record of this part, or as the fault that keeps it from being one."""
    parse = PARSERS[part]
    occurrences: Counter[bytes] = Counter()
    given: dict[str, tuple[int, int]] = {}  # identity → (content, row)
    checked, back = False, 0
    rows = iter(table.rows())
    head = list(islice(rows, HEAD))
    _check_titled(part, table, [one for one in head if isinstance(one, Raw)])
    for number, raw in enumerate(chain(head, rows), 1):
        if not isinstance(raw, Raw):
            wrong = not isinstance(raw, Fault | RECORDS[part])
            alien = Fault(table.name, number, "row", shorten(raw), f"a record of {part}")
            yield alien if wrong else _made(raw, table.name, number, reading)
            continue
        if not checked:
            _check_columns(part, table)
            table.notes += advice(part, table.columns or tuple(raw.values))
            checked = True
        try:
            record = parse(raw.values, reading, occurrences)
        except ValidationError as error:
            yield _fault(raw, error)
        except InputError as error:
            yield Fault(raw.file, raw.number, error.where, shorten(error.found), error.expected)
        else:
            back += isinstance(record, Event) and record.type != _type(raw.values["type"])
            yield _repeated(record, raw, given) or record
    if not checked:
        _check_columns(part, table)
    if back:
        table.notes.append(f"{back} purchases of a quantity below 0 are read as refunds")


def _made(record: Record | Fault, file: str, number: int, reading: Reading) -> Record:
    """A record that came as one, if it is sound, its user under the name by which the store knows them."""
    if isinstance(record, Fault):
        return record
    try:
        record = sound(record)
    except InputError as error:
        return Fault(file, number, error.where, shorten(error.found), error.expected)
    if isinstance(record, Event) and record.user:
        return replace(record, user=reading.pseudonym(record.user))
    if isinstance(record, Shopper):
        return replace(record, id=reading.pseudonym(record.id))
    return record


def _repeated(record: Record, raw: Raw, given: dict[str, tuple[int, int]]) -> Fault | None:
    """Two rows of one feed that say different things of one product or user: which is right, only the shop knows."""
    if isinstance(record, Product):
        identity = f"{record.market}\x1f{record.id}"
    elif isinstance(record, Shopper):
        identity = record.id
    else:
        return None
    content = hash(row_of(record).body)
    before = given.setdefault(identity, (content, raw.number))
    if before[0] == content:
        return None
    expected = f"an id that this file has not given before (row {before[1]} has it, with other values)"
    return Fault(raw.file, raw.number, "id", shorten(raw.values.get("id")), expected)


def _check_columns(part: Part, table: Table) -> None:
    """A whole column that is missing is one error about the file, not a fault a row. JSONL has no fixed columns."""
    missing = [name for name in REQUIRED[part] if name not in table.columns]
    if table.columns and missing:
        expected = "; ".join([f"the columns {', '.join(REQUIRED[part])}", *advice(part, table.columns)])
        raise SourceError(f"{table.name}, header: no column {', '.join(missing)}", list(table.columns), expected)


def _check_titled(part: Part, table: Table, head: Sequence[Raw]) -> None:
    """Products none of which has a title, and each a type, are an event log that was swapped for them. A table of
    columns says so in its header."""
    swapped = len(head) == HEAD and all("type" in one.values and "title" not in one.values for one in head)
    if part == "products" and not table.columns and swapped:
        found = ", ".join(list(head[0].values)[:HEAD])
        raise SourceError(f"{table.name}, the first {HEAD} rows: no title", found, "products with id and title")


def _fault(raw: Raw, error: ValidationError) -> Fault:
    """The first thing wrong with a row; the others are named beside it."""
    first, *others = error.errors(include_url=False)
    name = ".".join(str(part) for part in first["loc"][:1])
    found = "nothing" if first["type"] == "missing" else shorten(first["input"])
    expected = "a value" if first["type"] == "missing" else first["msg"].removeprefix("Input should be ")
    also = f" (also wrong: {', '.join(sorted({str(o['loc'][0]) for o in others}))})" if others else ""
    return Fault(raw.file, raw.number, name, found, expected + also)


def _extras(row: _Row) -> dict[str, Any]:
    extras = dict(row.model_extra or {})
    for name, value in extras.items():
        try:
            whole = not any(map(halved, (name, *values_of(value))))
        except (ValueError, RecursionError):
            whole = False
        if not whole:
            raise InputError(shorten(name) if halved(name) else name, value, "text in Unicode")
    return extras


def _currency(row: ProductRow | EventRow, values: Mapping[str, Any], reading: Reading) -> str:
    """The one currency of a row: its column, else what stands beside its prices, else the shop's."""
    beside = [mark for name in ("price", "list_price", "cost") if name in values for mark in currencies(values[name])]
    named = list(dict.fromkeys([*([row.currency.strip().upper()] if row.currency else []), *beside]))
    shared = [mark for mark in named if mark in SHARED]
    told = [mark for mark in named if mark not in SHARED]
    currency = told[0] if told else reading.currency
    if len(told) > 1:
        raise InputError("currency", ", ".join(told), "one currency a row")
    if wrong := [mark for mark in shared if currency not in SHARED[mark]]:
        raise InputError("currency", f"{wrong[0]} in {currency}", "a sign that stands for the currency of the row")
    return currency


def _money(value: Decimal | None, currency: str, name: str) -> int | None:
    if value is None:
        return None
    try:
        return to_minor(value, currency)
    except InputError as error:
        raise InputError(name if error.where == "price" else error.where, error.found, error.expected) from None


def product(values: Mapping[str, Any], reading: Reading, _seen: Counter[bytes]) -> Product:
    """One product. Prices are decimals in major units; `"15.00 USD"` names its currency itself."""
    row = ProductRow.model_validate(values, context=reading)
    currency = _currency(row, values, reading)
    for name in ("price", "list_price", "cost"):
        amount = getattr(row, name)
        if amount is not None and amount < 0:
            raise InputError(name, str(amount), "an amount of at least 0")
    extras = _extras(row)
    texts = {name: markup.read(str(value)) for name, value in extras.items() if TAGGED.match(name)}
    loose = {name: values_of(value) for name, value in extras.items() if name not in texts}
    return Product(
        id=checked_id(row.id), title=row.title.strip(), group=row.group, description=row.description,
        brand=row.brand, category=row.category, price=_money(row.price, currency, "price"),
        list_price=_money(row.list_price, currency, "list_price"), cost=_money(row.cost, currency, "cost"),
        currency=currency, image=row.image, url=row.url, gtin=row.gtin, language=row.language or reading.language,
        attributes={**row.attributes, **{n: v for n, v in loose.items() if v}}, texts=texts,
        unit_size=row.unit_size, available=row.available, quantity=row.quantity, hidden=row.hidden,
        seller=row.seller, market=row.market, created_at=row.created_at,
    )  # fmt: skip


def event(values: Mapping[str, Any], reading: Reading, seen: Counter[bytes]) -> Event:
    """One event. Without an id it gets one from its content and its occurrence in the file."""
    row = EventRow.model_validate(values, context=reading)
    currency = _currency(row, values, reading)
    user = reading.pseudonym(row.user) if row.user else ""
    back = row.type == "purchase" and (row.quantity or 0) < 0  # as tills write returns
    return Event(
        id=row.id or _generated(values, user, seen), type="refund" if back else row.type, user=user,
        product=row.product,
        timestamp=row.timestamp, order=row.order, session=row.session, query=row.query, slate=row.slate,
        position=row.position, quantity=abs(row.quantity or 0) if back else row.quantity,
        price=_money(row.price, currency, "price"),
        currency=currency if row.price is not None else "", value=row.value, market=row.market,
        scenario=row.scenario, device=row.device, refund_of=row.refund_of,
        attributes={name: str(value) for name, value in _extras(row).items()},
    )  # fmt: skip


def _generated(values: Mapping[str, Any], user: str, seen: Counter[bytes]) -> str:
    content = repr(sorted((name, str(value)) for name, value in {**values, "user": user}.items()))
    name = digest(content, 12)
    seen[name] += 1
    return f"auto-{name.hex()}-{seen[name]}"


def user(values: Mapping[str, Any], reading: Reading, _seen: Counter[bytes]) -> Shopper:
    """One user's profile."""
    row = UserRow.model_validate(values, context=reading)
    profile = {name: str(value) for name, value in _extras(row).items()}
    return Shopper(reading.pseudonym(checked_id(row.id)), profile)


def judgement(values: Mapping[str, Any], reading: Reading, _seen: Counter[bytes]) -> Judgement:
    """One judged pair."""
    row = JudgementRow.model_validate(values, context=reading)
    if not abs(row.relevance) <= MOST:
        raise InputError("relevance", row.relevance, f"a number of at most {MOST:g}")
    return Judgement(row.query, checked_id(row.product, "product"), row.relevance)


RECORDS: Mapping[Part, type] = {"products": Product, "events": Event, "users": Shopper, "judgements": Judgement}
PARSERS: Mapping[Part, Callable[[Mapping[str, Any], Reading, Counter[bytes]], Record]] = {
    "products": product,
    "events": event,
    "users": user,
    "judgements": judgement,
}


@dataclass(slots=True)
class Feed:
    """A `Source`: one table read as one part."""

    part: Part
    table: Table
    reading: Reading = field(default_factory=Reading)

    def read(self) -> Iterator[Record]:
        """Every row as a record or a fault."""
        return read(self.part, self.table, self.reading)
