"""`Shop`, the public face: one folder with shop.toml, shop.db, generations/, cache/ and reports/."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aisle.records.event import Event
from aisle.records.history import Floats
from aisle.records.issue import Issue, LoadReport
from aisle.records.look import Look
from aisle.records.product import Product
from aisle.records.quiz import Quiz
from aisle.records.slate import Explanation, Shelf, Slate
from aisle.records.status import Status
from aisle.settings import Settings, proposal
from aisle.stages import Progress
from aisle.wiring import asked
from aisle.wiring.answer import answer
from aisle.wiring.attributes import Attributes, attributes
from aisle.wiring.check import check
from aisle.wiring.evaluate import Table, evaluate
from aisle.wiring.explain import explain
from aisle.wiring.exposed import Exposed, exposure
from aisle.wiring.live import Live
from aisle.wiring.load import load
from aisle.wiring.look import look
from aisle.wiring.lookup import product as lookup
from aisle.wiring.lookup import variants
from aisle.wiring.quiz import quiz
from aisle.wiring.rank import rank, relevance
from aisle.wiring.record import forget, moderate, record
from aisle.wiring.refresh import refresh
from aisle.wiring.report import Trained, plain
from aisle.wiring.rollback import rollback, went_back
from aisle.wiring.safety import Withheld
from aisle.wiring.shelves import shelves
from aisle.wiring.simulate import Simulated, simulate
from aisle.wiring.status import status
from aisle.wiring.suggest import suggest
from aisle.wiring.synonyms import Synonym, synonyms
from aisle.wiring.train import train
from aisle.wiring.versions import Version, restore, versions
from aisle.wiring.weigh import Weighing, weigh


class Shop:
    """One shop. Opening makes the folder and brings its store up to date; it may be open in many processes at once.

    Errors are `aisle.AisleError`s that name the file, row or field, what was found and what was expected.
    """

    def __init__(
        self, folder: str | Path, progress: Progress = plain, *, waits: bool = True,
        watch: Callable[[Slate], None] = lambda slate: None,
    ) -> None:  # fmt: skip
        """waits: a generation that another process published is opened before the next answer. A server, whose shoppers
        shall not wait, says no: then it is opened beside the one that answers. watch: is told of every slate."""
        self.folder, self._progress = Path(folder), progress
        self._live = Live(self.folder, waits, watch)

    @property
    def settings(self) -> Settings:
        """What shop.toml says, with every default."""
        return self._live.settings

    @property
    def generation(self) -> str:
        """The id of the generation that answers now. Raises NotTrainedError before the first."""
        return self._live.served().generation.id

    @property
    def lacking(self) -> int:
        """How many products of the log the generation that answers does not know. Raises NotTrainedError before the
        first."""
        return len(self._live.served().lacking)

    @property
    def went_back(self) -> bool:
        """Was the generation that answers gone back to by `rollback`."""
        return went_back(self._live)

    def load(self, products: Any = None, events: Any = None, users: Any = None, judgements: Any = None) -> LoadReport:
        """Load a catalogue, a log, profiles or judgements: each a path, a DataFrame or an iterable of records.

        Rows that cannot be read are set aside with a reason; rows = accepted + quarantined, always. Loading the same
        again changes nothing. Raises SourceError for a file that cannot be read at all.
        """
        return load(self._live, self._progress, products=products, events=events, users=users, judgements=judgements)

    def check(self) -> list[Issue]:
        """Findings about the data, errors first."""
        return check(self._live)

    def train(self, seed: int = 0) -> Trained:
        """Fit what the data can carry and publish it; the report says what was skipped and why."""
        self._live.follow_settings()
        return train(self._live.store, self.folder, self._live.settings, seed, self._progress)

    def refresh(self) -> Trained:
        """Publish the catalogue and the log as they are now with what the last training learned: products that came
        since are found, in a fraction of the time of a training.

        Raises NotTrainedError before the first training, and where what was learned does not fit any more."""
        self._live.follow_settings()
        return refresh(self._live.store, self.folder, self._live.settings, self._progress)

    def search(
        self, query: str, user: str = "", size: int = 10, *, filters: Mapping[str, Any] | None = None,
        sort: str | None = None, session: str = "", market: str = "", language: str = "", now: object = None,
        repeat: str = "allow", cursor: str | None = None, exclude: Sequence[str] = (), record: bool = True,
    ) -> Slate:  # fmt: skip
        """Products that answer a query, best first. `sort` is price, -price, created_at or -created_at; `exclude`
        names products that the page shows already; without `record` the log does not learn of the slate.

        Raises InputError for an unknown filter, a size that is not 0 to `serve.largest`, or a stale cursor.
        """
        request = asked.request(query, user=user, session=session, filters=filters, market=market, language=language,
                                sort=sort, exclude=exclude)  # fmt: skip
        return answer(self._live, "search", request, size, now, repeat, cursor, record)

    def recommend(
        self, scenario: str = "home", user: str = "", size: int = 10, *, anchor: Sequence[str] | str = (),
        filters: Mapping[str, Any] | None = None, sort: str | None = None, session: str = "", market: str = "",
        language: str = "", now: object = None, repeat: str = "auto", cursor: str | None = None,
        exclude: Sequence[str] = (), record: bool = True,
    ) -> Slate:  # fmt: skip
        """Products for a shopper in a scenario; `anchor` names the products that product page or basket stand on.

        `repeat` is allow, exclude or auto (learned from the share of repeat purchases in the log).
        """
        request = asked.request(anchor=anchor, user=user, session=session, filters=filters, market=market,
                                language=language, sort=sort, exclude=exclude)  # fmt: skip
        return answer(self._live, scenario, request, size, now, repeat, cursor, record)

    def shelves(
        self, user: str = "", size: int = 8, *, session: str = "", market: str = "", language: str = "",
        now: object = None, exclude: Sequence[str] = (), record: bool = True,
    ) -> list[Shelf]:  # fmt: skip
        """A home page: several slates for one shopper, the most personal first, on which nothing stands twice."""
        request = asked.request(user=user, session=session, market=market, language=language, exclude=exclude)
        return shelves(self._live, request, size, now, record)

    def product(self, product: str, *, market: str = "") -> Product:
        """One product as the catalogue states it, with today's price and stock. Raises UnknownError for no such id."""
        return lookup(self._live, asked.word("product", product), asked.word("market", market))

    def variants(self, product: str, *, market: str = "") -> list[Product]:
        """The sizes, colours … of a product: what shares its group, itself among them, but for what is hidden. Raises
        UnknownError for no such id."""
        return variants(self._live, asked.word("product", product), asked.word("market", market))

    def quiz(
        self, answers: Mapping[str, bool] | None = None, *, user: str = "", session: str = "", size: int = 10,
        market: str = "", record: bool = True,
    ) -> Quiz:  # fmt: skip
        """For a shopper of whom nothing is known: the question whose answer would tell most, and a slate by the answers
        so far (a question's key → yes or no). Ask, add the answer, ask again; three to five will do.

        Raises InputError for what is no answer.
        """
        request = asked.request(user=user, session=session, market=market)
        return quiz(self._live, answers or {}, request, size, record)

    def rank(
        self, products: Sequence[str], query: str = "", user: str = "", *, session: str = "", market: str = "",
        now: object = None,
    ) -> Slate:  # fmt: skip
        """A permutation of the products given, best first; unknown or hidden ones last, with a reason."""
        request = asked.request(query, user=user, session=session, market=market)
        return rank(self._live, asked.ids("products", products), request, now)

    def relevance(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """Relevance of (query, product id) pairs, float32 (n,): higher is more relevant, -1 for unknown products."""
        return relevance(self._live, pairs)

    def suggest(self, beginning: str, size: int = 8) -> list[str]:
        """Completions of what a shopper is typing."""
        return suggest(self._live, beginning, size)

    def record(self, events: Mapping[str, Any] | Event | Iterable[Mapping[str, Any] | Event]) -> int:
        """Store an event or a batch (one transaction); durable when it returns, and known to the next request.

        Returns how many were new: an id seen before is a no-op. Raises InputError and stores nothing otherwise.
        """
        return record(self._live, events)

    def explain(self, slate: Slate, product: str) -> Explanation:
        """Why a product is on a slate, or why it is not."""
        return explain(self._live, slate, asked.word("product", product))

    def look(self, slate: Slate) -> Look:
        """The whole way of the request that made a slate: how it was read, what each source found, every column."""
        return look(self._live, slate)

    def evaluate(self, *, seed: int = 0, shoppers: int = 2000, now: object = None) -> Table:
        """Measure recommendations on the last weeks, which the measured ranker never saw, against the baselines."""
        moment = None if now is None else self._live.millis(now)
        return evaluate(self._live, self._progress, seed, shoppers, moment)

    def simulate(
        self, proposed: str | Path | Mapping[str, Any], *, requests: int = 300, now: object = None, seed: int = 0,
        price: bool = True,
    ) -> Simulated:  # fmt: skip
        """What other settings (a file like shop.toml, or its values) would show on the latest requests of the log, and
        what each of their rules costs by what shoppers bought in the last weeks. Nothing is recorded or changed.

        Raises SettingsError for settings that cannot be read, or that this catalogue cannot follow.
        """
        moment = None if now is None else self._live.millis(now)
        return simulate(self._live, proposal(proposed), self._progress, requests, moment, seed, price)

    def weigh(
        self, objective: str, *, lost: float = 0.01, least: float = 0.0, seed: int = 0, shoppers: int = 2000
    ) -> Weighing:
        """What `revenue`, `margin`, `tail`, `rare`, `click` or `basket` may count beside purchases on home: the weight
        that gains most of it, at least `least`, while NDCG@10 falls by no more than `lost` (0.01: one percent), and
        what every weight does.

        Raises InputError for another objective, or where no shopper has both a past and a future.
        """
        return weigh(self._live, objective, lost, least, self._progress, seed, shoppers)

    def exposure(self, scenario: str = "home", *, days: int = 7) -> Exposed:
        """Whether what shoppers are shown narrows: the recorded slates of a scenario in periods of some days.

        Raises InputError for a scenario that there is not, or for days that are no whole number from 1 to 36,500.
        """
        return exposure(self._live, scenario, days)

    def synonyms(self) -> list[Synonym]:
        """Words for one thing that the log and the catalogue suggest, for a file that `search.synonyms` names; nothing
        is used before a shop takes it over."""
        return synonyms(self._live)

    def attributes(self, names: Sequence[str] = (), *, seed: int = 0) -> Attributes:
        """Brands, sizes and attributes (all, or `names`) that titles say and the feed leaves out, learned from the
        products that state them, with how often that is right; nothing is used before a shop loads it.

        Raises InputError for a name that is none of them.
        """
        return attributes(self._live, self._progress, seed, names)

    def moderate(self, product: str, show: bool, *, why: str = "", by: str = "") -> None:
        """Decide whether a product or a group is shown; holds at once, in every process, until decided otherwise.

        What `safety.forbidden` names stays hidden. Raises UnknownError for an id that is not in the catalogue.
        """
        moderate(self._live, asked.word("product", product), show, asked.word("why", why), asked.word("by", by))

    def queue(self) -> list[Withheld]:
        """Products that wait for a decision, then those that are forbidden or decided of."""
        served = self._live.served()
        return served.safety.queue(served.overlay, served.decisions) if served.safety is not None else []

    def versions(self) -> list[Version]:
        """Every shop.toml that was in force, the latest first, with what each changed."""
        return versions(self.folder)

    def restore(self, version: str) -> None:
        """Put a version back into shop.toml; every process follows it from its next request on, and what was there
        stays a version. Raises UnknownError for no such version."""
        restore(self.folder, asked.word("version", version))

    def status(self) -> Status:
        """How the shop stands, whether it can answer or not: what answers and since when, what is wrong, and what fills
        the disk."""
        return status(self._live)

    def rollback(self) -> str:
        """Let the generation before this one answer again, in every process; returns its id. Asked twice, the later one
        is back. Raises UnknownError where there is none, and changes nothing where it cannot be opened."""
        return rollback(self._live)

    def forget(self, user: str = "", *, session: str = "") -> int:
        """Erase what the log holds of a user or a guest's session; the running generation forgets them at once.

        Returns how many rows were erased.
        """
        return forget(self._live, asked.word("user", user), asked.word("session", session))

    def close(self) -> None:
        """Let go of files and threads."""
        self._live.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
