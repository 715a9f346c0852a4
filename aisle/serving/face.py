"""What serving needs of a shop: the verbs of the public face, as `aisle.Shop` has them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from aisle.records.history import Floats
from aisle.records.issue import Issue, LoadReport
from aisle.records.look import Look
from aisle.records.product import Product
from aisle.records.quiz import Quiz
from aisle.records.slate import Explanation, Shelf, Slate


class Face(Protocol):
    """An open shop."""

    folder: Path

    @property
    def generation(self) -> str: ...

    @property
    def lacking(self) -> int: ...

    @property
    def went_back(self) -> bool: ...

    @property
    def settings(self) -> Any: ...

    def load(
        self, products: Any = None, events: Any = None, users: Any = None, judgements: Any = None
    ) -> LoadReport: ...

    def check(self) -> list[Issue]: ...

    def search(
        self, query: str, user: str = "", size: int = 10, *, filters: Mapping[str, Any] | None = None,
        sort: str | None = None, session: str = "", market: str = "", language: str = "", now: object = None,
        repeat: str = "allow", cursor: str | None = None, exclude: Sequence[str] = (), record: bool = True,
    ) -> Slate: ...  # fmt: skip

    def recommend(
        self, scenario: str = "home", user: str = "", size: int = 10, *, anchor: Sequence[str] | str = (),
        filters: Mapping[str, Any] | None = None, sort: str | None = None, session: str = "", market: str = "",
        language: str = "", now: object = None, repeat: str = "auto", cursor: str | None = None,
        exclude: Sequence[str] = (), record: bool = True,
    ) -> Slate: ...  # fmt: skip

    def shelves(
        self, user: str = "", size: int = 8, *, session: str = "", market: str = "", language: str = "",
        now: object = None, exclude: Sequence[str] = (), record: bool = True,
    ) -> list[Shelf]: ...  # fmt: skip

    def quiz(
        self, answers: Mapping[str, bool] | None = None, *, user: str = "", session: str = "", size: int = 10,
        market: str = "", record: bool = True,
    ) -> Quiz: ...  # fmt: skip

    def product(self, product: str, *, market: str = "") -> Product: ...

    def variants(self, product: str, *, market: str = "") -> list[Product]: ...

    def rank(
        self, products: Sequence[str], query: str = "", user: str = "", *, session: str = "", market: str = "",
        now: object = None,
    ) -> Slate: ...  # fmt: skip

    def relevance(self, pairs: Sequence[tuple[str, str]]) -> Floats: ...

    def suggest(self, beginning: str, size: int = 8) -> list[str]: ...

    def record(self, events: Any) -> int: ...

    def explain(self, slate: Slate, product: str) -> Explanation: ...

    def look(self, slate: Slate) -> Look: ...

    def forget(self, user: str = "", *, session: str = "") -> int: ...

    def moderate(self, product: str, show: bool, *, why: str = "", by: str = "") -> None: ...

    def queue(self) -> Sequence[Any]: ...

    def exposure(self, scenario: str = "home", *, days: int = 7) -> Any: ...

    def synonyms(self) -> Sequence[Any]: ...

    def versions(self) -> Sequence[Any]: ...

    def restore(self, version: str) -> None: ...

    def status(self) -> Any: ...

    def rollback(self) -> str: ...

    def close(self) -> None: ...
