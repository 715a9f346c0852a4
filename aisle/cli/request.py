"""Subcommands that ask a shop as its shoppers do, and why; and the demo."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from aisle.cli.command import (
    HERE,
    Filters,
    Folder,
    Json,
    Now,
    Seed,
    Size,
    User,
    app,
    object_of,
    opened,
    tell,
    write_json,
)


@app.command()
def search(
    query: str, shop: Folder = HERE, user: User = "", size: Size = 10, filters: Filters = "{}",
    sort: Annotated[str, typer.Option(help="price, -price, created_at or -created_at.")] = "", now: Now = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Search the shop."""
    with opened(shop) as aisle:
        slate = aisle.search(query, user, size, filters=object_of(filters, "--filters"), sort=sort, now=now)
    tell(slate, as_json, "slate")


@app.command()
def recommend(
    scenario: Annotated[
        str, typer.Argument(help="home, product, basket, category, after, email, again, popular or new.")
    ] = "home",
    shop: Folder = HERE, user: User = "", size: Size = 10,
    anchor: Annotated[list[str] | None, typer.Option(help="A product it stands on; may be given again.")] = None,
    filters: Filters = "{}", now: Now = None,
    repeat: Annotated[str, typer.Option(help="allow, exclude or auto.")] = "auto", as_json: Json = False,
) -> None:  # fmt: skip
    """Recommend products."""
    with opened(shop) as aisle:
        slate = aisle.recommend(
            scenario, user, size, anchor=anchor or (), filters=object_of(filters, "--filters"), now=now, repeat=repeat
        )
    tell(slate, as_json, "slate")


@app.command()
def quiz(
    shop: Folder = HERE,
    questions: Annotated[int, typer.Option(min=0, help="How many are asked here, one after the other.")] = 5,
    answers: Annotated[str, typer.Option(help="What was answered already, as JSON: a question's key, true or false.")]
    = "{}",
    size: Size = 10,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Ask a new shopper a few questions, the most telling one next, and show what fits the answers."""
    from aisle.wiring import show

    with opened(shop, as_json) as aisle:
        said = object_of(answers, "--answers")
        found = aisle.quiz(said, size=size, record=False)
        for _ in range(0 if as_json else questions):
            if found.question is None:
                break
            said[found.question.key] = typer.confirm(show.asked(found.question), default=False)
            found = aisle.quiz(said, size=size, record=False)
        tell(found, as_json, "quiz")


@app.command()
def explain(
    product: str, shop: Folder = HERE,
    query: Annotated[str, typer.Option(help="Explain this search; default: a recommendation.")] = "",
    scenario: Annotated[str, typer.Option(help="Of which recommendation.")] = "home", user: User = "", size: Size = 10,
    now: Now = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Say why a product is on a slate, or why it is not."""
    with opened(shop) as aisle:
        search, recommend = aisle.search, aisle.recommend
        slate = search(query, user, size, now=now) if query else recommend(scenario, user, size, now=now)
        found = aisle.explain(slate, product)
    tell(found, as_json, "explanation")


@app.command()
def demo(
    shop: Annotated[Path, typer.Option("--shop", "-s", help="Where the demo's shop is made.")] = Path("demo-shop"),
    household: Annotated[str, typer.Option(help="Whose recommendations are shown.")] = "1609",
    seed: Seed = 0, as_json: Json = False,
    stay: Annotated[
        bool | None, typer.Option("--stay/--end", help="Keep serving at the end; default: in a terminal.")
    ] = None,
) -> None:  # fmt: skip
    """The whole way on real data: a grocer's year, loaded, checked, trained, measured, and answering on a page."""
    from aisle.wiring.bars import bars
    from aisle.wiring.demo import run

    waits = sys.stdin.isatty() and sys.stdout.isatty() and not as_json if stay is None else stay
    result = run(shop, household, seed, bars(as_json), quiet=as_json, stay=waits)
    if as_json:
        write_json(result)
