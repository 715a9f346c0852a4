"""Subcommands for who runs a shop: serve it, see how it stands, decide, take back, forget."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from aisle.cli.command import HERE, Folder, Json, app, folder_of, opened, tell
from aisle.errors import MissingPackageError


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
def status(shop: Folder = HERE, as_json: Json = False) -> None:
    """How the shop stands: what answers and since when, what is wrong, what fills the disk; status 1 where something
    has to be done."""
    with opened(shop) as aisle:
        found = aisle.status()
    tell(found, as_json, "status")
    if found.problems:
        raise typer.Exit(1)


@app.command()
def rollback(shop: Folder = HERE) -> None:
    """Let the generation before the current one answer again, in every server; asked twice, the later is back."""
    with opened(shop) as aisle:
        sys.stdout.write(f"generation {aisle.rollback()} answers\n")
