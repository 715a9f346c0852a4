"""`aisle demo`: the main job end to end on the Complete Journey shop, with seconds and memory of each step."""

import resource
import shutil
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, TypeVar

from aisle.shop import Shop
from aisle.sources.journey import CompleteJourney
from aisle.stages import Progress
from aisle.wiring import show
from aisle.wiring.page import write_report
from aisle.wiring.preview import Preview, preview

T = TypeVar("T")
QUERIES = ("nappies", "fizzy drink", "something for a headache", "choclate ice crem", "frozen pizza")
SETTINGS = """# The demo's shop: a historical log, so its clock is the last event.
[shop]
currency = "USD"
timezone = "UTC"
clock = "last-event"

# Three earlier months to learn from are nearly as good as five (docs/log.md), in two thirds of the time.
[train]
cutoffs = 3

# A page of ten sizes of one thing helps nobody who did not ask for it.
[[rules.quotas]]
field = "title"
most = 2
scenarios = ["home", "email", "product", "basket", "after"]

# A till rings up fuel, coupons and gift cards, too: nothing to show among groceries.
[[rules.campaigns]]
name = "till lines"
hide = {category = ["Fuel", "Coupon", "Coupon miscellaneous items", "Coupons store and manufacturer"]}

[storefront]
name = "Complete Journey"
shoppers = ["1609", "718", "1229", "2479", "982"]
"""


def run(folder: Path, household: str, seed: int, progress: Progress, quiet: bool, stay: bool = False) -> dict[str, Any]:
    """Everything, from an empty folder; returns steps, figures and what was shown. `stay`: keep serving at the end."""
    if (folder / "shop.db").exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "shop.toml").write_text(SETTINGS)
    steps: dict[str, dict[str, float]] = {}

    def step(name: str, work: Callable[[], T], tell: Callable[[T], None]) -> T:
        if not quiet:
            show.console().rule(f"[bold]{name}")
        start = time.perf_counter()
        result = work()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        steps[name] = {"seconds": round(time.perf_counter() - start, 1), "peak_mib": round(peak)}
        if not quiet:
            tell(result)
        return result

    with Shop(folder, progress) as shop:
        journey = CompleteJourney()
        loaded = step("load", lambda: shop.load(
            products=journey.products(), events=journey.events(), users=journey.users()), show.loaded)  # fmt: skip
        issues = step("check", shop.check, show.issues)
        trained = step("train", lambda: shop.train(seed), show.trained)
        table = step("evaluate", lambda: shop.evaluate(seed=seed), show.table)
        report = write_report(table, folder / "reports" / "evaluation.html")
        home = step("recommend", lambda: shop.recommend("home", user=household),
                    lambda slate: show.slate(slate, f"Household {household} is recommended"))  # fmt: skip
        found = step("search", lambda: [shop.search(query) for query in QUERIES], _show_searches)
    with ExitStack() as stack:
        page = step("serve", lambda: stack.enter_context(preview(folder)), lambda page: show.console().print(
            f"[bold]{page.url}[/bold] answers: the home page in {page.millis} ms, status {page.status}"))  # fmt: skip
        total = _done(folder, steps, report, quiet)
        if stay:
            _until_stopped(page, quiet)
    return {
        "steps": steps, "total_seconds": round(total, 1), "peak_mib": max(s["peak_mib"] for s in steps.values()),
        "rows": loaded.rows, "accepted": loaded.accepted, "quarantined": loaded.quarantined, "issues": issues,
        "trained": trained, "evaluation": table.measurements, "report": str(report), "recommended": home,
        "searches": dict(zip(QUERIES, found, strict=True)),
        "page": {"url": page.url, "status": page.status, "milliseconds": page.millis}, "seed": seed,
    }  # fmt: skip


def _done(folder: Path, steps: dict[str, dict[str, float]], report: Path, quiet: bool) -> float:
    """Seconds in all, told."""
    total = sum(taken["seconds"] for taken in steps.values())
    if not quiet:
        show.console().print(f"[bold]done[/bold] in {total:.0f} s; report: {report}")
        show.console().print(f'next: aisle serve --shop {folder}, or aisle search "dinner for a dog" --shop {folder}')
    return total


def _until_stopped(page: Preview, quiet: bool) -> None:
    """Serve until Ctrl-C."""
    if not quiet:
        show.console().print(f"open [bold]{page.url}[/bold] in a browser; Ctrl-C ends the demo")
    with suppress(KeyboardInterrupt):
        page.process.wait()


def _show_searches(slates: list[Any]) -> None:
    for query, slate in zip(QUERIES, slates, strict=True):
        show.slate(slate, f"Search: {query}")
