"""A product as the shop states it: one unit sold in one market, immutable."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aisle.errors import InputError
from aisle.records.money import exponent

Texts = Mapping[str, str]
LONGEST_ID = 256  # bytes


def checked_id(value: object, where: str = "id") -> str:
    """`value` if it is an opaque, non-empty string of at most 256 bytes; `007` and `7` are different ids."""
    if not isinstance(value, str) or not value or len(value.encode("utf-8", "replace")) > LONGEST_ID:
        raise InputError(where, value, f"a non-empty string of at most {LONGEST_ID} bytes")
    if "\0" in value:
        raise InputError(where, value, "an id without a NUL character")
    return value


@dataclass(frozen=True, slots=True)
class Product:
    """`id` is the unit sold, `group` the unit ranked (variants of one thing; default: itself).

    Money is int64 minor units of `currency`. Texts in further languages are tagged: `texts["title@zh"]`.
    `None` is "the shop did not say", which is not the same as zero, empty or unavailable.
    """

    id: str
    title: str
    group: str = ""
    description: str = ""
    brand: str = ""
    category: tuple[str, ...] = ()
    price: int | None = None
    list_price: int | None = None
    cost: int | None = None
    currency: str = ""
    image: str = ""
    url: str = ""
    gtin: str = ""
    language: str = ""
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    texts: Texts = field(default_factory=dict)
    unit_size: str = ""
    available: bool | None = None
    quantity: int | None = None
    hidden: bool = False
    seller: str = ""
    market: str = ""
    created_at: int | None = None

    def __post_init__(self) -> None:
        checked_id(self.id)
        checked_id(self.group or self.id, "group")
        for name in ("price", "list_price", "cost"):
            if getattr(self, name) is not None and not self.currency:
                raise InputError(name, getattr(self, name), "a currency beside it")
        if self.currency:
            exponent(self.currency)

    @property
    def ranked(self) -> str:
        """The id of the unit that is ranked."""
        return self.group or self.id
