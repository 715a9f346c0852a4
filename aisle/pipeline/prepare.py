"""Preparers: what every later stage reads is worked out here, once a request."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from aisle.catalogue.catalogue import Catalogue
from aisle.catalogue.filters import passing
from aisle.catalogue.offers import NO_PRICE, Overlay
from aisle.records.campaign import Campaigns
from aisle.records.history import NO_TIME, Bools, Floats, History, Ints, Moment, market_code, stacked
from aisle.records.liking import NONE, liked
from aisle.records.request import HIDDEN, Context, Reading, Request
from aisle.stages import QueryEncoder

SAID = {"gte": "from", "lte": "to"}
UNREAD = "the encoder cannot read this query's script: it is found by its words alone"

WORDED = 4096  # wordings whose vectors are kept


class Memory(Protocol):
    """The fold of the log."""

    def history(self, shopper: str, now: int | None = None) -> History: ...
    def moment(self, now: int) -> Moment: ...


def past_of(memory: Memory, request: Request, now: int) -> History:
    """What who asks did until `now`, under each of their names, oldest first."""
    parts = [part for name in request.shoppers if len(part := memory.history(name, now))]
    if len(parts) < 2:
        return parts[0] if parts else memory.history(request.shopper, now)
    every = stacked(parts)
    return every.take(np.lexsort((every.offsets, every.times)))


@dataclass
class Remember:
    """What this shopper did that speaks for products, and what these have come to."""

    memory: Memory

    def prepare(self, request: Request, context: Context) -> Context:
        """Sets history, what was refused, and moment."""
        history, refused = liked(past_of(self.memory, request, context.now))
        return replace(context, history=history, refused=refused, moment=self.memory.moment(context.now))


@dataclass
class Settle:
    """The market of a request that names none: that of the shopper's last event in one of the shop's markets."""

    overlay: Callable[[], Overlay]

    def prepare(self, request: Request, context: Context) -> Context:
        """Sets the request's market."""
        markets = self.overlay().markets
        if request.market or len(markets) < 2 or not len(context.history):
            return context
        names = named_by_code(tuple(markets))
        told = [code for code in np.unique(context.history.markets).tolist() if code in names]
        if not told:
            return context
        last = context.history.markets[np.isin(context.history.markets, told)][-1]
        return replace(context, request=replace(request, market=names[int(last)]))


@lru_cache(maxsize=8)
def named_by_code(markets: tuple[str, ...]) -> dict[int, str]:
    """The names of markets by their codes in the log."""
    return {market_code(market): market for market in markets if market}


@dataclass
class Show:
    """What may be shown at all: listed in this market, available, not hidden, passing the filters."""

    catalogue: Catalogue
    overlay: Callable[[], Overlay]
    hides: frozenset[str] = frozenset()
    _kept: tuple[Any, Bools] = (None, np.zeros(0, bool))

    def __post_init__(self) -> None:
        self._hidden = np.zeros(len(self.catalogue.units), bool)
        self._hidden[self.catalogue.units_of(*self.hides)] = True

    def prepare(self, request: Request, context: Context) -> Context:
        """Sets the masks of units and rows."""
        overlay = self.overlay()
        units = overlay.showable(request.market)
        gone = [row for row in map(self.catalogue.row_of_id, request.exclude) if row >= 0]
        if not (self.hides or gone or request.filters):
            return replace(context, units=units, mask=self._rows(units), offers=overlay.revision)
        if gone:
            units = units & ~np.isin(self.catalogue.row_of, gone)
        if self.hides:
            units = units & ~self._hidden
            context.memo.setdefault(HIDDEN, []).append(self._hidden)
        if request.filters:
            units = units & passing(self.catalogue, overlay, request.filters, request.market)
        return replace(context, units=units, mask=self.catalogue.any_unit(units), offers=overlay.revision)

    def _rows(self, units: Bools) -> Bools:
        """The rows of the mask that nearly every request begins with; the last one is kept."""
        if self._kept[0] is not units:
            self._kept = (units, self.catalogue.any_unit(units))
        return self._kept[1]


@dataclass
class Anchor:
    """The products that the request stands on, as rows, which are not shown again; unknown ids are noted."""

    catalogue: Catalogue

    def prepare(self, request: Request, context: Context) -> Context:
        """Sets the anchors."""
        rows = [self.catalogue.row_of_id(anchor) for anchor in request.anchor]
        unknown = [anchor for anchor, row in zip(request.anchor, rows, strict=True) if row < 0]
        notes = tuple(f"anchor {anchor[:40]!r} is not in the catalogue" for anchor in unknown)
        known = np.array(list(dict.fromkeys(row for row in rows if row >= 0)), np.int32)
        if not len(known):
            return replace(context, anchors=known, notes=context.notes + notes)
        mask = context.mask.copy()
        mask[known] = False  # nobody is shown what they are looking at
        return replace(context, anchors=known, mask=mask, notes=context.notes + notes)


@dataclass
class Stand:
    """What the request stands on as the latest that this shopper did, for what reads histories: a product page was
    looked at, also where nothing recorded it. type_: the code of the event that it stands for."""

    catalogue: Catalogue
    type_: int

    def prepare(self, request: Request, context: Context) -> Context:
        """Sets the history; what stands among its last is not said twice."""
        history, anchors = context.history, context.anchors
        latest = history.of((self.type_,)).rows[-2 * len(anchors) :]
        rows = anchors[~np.isin(anchors, latest)]
        if not len(rows):
            return context
        time = context.now if context.moment.timed else NO_TIME
        units = self.catalogue.starts[rows].astype(np.int32)
        return replace(context, history=history.followed(rows, units, self.type_, time))


