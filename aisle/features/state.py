"""State is a fold of the log by offset: histories of shoppers and counters of products.

A generation carries the fold up to its own offset, memory-mapped; the events behind that offset are folded in as
they are read. A test replays to any offset and compares.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from aisle.catalogue.catalogue import Catalogue
from aisle.features.exposure import Exposure
from aisle.features.log import columns_of, judged
from aisle.features.tally import Tally, loaded, saved
from aisle.records.event import ANSWERS, CODES
from aisle.records.history import DTYPES, NO_TIME, Bools, History, Interactions, Longs, Moment, no_history, stacked
from aisle.records.mapped import mapped
from aisle.records.row import Row

EXPOSURE = "exposure.npz"
HOUR = 3_600_000  # ms
OFTEN = 4096  # rows of the log
REFUND = CODES["refund"]
LOOKED = tuple(sorted(CODES[name] for name in ANSWERS))


class State:
    """The fold up to `offset`. `target` holds the codes of the event types that the counters count."""

    def __init__(
        self, catalogue: Catalogue, base: Interactions, target: tuple[int, ...], tally: Tally, offset: int,
        exposure: Exposure | None = None,
    ) -> None:  # fmt: skip
        self.catalogue, self.base, self.target, self.tally, self.offset = (
            catalogue,
            base,
            target,
            tally,
            offset,
        )
        self.exposure = Exposure.none(len(catalogue)) if exposure is None else exposure
        self._seen: tuple[tuple[int, int] | None, Mapping[str, Longs]] = (None, {})
        self._tail: dict[str, History] = {}
        self._forgotten: set[str] = set()
        self.last_event = int(base.columns.times.max(initial=0)) if base.timed else 0

    def update(self, rows: Sequence[Row]) -> None:
        """Fold rows of the log that lie behind `offset`; others were folded before and change nothing."""
        behind = [row for row in rows if row.offset > self.offset]
        for kind, some in groupby(behind, key=lambda row: row.kind):
            if kind == "forget":
                for row in some:
                    self._forget(row.user or "")
            elif kind == "event":
                self._events(list(some))
        self.exposure.add(behind, self.catalogue)
        self.offset = behind[-1].offset if behind else self.offset

    def _events(self, rows: Sequence[Row]) -> None:
        """Fold events in a row at once, for a feed brings many: what each of their pairs had come to is looked up."""
        shoppers, events, values = columns_of(rows, self.catalogue)
        events = judged(events, values, self.base.below)
        if self.base.timed:  # as a fold of the whole log leaves out what has none
            known = events.times != NO_TIME
            shoppers, events = [one for one, kept in zip(shoppers, known, strict=True) if kept], events.take(known)
        number: dict[str, int] = {}
        owners = np.fromiter((number.setdefault(name, len(number)) for name in shoppers), np.int32, len(shoppers))
        taken, order = np.isin(events.types, self.target), np.argsort(owners, kind="stable")
        bounds, before = np.searchsorted(owners[order], np.arange(len(number) + 1)), [no_history()]
        for at, shopper in enumerate(number):
            mine = order[bounds[at] : bounds[at + 1]]
            history = self.history(shopper).of(self.target) if taken[mine].any() else no_history()
            before.append(history.take(np.isin(history.rows, events.rows[mine[taken[mine]]])))
            self._tail[shopper] = stacked([self._tail.get(shopper, no_history()), events.take(mine)])
        earlier = np.repeat(np.arange(len(number), dtype=np.int32), [len(one) for one in before[1:]])
        self.tally.count(earlier, stacked(before), owners[taken], events.take(taken))
        self.tally.refund(events.rows[events.types == REFUND])
        looks = _looks(events, self.target)
        self.tally.look(events.rows[looks], events.times[looks])
        if self.base.timed:
            self.last_event = max(self.last_event, int(events.times.max(initial=0)))

    def _forget(self, shopper: str) -> None:
        """The shopper's history is gone at once; counters keep the anonymous sums until the next generation."""
        self._tail.pop(shopper, None)
        self._forgotten.add(shopper)

    @property
    def forgotten(self) -> frozenset[str]:
        """Shoppers who were forgotten since this state was folded."""
        return frozenset(self._forgotten)

    def history(self, shopper: str, now: int | None = None) -> History:
        """What a shopper did until `now` (UTC ms), oldest first."""
        index = -1 if shopper in self._forgotten else self.base.find(shopper)
        history = self.base.history(index) if index >= 0 else no_history()
        tail = self._tail.get(shopper)
        if tail is not None:
            history = _sorted(stacked([history, tail]))
        if now is not None and self.base.timed and len(history) and history.times[-1] > now:
            history = history.take(history.times <= now)
        return history

    def moment(self, now: int) -> Moment:
        """The counters as of `now`. Those of exposure change once an hour, or every OFTEN rows where the shop's clock
        stands still: a second page goes with the first."""
        hour = (now // HOUR, self.offset // OFTEN)
        if self._seen[0] != hour:
            self._seen = (hour, {"shown": self.exposure.shown.copy(), "answered": self.exposure.answered.copy()})
        moment = self.tally.moment(now)
        return replace(moment, columns={**moment.columns, **self._seen[1]})

    def recount(self) -> None:
        """The next moment has the showings of now."""
        self._seen = (None, self._seen[1])

    def save(self, folder: Path) -> None:
        """Write the fold as files of a new folder."""
        folder.mkdir(parents=True)
        for name in DTYPES:
            np.save(folder / f"{name}.npy", getattr(self.base.columns, name))
        np.save(folder / "shoppers.npy", self.base.shoppers)
        np.save(folder / "indptr.npy", self.base.indptr)
        np.savez(folder / "tally.npz", **saved(self.tally))  # type: ignore[arg-type]
        self.exposure.save(folder / EXPOSURE)
        np.save(folder / "scalars.npy", np.array([self.offset, self.base.timed, *self.target], np.int64))
        np.save(folder / "below.npy", self.base.below)

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue) -> "State":
        """The fold that `save` wrote; histories stay on disk until they are read."""
        columns: dict[str, Any] = {n: mapped(folder / f"{n}.npy") for n in DTYPES}
        offset, timed, *target = (int(v) for v in np.load(folder / "scalars.npy"))
        shoppers = mapped(folder / "shoppers.npy")
        below = float(np.load(folder / "below.npy"))
        base = Interactions(shoppers, np.load(folder / "indptr.npy"), History(**columns), bool(timed), below=below)
        with np.load(folder / "tally.npz") as arrays:
            tally = loaded(arrays)
        return cls(catalogue, base, tuple(target), tally, offset, Exposure.load(folder / EXPOSURE, len(catalogue)))


