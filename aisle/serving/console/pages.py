"""The look inside: one page that shows, for any request, everything that each step of it did."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from aisle.errors import AisleError, InputError, NotTrainedError, StoreError
from aisle.records.look import Look
from aisle.records.slate import Explanation, Slate
from aisle.serving.console import pictures
from aisle.serving.console.form import FIELDS, Form, made
from aisle.serving.face import Face

HERE = Path(__file__).parent
SCENARIOS = ("home", "product", "basket", "category", "after", "email", "again", "popular", "new")
SORTS = {"": "best first", "price": "price, rising", "-price": "price, falling",
         "created_at": "oldest first", "-created_at": "newest first"}  # fmt: skip
REPEATS = {"": "as usual", "allow": "allow", "exclude": "exclude", "auto": "as the log suggests"}
HEADERS = {
    "content-security-policy": "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",  # the address holds the query and the user
    "cache-control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Inside:
    """What the page shows of one request. known: is the product in question one of the catalogue's?"""

    look: Look
    total: int
    why: Explanation | None = None
    title: str = ""
    known: bool = True


@dataclass(frozen=True, slots=True)
class Example:
    """A link of the empty page."""

    told: str
    address: str


def console(shop: Face, name: str, shoppers: Sequence[str] = ()) -> list[BaseRoute]:
    """The routes of the look inside. name: what the shop is called; shoppers: whom the examples look as."""
    page = environment().get_template("inside.html")

    async def inside(request: Request) -> Response:
        form = Form.of(request.query_params)
        examples: list[Example] = []
        found: Inside | None = None
        error: AisleError | None = None
        commands: list[str] = []
        try:
            if form.empty:
                examples = await request.app.state.turns.quick(lambda: offered(shop, shoppers))
            else:
                commands = form.commands(str(request.base_url).rstrip("/"))
                found = await request.app.state.turns.quick(lambda: looked(shop, form))
        except AisleError as problem:
            error = problem
        status = 200 if error is None and (found is None or found.known) else status_of(error)
        html = page.render(
            shop=name, form=form, found=found, error=error, examples=examples, commands=commands,
            scenarios=scenarios(form), sorts=SORTS, repeats=REPEATS,
        )  # fmt: skip
        return HTMLResponse(html.encode("utf-8", "replace"), status, HEADERS)

    static = StaticFiles(directory=HERE / "static")
    return [Route("/inside", inside), Mount("/inside/static", static)]


def environment() -> Environment:
    """Templates in which every text is escaped, and a misspelt name is an error."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    made.globals["pictures"] = pictures
    made.filters["moment"] = pictures.moment
    made.filters["listed"] = pictures.listed
    return made


def status_of(error: AisleError | None) -> int:
    """Whose fault it is: the form's (also an unknown product in question), or the shop's state."""
    if error is None or isinstance(error, InputError):
        return 400
    return 503 if isinstance(error, NotTrainedError | StoreError) else 500


def scenarios(form: Form) -> list[str]:
    """What the form offers, and what its address names."""
    said = form.said["scenario"]
    return [*SCENARIOS, *([said] if said and said not in SCENARIOS else [])]


def looked(shop: Face, form: Form) -> Inside:
    """A request made once more and looked into. Raises InputError for what cannot be asked."""
    slate = made(shop, form.request())
    look = shop.look(slate)
    if not form.why:
        return Inside(look, slate.total)
    return questioned(shop, form, slate, look)


def questioned(shop: Face, form: Form, slate: Slate, look: Look) -> Inside:
    """The same with why one product is, or is not, on the slate."""
    why, title, known = shop.explain(slate, form.why), "", True
    try:
        title = shop.product(form.why, market=form.said["market"]).title
    except InputError:
        known = False
    return Inside(look, slate.total, why, title, known)


def offered(shop: Face, shoppers: Sequence[str]) -> list[Example]:
    """Requests to begin with, of what this shop sells. Raises NotTrainedError."""
    empty = Form(dict.fromkeys(FIELDS, ""))
    best = next(iter(shop.recommend("popular", size=1, record=False)), None)
    examples = [Example(f"Home as {who} sees it", empty.link(scenario="home", user=who)) for who in shoppers[:3]]
    examples.append(Example("Home as a new guest sees it", empty.link(scenario="home")))
    if best is not None:
        words = " ".join(best.title.split()[:3])
        examples.insert(0, Example(f"A search for “{words}”", empty.link(q=words)))
        examples.append(Example(f"What stands beside “{best.title}”",
                                empty.link(scenario="product", anchor=best.product)))  # fmt: skip
        examples.append(Example(f"Why “{best.title}” is, or is not, on a guest's home",
                                empty.link(scenario="home", why=best.product)))  # fmt: skip
    return examples
