"""Tiny shops behind their application, and what a test asks of it."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from tests.worlds import PRODUCTS, checkerboard, opened

pytest.importorskip("fastapi", reason="the serve extra is not installed")
from starlette.testclient import TestClient

from aisle.serve import app as application
from aisle.serving.logs import Log

PROBLEM = {"error", "where", "found", "expected", "request"}
LONG = 120  # seconds that something is given, on however slow a machine


@dataclass
class Served:
    """A shop behind its application, and what was written to the log."""

    client: TestClient
    folder: Path
    log: StringIO = field(default_factory=StringIO)

    def post(self, verb: str, status: int = 200, **body: Any) -> Any:
        answer = self.client.post(f"/v1/{verb}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def get(self, path: str, status: int = 200, **query: Any) -> Any:
        answer = self.client.get(f"/v1/{path}", params=query)
        assert answer.status_code == status, answer.text
        return answer.json()

    def raw(self, verb: str, text: str, status: int) -> Any:
        """A body as it is written, such as what Python's json would not send."""
        answer = self.client.post(f"/v1/{verb}", content=text, headers={"content-type": "application/json"})
        assert answer.status_code == status, answer.text
        return answer.json()

    def problem(self, verb: str, status: int, **body: Any) -> Any:
        told = self.post(verb, status, **body)
        assert set(told) == PROBLEM and told["request"]
        return told

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    def ids(self, verb: str, **body: Any) -> list[str]:
        return [placement["product"] for placement in self.post(verb, **body)["placements"]]


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    log = StringIO()
    with TestClient(application(folder, Log(log))) as client:
        yield Served(client, folder, log)


def furnished(folder: Path) -> Path:
    """The folder of a trained shop: the checkerboard, and eight products of a furniture shop."""
    products, events = checkerboard()
    with opened(folder) as shop:
        shop.load(products=[*products, *PRODUCTS], events=events)
        shop.train()
    return folder


def until(done: Callable[[], bool]) -> None:
    """Wait for a job, however slow the machine."""
    deadline = time.monotonic() + LONG
    while not done():
        assert time.monotonic() < deadline, "it did not come to an end"
        time.sleep(0.1)


def stored(folder: Path, kind: str) -> int:
    """How many rows of a kind the log holds."""
    with closing(sqlite3.connect(folder / "shop.db")) as store:
        return int(store.execute("SELECT count(*) FROM log WHERE kind = ?", (kind,)).fetchone()[0])
