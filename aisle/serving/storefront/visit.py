"""One visit to a page: which shop, who came, with what in their basket, and what they ask for."""

import re
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from aisle.errors import AisleError
from aisle.records.product import LONGEST_ID
from aisle.serving.face import Face
from aisle.serving.storefront.basket import COOKIE, Basket, basket
from aisle.serving.storefront.words import LANGUAGES, Words

ORDERED = "ordered"  # the cookie that holds it
YEAR = 365 * 24 * 3600
LONGEST_TEXT = 600  # characters of a parameter; the engine reads 512 of a query
LONGEST_PATH = 2000
SESSION = re.compile(r"[0-9a-f]{32}")
SLATE = re.compile(r"[A-Za-z0-9-]{1,64}")
UNSAID = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")  # control characters and halves of characters


@dataclass(frozen=True)
class Store:
    """What all pages of one shop have in common."""

    shop: Face
    name: str
    shoppers: Sequence[str]
    record: bool


@dataclass(frozen=True)
class Visit:
    """A request as the pages see it."""

    store: Store
    household: str
    session: str
    language: str
    basket: Basket
    ordered: Basket  # what was bought last
    here: str
    secure: bool
    params: QueryParams
    form: Mapping[str, str]
    place: Mapping[str, str]
    quiet: bool  # a script asks: it wants a word, not a page

    @property
    def words(self) -> Words:
        """The strings of the visitor's language."""
        return Words(self.language)

    @property
    def who(self) -> dict[str, str]:
        """As the engine is told: a known shopper, or a guest's session."""
        return {"user": self.household} if self.household else {"session": self.session}

    @property
    def asking(self) -> dict[str, Any]:
        """What every question to the engine says."""
        return {**self.who, "language": self.language, "record": self.store.record}

    def note(self, *events: Mapping[str, Any]) -> None:
        """Keep in the log what was done. No page fails because of the log."""
        if self.store.record and events:
            with suppress(AisleError):
                self.store.shop.record([{**self.who, **event} for event in events])

    def param(self, name: str) -> str:
        """A parameter as text that can be read, stored and shown."""
        return readable(self.params.get(name, ""))

    def many(self, name: str) -> list[str]:
        """All values of a parameter, each once."""
        return [text for text in dict.fromkeys(map(readable, self.params.getlist(name)[:20])) if text]

    def origin(self, said: Mapping[str, str]) -> dict[str, Any]:
        """The slate and position that a product was chosen from, if the link or form says so."""
        slate, position = said.get("slate", ""), said.get("position", "")
        if not SLATE.fullmatch(slate) or not re.fullmatch(r"[0-9]{1,5}", position):
            return {}
        return {"slate": slate, "position": int(position)}


def readable(text: str) -> str:
    """Text without what no page and no log can hold; very long text is cut."""
    return UNSAID.sub(" ", text)[:LONGEST_TEXT].strip()


def visit_of(store: Store, request: Request, form: Mapping[str, str]) -> Visit:
    """A request, read."""
    cookies = request.cookies
    session = cookies.get("session", "")
    return Visit(
        store, household=shopper(unquote(cookies.get("household", ""))),
        session=session if SESSION.fullmatch(session) else uuid.uuid4().hex, language=_language(request),
        basket=basket(cookies.get(COOKIE, "")), ordered=basket(cookies.get(ORDERED, "")), here=_here(request),
        secure=request.url.scheme == "https",
        params=request.query_params, form=form, place=request.path_params,
        quiet=request.headers.get("accept", "") == "application/json",
    )  # fmt: skip


def shopper(said: str) -> str:
    """A shopper's id as it was typed; what cannot be one is a guest."""
    name = readable(said)
    return name if len(name.encode()) <= LONGEST_ID else ""


def local(path: str) -> str:
    """A path of this shop to go back to; anything else is the home page."""
    fine = path.startswith("/") and not path.startswith("//") and "\\" not in path and not UNSAID.search(path)
    return quote(path, safe="/?&=%:@!$'()*+,;~#-._[]") if fine and len(path) <= LONGEST_PATH else "/"


def remember(response: Response, visit: Visit, name: str, value: str, age: int = YEAR) -> None:
    """Set a cookie that no script reads and no other site sends."""
    response.set_cookie(name, value, max_age=age, httponly=True, samesite="lax", secure=visit.secure)


def keep(response: Response, visit: Visit, held: Basket) -> None:
    """Put a basket back into its cookie."""
    remember(response, visit, COOKIE, held.cookie())


def _language(request: Request) -> str:
    chosen = request.cookies.get("lang", "")
    if chosen in LANGUAGES:
        return chosen
    wanted = request.headers.get("accept-language", "").strip().lower()
    return "zh" if wanted.startswith("zh") else LANGUAGES[0]


def _here(request: Request) -> str:
    if request.method == "POST":
        return "/"
    path = quote(request.url.path, safe="/")
    query = request.scope.get("query_string", b"").decode("latin-1")
    return local(f"{path}?{query}" if query else path)