@dataclass
class Repeat:
    """Holds back what this shopper dismissed or sent back, unless it is searched for, and where the request excludes
    repeats what they have. target: codes of types that "have"."""

    target: tuple[int, ...]

    def prepare(self, request: Request, context: Context) -> Context:
        """Narrows the mask."""
        held = self.held(request, context.repeat, context.history, context.refused)
        if not len(held):
            return context
        mask = context.mask.copy()
        mask[held] = False
        return replace(context, mask=mask)

    def held(self, request: Request, repeat: str, history: History, refused: Ints) -> Ints:
        """The rows that are held back of this shopper, int32."""
        refused = NONE if request.query else refused
        taken = history.of(self.target).rows if repeat == "exclude" else NONE
        return np.union1d(refused, taken)


@dataclass
class Own:
    """Leaves nothing but what this shopper took, and what the shop pins. target: codes of types that "take"."""

    target: tuple[int, ...]
    campaigns: Campaigns

    def prepare(self, request: Request, context: Context) -> Context:
        """Narrows the mask."""
        mine = np.zeros_like(context.mask)
        mine[context.history.of(self.target).rows] = True
        for campaign in self.campaigns.running(context):
            mine[list(campaign.pins)] = True
        return replace(context, mask=context.mask & mine)


@dataclass
class Narrow:
    """What a query asks for beside words: a price, and what shall not be in it. The slate says so.

    lacking: a word → bool (rows,), rows that may be shown to who does not want it."""

    catalogue: Catalogue
    overlay: Callable[[], Overlay]
    lacking: Callable[[str], Bools]

    def prepare(self, request: Request, context: Context) -> Context:
        """Narrows units and mask."""
        reading = context.reading
        asked = dict(zip(("gte", "lte"), reading.price, strict=True))
        limits = {name: limit for name, limit in asked.items() if limit is not None}
        units, notes = context.units, list(context.notes)
        if limits:
            priced = (self.overlay().offers(request.market).price != NO_PRICE).any()
            if priced:
                units = units & passing(self.catalogue, self.overlay(), {"price": limits}, request.market)
            told = " ".join(f"{SAID[name]} {limit:.10g}" for name, limit in limits.items())
            notes.append(f"price {told}" + ("" if priced else ": no price is known here, so nothing was left out"))
        for word in reading.without:
            units = units & self.lacking(word)[self.catalogue.row_of]
            notes.append(f"without {word!r}")
        if units is context.units:
            return replace(context, notes=tuple(notes))
        mask = context.mask & self.catalogue.any_unit(units)
        return replace(context, units=units, mask=mask, notes=tuple(notes))


@dataclass
class Withhold:
    """What running campaigns hide: taken out before anything is found, so that others fill the slate."""

    campaigns: Campaigns
    catalogue: Catalogue

    def prepare(self, request: Request, context: Context) -> Context:
        """Narrows units and mask: of a product with variants those go that the filter means."""
        for campaign in self.campaigns.running(context):
            if campaign.hidden is not None:
                hidden = campaign.hidden(request.market)
                context.memo.setdefault(HIDDEN, []).append(hidden)
                units = context.units & ~hidden
                context = replace(context, units=units, mask=context.mask & self.catalogue.any_unit(units))
        return context


@dataclass
class Read:
    """The query as read, and its vector. An encoder that cannot read the query's script gives none, and the slate
    says so. guess: a reading and its vector → what else to look for, where nothing is called so."""

    read: Callable[[str], Reading]
    encoder: QueryEncoder | None
    guess: Callable[[Reading, Floats], Sequence[str]] = lambda reading, vector: ()
    _worded: dict[str, Floats] = field(default_factory=dict)

    def prepare(self, request: Request, context: Context) -> Context:
        """Sets reading and vector."""
        if not request.query.strip():
            return context
        reading = self.read(request.query)
        text = reading.meant
        notes = tuple(f"read {wrong!r} as {right!r}" for wrong, right in reading.corrections.items())
        notes += tuple(f"{attribute} {value!r}" for attribute, value in reading.named)
        notes += ("low prices preferred",) if reading.cheap else ()
        context = replace(context, reading=reading, notes=context.notes + notes)
        encoder = self.encoder if text else None
        if encoder is not None and not encoder.reads(text):
            context, encoder = replace(context, notes=(*context.notes, UNREAD)), None
        vector = context.vector if encoder is None else encoder.encode([text])[0]
        reading = replace(reading, guesses=tuple(self.guess(reading, vector)))
        context = replace(context, reading=reading, vector=vector)
        if encoder is None:
            return context
        return replace(context, other_vectors=self._encoded(encoder, reading.others, len(vector)))

    def _encoded(self, encoder: QueryEncoder, others: Sequence[str], dim: int) -> Floats:
        """The vectors of a query's other wordings, (n, dim), which are kept: other queries come to the same ones. Each
        text is read by itself, for an int8 model reads it a little differently among others."""
        if len(self._worded) > WORDED:
            self._worded = {}
        known = self._worded
        for other in others:
            if other not in known:
                known[other] = encoder.encode([other])[0]
        return np.array([known[other] for other in others], np.float32).reshape(-1, dim)
