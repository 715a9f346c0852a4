"""The home page: shelves for whoever came."""

from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from aisle.errors import AisleError
from aisle.records.slate import Shelf
from aisle.serving.storefront.cards import cards
from aisle.serving.storefront.show import show
from aisle.serving.storefront.tiles import tile
from aisle.serving.storefront.visit import Visit
from aisle.serving.storefront.words import TEXTS

SHELF = 8
DEPARTMENTS = 7


def home(visit: Visit) -> Response:
    """Shelves, the most personal first."""
    made = visit.store.shop.shelves(size=SHELF, **visit.asking)
    return show(visit, "home.html", shelves=[_shelf(visit, shelf) for shelf in made], departments=departments(visit))


def _shelf(visit: Visit, shelf: Shelf) -> dict[str, Any]:
    key = shelf.name if shelf.name in TEXTS else "shelf"
    more = "/search?" + urlencode({"category": shelf.about}) if shelf.name == "category" else ""
    return {"name": shelf.name, "heading": visit.words(key, about=shelf.about), "more": more,
            "cards": cards(shelf.slate, visit.language)}  # fmt: skip


def departments(visit: Visit) -> list[dict[str, Any]]:
    """The tops of the category tree that sell most."""
    try:
        popular = visit.store.shop.recommend("popular", size=0, **visit.asking | {"record": False})
    except AisleError:
        return []
    names = list(popular.facets.get("category", {}))[:DEPARTMENTS]
    return [{"name": name, "tile": tile((name,)), "href": "/search?" + urlencode({"category": name})} for name in names]
