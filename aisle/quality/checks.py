"""Is the data good enough to learn from? One function a question; each returns the findings it has.

Thresholds follow what vendors ask of a feed: 95 % titled, titles of at least two words, most of them unique
(Google Retail and Optimizely, docs/how-to/check.md).
"""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from aisle.catalogue.catalogue import Catalogue
from aisle.records.event import CODES, TYPES
from aisle.records.history import NO_MARKET, Interactions, Longs
from aisle.records.issue import Issue, Severity
from aisle.records.times import DAY, ONLINE, iso
from aisle.stages import Check

EXAMPLES = 5
TITLED, TWO_WORDS, UNIQUE, PRICED = 0.95, 0.8, 0.5, 0.9
FAR, MANY, SOME = (
    10,
    3,
    19,
)  # times the price below, prices that may be so far above, and prices that a market must tell
SOMEWHERE = 0.05  # of purchases that may name no market
BUSY = 500  # interactions a day from which a shopper is no person
FEW = 1000  # interactions below which trained recommendation has little to learn from


def _share(
    check: str,
    bad: Sequence[str],
    of: int,
    allowed: float,
    message: str,
    advice: str,
    severity: Severity = "warning",
) -> list[Issue]:
    """A finding if more than `allowed` of `of` things are bad."""
    if not of or len(bad) / of <= allowed:
        return []
    return [Issue(check, severity, message, len(bad), of, tuple(bad[:EXAMPLES]), advice)]


# two words, or what is written without spaces at some length: Chinese, Japanese, Thai
SEVERAL = re.compile(
    r"\S\s+\S|[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]{4}|[\u3400-\u9fff][^\u3400-\u9fff]|[^\u3400-\u9fff][\u3400-\u9fff]"
)


def titles(catalogue: Catalogue, events: Interactions) -> list[Issue]:
    """Products without a title, with one of a single word, or with another product's."""
    said, size = catalogue.column("title"), len(catalogue.units)
    ids = catalogue.units
    empty = [ids[u] for u, title in enumerate(said) if not title.strip()]
    short = [ids[u] for u, title in enumerate(said) if title.strip() and not SEVERAL.search(title)]
    leaders = catalogue.said_of_leader("title")
    counts = Counter(leaders)
    same = [title for title in leaders if counts[title] > 1]
    return [
        *_share("titles", empty, size, 1 - TITLED, "products have no title", "search cannot find them", "error"),
        *_share("titles", short, size, 1 - TWO_WORDS, "titles have one word", "say what it is, and which one"),
        *_share("titles", sorted(set(same)), len(counts), 1 - UNIQUE, "titles are given more than once",
                "give variants one `group`, or say how they differ"),
    ]  # fmt: skip


def prices(catalogue: Catalogue, events: Interactions) -> list[Issue]:
    """Products without a price, list prices below the price, and prices far above all others."""
    found: list[Issue] = []
    for market, offers in catalogue.offers.markets.items():
        here = np.flatnonzero(offers.present)
        missing = [catalogue.units[u] for u in here if offers.price[u] < 0]
        where = f" in market {market}" if market else ""
        found += _share("prices", missing, len(here), 1 - PRICED, f"products have no price{where}",
                        "filters and sorting by price leave them out")  # fmt: skip
        below = [catalogue.units[u] for u in here if 0 <= offers.list_price[u] < offers.price[u]]
        found += _share("prices", below, len(here), 0, f"list prices lie below the price{where}", "are they swapped?")
        least = _beyond(offers.price[here])
        far = [] if least is None else [catalogue.units[u] for u in here if offers.price[u] >= least]
        found += _share("prices", far, len(here), 0, f"prices are over ten times all others{where}",
                        "one that stands for none, as 99999, leads every slate that weighs revenue")  # fmt: skip
    return found


