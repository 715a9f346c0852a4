"""A shop that is open: its settings, its log, and the generation it serves, kept up with what other processes do."""

import hashlib
import hmac
import os
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from aisle.catalogue.catalogue import Catalogue
from aisle.catalogue.offers import Overlay
from aisle.engines.generations import current, kept
from aisle.engines.generations import read as generation_file
from aisle.engines.sqlite import SqliteLog
from aisle.errors import AisleError, NotTrainedError, SettingsError, StoreError
from aisle.language.glosses import available, english
from aisle.language.thesaurus import Thesaurus, cut_of, of_shop, shipped
from aisle.language.tongue import Tongue
from aisle.pipeline.scenario import Generation, Scenario
from aisle.records.history import Ints
from aisle.records.row import Kind, Row, product_of
from aisle.records.slate import Slate
from aisle.records.times import DAY, to_millis
from aisle.retrieval.moved import Moved
from aisle.settings import Safety as Said
from aisle.settings import Settings, read
from aisle.sources.values import Reading
from aisle.wiring.arranging import resting
from aisle.wiring.calm import Calm
from aisle.wiring.cursor import Cursor, generation_of
from aisle.wiring.cursor import read as cursor_read
from aisle.wiring.fold import of_this_log
from aisle.wiring.parts import Parts
from aisle.wiring.safety import Decision, Safety, latest
from aisle.wiring.scenarios import RELATED, scenarios
from aisle.wiring.sources import WEIGHTS
from aisle.wiring.versions import keep

PATIENCE = 0.5  # seconds that the first request after a publication waits for it: enough for a small shop
RETRY = 30.0  # seconds until a generation that could not be opened is tried again
KEY = 32  # bytes
HISTORICAL = 30 * DAY  # a log whose last event lies further back is a historical one


@dataclass
class Served:
    """One generation in memory, and what the log's tail has changed since."""

    parts: Parts
    generation: Generation
    overlay: Overlay = field(default_factory=lambda: Overlay({}))
    safety: Safety | None = None
    decisions: dict[str, Decision] = field(default_factory=dict)
    counted: int = 0  # offset up to which showings were counted
    lacking: set[str] = field(default_factory=set)  # ids of products that came since
    earlier: tuple[str, Catalogue] | None = None  # the generation that answered before, for a page that goes on from it

    def guard(self) -> None:
        """Withhold what may not be shown as prices and decisions are now."""
        if self.safety is not None:
            self.overlay = self.overlay.guarded(self.safety.withheld(self.overlay, self.decisions))

    def place(self, cursor: Any) -> Cursor:
        """Where a page goes on, in rows of this generation, also behind one of that before. Raises InputError."""
        if self.earlier is None or generation_of(cursor) != self.earlier[0]:
            return cursor_read(cursor, self.generation.id)
        place = cursor_read(cursor, self.earlier[0])
        now = self._now
        return replace(place, shown=tuple(int(now[row]) for row in place.shown if row < len(now) and now[row] >= 0))

    @cached_property
    def _now(self) -> Ints:
        return Moved.of(self.earlier[1], self.generation.catalogue).now if self.earlier else np.zeros(0, np.int32)

    def safe(self, said: Said, strict: bool) -> Safety:
        """What settings withhold of this generation. Raises SettingsError for a filter that it cannot answer."""
        lacking = self.parts.content.relevance.about.lacking
        return Safety(self.generation.catalogue, said, lacking, self.overlay, strict)


