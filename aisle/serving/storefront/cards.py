"""Products as the pages show them: a card a placement."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from aisle.records.slate import Placement, Reason, Slate
from aisle.serving.storefront.price import price
from aisle.serving.storefront.reasons import reason
from aisle.serving.storefront.tiles import Tile, tile

PERSONAL = frozenset({"repurchase", "neighbours", "taste"})
UNROUTABLE = re.compile(r"\.{1,2}|.*[\x00-\x1f\x7f].*", re.DOTALL)  # browsers or routers change such a path


@dataclass(frozen=True)
class Card:
    """One product in a list."""

    product: str
    title: str
    brand: str
    price: str
    reason: str
    personal: bool  # does the reason speak of this very shopper?
    href: str
    image: str
    tile: Tile
    slate: str
    position: int
    near: bool  # does it only come near what was searched for?


def cards(slate: Slate, language: str) -> list[Card]:
    """A slate's products, in order."""
    return [_card(placement, slate.id, language) for placement in slate]


def groups(*slates: Iterable[Placement]) -> tuple[str, ...]:
    """What these slates show, to be left out of the next one."""
    return tuple(placement.group for slate in slates for placement in slate)


def link(product: str, slate: str = "", position: int = 0) -> str:
    """The address of a product's page, and where it was found."""
    found = {"slate": slate, "position": str(position)} if slate else {}
    if UNROUTABLE.fullmatch(product):
        return "/product?" + urlencode({"id": product, **found})
    return "/product/" + quote(product, safe="") + ("?" + urlencode(found) if found else "")


def picture(address: str) -> str:
    """The address of an image, if it is one of the web; nothing else is shown."""
    return address if address.lower().startswith(("http://", "https://")) else ""


def _shown(reasons: Sequence[Reason]) -> Reason | None:
    """The likeliest reason; that the words match is plainer to read than that the meaning is close."""
    plainly = [reason for reason in reasons if reason.source == "lexical"]
    return next(iter((*plainly, *reasons)), None)


def _card(placed: Placement, slate: str, language: str) -> Card:
    why = _shown(placed.reasons)
    return Card(
        product=placed.product, title=placed.title or placed.product, brand=placed.brand,
        price=price(placed.price, placed.currency), reason=reason(why.text, language) if why else "",
        personal=why is not None and why.source in PERSONAL,
        href=link(placed.product, slate, placed.position), image=picture(placed.image),
        tile=tile(placed.category, placed.product, placed.title), slate=slate, position=placed.position,
        near=placed.near,
    )  # fmt: skip
