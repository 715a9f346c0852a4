"""The README's picture: what the demo's shop answers, as a terminal shows it.

python -m benchmarks.picture [--shop demo-shop] [--out docs/images/demo.svg]
"""

import argparse
from pathlib import Path

from rich.console import Console

from aisle import Shop
from aisle.wiring import show

HOUSEHOLD = "1609"


def main() -> None:
    """Draw it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shop", default="demo-shop")
    parser.add_argument("--out", default="docs/images/demo.svg")
    options = parser.parse_args()
    canvas = Console(record=True, width=118, highlight=False)
    show.console = lambda: canvas
    with Shop(options.shop) as shop:
        show.slate(shop.search("something for a headache", size=4), "aisle search “something for a headache”")
        show.slate(shop.search("choclate ice crem", size=3), "aisle search “choclate ice crem”")
        show.slate(shop.recommend("home", user=HOUSEHOLD, size=5), f"aisle recommend home --user {HOUSEHOLD}")
    Path(options.out).parent.mkdir(parents=True, exist_ok=True)
    Path(options.out).write_text(canvas.export_svg(title="aisle demo"), "utf-8")


if __name__ == "__main__":
    main()
