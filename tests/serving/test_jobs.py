"""Jobs of a worker: which are remembered."""

import os
from collections.abc import Iterator
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest

from aisle.errors import UnknownError
from aisle.serving.jobs import KEPT, Jobs


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A job that runs, the first of many: whoever holds its lock is the process."""
    (tmp_path / "jobs").mkdir()
    for number in range(KEPT + 5):
        place = tmp_path / "jobs" / f"{number:032x}"
        for suffix, text in (
            (".out", "{}"),
            (".err", ""),
            (".held", ""),
            (".json", f'{{"verb": "train", "began": {number}}}'),
        ):
            place.with_suffix(suffix).write_text(text)
            os.utime(place.with_suffix(suffix), (number, number))
    with (tmp_path / "jobs" / f"{0:032x}.held").open("rb") as held:
        flock(held, LOCK_EX)
        yield tmp_path


def test_the_last_jobs_are_remembered_and_whatever_runs(folder: Path) -> None:
    jobs = Jobs(folder)
    jobs._tidy()
    assert jobs.state(f"{0:032x}")["state"] == "running"
    assert jobs.state(f"{KEPT + 4:032x}")["state"] == "done"
    with pytest.raises(UnknownError):
        jobs.state(f"{1:032x}")
