"""The storefront: home, search, product and basket as pages rendered here."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from aisle.errors import AisleError, InputError
from aisle.serving.face import Face
from aisle.serving.storefront import checkout, choices
from aisle.serving.storefront.detail import product
from aisle.serving.storefront.guard import own
from aisle.serving.storefront.home import home
from aisle.serving.storefront.search import search
from aisle.serving.storefront.show import show, static_routes
from aisle.serving.storefront.visit import Store, Visit, remember, visit_of

Answer = Callable[[Visit], Response]
LARGEST_FORM = 64 * 1024  # bytes


def pages(shop: Face, name: str, shoppers: Sequence[str], record: bool = True) -> list[BaseRoute]:
    """The routes of a shop's pages. name: what the shop is called; shoppers: whom the pages offer to look as;
    record: is what is done here kept in the log."""
    store = Store(shop, name, tuple(shoppers), record)
    shown: dict[str, Answer] = {
        "/": home, "/search": search, "/product": product, "/product/{id:path}": product, "/basket": checkout.page,
        "/ordered": checkout.ordered,
    }  # fmt: skip
    forms: dict[str, Answer] = {
        "/basket/add": checkout.add, "/basket/set": checkout.set_quantity, "/basket/remove": checkout.remove,
        "/basket/order": checkout.order, "/as": choices.switch, "/language": choices.language,
    }  # fmt: skip
    return [
        *(Route(path, _page(store, answer)) for path, answer in shown.items()),
        *(Route(path, _form(store, answer), methods=["POST"]) for path, answer in forms.items()),
        *static_routes(),
    ]


def _page(store: Store, answer: Answer) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        return await _answered(request, visit_of(store, request, {}), answer)

    return endpoint


def _form(store: Store, answer: Answer) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        if not own(request):
            return await _answered(request, visit_of(store, request, {}), _refused)
        return await _answered(request, visit_of(store, request, await _fields(request)), answer)

    return endpoint


async def _answered(request: Request, visit: Visit, answer: Answer) -> Response:
    """The engine and the template work in the thread that all slates of this worker are made in."""
    response: Response = await request.app.state.turns.quick(lambda: _safely(visit, answer))
    if request.cookies.get("session") != visit.session:
        remember(response, visit, "session", visit.session)
    return response


def _safely(visit: Visit, answer: Answer) -> Response:
    try:
        return answer(visit)
    except InputError:
        return show(visit, "sorry.html", 400, heading=visit.words("wrong"), line="")
    except AisleError:  # not trained yet, or its store is away for a moment
        return show(visit, "sorry.html", 503, heading=visit.words("resting"), line=visit.words("resting_line"))


def _refused(visit: Visit) -> Response:
    return show(visit, "sorry.html", 403, heading=visit.words("refused"), line=visit.words("refused_line"))


async def _fields(request: Request) -> Mapping[str, str]:
    """The fields of a form; a body that is none, or too large for one, has none."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_FORM:
            return {}
    try:
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=30))
    except ValueError:
        return {}
