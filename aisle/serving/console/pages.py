"""The look inside: one page that shows, for any request, everything that each step of it did."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from aisle.serving.face import Face


def console(shop: Face, name: str) -> list[BaseRoute]:
    """The routes of the look inside. name: what the shop is called."""

    async def inside(request: Request) -> Response:
        return PlainTextResponse(name)

    return [Route("/inside", inside)]
