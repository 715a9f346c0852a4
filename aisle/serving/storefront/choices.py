"""Who the visitor shops as, and in which language."""

from urllib.parse import quote

from starlette.responses import Response

from aisle.serving.storefront.show import back
from aisle.serving.storefront.visit import Visit, remember, shopper
from aisle.serving.storefront.words import LANGUAGES


def switch(visit: Visit) -> Response:
    """Shop as somebody, or as a guest. The basket stays."""
    response = back(visit.form.get("next", "/"))
    remember(response, visit, "household", quote(shopper(visit.form.get("household", "")), safe=""))
    return response


def language(visit: Visit) -> Response:
    """Read the pages in another language."""
    response = back(visit.form.get("next", "/"))
    chosen = visit.form.get("lang", "")
    if chosen in LANGUAGES:
        remember(response, visit, "lang", chosen)
    return response
