"""Subcommands that make a shop of its data: load, check, train, measure, and try other settings."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from aisle.cli.command import HERE, Folder, Json, Now, Seed, app, opened, tell


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
