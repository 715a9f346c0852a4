"""`shelves`: a page of several slates for one shopper, on which nothing stands twice."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from aisle.pipeline.prepare import past_of
from aisle.pipeline.run import prepare
from aisle.records.history import History
from aisle.records.liking import liked
from aisle.records.request import Context, Request
from aisle.records.slate import Shelf
from aisle.wiring.answer import answer, moment_of
from aisle.wiring.live import Live, Served
from aisle.wiring.reasons import brief, nameable
from aisle.wiring.slate import spoken

CATEGORIES = 2  # shelves of a category


@dataclass(frozen=True)
class Wanted:
    """A shelf to fill."""

    name: str
    scenario: str
    about: str = ""
    anchor: tuple[str, ...] = ()
    filters: dict[str, Any] = field(default_factory=dict)
    repeat: str = "exclude"


def shelves(live: Live, request: Request, size: int, now: object = None, record: bool = True) -> list[Shelf]:
    """Slates of at most `size` products, the most personal first; a shelf that would be empty is left out."""
    served = live.served()
    moment = moment_of(live, served, now)
    shown, made = list(request.exclude), []
    context = Context(replace(request, user=live.pseudonym(request.user)), "home", moment)
    for wanted in _plan(served, liked(past_of(served.parts.state, context.request, moment))[0], context):
        asked = replace(
            request, anchor=wanted.anchor, filters={**request.filters, **wanted.filters}, exclude=tuple(shown)
        )
        slate = answer(live, wanted.scenario, asked, size, moment, wanted.repeat, record=record)
        if len(slate):
            shown += [placement.group for placement in slate]
            made.append(Shelf(wanted.name, wanted.about, slate))
    return made


def _plan(served: Served, history: History, asked: Context) -> Iterator[Wanted]:
    """Which shelves, from the top of the page down. What is hidden or withheld is not named either."""
    catalogue, target = served.generation.catalogue, tuple(served.parts.facts["target"])
    if len(history.of(target)) and served.parts.facts["repeat"] == "allow":
        yield Wanted("again", "again", repeat="allow")
    if len(history):
        yield Wanted("discover", "home")
        context = prepare(served.generation.scenarios["home"], asked.request, asked)
        last = _telling(served, history, lambda row: nameable(served, row, context))
        # of what was looked at others like it are wanted; of what was bought, what goes with it
        bought = bool((history.of(target).rows == last).any())
        if last >= 0:
            unit = nameable(served, last, context)
            title = brief(spoken(catalogue.lines([unit], ("title", "texts"))[0], asked.request.language))
            yield Wanted("because", "basket" if bought else "product", title, (catalogue.groups[last],))
    yield Wanted("popular", "popular")
    yield Wanted("new", "new")
    for top in _favourites(served, history):
        yield Wanted("category", "home" if len(history) else "popular", top, filters={"category": top})


def _telling(served: Served, history: History, named: Callable[[int], int]) -> int:
    """What was looked at last or, of an order, the line that has the best known companions; of what may be `named`, -1
    where nothing may."""
    rows = np.array([row for row in dict.fromkeys(history.rows.tolist()) if named(row) >= 0], np.int32)
    some = history.take(np.isin(history.rows, rows))
    if not len(some):
        return -1
    order = some.take((some.marks() == some.marks()[-1]) & np.isin(some.types, served.parts.facts["target"]))
    if not len(order) or order.rows[-1] != some.rows[-1]:
        return int(some.rows[-1])
    table = served.parts.behaviour.copurchase.table
    latest = dict.fromkeys(order.rows[::-1].tolist())
    return int(max(latest, key=lambda row: float(table.data[slice(*table.indptr[row : row + 2])].sum())))


def _favourites(served: Served, history: History) -> list[str]:
    """Tops of the category tree that this shopper, or for a guest the shop, deals with most."""
    codes, names = served.parts.tops
    if not names:
        return []
    weights = np.ones(len(history)) if len(history) else served.parts.state.tally.columns["orders"].astype(float)
    chosen = codes[history.rows] if len(history) else codes
    counts = np.bincount(chosen[chosen >= 0], weights[chosen >= 0], len(names))
    return [names[code] for code in np.argsort(-counts, kind="stable")[:CATEGORIES] if counts[code] > 0]
