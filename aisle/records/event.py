"""What happened: interactions of shoppers, and what they had been shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aisle.errors import InputError
from aisle.records.digest import digest
from aisle.records.product import checked_id

TYPES = (
    "impression", "click", "view", "cart", "uncart", "wishlist",
    "purchase", "refund", "rating", "search", "dismiss",
)  # fmt: skip
# what speaks for a product that was shown
ANSWERS = frozenset({"view", "click", "wishlist", "cart", "purchase"})
CODES = {name: code for code, name in enumerate(TYPES)}
# Ones that need no product: a shopper may search without touching anything.
WITHOUT_PRODUCT = frozenset({"search"})
LONG = 64  # characters of a session's id that stand as they are


def shortened(session: str) -> str:
    """A session as it is kept: a long one, a token perhaps, goes by its digest."""
    return session if len(session) <= LONG else digest(session, 16).hex()


def guest(session: str) -> str:
    """The name by which a guest is known."""
    return f"session:{shortened(session)}"


@dataclass(frozen=True, slots=True)
class Event:
    """One interaction. `timestamp` is UTC milliseconds or None (then the order of the rows is the order).

    `slate` names the slate that the shopper acted on, with `position` from 0; an empty slate says there was none.
    `recorded_at` and the log offset are the store's, not the event's.
    """

    id: str
    type: str
    user: str
    product: str = ""
    timestamp: int | None = None
    order: str = ""
    session: str = ""
    query: str = ""
    slate: str = ""
    position: int | None = None
    quantity: float | None = None
    price: int | None = None
    currency: str = ""
    value: float | None = None
    market: str = ""
    scenario: str = ""
    device: str = ""
    refund_of: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        checked_id(self.id)
        if self.type not in CODES:
            raise InputError("type", self.type, "one of " + ", ".join(TYPES))
        if not self.user and not self.session:
            raise InputError("user", self.user, "a user, or the session of a guest")
        if not self.product and self.type not in WITHOUT_PRODUCT:
            raise InputError("product", self.product, f"the product of this {self.type}")
        if self.product:
            checked_id(self.product, "product")

    @property
    def shopper(self) -> str:
        """Who acted: the user, or the session of a guest."""
        return self.user or guest(self.session)


@dataclass(frozen=True, slots=True)
class Served:
    """A slate that was shown, durable before it can be clicked.

    `propensities` is the probability with which each position showed its product: 1 where nothing was random.
    """

    id: str
    scenario: str
    generation: str
    products: tuple[str, ...]
    propensities: tuple[float, ...]
    user: str = ""
    session: str = ""
    timestamp: int | None = None
    request: Mapping[str, Any] = field(default_factory=dict)
    candidates: tuple[str, ...] = ()
    arm: str = ""
    seed: int = 0

    def __post_init__(self) -> None:
        if len(self.products) != len(self.propensities):
            raise InputError("propensities", len(self.propensities), f"{len(self.products)}, one a position")


@dataclass(frozen=True, slots=True)
class Shopper:
    """Profile columns of one user, as the shop states them."""

    id: str
    profile: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        checked_id(self.id)


@dataclass(frozen=True, slots=True)
class Judgement:
    """How well a product answers a query: higher is better, on any scale."""

    query: str
    product: str
    relevance: float


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row was set aside: which file, row and field, what was found, what was expected."""

    file: str
    row: int
    field: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.file}, row {self.row}, {self.field}: found {self.found}, expected {self.expected}"
