"""The storefront: home, search, product and basket as pages rendered here."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from aisle.serving.face import Face


def pages(shop: Face, name: str, shoppers: Sequence[str], record: bool = True) -> list[BaseRoute]:
    """The routes of a shop's pages. name: what the shop is called; shoppers: whom the pages offer to look as;
    record: is what is done here kept in the log."""

    async def home(request: Request) -> Response:
        return PlainTextResponse(name)

    return [Route("/", home)]