@dataclass(frozen=True)
class Lately:
    """A state, and histories as if what each shopper did next came now: whoever asks is in the middle of a visit. past:
    what they had done by then; ago: int64 (shoppers,), how long before now that was, ms."""

    state: State
    past: Interactions
    ago: Longs

    def history(self, shopper: str, now: int | None = None) -> History:
        """What a shopper did, oldest first."""
        index = self.past.find(shopper)
        history = self.past.history(index) if index >= 0 else no_history()
        return replace(history, times=history.times + self.ago[index]) if index >= 0 else history

    def moment(self, now: int) -> Moment:
        """The counters as of `now`."""
        return self.state.moment(now)


def folded(
    catalogue: Catalogue, log: Interactions, target: tuple[int, ...], reference: int, offset: int,
    exposure: Exposure | None = None,
) -> State:  # fmt: skip
    """The state of a whole log at once; decays are relative to `reference` (UTC ms)."""
    tally = Tally(len(catalogue), reference, log.timed).fold(log.of(target))
    tally.refund(log.columns.rows[log.columns.types == REFUND])
    looks = _looks(log.columns, target)
    tally.look(log.columns.rows[looks], log.columns.times[looks])
    return State(catalogue, log, target, tally, offset, exposure)


def _looks(columns: History, target: tuple[int, ...]) -> Bools:
    """bool (n,): what speaks for a product, and is not what is counted as taking it."""
    return np.isin(columns.types, LOOKED) & ~np.isin(columns.types, target)


def _sorted(history: History) -> History:
    return history.take(np.lexsort((history.offsets, history.times)))
