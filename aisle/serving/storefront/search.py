"""The search page: results, facets that can be taken back, and what was understood."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import Response

from aisle.errors import InputError
from aisle.records.slate import Slate
from aisle.serving.storefront.asked import SORTS, Asked, asked_of
from aisle.serving.storefront.cards import Card, cards
from aisle.serving.storefront.price import SYMBOLS
from aisle.serving.storefront.reasons import reason
from aisle.serving.storefront.show import show
from aisle.serving.storefront.visit import Visit

PAGE = 24
FACETS = ("category", "brand")
SHOWN = 12  # values of a facet


@dataclass(frozen=True)
class Option:
    """A value of a facet, or a chosen filter: where its link leads is the page with it, or without it."""

    name: str
    href: str
    count: int | None = None
    on: bool = False


def search(visit: Visit) -> Response:
    """A page of results."""
    asked, stale = asked_of(visit), False
    try:
        slate = answer(visit, asked, PAGE)
    except InputError:  # a cursor of yesterday's generation, or an odd filter
        asked, stale = replace(asked, cursor=""), bool(asked.cursor)
        slate = answer(visit, asked, PAGE)
    found = cards(slate, visit.language)
    first = found[0].position + 1 if found else 0
    popular = [] if found else cards(visit.store.shop.recommend("popular", size=8, **visit.asking), visit.language)
    return show(
        visit, "search.html", asked=asked, slate=slate, cards=found, stale=stale, popular=popular,
        understood=_understood(slate, asked), narrowed=_narrowed(visit, slate),
        facets=[_facet(visit, asked, slate, name) for name in FACETS],
        chips=_chips(visit, asked, slate), sorts=SORTS, first=first,
        last=first - 1 + len(found), beyond=beyond(found),
        first_page=replace(asked, cursor="").href, cleared=Asked(asked.q, sort=asked.sort).href,
        more=replace(asked, cursor=slate.cursor).href if slate.cursor else "",
        heading=_heading(visit, asked), symbol=_symbol(slate),
    )  # fmt: skip


def beyond(found: Sequence[Card]) -> int:
    """The place on a page from which everything only comes near, as it does but where the shop's rules mix the two."""
    return next((at for at in range(len(found), 0, -1) if not found[at - 1].near), 0)


def answer(visit: Visit, asked: Asked, size: int, record: bool = True) -> Slate:
    """The engine's answer: a search, or without a query the best of a category or of the shop."""
    shop = visit.store.shop
    said: dict[str, Any] = {
        **visit.asking, "filters": asked.filters, "sort": asked.sort or None, "cursor": asked.cursor or None,
        "record": record and visit.store.record,
    }  # fmt: skip
    if asked.q:
        return shop.search(asked.q, size=size, **said)
    scenario = "category" if asked.category or asked.brand else "popular"
    return shop.recommend(scenario, size=size, repeat="allow", **said)


def _understood(slate: Slate, asked: Asked) -> str:
    """How the query was read, if otherwise than it was typed."""
    read = any(note.startswith("read '") for note in slate.notes)
    return slate.query if read and slate.query and slate.query.lower() != asked.q.lower() else ""


def _narrowed(visit: Visit, slate: Slate) -> list[str]:
    """What the words of the query leave out, and what the shop has nothing of."""
    return [
        reason(note, visit.language)
        for note in slate.notes
        if note.startswith(("price ", "low prices ", "without ", "nothing has "))
    ]


def _facet(visit: Visit, asked: Asked, slate: Slate, name: str) -> dict[str, Any]:
    chosen = asked.of(name)
    counts = dict(slate.facets.get(name, {}))
    if chosen:  # what the other values would find: the same question without this filter
        freed = replace(asked.having(name, ()), cursor="")
        counts = dict(answer(visit, freed, 0, record=False).facets.get(name, {}))
        counts |= {value: many for value, many in slate.facets.get(name, {}).items() if value in chosen}
    names = [*list(counts)[:SHOWN], *(value for value in chosen if value in list(counts)[SHOWN:])]
    options = [Option(value, asked.toggled(name, value).href, counts[value], value in chosen) for value in names]
    return {"name": name, "heading": visit.words("category_facet" if name == "category" else name), "options": options}


def _chips(visit: Visit, asked: Asked, slate: Slate) -> list[Option]:
    chosen = [Option(value, asked.toggled(name, value).href) for name in FACETS for value in asked.of(name)]
    if asked.max_price:
        amount = _symbol(slate) + asked.max_price
        chosen.append(Option(visit.words("up_to", price=amount), replace(asked, max_price="", cursor="").href))
    return chosen


def _symbol(slate: Slate) -> str:
    currency = next((placed.currency for placed in slate if placed.currency), "")
    return SYMBOLS.get(currency, "")


def _heading(visit: Visit, asked: Asked) -> str:
    if asked.q:
        return visit.words("results_for", q=asked.q)
    return ", ".join(value.split(" > ")[-1] for value in (*asked.category, *asked.brand)) or visit.words("all")
