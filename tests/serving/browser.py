"""A shop behind a real server, and a real browser in front of it."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from aisle import Shop

CHROMIUM = Path("/usr/bin/chromium")
DESKTOP, PHONE = (1280, 800), (360, 740)


def application(shop: Shop, name: str = "Corner shop", shoppers: Sequence[str] = (), record: bool = True) -> Any:
    """The application over a shop that stays the caller's to close."""
    pytest.importorskip("fastapi")
    from aisle.serving.app import create_app
    from aisle.serving.console.pages import console
    from aisle.serving.logs import Log
    from aisle.serving.metrics import Metrics
    from aisle.serving.storefront.pages import pages

    return create_app(shop, Log(StringIO()), Metrics(), [*pages(shop, name, shoppers, record), *console(shop, name)])


@contextmanager
def serving(shop: Shop, name: str = "Corner shop", shoppers: Sequence[str] = (), record: bool = True) -> Iterator[str]:
    """Serve a shop on a free port of this machine; gives the address, http://127.0.0.1:port."""
    uvicorn = pytest.importorskip("uvicorn")
    app = application(shop, name, shoppers, record)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        free.listen()
        # Without lifespan: its end would close the shop, which belongs to the test.
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="error", timeout_graceful_shutdown=2))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [free]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + 20
        while not server.started and thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        try:
            assert server.started, "the server did not start"
            yield f"http://127.0.0.1:{free.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)
            app.state.turns.close()


@contextmanager
def chromium() -> Iterator[Any]:
    """A Playwright browser. Skips the test, with the reason, where there is none (an error in CI)."""
    found = str(CHROMIUM) if CHROMIUM.exists() else shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def page_of(browser: Any, address: str, size: tuple[int, int] = DESKTOP, **options: Any) -> Iterator[Any]:
    """A page of its own (no cookies yet) whose paths are relative to an address.

    What the page's scripts complain about is an error of the test that looks at it.
    """
    width, height = size
    context = browser.new_context(base_url=address, viewport={"width": width, "height": height}, **options)
    page = context.new_page()
    page.set_default_timeout(60_000)  # of a machine that does other things, too: what fails, fails at once
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    try:
        yield page
        assert complaints == []
    finally:
        context.close()


def violations(page: Any) -> list[str]:
    """What axe-core finds wrong with a page: rule, and the elements that break it."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    found = axe.Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]
