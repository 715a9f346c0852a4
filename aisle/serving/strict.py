"""What a route does not know is an error, in a query string as in a body: a misspelt field is no default."""

from fastapi import Request
from fastapi.routing import APIRoute

from aisle.errors import InputError, shorten

PROBES = ("health", "ready")  # what asks these may add what it likes, against caches


async def known(request: Request) -> None:
    """Raises InputError for a parameter that the route does not have, and for a body where it takes none."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or route.name in PROBES:
        return
    taken = {parameter.alias for parameter in route.dependant.query_params}
    for name in request.query_params:
        if name not in taken:
            raise InputError(
                "query string", shorten(name), "one of " + ", ".join(sorted(taken)) if taken else "nothing"
            )
    if route.body_field is None and (body := (await request.body()).strip()) not in (b"", b"{}"):
        raise InputError("body", shorten(body[:100].decode("utf-8", "replace")), "no body: parameters go in the URL")
