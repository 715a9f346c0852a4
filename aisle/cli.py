"""The `aisle` command: one verb a subcommand, each with --json for machines."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from aisle import __version__
from aisle.errors import AisleError, InputError, MissingPackageError
from aisle.serving.plain import plain

app = typer.Typer(
    name="aisle", help="Search and recommendation that an online shop runs itself.", no_args_is_help=True,
    pretty_exceptions_enable=False, add_completion=False,
)  # fmt: skip
Folder = Annotated[Path, typer.Option("--shop", "-s", help="The shop's folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
User = Annotated[str, typer.Option(help="Who asks.")]
Size = Annotated[int, typer.Option(help="How many products.")]
Now = Annotated[str | None, typer.Option(help="The moment to answer as of; default: the shop's clock.")]
Seed = Annotated[int, typer.Option(help="Seed of everything random.")]
Filters = Annotated[str, typer.Option(help='JSON, such as \'{"brand": ["Acme"], "price": {"lte": 200}}\'.')]
HERE = Path()


def main() -> None:
    """Run the command; an `AisleError` is one line on stderr and exit status 1."""
    try:
        app()
    except AisleError as error:
        Console(stderr=True, soft_wrap=True).print(f"[red]error:[/red] {type(error).__name__}: ", end="")
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None
    except BrokenPipeError:
        raise SystemExit(0) from None


def opened(folder: Path, quiet: bool = True, new: bool = False) -> Any:
    """The shop in a folder; only `load` may make a new one, so that a mistyped folder is an error."""
    from aisle.shop import Shop
    from aisle.wiring.bars import bars

    return Shop(folder if new else folder_of(folder), bars(quiet))


def folder_of(folder: Path) -> Path:
    """A folder that is a shop's."""
    if not (folder / "shop.db").exists():
        raise InputError("--shop", str(folder), "a shop's folder; `aisle load` makes one")
    return folder


def write_json(value: Any) -> None:
    """Print a result for machines."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False) + "\n")


def tell(value: Any, as_json: bool, how: str, *further: Any) -> None:
    """Print a result for machines or, by a function of `wiring.show`, for people."""
    from aisle.wiring import show

    if as_json:
        write_json(value)
    else:
        getattr(show, how)(value, *further)


def version_asked(asked: bool) -> None:
    """Print the version and stop."""
    if asked:
        sys.stdout.write(f"aisle {__version__}\n")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=version_asked, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    """Search and recommendation that an online shop runs itself."""


@app.command()
def load(
    shop: Folder = HERE,
    products: Annotated[str | None, typer.Option(help="A csv, jsonl or parquet file, plain, .gz or .zst.")] = None,
    events: Annotated[str | None, typer.Option(help="The event log.")] = None,
    users: Annotated[str | None, typer.Option(help="Profiles.")] = None,
    judgements: Annotated[str | None, typer.Option(help="Judged (query, product) pairs.")] = None,
    as_json: Json = False,
) -> None:
    """Load a catalogue, a log, profiles or judgements; bad rows are set aside with a reason."""
    if not (products or events or users or judgements):
        raise typer.BadParameter("name at least one of --products, --events, --users, --judgements")
    with opened(shop, as_json, new=True) as aisle:
        report = aisle.load(products=products, events=events, users=users, judgements=judgements)
    tell(report, as_json, "loaded")
    if any(part.rows and not part.accepted for part in report.parts):
        raise typer.Exit(1)


@app.command()
def check(shop: Folder = HERE, as_json: Json = False) -> None:
    """Look for what is wrong with the data."""
    with opened(shop, as_json) as aisle:
        tell(aisle.check(), as_json, "issues")


@app.command()
def train(shop: Folder = HERE, seed: Seed = 0, as_json: Json = False) -> None:
    """Fit what the data can carry, and publish it."""
    with opened(shop, as_json) as aisle:
        tell(aisle.train(seed), as_json, "trained")


@app.command()
def refresh(shop: Folder = HERE, as_json: Json = False) -> None:
    """Publish catalogue and log as they are now with what was learned: products that came are found."""
    with opened(shop, as_json) as aisle:
        tell(aisle.refresh(), as_json, "trained")


@app.command()
def evaluate(
    shop: Folder = HERE, seed: Seed = 0,
    shoppers: Annotated[int, typer.Option(min=1, help="The most shoppers asked.")] = 2000, now: Now = None,
    report: Annotated[Path | None, typer.Option(help="Where to write the HTML report.")] = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Measure recommendations on the last weeks, against the baselines; writes an HTML report with plots."""
    from aisle.wiring.page import write_report

    with opened(shop, as_json) as aisle:
        table = aisle.evaluate(seed=seed, shoppers=shoppers, now=now)
    place = write_report(table, report or shop / "reports" / "evaluation.html")
    tell(table, as_json, "table", place)


