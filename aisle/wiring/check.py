"""`check`: what the log and the catalogue look like, and what was set aside when they were loaded."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from aisle.engines.generations import current
from aisle.features.log import gathered
from aisle.quality.checks import examine
from aisle.records.history import Interactions
from aisle.records.issue import Issue
from aisle.records.row import Row
from aisle.records.times import iso
from aisle.wiring.campaigns import examined
from aisle.wiring.live import Live
from aisle.wiring.report import Trained
from aisle.wiring.train import catalogue_of


def check(live: Live) -> list[Issue]:
    """Every finding about what the store holds, and about the rules of shop.toml as it is now."""
    live.follow_settings()
    if not any(live.store.read(kinds=("product", "event"))):
        nothing = Issue("catalogue", "error", "nothing was loaded yet", advice="shop.load(products=…, events=…)")
        return [*quarantine(live), nothing]
    catalogue = catalogue_of(live.store, Trained(""), live.settings)
    strangers: Counter[str] = Counter()

    def told() -> Iterator[Sequence[Row]]:
        for page in live.store.read(kinds=("event", "forget")):
            strangers.update(row.product for row in page if row.product and row.product not in catalogue.ids)
            yield page

    events = gathered(told(), catalogue)
    total = len(events) + sum(strangers.values())
    waits = waiting(live)  # opens the generation, which tells what it cannot follow
    rules = [Issue("rules", "error", live.unread, advice="mend shop.toml")] if live.unread else []
    rules += examined(catalogue, live.settings)
    told_of = [*quarantine(live), *rules, *waits, *clock(live, events)]
    return [*told_of, *unknown(strangers, total), *examine(catalogue, events)]


def clock(live: Live, events: Interactions) -> list[Issue]:
    """A clock that stands still, where nobody asked for it: shoppers who come later come all at one moment."""
    last = int(events.columns.times.max(initial=0))
    if live.settings.shop.clock != "auto" or not live.historical(last, events.timed):
        return []
    told = f"the log ends on {iso(last)[:10]}, and so does time: what is recorded without a time happens then"
    return [Issue("clock", "warning", told, advice='before shoppers come: shop.clock = "wall"')]


def waiting(live: Live) -> list[Issue]:
    """Products that are withheld until somebody decides, where a generation is served."""
    if current(live.folder / "generations") is None:
        return []
    served = live.served()
    queue = served.safety.queue(served.overlay, served.decisions) if served.safety is not None else []
    waits = [one for one in queue if one.decision is None and not one.forbidden]
    if not waits:
        return []
    return [Issue("safety", "warning", "products wait for a decision", len(waits), 0,
                  tuple(f"{one.product}: {one.why}" for one in waits[:5]), "aisle queue, aisle moderate")]  # fmt: skip


def quarantine(live: Live) -> list[Issue]:
    """Rows that could not be read, by file and field."""
    by_field: dict[tuple[str, str], list[str]] = {}
    for page in live.store.read(kinds=("fault",)):
        for row in page:
            fault = json.loads(row.body)
            line = f"row {fault.get('row', 0)}: found {fault.get('found', '')}, expected {fault.get('expected', '')}"
            by_field.setdefault((fault.get("file", ""), fault.get("field", "")), []).append(line)
    return [
        Issue("quarantine", "error", f"rows of {file} were set aside for {field}", len(lines), 0, tuple(lines[:5]),
              "mend them and load the file again")
        for (file, field), lines in by_field.items()
    ]  # fmt: skip


def unknown(strangers: Counter[str], total: int) -> list[Issue]:
    """Events of products that no feed named."""
    if not strangers:
        return []
    examples = tuple(product for product, _ in strangers.most_common(5))
    return [Issue("unknown products", "warning", "events name products that are not in the catalogue",
                  sum(strangers.values()), total, examples,
                  "load these products; until then the events rest")]  # fmt: skip