class Live:
    """An open shop. Requests may come from several threads; the tail is folded by one at a time.

    waits: what another process published is opened before the next answer; else beside the one that answers. watch: is
    told of every slate."""

    def __init__(self, folder: Path, waits: bool = True, watch: Callable[[Slate], None] = lambda slate: None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self._waits, self.watch = folder, waits, watch
        self.settings: Settings = read(folder / "shop.toml")
        self.unread = ""  # why shop.toml as it is now is not followed
        self._written = _written(folder / "shop.toml")
        self._said = bool(self._written[1])  # did shop.toml ever say anything
        keep(folder)
        (folder / "shop.db").touch(0o600)  # guests' sessions are in it as they were given
        self.store = SqliteLog(folder / "shop.db", self.settings.shop.tenant)
        self.calm = Calm()
        self._lock = threading.Lock()
        self._served: Served | None = None
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="opening")
        self._opening: tuple[str, Future[Served]] | None = None
        self._failure = ("", 0.0)  # a generation that could not be opened, and when it is tried again
        self.unopened = ""  # why the current generation is not the one that answers
        self._pseudonyms: dict[str, str] = {}
        self.versions: dict[str, Any] = {}  # by part of a feed, what its last load knew of earlier ones
        key = folder / "shop.key"
        self._key = _secret(key, new=key.exists() or not self.store.end())

    def pseudonym(self, user: str) -> str:
        """How a user is named in the store: a keyed hash, so the log alone tells nobody who it was."""
        if not user:
            return ""
        known = self._pseudonyms.get(user)
        if known is None:
            if len(self._pseudonyms) > 1 << 16:
                self._pseudonyms.clear()
            digest = hmac.new(self._key, user.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
            known = self._pseudonyms[user] = f"u{digest[:24]}"
        return known

    def reading(self) -> Reading:
        """How this shop's files are to be read."""
        shop = self.settings.shop
        return Reading(shop.currency, shop.language, ZoneInfo(shop.timezone), _wall(), self.pseudonym)

    def served(self) -> Served:
        """The current generation with everything that the log holds by now. Raises NotTrainedError before the first."""
        with self._lock:
            name = current(self.folder / "generations")
            if name is None:
                raise NotTrainedError(
                    str(self.folder), "no generation", "a training run: shop.train() or `aisle train`"
                )
            before = served = self._served
            if served is None or served.generation.id != name:
                served = self._newer(name)
            else:
                self._opening, self.unopened = None, ""
            try:
                self._follow_settings(served, served is not before)
            except AisleError as error:
                if before is None or self._waits:
                    raise
                self._failed(name, error)
                served = before
            if before is not None and before is not served:
                served.earlier = before.generation.id, before.generation.catalogue
            self._served = served  # only now: one whose scenarios could not be made is tried again
            self._follow(served)
            return served

    def _newer(self, name: str) -> Served:
        """The generation of this name or, while it is opened beside it, the one that answers; this goes on where the
        new one cannot be opened, and slates say so."""
        before = self._served
        if self._waits:
            return self.opened(name)
        if before is None:
            return self._first(name)
        if self._failure[0] == name and time.monotonic() < self._failure[1]:
            return before
        if self._opening is None or self._opening[0] != name:
            self._opening = name, self._beside.submit(self.opened, name)
            wait([self._opening[1]], PATIENCE)
        opened = self._opening[1]
        if not opened.done():
            return before
        self._opening = None
        if (error := opened.exception()) is not None:
            self._failed(name, error)
            return before
        self.unopened = ""
        return opened.result()

    def _first(self, name: str) -> Served:
        """The generation of this name or, where it is damaged or of another Aisle, the latest that can be opened: a
        server that is started anew answers as the one before it did. Raises what it failed by where none can."""
        try:
            return self.opened(name)
        except Exception as error:
            for other in (one for one in kept(self.folder / "generations") if one != name):
                with suppress(Exception):
                    opened = self.opened(other)
                    self._failed(name, error)
                    return opened
            raise

    def _failed(self, name: str, error: BaseException) -> None:
        """A generation that cannot be opened: what answers goes on, and it is tried again later."""
        self.unopened = f"generation {name} cannot be opened: {error}"
        self._failure = name, time.monotonic() + RETRY

    def opened(self, name: str) -> Served:
        """A generation, read from its folder. Raises AisleError for one that is damaged, or of another Aisle."""
        parts, lacking = of_this_log(self.store, Parts.load(self.folder / "generations" / name))
        served = Served(parts, Generation(name, parts.content.catalogue, {}), parts.content.catalogue.offers)
        served.lacking = lacking
        warm(served)
        if not self._waits:
            _ = parts.questions  # a server's first quiz shall not keep everybody waiting
        served.counted = parts.state.offset
        decided = [row for page in self.store.read(kinds=("decision",)) for row in page]
        served.decisions = latest(decided, {})
        self._follow(served)
        return served

    def scenarios(self, served: Served, settings: Settings) -> Mapping[str, Scenario]:
        """The scenarios of a generation as these settings have them. Raises AisleError for what it cannot follow."""
        parts = served.parts
        thesaurus = thesaurus_of(self.folder, settings, parts.content.speller.tongue)
        return scenarios(
            parts.content, parts.behaviour, parts.state, lambda: served.overlay, settings,
            tuple(parts.facts["target"]), parts.ranker, thesaurus,
            WEIGHTS if parts.ranker is not None else {**WEIGHTS, **parts.facts["weights"]},
            lambda: parts.questions.interview, parts.related, parts.borrowed, lambda: parts.unit_sales,
            {**RELATED, **parts.facts.get("beside", {})},
        )  # fmt: skip

    def follow_settings(self) -> None:
        """Read shop.toml where it was written since, for verbs that answer no request."""
        with self._lock:
            self._follow_settings(self._served, False)

    def _follow_settings(self, served: Served | None, fresh: bool) -> None:
        """Follow shop.toml where it was written since: weights and rules change without a restart. One that cannot be
        followed changes nothing, and slates say why until it is mended. Where a `fresh` generation cannot follow it (a
        quota by an attribute that is gone), what asks for more than ids rests rather than the shop."""
        path = self.folder / "shop.toml"
        written = _written(path)
        if written == self._written and not fresh:
            return
        keep(self.folder)
        settings, unread = self.settings, ""
        try:
            if self._said and not written[1]:  # an editor writes it just now, or it is lost
                raise SettingsError(str(path), "an empty file, or none", "what this shop had")
            settings = read(path)
        except SettingsError as error:
            unread = f"{error}: the settings before hold"
        try:
            made = {} if served is None else self.scenarios(served, settings)
            safety = None if served is None else served.safe(settings.safety, strict=not fresh)
        except AisleError as error:
            if not fresh or served is None:
                self.unread, self._written = f"{error}: the settings before hold", written
                return
            unread = f"{error}: quotas, campaigns, objectives and facets rest"
            made = self.scenarios(served, resting(settings))
            safety = served.safe(settings.safety, strict=False)
        if safety is not None and safety.lost:
            unread = "; ".join(filter(None, [unread, f"{'; '.join(safety.lost)}: it withholds nothing"]))
        if served is not None:
            served.generation, served.safety = replace(served.generation, scenarios=made), safety
            served.guard()
        self.settings, self.unread, self._written = settings, unread, written
        self._said = self._said or bool(written[1])

    def _follow(self, served: Served) -> None:
        """Fold the log's tail: events into the state, products into the overlay."""
        state, end = served.parts.state, self.store.end()
        if end <= state.offset:
            if self.settings.reads_showings:
                self.catch_up(served)
            return
        kinds: tuple[Kind, ...] = ("event", "product", "forget", "decision")
        if self.settings.reads_showings:  # only then, with those that nobody asked for until now
            self.catch_up(served)
            kinds += ("served",)
        for page in self.store.read(after=state.offset, kinds=kinds):
            changed = [product_of(row.body) for row in page if row.kind == "product"]
            decided = [row for row in page if row.kind == "decision"]
            if changed or decided:
                known = served.parts.content.catalogue.ids
                served.overlay = served.overlay.changed(changed, known)
                served.lacking.update(product.id for product in changed if product.id not in known)
                served.decisions = latest(decided, served.decisions)
                served.guard()
            state.update(page)
        state.offset = max(state.offset, end)  # rows of other kinds change nothing and need not be read again
        if "served" in kinds:
            served.counted = state.offset

    def catch_up(self, served: Served) -> None:
        """Count what slates showed up to where the log was folded."""
        state = served.parts.state
        if served.counted < state.offset:
            for page in self.store.read(after=served.counted, kinds=("served",)):
                state.exposure.add([row for row in page if row.offset <= state.offset], served.generation.catalogue)
            served.counted = state.offset

    def now(self, served: Served) -> int:
        """What this shop's clock says, UTC ms."""
        state = served.parts.state
        return state.last_event + 1 if self.historical(state.last_event, state.base.timed) else _wall()

    def moment(self) -> int:
        """The same for a process that only records: it opens a generation only where the clock is a historical one."""
        name = current(self.folder / "generations")
        if name is None or self.settings.shop.clock == "wall":
            return _wall()
        try:
            facts = generation_file(self.folder / "generations" / name, "facts.json")
        except StoreError:  # another one was published just now, and this one tidied away; or it is damaged
            if current(self.folder / "generations") == name:
                if self._served is not None:  # it answers in place of one that is lost
                    return self.now(self._served)
                raise
            return self.moment()
        return self.now(self.served()) if self.historical(facts["last_event"], facts["timed"]) else _wall()

    def historical(self, last_event: int, timed: bool) -> bool:
        """Does this shop's clock stand behind the last event of its log."""
        clock = self.settings.shop.clock
        return timed and (clock == "last-event" or (clock == "auto" and last_event < _wall() - HISTORICAL))

    def record(self, rows: list[Row], sync: bool = True) -> int:
        """Append rows in one transaction; returns how many were new.

        A slate need not wait for the disk (`sync=False`): the click on it is synced, and the slate with it.
        """
        return self.store.append(rows, sync)

    def millis(self, moment: object) -> int:
        """A moment as it is said, UTC ms; one without an offset is a time of the shop. Raises InputError."""
        return to_millis(moment, ZoneInfo(self.settings.shop.timezone))

    def close(self) -> None:
        """Let go of threads and files."""
        self._beside.shutdown()
        self.store.close()


def _written(path: Path) -> tuple[int, int]:
    """When a file was last written, and its size; zeros where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _wall() -> int:
    return time.time_ns() // 1_000_000


def thesaurus_of(folder: Path, settings: Settings, spoken: Tongue) -> Thesaurus | None:
    """What is shipped in the shop's language, and the shop's own behind it."""
    books = [shipped(spoken.code)] if settings.search.thesaurus else []
    if settings.search.synonyms:
        books.append([of_shop(folder / settings.search.synonyms)])
    return Thesaurus.read(books, spoken, cut_of(spoken.code)) if any(books) else None


def warm(served: Served) -> None:
    """Load what loads on first use (word frequencies, the spelling index), so that the first shopper does not wait."""
    content = served.parts.content
    content.reader.read("warmng up")
    if content.encoder is not None:
        content.encoder.encode(["warming up"])
    if available():
        english("暖")
        content.reader.read("暖 口虹 nuanhuo")
    content.stated.said(["warm"], np.zeros(0, np.int64))
    first = np.zeros(1, np.int32)
    content.relevance.about.shared(first, np.ones(1, np.float32), first)
    _ = served.parts.unit_sales, served.parts.under, content.catalogue.brands


def _secret(path: Path, new: bool) -> bytes:
    """The shop's key, made once (of a `new` shop) and readable by its owner only; without it no user is found in the
    log again. It has its name when it is whole: an empty one, read by another process, would name users by a hash
    without a key. Raises StoreError for one that is lost."""
    if not path.exists() and not new:
        raise StoreError(str(path), "no file", "the key by which this shop's log names users: restore it from a backup")
    if not path.exists():
        aside = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secrets.token_bytes(KEY))
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):  # another process was quicker
                os.link(aside, path)
        finally:
            aside.unlink(missing_ok=True)
    key = path.read_bytes()
    if len(key) < KEY:
        raise StoreError(str(path), f"{len(key)} bytes", f"the shop's key, {KEY} bytes: restore it from a backup")
    return key
