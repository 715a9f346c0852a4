"""`aisle serve`: a shop's folder → the application of one worker, and the server that runs several."""

import contextlib
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from fastapi import FastAPI
from threadpoolctl import threadpool_limits

from aisle.errors import InputError
from aisle.serving import metrics
from aisle.serving.app import create_app
from aisle.serving.console.pages import console
from aisle.serving.fair import WORKERS, shared
from aisle.serving.logs import Log
from aisle.serving.metrics import Metrics, Watch
from aisle.serving.storefront.pages import pages
from aisle.shop import Shop

FOLDER = "AISLE_SHOP"  # tells the workers, which are processes of their own, what to open
GRACE = 10  # seconds that requests under way are given when the server stops


def app(folder: Path | None = None, log: Log | None = None) -> FastAPI:
    """The application over one shop's folder (default: the one that `run` was given)."""
    threadpool_limits(1)  # a worker is one core: two busy ones with two threads each wait for each other, p99 40 times
    log, counts = log or Log(), Metrics()
    shop = Shop(folder or Path(os.environ[FOLDER]), waits=False, watch=Watch(log, counts))
    settings = shop.settings.storefront
    name = settings.name or shop.folder.resolve().name
    shown = (
        *pages(shop, name, settings.shoppers, settings.record), *console(shop, name, settings.shoppers),
    ) if settings.enabled else ()  # fmt: skip
    return create_app(shop, log, counts, shown)


def run(folder: Path, host: str, port: int, workers: int) -> None:
    """Serve until a signal says stop; requests under way are finished."""
    import uvicorn
    from uvicorn.supervisors.multiprocess import SIGNALS

    # uvicorn finishes what is under way, then raises the signal that stopped it again: a wanted end is no failure
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a terminal that closes ends nobody's visit, and no job
    SIGNALS.pop(signal.SIGHUP, None)  # by which uvicorn's supervisor would begin its workers anew
    with (
        _environment(FOLDER, str(folder)),
        shared() as counts,
        _environment(WORKERS, counts),
        metrics.shared() as numbers,
        _environment(metrics.SHARED, numbers) if workers > 1 else contextlib.nullcontext(),
    ):
        uvicorn.run(
            "aisle.serve:app", factory=True, host=host, port=port, workers=workers, access_log=False,
            loop="aisle.serving.fair:FairLoop",
            log_level="warning", timeout_graceful_shutdown=GRACE,
            server_header=False,
        )  # fmt: skip


def free(host: str, port: int) -> None:
    """Raises InputError for a port that is taken, before a shop is opened for nothing."""
    try:
        kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(kind) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except OSError as error:
        raise InputError(f"--host {host} --port {port}", error.strerror or error, "a port that is free") from None


@contextlib.contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        os.environ.pop(name) if before is None else os.environ.__setitem__(name, before)
