"""What is never shown, and what waits until somebody has decided: forbidden goods, suspected fakes, words to look at.

A decision holds at once, in every process, and for every later generation. It does not bring back what is forbidden.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.catalogue.catalogue import NO_CODE, Catalogue
from aisle.catalogue.filters import passing
from aisle.catalogue.offers import NO_PRICE, Overlay
from aisle.errors import InputError, SettingsError
from aisle.records.history import Bools, Ints
from aisle.records.row import Row
from aisle.settings import Safety as Said

SHOW, HIDE = 1, -1
PEERS = 5  # priced products of a brand in a category, from which a price can be too low


@dataclass(frozen=True)
class Decision:
    """What somebody decided of a product or a group; at: UTC ms."""

    product: str
    show: bool
    why: str = ""
    by: str = ""
    at: int = 0


@dataclass(frozen=True)
class Withheld:
    """A product that is not shown, or was until somebody decided. why: what it was withheld for, empty where only a
    decision hides it; forbidden: no decision brings it back."""

    product: str
    title: str
    why: str
    shown: bool
    forbidden: bool = False
    decision: Decision | None = None


def row_of_decision(decision: Decision) -> Row:
    """As the log keeps it."""
    body = json.dumps({"show": decision.show, "why": decision.why, "by": decision.by}, ensure_ascii=False)
    return Row("decision", f"{decision.product}:{time.time_ns()}", product=decision.product, timestamp=decision.at,
               body=body)  # fmt: skip


def decision_of(row: Row) -> Decision:
    """And back."""
    said = json.loads(row.body)
    return Decision(row.product or "", bool(said["show"]), said["why"], said["by"], row.timestamp or 0)


class Safety:
    """What settings say of one catalogue. lacking: a thing said in words → bool (rows,), rows that do not have it.

    strict: a filter that the catalogue cannot answer is an error; else (the catalogue is new) it withholds nothing.
    """

    def __init__(
        self, catalogue: Catalogue, said: Said, lacking: Callable[[str], Bools], offers: Overlay, strict: bool = True
    ) -> None:
        self._catalogue, self._said, self._strict = catalogue, said, strict
        self._worded = {f"its text says {word!r}": ~lacking(word)[catalogue.row_of] for word in said.words}
        self._usual: tuple[int, NDArray[np.float64]] = (-1, np.zeros(0))
        self.lost: list[str] = []  # filters that this catalogue cannot answer
        self._masks(offers, "")

    def withheld(self, overlay: Overlay, decisions: Mapping[str, Decision]) -> dict[str, Bools]:
        """By market, bool (units,): what may not be shown there, where its price is what a filter means."""
        decided, size = self._decided(decisions), len(self._catalogue.units)
        made = dict[str, Bools]()
        for market in overlay.markets:
            never, waits = self._masks(overlay, market)
            made[market] = _any(never, size) | (decided == HIDE) | (_any(waits, size) & (decided != SHOW))
        return made

    def queue(self, overlay: Overlay, decisions: Mapping[str, Decision]) -> list[Withheld]:
        """Every product that is withheld in some market, or of which somebody decided: what waits first, then by the
        catalogue."""
        never, waits = self._anywhere(overlay)
        by_unit = {int(unit): one for one in decisions.values() for unit in self._catalogue.units_of(one.product)}
        size = len(self._catalogue.units)
        kept = np.any(list(self.withheld(overlay, decisions).values()), axis=0)
        told = np.flatnonzero(_any({**never, **waits}, size) | np.isin(np.arange(size), list(by_unit)))
        titles = self._catalogue.lines(told.tolist(), ("title",))
        made = []
        for unit, said in zip(told.tolist(), titles, strict=True):
            why = "; ".join(name for name, mask in (*never.items(), *waits.items()) if mask[unit])
            made.append(Withheld(self._catalogue.units[unit], said["title"], why, not kept[unit],
                                 any(mask[unit] for mask in never.values()), by_unit.get(unit)))  # fmt: skip
        return sorted(made, key=lambda one: (one.decision is not None, one.forbidden))

    def why(self, overlay: Overlay, decisions: Mapping[str, Decision], unit: int) -> str:
        """Why one unit is withheld."""
        never, waits = self._anywhere(overlay)
        said, units_of = reversed(list(decisions.values())), self._catalogue.units_of
        decided = next((one for one in said if unit in units_of(one.product)), None)
        if decided is not None and not decided.show:
            return f"a decision hides it{': ' if decided.why else ''}{decided.why}"
        return "; ".join(name for name, mask in (*never.items(), *waits.items()) if mask[unit])

    def _anywhere(self, overlay: Overlay) -> tuple[dict[str, Bools], dict[str, Bools]]:
        """The same as of any market."""
        every = [self._masks(overlay, market) for market in overlay.markets]
        never, waits = ({name: np.any([masks[which][name] for masks in every], axis=0) for name in every[0][which]}
                        for which in (0, 1))  # fmt: skip
        return never, waits

    def _masks(self, overlay: Overlay, market: str) -> tuple[dict[str, Bools], dict[str, Bools]]:
        """Reasons → bool (units,): what is never shown in a market, and what waits."""
        never = {f"forbidden: {_text(one)}": self._passing(overlay, market, one, f"forbidden.{at}")
                 for at, one in enumerate(self._said.forbidden)}  # fmt: skip
        waits = {f"to be looked at: {_text(one)}": self._passing(overlay, market, one, f"review.{at}")
                 for at, one in enumerate(self._said.review)}  # fmt: skip
        if self._said.cheap:
            if self._usual[0] != overlay.revision:
                self._usual = overlay.revision, _usual(self._catalogue, overlay)
            price = overlay.offers("").price
            low = (price != NO_PRICE) & (price < self._said.cheap * self._usual[1])
            waits[f"suspected fake: under {self._said.cheap:.0%} of what its brand costs in its category"] = low
        return never, {**waits, **self._worded}

    def _passing(self, overlay: Overlay, market: str, asked: Mapping[str, Any], where: str) -> Bools:
        try:
            return passing(self._catalogue, overlay, asked, market)
        except InputError as error:
            if self._strict:
                raise SettingsError(f"shop.toml, safety.{where}", error.found, error.expected) from None
            lost = f"shop.toml, safety.{where} cannot be asked: {error.found}"
            self.lost += [lost] if lost not in self.lost else []
            return np.zeros(len(self._catalogue.units), bool)

    def _decided(self, decisions: Mapping[str, Decision]) -> NDArray[np.int8]:
        """What was decided of each unit last, by itself or with its group, int8 (units,)."""
        made = np.zeros(len(self._catalogue.units), np.int8)
        for one in decisions.values():
            made[self._catalogue.units_of(one.product)] = SHOW if one.show else HIDE
        return made


def _text(asked: Mapping[str, Any]) -> str:
    return json.dumps(dict(asked), ensure_ascii=False, default=str)


def _any(masks: Mapping[str, Bools], size: int) -> Bools:
    made = np.zeros(size, bool)
    for mask in masks.values():
        made |= mask
    return made


def _usual(catalogue: Catalogue, overlay: Overlay) -> NDArray[np.float64]:
    """The median price of each unit's brand in its category and currency, float64 (units,), minor units; 0 where there
    are fewer than PEERS, or no brand or category. Prices are those of the market without a name."""
    offers = overlay.offers("")
    price, currencies = offers.price, np.unique(offers.currency, return_inverse=True)[1].astype(np.int64)
    brands, categories = catalogue.codes("brand")[0], catalogue.codes("category")[0]
    usual, known = np.zeros(len(price)), (brands != NO_CODE) & (categories != NO_CODE) & (price != NO_PRICE)
    units: Ints = np.flatnonzero(known).astype(np.int32)
    group = brands[units].astype(np.int64) * (int(categories.max(initial=0)) + 1) + categories[units]
    group = group * (int(currencies.max(initial=0)) + 1) + currencies[units]
    order = np.lexsort((price[units], group))
    for part in np.split(order, np.flatnonzero(np.diff(group[order])) + 1):
        if len(part) >= PEERS:
            usual[units[part]] = np.median(price[units[part]])
    return usual


def latest(rows: Sequence[Row], before: Mapping[str, Decision]) -> dict[str, Decision]:
    """The decisions in force after these rows of the log, by product or group, the latest last."""
    made = dict(before)
    for one in map(decision_of, rows):
        made.pop(one.product, None)
        made[one.product] = one
    return made
