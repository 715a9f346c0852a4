"""A page from its template: everything that is shown is escaped, and nothing undefined goes unnoticed."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from aisle.serving.storefront.guard import HEADERS
from aisle.serving.storefront.visit import Visit, local

HERE = Path(__file__).parent
STATIC = {"shop.css": "text/css", "shop.js": "text/javascript", "icon.svg": "image/svg+xml"}
FOR_A_YEAR = {"cache-control": "public, max-age=31536000, immutable", "x-content-type-options": "nosniff"}


@lru_cache(maxsize=1)
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    made.globals["static"] = {name: f"/static/{name}?v={_version(name)}" for name in STATIC}
    return made


def _version(name: str) -> str:
    return sha256((HERE / "static" / name).read_bytes()).hexdigest()[:12]


def show(visit: Visit, template: str, status: int = 200, **values: Any) -> Response:
    """A page."""
    text = _templates().get_template(template).render(visit=visit, store=visit.store, w=visit.words, **values)
    return HTMLResponse(text, status, headers=HEADERS)


def back(path: str) -> Response:
    """After a form: on to a page of this shop, wherever the form would like to go."""
    return RedirectResponse(local(path), 303, headers={"cache-control": "no-store"})


def static_routes() -> list[Route]:
    """The stylesheet, the script and the icon; their addresses change when they do, so they may be kept."""
    return [Route(f"/static/{name}", _file(name, kind)) for name, kind in STATIC.items()]


def _file(name: str, kind: str) -> Any:
    async def file(request: Request) -> Response:
        return FileResponse(HERE / "static" / name, media_type=kind, headers=FOR_A_YEAR)

    return file
