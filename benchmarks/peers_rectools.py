"""RecTools' SASRec with sampled softmax over 256 negatives, in an environment of its own, as a peer on sequences.

RecTools needs numpy 1.26 and pandas 2.3, which we do not; so it is installed into build/peers, told the sequences in a
CSV, and answers in one. The network is that of the published small runs: 64 factors, 2 blocks, 50 positions. It trains
for `minutes` on two threads and is not tuned; at about 950 events a second an epoch of Beauty takes three minutes, so
an hour is 20 epochs, and a published figure needs more.

This file is also the program that runs inside that environment: python peers_rectools.py IN.csv OUT.csv MINUTES EPOCHS
"""

import csv
import json
import os
import resource
import subprocess
import sys
import time
import venv
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.next_product_board import Board

# torch by its exact version is the CPU build; a range may bring gigabytes for GPUs
PACKAGES = ("torch==2.13.0", "rectools[torch]==0.19.0", "numpy==1.26.*", "pandas==2.3.*")
PLACE = Path(__file__).resolve().parents[1] / "build" / "peers" / "rectools-0.19.0"
PATIENCE = 900  # seconds that the installation may take
THREADS, PLACES, NEGATIVES, EPOCHS = 2, 10, 256, 200
NAME = f"SASRec, {NEGATIVES} negatives (RecTools)"


def environment() -> Path:
    """The interpreter of the environment, made where it is not there. Raises OSError or SubprocessError."""
    python, done = PLACE / "bin" / "python", PLACE / "installed"
    if not done.exists():
        venv.create(PLACE, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", "--quiet", *PACKAGES]
        subprocess.run(command, check=True, timeout=PATIENCE, capture_output=True, text=True)
        done.touch()
    return python


def measured(
    sequences: Sequence[Any], asked: Sequence[int], minutes: float, board: "Board", epochs: int = EPOCHS
) -> list[str]:
    """Train on everything but the last product of each sequence, and measure; the name on the board."""
    from benchmarks.next_product_board import Cost, told

    try:
        python = environment()
    except (OSError, subprocess.SubprocessError) as error:
        told(f"{NAME}: left out, its environment cannot be made: {error} {(getattr(error, 'stderr', '') or '')[-500:]}")
        return []
    with TemporaryDirectory() as folder:
        log, answer = Path(folder) / "log.csv", Path(folder) / "answer.csv"
        with log.open("w", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(["user", "item", "place", "asked"])
            wanted = {int(user) for user in asked}
            for user, sequence in enumerate(sequences):
                lines.writerows([user, int(item), at, int(user in wanted)] for at, item in enumerate(sequence[:-1]))
        command = [str(python), "-P", "-W", "ignore", __file__, str(log), str(answer), str(minutes), str(epochs)]
        threads = {"OMP_NUM_THREADS": str(THREADS), "OPENBLAS_NUM_THREADS": str(THREADS)}
        done = subprocess.run(command, check=True, env=os.environ | threads, stdout=subprocess.PIPE, text=True)
        told_back = json.loads(done.stdout.splitlines()[-1])
        found: dict[int, list[int]] = {int(user): [] for user in asked}
        with answer.open(newline="") as file:
            for who, item in csv.reader(file):
                found[int(who)].append(int(item))
    board.add(NAME, board.measured([found[int(user)] for user in asked]))
    board.cost(NAME, "training", Cost(told_back["cpu"], told_back["peak"]))
    board.note(NAME, "epochs within the time given", told_back["epochs"])
    steps = sum(max(len(sequence) - 2, 0) for sequence in sequences)
    board.note(NAME, f"steps a second while learning, {THREADS} threads",
               steps * told_back["epochs"] / told_back["seconds"])  # fmt: skip
    return [NAME]


def inside(log: Path, answer: Path, minutes: float, epochs: int) -> None:
    """What runs in RecTools' own environment: fit, and write the best products of the users asked."""
    import pandas as pd
    import torch
    from pytorch_lightning import Trainer, seed_everything  # type: ignore[import-not-found]
    from rectools.dataset import Dataset  # type: ignore[import-not-found]
    from rectools.models import SASRecModel  # type: ignore[import-not-found]

    torch.set_num_threads(THREADS)
    seed_everything(0)
    rows = pd.read_csv(log)
    frame = pd.DataFrame({
        "user_id": rows["user"], "item_id": rows["item"], "weight": 1.0,
        "datetime": pd.Timestamp("2020-01-01") + pd.to_timedelta(rows["place"], unit="D"),
    })  # fmt: skip
    dataset = Dataset.construct(frame)

    def trainer() -> Any:
        return Trainer(
            max_epochs=epochs, max_time={"seconds": 60 * minutes}, accelerator="cpu", devices=1, logger=False,
            enable_progress_bar=False, enable_model_summary=False, enable_checkpointing=False,
        )  # fmt: skip

    model = SASRecModel(
        n_blocks=2, n_heads=2, n_factors=64, session_max_len=50, dropout_rate=0.2, loss="sampled_softmax",
        n_negatives=NEGATIVES, lr=1e-3, batch_size=256, get_trainer_func=trainer, recommend_torch_device="cpu",
    )  # fmt: skip
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    model.fit(dataset)
    after, seconds = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter() - start
    trained = model.fit_trainer
    users = rows.loc[rows["asked"] == 1, "user"].unique()
    made = model.recommend(users=users, dataset=dataset, k=PLACES, filter_viewed=True)
    made.sort_values(["user_id", "rank"])[["user_id", "item_id"]].to_csv(answer, header=False, index=False)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        json.dumps(
            {
                "cpu": cpu,
                "peak": after.ru_maxrss / 1024,
                "epochs": trained.global_step / max(trained.num_training_batches, 1),
                "seconds": seconds,
            }
        ),
        flush=True,
    )


if __name__ == "__main__":
    inside(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
