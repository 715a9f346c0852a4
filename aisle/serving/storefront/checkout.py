"""The basket's page, what changes it, and the order."""

import uuid
from typing import Any

from starlette.responses import JSONResponse, Response

from aisle.records.product import Product
from aisle.serving.storefront.basket import MOST_OF_ONE, Basket
from aisle.serving.storefront.cards import cards, link, picture
from aisle.serving.storefront.detail import known, said
from aisle.serving.storefront.price import price, total
from aisle.serving.storefront.show import back, show
from aisle.serving.storefront.tiles import tile
from aisle.serving.storefront.visit import ORDERED, Visit, keep, remember

ROW = 8
HOUR = 3600


def page(visit: Visit) -> Response:
    """What is in the basket, and what goes well with it."""
    lines = [(found, many) for id_, many in visit.basket.items.items() if (found := known(visit, id_)) is not None]
    ids = [found.id for found, _ in lines]
    scenario = "basket" if ids else "popular"
    beside = visit.store.shop.recommend(scenario, size=ROW, anchor=ids, exclude=ids, **visit.asking)
    return show(
        visit, "basket.html", lines=[_line(visit, found, many) for found, many in lines],
        count=sum(many for _, many in lines),
        total=total((None if p.price is None else p.price * many, p.currency) for p, many in lines),
        unpriced=any(found.price is None for found, _ in lines), cards=cards(beside, visit.language), most=MOST_OF_ONE,
    )  # fmt: skip


def add(visit: Visit) -> Response:
    """More of a product."""
    found = known(visit, visit.form.get("product", ""))
    many = _quantity(visit.form.get("quantity", "1"))
    if found is None or not many:
        return _told(visit, visit.basket, visit.words("failed"), 400)
    if not found.available:
        return _told(visit, visit.basket, visit.words("unavailable"), 409)
    changed = visit.basket.with_quantity(found.id, visit.basket.items.get(found.id, 0) + many)
    if not changed.fits:
        return _told(visit, visit.basket, visit.words("full"), 409)
    visit.note({"type": "cart", "product": found.id, "quantity": many, **visit.origin(visit.form)})
    return _told(visit, changed, visit.words("added", title=said(found, "title", visit.language)))


def set_quantity(visit: Visit) -> Response:
    """So many of a product that is in the basket; none takes it out."""
    product, many = visit.form.get("product", ""), _quantity(visit.form.get("quantity", ""))
    before = visit.basket.items.get(product)
    if before is None or many is None:
        return _told(visit, visit.basket, visit.words("failed"), 400)
    if not many:
        return remove(visit)
    if many > before:
        visit.note({"type": "cart", "product": product, "quantity": many - before})
    return _told(visit, visit.basket.with_quantity(product, many), "")


def remove(visit: Visit) -> Response:
    """None of a product."""
    product = visit.form.get("product", "")
    if product in visit.basket.items:
        visit.note({"type": "uncart", "product": product})
    return _told(visit, visit.basket.with_quantity(product, 0), "")


def order(visit: Visit) -> Response:
    """Buy what is in the basket: one purchase a product, all of one order."""
    bought = {id_: many for id_, many in visit.basket.items.items() if known(visit, id_) is not None}
    if not bought:
        return back("/basket")
    number = uuid.uuid4().hex[:12]
    visit.note(*({"type": "purchase", "product": id_, "order": number, "quantity": many}
                 for id_, many in bought.items()))  # fmt: skip
    response = back(f"/ordered?order={number}")
    keep(response, visit, Basket())
    remember(response, visit, ORDERED, Basket(bought).cookie(), HOUR)
    return response


def ordered(visit: Visit) -> Response:
    """Thanks, and what may be needed next."""
    bought = visit.ordered
    number = visit.params.get("order", "")
    if not bought.items or not number.isalnum() or len(number) > 32:
        return back("/basket")
    after = visit.store.shop.recommend("after", size=ROW, anchor=list(bought.items), **visit.asking)
    return show(visit, "ordered.html", order=number.upper(),
                count=bought.count, cards=cards(after, visit.language))  # fmt: skip


def _line(visit: Visit, found: Product, many: int) -> dict[str, Any]:
    sum_ = None if found.price is None else found.price * many
    return {
        "product": found, "title": said(found, "title", visit.language), "quantity": many, "href": link(found.id),
        "image": picture(found.image), "tile": tile(found.category, found.id, found.title),
        "price": price(found.price, found.currency), "sum": price(sum_, found.currency),
    }  # fmt: skip


def _quantity(text: str) -> int | None:
    return min(int(text), MOST_OF_ONE) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _told(visit: Visit, held: Basket, message: str, status: int = 200) -> Response:
    """A script is told the count; a form goes on to a page."""
    response: Response
    if visit.quiet:
        told = {"count": held.count, "label": visit.words("basket_count", n=held.count), "said": message}
        response = JSONResponse(told, status, headers={"cache-control": "no-store"})
    else:
        response = back(visit.form.get("next", "/basket"))
    if held != visit.basket:
        keep(response, visit, held)
    return response
