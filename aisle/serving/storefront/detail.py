"""The page of one product."""

from urllib.parse import urlencode

from starlette.responses import Response

from aisle.errors import InputError
from aisle.records.product import Product
from aisle.records.slate import Slate
from aisle.serving.storefront.cards import cards, groups, link, picture
from aisle.serving.storefront.price import price
from aisle.serving.storefront.show import show
from aisle.serving.storefront.tiles import tile
from aisle.serving.storefront.visit import Visit, readable

ROW = 8
MOST = 60  # variants on a page


def product(visit: Visit) -> Response:
    """A product, what is like it, and what goes with it."""
    asked = visit.place.get("id") or visit.params.get("id", "")
    found = known(visit, asked)
    if found is None:
        popular = visit.store.shop.recommend("popular", size=ROW, **visit.asking)
        return show(visit, "missing.html", 404, cards=cards(popular, visit.language))
    similar = _beside(visit, "product", found, ())
    together = _beside(visit, "basket", found, groups(similar))
    origin = visit.origin(visit.params)
    visit.note({"type": "view", "product": found.id, **origin})
    return show(
        visit, "product.html", product=found, origin=origin, title=said(found, "title", visit.language),
        description=said(found, "description", visit.language), crumbs=_crumbs(found),
        price=price(found.price, found.currency), was=_was(found), image=picture(found.image),
        url=picture(found.url), variants=_variants(visit, found), tile=tile(found.category, found.id, found.title),
        similar=cards(similar, visit.language), together=cards(together, visit.language),
    )  # fmt: skip


def known(visit: Visit, product_id: str) -> Product | None:
    """A product of the shop that may be shown, or nothing."""
    try:
        product_id.encode()
        found = visit.store.shop.product(product_id)
    except (InputError, UnicodeEncodeError):
        return None
    return None if found.hidden else found


def said(found: Product, field: str, language: str) -> str:
    """A text in the visitor's language, where the shop has it."""
    return found.texts.get(f"{field}@{language}") or str(getattr(found, field))


def _variants(visit: Visit, found: Product) -> list[tuple[str, str, bool, bool]]:
    """Of a product that comes in several: what each is called, its address, whether it is this one, and in stock."""
    every = visit.store.shop.variants(found.id)
    if len(every) < 2:
        return []
    differ = [name for name in sorted({name for one in every for name in one.attributes})
              if len({one.attributes.get(name) for one in every}) > 1]  # fmt: skip
    called = [
        " · ".join(" ".join(one.attributes[name]) for name in differ if one.attributes.get(name)) for one in every
    ]
    called = [name or one.unit_size for name, one in zip(called, every, strict=True)]
    titles = [said(one, "title", visit.language) for one in every]
    called = titles if len(set(titles)) > len(set(called)) else called  # what is stated does not tell them apart
    told = dict[str, Product]()  # of what nobody can tell apart this one, or else the first that can be had
    for name, one in zip(called, every, strict=True):
        before = told.setdefault(name, one)
        if one.id == found.id or (one.available and not before.available and before.id != found.id):
            told[name] = one
    if len(told) < 2:
        return []
    return [(name, link(one.id), one.id == found.id, bool(one.available)) for name, one in told.items()][:MOST]


def _beside(visit: Visit, scenario: str, found: Product, shown: tuple[str, ...]) -> Slate:
    return visit.store.shop.recommend(scenario, size=ROW, anchor=[found.id], exclude=shown, **visit.asking)


def _crumbs(found: Product) -> list[tuple[str, str]]:
    """Every level of the category, with the address of what lies in it."""
    paths = [" > ".join(found.category[: k + 1]) for k in range(len(found.category))]
    return [(readable(name), "/search?" + urlencode({"category": path}))
            for name, path in zip(found.category, paths, strict=True)]  # fmt: skip


def _was(found: Product) -> str:
    higher = found.list_price is not None and found.price is not None and found.list_price > found.price
    return price(found.list_price, found.currency) if higher else ""
