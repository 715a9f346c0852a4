"""The README's pictures: `python -m benchmarks.screenshots --shop demo-shop --out docs/images`.

Serves the shop on a free port, unrecorded, and looks at its pages with Chromium (Playwright, from the dev extra).
"""

import argparse
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

LARGEST = 400 * 1024  # bytes of a picture
DESKTOP, PHONE = (1280, 860), (390, 844)
# File → path, size, language, whether somebody known is looking.
PICTURES: dict[str, tuple[str, tuple[int, int], str, bool]] = {
    "storefront-home.png": ("/", DESKTOP, "en", True),
    "storefront-search.png": ("/search?q=choclate+ice+crem", DESKTOP, "en", True),
    "storefront-phone.png": ("/", PHONE, "en", True),
    "storefront-zh.png": ("/", DESKTOP, "zh", True),
    "inside.png": ("/inside?q=nappies", DESKTOP, "en", False),
}


@contextmanager
def served(folder: Path, name: str) -> Iterator[str]:
    """The shop's pages on a free port, which record nothing."""
    import uvicorn

    from aisle import Shop
    from aisle.serving.app import create_app
    from aisle.serving.console.pages import console
    from aisle.serving.logs import Log
    from aisle.serving.metrics import Metrics
    from aisle.serving.storefront.pages import pages

    shop = Shop(folder)
    shown = [*pages(shop, name, shop.settings.storefront.shoppers, record=False), *console(shop, name)]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        free.listen()
        server = uvicorn.Server(uvicorn.Config(create_app(shop, Log(StringIO()), Metrics(), shown), log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [free]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.05)
        try:
            yield f"http://127.0.0.1:{free.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(15)


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser: the system's Chromium, else the one that Playwright brought."""
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


def picture(browser: Any, address: str, file: Path, household: str) -> int:
    """Look at one page; returns the picture's bytes."""
    path, (width, height), language, known = PICTURES[file.name]
    scale = 2 if width < 600 else 1  # a phone's pixels are finer
    context = browser.new_context(viewport={"width": width, "height": height}, device_scale_factor=scale)
    said = {"lang": language, "household": household if known else ""}
    context.add_cookies([{"name": name, "value": value, "url": address} for name, value in said.items()])
    page = context.new_page()
    page.goto(address + path, wait_until="networkidle")
    page.screenshot(path=file, animations="disabled")
    context.close()
    return file.stat().st_size


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--shop", type=Path, required=True, help="A trained shop's folder.")
    asked.add_argument("--out", type=Path, default=Path("docs/images"))
    asked.add_argument("--household", default="1609", help="As whom the pages are looked at.")
    asked.add_argument("--name", default="Aisle Market", help="What the shop is called in the pictures.")
    given = asked.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with served(given.shop, given.name) as address, chromium() as browser:
        for name in PICTURES:
            size = picture(browser, address, given.out / name, given.household)
            print(f"{given.out / name}  {size / 1024:.0f} kB" + ("  TOO LARGE" if size > LARGEST else ""))


if __name__ == "__main__":
    main()
