"""How every benchmark prints: rows of set, model, metric, value, low, high, seconds, peak_mib, seed."""

import json
import resource
import sys
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Row:
    """One figure; low and high are a 95 % interval, NaN where there is none."""

    set: str
    model: str
    metric: str
    value: float
    low: float = float("nan")
    high: float = float("nan")
    seconds: float = float("nan")
    peak_mib: float = float("nan")
    seed: str = "0"


def peak_mib() -> float:
    """The most memory that this process has held, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def show(rows: list[Row], as_json: bool, title: str) -> None:
    """Print rows as a table, or as JSON lines for machines."""
    if as_json:
        for row in rows:
            values = {name: (None if value != value else value) for name, value in asdict(row).items()}
            sys.stdout.write(json.dumps(values) + "\n")
        return
    table = Table(title=title)
    for name in ("set", "model", "metric", "value", "95 % interval", "seconds", "peak MiB", "seed"):
        table.add_column(name, justify="left" if name in ("set", "model", "metric") else "right")
    for row in rows:
        interval = f"{row.low:.4f} … {row.high:.4f}" if row.low == row.low else ""
        seconds = f"{row.seconds:.1f}" if row.seconds == row.seconds else ""
        peak = f"{row.peak_mib:.0f}" if row.peak_mib == row.peak_mib else ""
        table.add_row(row.set, row.model, row.metric, f"{row.value:.4f}", interval, seconds, peak, row.seed)
    Console(width=150).print(table)
