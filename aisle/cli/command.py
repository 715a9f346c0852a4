"""What every subcommand of `aisle` shares: its options, the shop that it opens, and how a result is told."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from aisle import __version__
from aisle.errors import AisleError, InputError
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


def object_of(text: str, option: str) -> dict[str, Any]:
    """The JSON object that an option says."""
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise InputError(option, text, "a JSON object")
    return said
