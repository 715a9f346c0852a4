"""The next basket of a wholesaler of gifts, UCI Online Retail: a log on which nothing here was chosen.

    python -m benchmarks.online_retail [--seeds 0 1 2] [--folder DIR] [--json]

397,884 lines of 4,338 customers and 3,812 products with titles and prices in pounds; returns and lines without a
customer are left out. The shop is loaded, trained and evaluated through the public face with default settings: its
last four weeks are the test, beside rank fusion, popularity, the customer's own frequency, and that with a half-life
chosen before the test.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from aisle import Shop
from benchmarks.next_product_board import metered, told
from benchmarks.next_product_shop import data
from benchmarks.rows import Row, show

SETTINGS = '[shop]\ncurrency = "GBP"\n[serve]\nrecord_slates = false\ndeadline_ms = 5000\n'
METRICS = ("ndcg@10", "recall@10", "coverage@10", "gini@10")


def sold() -> pd.DataFrame:
    """Lines that were sold, of a product with a name and a price."""
    lines = pd.read_parquet(data("online_retail/lines.parquet"))
    lines = lines[(lines["Quantity"].astype(int) > 0) & (lines["UnitPrice"].astype(float) > 0)]
    lines = lines[lines["Description"].fillna("").astype(str).str.strip() != ""]
    return lines.assign(product=lines["StockCode"].astype(str).str.upper())


def products(lines: pd.DataFrame) -> list[dict[str, Any]]:
    """The first name and price of each."""
    first: list[dict[Any, Any]] = lines.drop_duplicates("product").to_dict("records")
    return [{"id": line["product"], "title": str(line["Description"]).strip(), "price": float(line["UnitPrice"])}
            for line in first]  # fmt: skip


def events(lines: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """What known customers bought."""
    known: list[dict[Any, Any]] = lines[lines["CustomerID"].notna()].to_dict("records")
    for number, line in enumerate(known):
        yield {"id": str(number), "type": "purchase", "user": str(line["CustomerID"]), "product": line["product"],
               "timestamp": str(line["InvoiceDate"]), "order": str(line["InvoiceNo"]),
               "quantity": int(line["Quantity"]), "price": float(line["UnitPrice"])}  # fmt: skip


def run(folder: Path, seeds: list[int]) -> list[Row]:
    """One shop, trained and evaluated under every seed."""
    rows = []
    (folder / "shop.toml").write_text(SETTINGS)
    lines = sold()
    with Shop(folder) as shop:
        for part in shop.load(products=products(lines), events=events(lines)).parts:
            told(f"{part.part}: {part.accepted} of {part.rows} rows loaded")
        for seed in seeds:
            with metered() as cost:
                report = shop.train(seed=seed)
            told(f"seed {seed}: {report.fitted} {report.skipped}")
            rows.append(Row("online retail", "aisle", "train, CPU s", cost.cpu, peak_mib=cost.peak, seed=str(seed)))
            table = shop.evaluate(seed=seed, shoppers=10_000)
            rows += [Row("online retail", one.model, one.metric, one.value, one.low, one.high, seed=str(seed))
                     for one in table.measurements
                     if one.metric in METRICS or one.metric.startswith("ndcg@10 over")]  # fmt: skip
    return rows


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--folder", type=Path, help="where the shop is made; default: a temporary one")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory() as place:
        folder = options.folder or Path(place)
        folder.mkdir(parents=True, exist_ok=True)
        rows = run(folder, options.seeds)
    show(rows, options.json, "UCI Online Retail, the last four weeks")


if __name__ == "__main__":
    main()
