"""How long a start takes: `import aisle`, beside `import numpy` as a measure of the machine. Median of nine processes.

python -m benchmarks.start [--json]
"""

import argparse
import statistics
import subprocess
import sys

from benchmarks.rows import Row, show

CODE = "import time; start = time.perf_counter(); import {module}; print(time.perf_counter() - start)"
TIMES = 9


def seconds(module: str) -> list[float]:
    """Seconds that importing a module takes in a fresh process, TIMES times."""
    command = [sys.executable, "-c", CODE.format(module=module)]
    return [float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) for _ in range(TIMES)]


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = []
    for module in ("aisle", "numpy", "aisle.shop"):
        taken = sorted(seconds(module))
        rows.append(Row("start", f"import {module}", "seconds", statistics.median(taken), taken[0], taken[-1]))
    show(rows, options.json, "Start (interval: fastest and slowest)")


if __name__ == "__main__":
    main()