@app.command()
def simulate(
    proposed: Annotated[Path, typer.Argument(help="Settings that are not in force yet: a file like shop.toml.")],
    shop: Folder = HERE,
    requests: Annotated[int, typer.Option(min=1, help="How many of the latest requests are asked again.")] = 300,
    now: Now = None, seed: Seed = 0,
    price: Annotated[bool, typer.Option(help="Also what each rule costs, on what shoppers bought.")] = True,
    as_json: Json = False,
) -> None:  # fmt: skip
    """What other settings would show and cost, before they go live; nothing is recorded or changed."""
    with opened(shop, as_json) as aisle:
        found = aisle.simulate(proposed, requests=requests, now=now, seed=seed, price=price)
    tell(found, as_json, "simulated")


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
        said = _object(answers, "--answers")
        found = aisle.quiz(said, size=size, record=False)
        for _ in range(0 if as_json else questions):
            if found.question is None:
                break
            said[found.question.key] = typer.confirm(show.asked(found.question), default=False)
            found = aisle.quiz(said, size=size, record=False)
        tell(found, as_json, "quiz")


@app.command()
def weigh(
    objective: Annotated[str, typer.Argument(help="revenue, margin, tail, rare, click or basket.")],
    shop: Folder = HERE,
    lost: Annotated[float, typer.Option(help="How much of NDCG@10 may be lost: 0.01 is one percent.")] = 0.01,
    least: Annotated[float, typer.Option(help="How much more of the objective there must be, at least.")] = 0.0,
    shoppers: Annotated[int, typer.Option(min=1, help="The most shoppers asked.")] = 2000,
    seed: Seed = 0,
    plot: Annotated[Path | None, typer.Option(help="Where to draw it, as PNG.")] = None,
    as_json: Json = False,
) -> None:
    """What an objective may count beside purchases: the weight that gains most within a limit, and what others cost."""
    from aisle.wiring.weigh import plot as draw

    with opened(shop, as_json) as aisle:
        found = aisle.weigh(objective, lost=lost, least=least, seed=seed, shoppers=shoppers)
    tell(found, as_json, "weighed")
    if plot is not None:
        draw(found, plot)


