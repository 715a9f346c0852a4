"""How quickly the sequence model learns, beside RecTools' SASRec of the same size and loss, in one run.

    python -m benchmarks.throughput [--minutes 4] [--epochs 3] [--json]

Both learn Amazon Beauty without each user's last product: 64 numbers a product, 2 blocks, 2 heads, at most 50 steps, a
softmax over the right product and 256 negatives. Each is a process of its own, RecTools in an environment of its own,
so that the peak of memory is its own, too; RecTools has two threads, ours one. A step is a place in a history with a
next one, counted the same for both. One after the other, with nothing beside them.
"""

import argparse
import json
import os
import subprocess
import sys
import time

from benchmarks import peers_rectools
from benchmarks.next_product_beauty import Beauty, log_of
from benchmarks.next_product_board import NEXT, Board
from benchmarks.rows import Row, peak_mib, show

OURS, INSIDE = "aisle's sequence model, 256 negatives", "--inside"
PACE, PEAK = "steps a second while learning", "peak MiB"


def inside(epochs: int) -> None:
    """Our network, in a process of its own: what it took as JSON."""
    from aisle.retrieval import learning
    from aisle.retrieval.windows import Windows
    from aisle.wiring.report import plain

    learning.SHARED = peers_rectools.NEGATIVES
    beauty = Beauty.read()
    windows = Windows.of(log_of([sequence[:-1] for sequence in beauty.sequences], beauty.users), 0)
    learner = learning.Learner(learning.Network(len(beauty.ids), None, 0), windows, 0)
    before, start = time.process_time(), time.perf_counter()
    learner.learn(epochs, 1 << 40, plain)
    seconds, cpu = time.perf_counter() - start, time.process_time() - before
    print(json.dumps({"seen": learner.seen, "seconds": seconds, "cpu": cpu, "peak": peak_mib()}), flush=True)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=4.0, help="what RecTools may train")
    parser.add_argument("--epochs", type=int, default=3, help="of ours, judging included")
    parser.add_argument("--json", action="store_true")
    parser.add_argument(INSIDE, action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        inside(given.epochs)
        return
    command = [sys.executable, "-m", "benchmarks.throughput", INSIDE, "--epochs", str(given.epochs)]
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"}
    )
    ours = json.loads(done.stdout.splitlines()[-1])
    beauty = Beauty.read()
    asked = range(100)  # what it recommends is measured elsewhere
    board = Board("beauty", [frozenset((int(beauty.sequences[u][-1]),)) for u in asked], NEXT, "ndcg@10")
    if not peers_rectools.measured(beauty.sequences, asked, given.minutes, board):
        raise SystemExit("RecTools cannot be installed here, so there is nothing to compare with")
    theirs = {row.metric: row for row in board.rows if row.metric.startswith((PACE, "training", "epochs"))}
    [pace] = (row.value for metric, row in theirs.items() if metric.startswith(PACE))
    peak = next(row.peak_mib for row in theirs.values() if row.peak_mib == row.peak_mib)
    rows = [
        Row("beauty", OURS, f"{PACE}, 1 thread", ours["seen"] / ours["seconds"], peak_mib=ours["peak"]),
        Row("beauty", OURS, "steps a CPU second", ours["seen"] / ours["cpu"]),
        *theirs.values(),
        Row("beauty", OURS, "times as many steps a second as RecTools", ours["seen"] / ours["seconds"] / pace),
        Row("beauty", OURS, "peak of memory beside RecTools' (1: the same)", ours["peak"] / peak),
    ]
    show(rows, given.json, "Learning sequences")


if __name__ == "__main__":
    main()