def _beyond(prices: Longs) -> int | None:
    """The least price of the few (three, or one of a hundred) that are FAR times all others; None without any."""
    told = np.sort(prices[prices > 0])
    most = told[-max(MANY, len(told) // 100) - 1 :] if len(told) > SOME else told[:0]
    leaps = np.flatnonzero(most[1:] > FAR * most[:-1])
    return int(most[leaps[0] + 1]) if len(leaps) else None


def markets(catalogue: Catalogue, events: Interactions) -> list[Issue]:
    """Products that nobody sees who names no market, since others are of the market without a name."""
    listed = catalogue.offers.markets
    if len(listed) < 2 or "" not in listed:
        return []
    anywhere = np.any([offers.present for offers in listed.values()], axis=0)
    unseen = [catalogue.units[u] for u in np.flatnonzero(anywhere & ~listed[""].present)]
    return _share("markets", unseen, int(anywhere.sum()), 0.5, "products are only of markets with a name",
                  "who names none sees the others alone: name a market in every row of a feed")  # fmt: skip


def sold_where(catalogue: Catalogue, events: Interactions) -> list[Issue]:
    """Purchases that name no market where other events do: a till that does not know what the tracker knows."""
    bought, named = events.columns.types == CODES["purchase"], events.columns.markets != NO_MARKET
    nowhere = int((bought & ~named).sum())
    if not (named & ~bought).any() or nowhere <= SOMEWHERE * bought.sum():
        return []
    return [Issue("markets", "warning", "purchases name no market, where other events do", nowhere, int(bought.sum()),
                  (), "name it: what is popular in a market is counted of purchases that name it")]  # fmt: skip


def categories(catalogue: Catalogue, events: Interactions) -> list[Issue]:
    """Products without a category."""
    bare = [catalogue.units[u] for u, path in enumerate(catalogue.column("category")) if not path]
    return _share("categories", bare, len(catalogue.units), 0.1, "products have no category",
                  "taste and diversity know products by their category")  # fmt: skip


def interactions(catalogue: Catalogue, events: Interactions) -> list[Issue]:
    """How much there is to learn from."""
    if not len(events):
        return [Issue("events", "warning", "there are no events", advice="only text decides; nothing is personal")]
    kinds = np.bincount(events.columns.types[events.columns.types >= 0], minlength=len(TYPES))
    told = ", ".join(f"{kinds[CODES[name]]:,} {name}" for name in TYPES if kinds[CODES[name]])
    found = [Issue("events", "note", f"{len(events):,} events of {len(events.shoppers):,} shoppers: {told}")]
    if len(events) < FEW:
        found.append(Issue("events", "warning", f"fewer than {FEW} events", len(events), FEW,
                           advice="sources will be fused by rank"))  # fmt: skip
    if not events.timed:
        found.append(Issue("events", "warning", "events carry no times", advice="their order stands for time"))
    return found


def days(catalogue: Catalogue, events: Interactions) -> list[Issue]:
    """Days without events inside the log: exports that failed."""
    if not events.timed or not len(events):
        return []
    times = events.columns.times[events.columns.times > 0]
    counted = np.bincount((times - times.min()) // DAY)
    if len(counted) < 14 or counted.mean() < 20:
        return []
    empty = [iso(int(times.min() + day * DAY))[:10] for day in np.flatnonzero(counted == 0)]
    return _share("days", empty, len(counted), 0, "days have no events", "did an export fail?")


def early(catalogue: Catalogue, events: Interactions) -> list[Issue]:
    """Times from before there were shops online: a day's number or a count was read as seconds."""
    times = events.columns.times
    count = int((times < ONLINE).sum()) if events.timed else 0
    if not count:
        return []
    return [Issue("times", "warning", "events are from before 1990", count, len(events),
                  (f"{times.min() / 1000:.0f} seconds since 1970",),
                  "write times as 2024-01-15 or as seconds since 1970")]  # fmt: skip


def untimed(catalogue: Catalogue, events: Interactions) -> list[Issue]:
    """Events that have no time where others do."""
    if not events.lost:
        return []
    return [Issue("times", "warning", "events have no time, where others have one", events.lost,
                  events.lost + len(events), (), "give them one: nothing is learned from them")]  # fmt: skip


def dated_ahead(catalogue: Catalogue, events: Interactions) -> list[Issue]:
    """Events long after all others: a day that was read as a month, or a clock that is wrong."""
    if not events.ahead:
        return []
    end = iso(int(events.columns.times.max()))[:10]
    return [Issue("times", "warning", "events are dated long after all others", events.ahead, len(events), (),
                  f"they count as of {end}: were day and month swapped?")]  # fmt: skip


def robots(catalogue: Catalogue, events: Interactions) -> list[Issue]:
    """Shoppers that do more in a day than a person can."""
    if not events.timed or not len(events):
        return []
    owners, day = events.owners().astype(np.int64), np.maximum(events.columns.times, 0) // DAY
    marks, counts = np.unique(owners * 100_000 + day % 100_000, return_counts=True)
    busy = sorted({int(mark // 100_000) for mark in marks[counts > BUSY]})
    names = [f"shopper {events.shoppers[at]}" for at in busy]
    return _share("robots", names, len(events.shoppers), 0, f"shoppers did over {BUSY} things in a day",
                  "leave robots and resellers out of the log")  # fmt: skip


def quantities(catalogue: Catalogue, events: Interactions) -> list[Issue]:
    """Purchases of none, or of so many that it is a unit of measure (fuel by the drop)."""
    bought = events.columns.types == CODES["purchase"]
    amounts, units = events.columns.quantities[bought], events.columns.units[bought]
    none = [catalogue.units[u] for u in np.unique(units[amounts <= 0])]
    many = [catalogue.units[u] for u in np.unique(units[amounts > 1000])]
    return [
        *_share("quantities", none, len(catalogue.units), 0, "products were bought in a quantity of 0 or less",
                "returns belong in events of type refund", "note"),
        *_share("quantities", many, len(catalogue.units), 0, "products were bought by more than 1,000 at once",
                "is the quantity a weight or a volume?", "note"),
    ]  # fmt: skip


def unsold(catalogue: Catalogue, events: Interactions) -> list[Issue]:
    """Products that nobody touched: how long the tail is."""
    touched = np.zeros(len(catalogue), bool)
    touched[events.columns.rows] = True
    alone = [catalogue.groups[row] for row in np.flatnonzero(~touched)]
    return _share("unsold", alone, len(catalogue), 0.5, "products were never touched", "found by text only", "note")


CHECKS: tuple[Check, ...] = (
    titles,
    prices,
    markets,
    sold_where,
    categories,
    interactions,
    days,
    early,
    untimed,
    dated_ahead,
    robots,
    quantities,
    unsold,
)


def examine(catalogue: Catalogue, events: Interactions) -> list[Issue]:
    """Every check, errors first."""
    order = {"error": 0, "warning": 1, "note": 2}
    found = [issue for check in CHECKS for issue in check(catalogue, events)]
    return sorted(found, key=lambda issue: order[issue.severity])