@app.command()
def synonyms(
    shop: Folder = HERE,
    out: Annotated[
        Path | None, typer.Option(help="A file of the shop's own phrases that new ones are added to.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Words for one thing that the log and the catalogue suggest; nothing of it is used by itself."""
    from aisle.wiring.synonyms import written

    with opened(shop, as_json) as aisle:
        found = aisle.synonyms()
    tell(found, as_json, "synonyms")
    if out is not None:
        sys.stderr.write(f"{written(found, out)} phrases were added to {out}\n")


@app.command()
def attributes(
    names: Annotated[list[str] | None, typer.Argument(help="brand, unit_size, or attributes; all by default.")] = None,
    shop: Folder = HERE,
    out: Annotated[Path | None, typer.Option(help="A CSV file for all that is proposed.")] = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Values that titles say and the feed leaves out, and how often that is right; nothing of it is used by itself."""
    from aisle.wiring.attributes import written

    with opened(shop, as_json) as aisle:
        found = aisle.attributes(names or (), seed=seed)
    tell(found, as_json, "attributes")
    if out is not None:
        sys.stderr.write(f"{written(found.proposals, out)} proposals were written to {out}\n")


@app.command()
def exposure(
    scenario: Annotated[str, typer.Argument(help="Whose slates.")] = "home", shop: Folder = HERE,
    days: Annotated[int, typer.Option(help="Days of a period.")] = 7,
    plot: Annotated[Path | None, typer.Option(help="Where to draw it, as PNG.")] = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Whether what shoppers are shown narrows: the recorded slates, period by period."""
    from aisle.wiring.exposed import plot as draw

    with opened(shop, as_json) as aisle:
        found = aisle.exposure(scenario, days=days)
    tell(found, as_json, "exposure")
    if plot is not None:
        draw(found, plot)


@app.command()
def queue(shop: Folder = HERE, as_json: Json = False) -> None:
    """Products that wait for a decision, then those that are forbidden or decided of."""
    with opened(shop) as aisle:
        tell(aisle.queue(), as_json, "queue")


@app.command()
def moderate(
    product: Annotated[str, typer.Argument(help="The id of a product or a group.")],
    show: Annotated[bool, typer.Option("--show/--hide", help="What is decided.")],
    shop: Folder = HERE,
    why: Annotated[str, typer.Option(help="The reason, as it is kept.")] = "",
    by: Annotated[str, typer.Option(help="Who decides.")] = "",
) -> None:
    """Decide whether a product is shown; holds at once, in every process, until decided otherwise."""
    with opened(shop) as aisle:
        aisle.moderate(product, show, why=why, by=by)
    sys.stdout.write(f"decided: {'show' if show else 'hide'} {product}\n")


@app.command()
def versions(shop: Folder = HERE, as_json: Json = False) -> None:
    """Every shop.toml that was in force, the latest first, with what each changed."""
    from aisle.wiring.versions import versions as listed

    tell(listed(folder_of(shop)), as_json, "versions")  # also where shop.toml cannot be read


@app.command()
def restore(version: Annotated[str, typer.Argument(help="As `aisle versions` names it.")], shop: Folder = HERE) -> None:
    """Put a version back into shop.toml; running servers follow it, and what was there stays a version."""
    from aisle.wiring.versions import restore as put_back

    put_back(folder_of(shop), version)
    sys.stdout.write(f"shop.toml is version {version}\n")


@app.command()
def search(
    query: str, shop: Folder = HERE, user: User = "", size: Size = 10, filters: Filters = "{}",
    sort: Annotated[str, typer.Option(help="price, -price, created_at or -created_at.")] = "", now: Now = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Search the shop."""
    with opened(shop) as aisle:
        slate = aisle.search(query, user, size, filters=_object(filters, "--filters"), sort=sort, now=now)
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
            scenario, user, size, anchor=anchor or (), filters=_object(filters, "--filters"), now=now, repeat=repeat
        )
    tell(slate, as_json, "slate")


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
def forget(
    user: Annotated[str, typer.Argument(help="The user.")] = "",
    shop: Folder = HERE,
    session: Annotated[str, typer.Option(help="The session of a guest, instead of a user.")] = "",
    as_json: Json = False,
) -> None:
    """Erase everything the shop's log holds of a user, or of a guest's session."""
    with opened(shop) as aisle:
        erased = aisle.forget(user, session=session)
    tell({"erased": erased}, as_json, "erased")


@app.command()
def serve(
    shop: Folder = HERE,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for every one.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer, best one a core.")] = 1,
) -> None:
    """Answer over HTTP: the API under /v1, a storefront at /, and a look inside at /inside."""
    folder_of(shop)
    try:
        from aisle.serve import free, run
    except ImportError as error:
        raise MissingPackageError("serving", str(error), "pip install 'aisle[serve]'") from None
    free(host, port)
    Console(stderr=True).print(f"serving [bold]{shop}[/bold] at http://{host}:{port} (Ctrl-C stops)")
    run(shop, host, port, workers)


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


def _object(text: str, option: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise InputError(option, text, "a JSON object")
    return said


if __name__ == "__main__":
    main()
