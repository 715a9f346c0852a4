"""A complete tiny shop: load, train, search, recommend, record, explain. Runs in seconds, needs no network.

python examples/first_shop.py                  # the whole way, in a folder that is removed at the end
python examples/first_shop.py --files FOLDER   # only write the four files that the tutorial works on
"""

import csv
import json
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aisle

PRODUCTS = """id,title,group,brand,category,price,colour
bed-walnut-140,Walnut bed frame 140 cm,bed-walnut,Acme,Furniture > Bedroom > Beds,449.00,brown
bed-walnut-160,Walnut bed frame 160 cm,bed-walnut,Acme,Furniture > Bedroom > Beds,499.00,brown
bed-oak,Oak bed frame 160 cm,,Bo,Furniture > Bedroom > Beds,399.00,beige
mattress,Foam mattress 160 cm,,Bo,Furniture > Bedroom > Mattresses,259.00,white
lamp,Bedside lamp,,Bo,Lighting > Lamps,39.90,white
sheets,Cotton sheets,,Acme,Textiles > Bedding,29.00,white
duvet,Goose down duvet,,Acme,Textiles > Bedding,119.00,white
desk,Walnut writing desk,,Acme,Furniture > Office > Desks,329.00,brown
chair,Office chair,,Bo,Furniture > Office > Chairs,149.00,black
machine,Espresso machine,,Brew,Kitchen > Coffee,199.00,silver
cups,Espresso cups,,Brew,Kitchen > Coffee,19.00,white
beans,Coffee beans 1 kg,,Brew,Kitchen > Coffee,14.50,
"""
# What shoppers buy one after the other; each walks three to five steps along one of these, one every two weeks.
PATHS = (
    ("bed-walnut-160", "mattress", "sheets", "lamp", "duvet"),
    ("bed-oak", "mattress", "sheets", "duvet", "lamp"),
    ("machine", "beans", "beans", "cups", "beans"),
    ("desk", "chair", "machine", "beans", "cups"),
)
START = datetime(2024, 1, 8, 12, tzinfo=UTC)
SHOPPERS = 40
SETTINGS = '[encoder]\nmodel = ""\n'  # no text vectors: nothing heavy is loaded


def events() -> Iterator[dict[str, Any]]:
    """Every shopper's purchases, one an order."""
    for number in range(SHOPPERS):
        for step, product in enumerate(PATHS[number % len(PATHS)][: 3 + number % 3]):
            time = START + timedelta(days=14 * step + number % 9, hours=number % 7)
            yield {"type": "purchase", "user": f"u{number}", "product": product, "timestamp": time.isoformat(),
                   "order": f"o{number}-{step}", "quantity": 1}  # fmt: skip


def write(folder: Path) -> None:
    """The four files that a shop can load."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "products.csv").write_text(PRODUCTS, "utf-8")
    (folder / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events()), "utf-8")
    with (folder / "users.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "city"])
        rows.writerows([f"u{number}", ("Rome", "Oslo")[number % 2]] for number in range(SHOPPERS))
    (folder / "judged.csv").write_text(
        "query,product,relevance\nwalnut bed,bed-walnut-160,3\nwalnut bed,bed-oak,1\nwalnut bed,cups,0\n", "utf-8"
    )


def tour(folder: Path) -> None:
    """From files to answers."""
    write(folder)
    home = folder / "myshop"
    home.mkdir()
    (home / "shop.toml").write_text(SETTINGS, "utf-8")
    with aisle.Shop(home) as shop:
        report = shop.load(products=folder / "products.csv", events=folder / "events.jsonl")
        say(f"loaded {report.accepted} rows, set aside {report.quarantined}")
        say(f"trained generation {shop.train(seed=0).generation}")

        say("\nsearch 'walnut bed':")
        found = shop.search("walnut bed", user="u1", size=3)
        tell(found)

        say("\nrecommended to u3, who bought a desk, a chair and an espresso machine:")
        tell(shop.recommend("home", user="u3", size=3))

        say("\nbeside the espresso machine:")
        tell(shop.recommend("product", anchor="machine", size=3))

        shop.record({"id": "e1", "type": "purchase", "user": "guest-7", "product": "machine", "order": "o-e1",
                     "timestamp": "2024-03-20T10:00:00Z"})  # fmt: skip
        say("\nrecommended to guest-7, right after one recorded purchase:")
        tell(shop.recommend("home", user="guest-7", size=3))

        why = shop.explain(found, "cups")
        say(f"\nwhy are the cups not an answer to 'walnut bed': {why.verdict}")


def tell(slate: Any) -> None:
    """A slate, one product a line."""
    for placement in slate:
        say(f"  {placement.position + 1}. {placement.title}  ({placement.reasons[0].text})")


def say(text: str) -> None:
    """One line for the reader."""
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    if "--files" in sys.argv[1:]:
        write(Path(sys.argv[sys.argv.index("--files") + 1]))
    else:
        with tempfile.TemporaryDirectory() as place:
            tour(Path(place))
