"""Long runs (train, refresh, evaluate, attributes) as processes of their own: a worker keeps answering meanwhile.

A job is the `aisle` command on the shop's folder. Its state lies in files of `jobs/`, so that every worker can tell of
it, also after a restart; a job whose process is gone without a result has failed. The process is known by a lock that
it inherits open and the system releases when it ends, however it ends. (A number of a process may be given to another,
and its command line is empty for a moment after it has been started.)
"""

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock

from aisle.errors import BusyError, UnknownError

KEPT = 20  # jobs of a verb that are remembered
PATIENT = 10  # how much a job gives way to the workers: its niceness
ID = re.compile(r"[0-9a-f]{32}")


class Jobs:
    """The jobs of one shop's folder."""

    def __init__(self, folder: Path) -> None:
        self._shop, self._folder = folder, folder / "jobs"
        self._running: list[subprocess.Popen[bytes]] = []  # of this worker: collected so that none stays a zombie

    def start(self, verb: str, arguments: Sequence[str] = ()) -> dict[str, Any]:
        """Begin a run. Raises BusyError while another of the same verb is running, in whichever worker."""
        self._folder.mkdir(exist_ok=True)
        with FileLock(self._folder / "lock"):
            busy = next((job for job in self._all() if job["verb"] == verb and job["state"] == "running"), None)
            if busy is not None:
                raise BusyError(verb, f"job {busy['id']} is running", "one at a time")
            return self._begun(verb, arguments)

    def _begun(self, verb: str, arguments: Sequence[str]) -> dict[str, Any]:
        name = uuid.uuid4().hex
        place = self._folder / name
        command = [sys.executable, "-m", "aisle.cli", verb, "--shop", str(self._shop), "--json", *arguments]
        with ExitStack() as files:
            names = (".out", ".err", ".held")
            out, err, held = (files.enter_context(place.with_suffix(name).open("wb")) for name in names)
            fcntl.flock(held, fcntl.LOCK_EX)
            process = subprocess.Popen(
                command, stdout=out, stderr=err, stdin=subprocess.DEVNULL, pass_fds=(held.fileno(),)
            )
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, PATIENT)
        self._running.append(process)
        facts = {"id": name, "verb": verb, "began": time.time()}
        (half := place.with_suffix(".half")).write_text(json.dumps(facts))
        half.rename(place.with_suffix(".json"))
        self._tidy()
        return self.state(name)

    def state(self, name: str) -> dict[str, Any]:
        """Where a job stands. Raises UnknownError for one that is not known."""
        path = self._folder / f"{name}.json"
        if not ID.fullmatch(name) or not path.exists():
            raise UnknownError("job", name, "the id of one of the last jobs")
        self._running = [process for process in self._running if process.poll() is None]
        try:
            facts = json.loads(path.read_text())
        except (ValueError, FileNotFoundError):  # cut short with the power, or forgotten just now
            raise UnknownError("job", name, "the id of one of the last jobs") from None
        told = {"id": name, "verb": facts["verb"], "result": None, "error": ""}
        if _runs(path.with_suffix(".held")):
            return {**told, "state": "running", "seconds": round(time.time() - facts["began"], 1)}
        out, err = path.with_suffix(".out"), path.with_suffix(".err")
        seconds = round(max(out.stat().st_mtime, err.stat().st_mtime) - facts["began"], 1)
        try:
            return {**told, "state": "done", "seconds": seconds, "result": json.loads(out.read_text("utf-8"))}
        except ValueError:
            error = err.read_text("utf-8", "replace").strip()[-2000:] or "the process ended without a result"
            return {**told, "state": "failed", "seconds": seconds, "error": error}

    def running(self, verb: str) -> bool:
        """Is a run of this verb going on, in whichever worker."""
        return any(job["verb"] == verb and job["state"] == "running" for job in self._all())

    def last(self, verb: str) -> dict[str, Any] | None:
        """The run of this verb that began last, with the seconds since (`ago`); None where none is remembered."""
        some = [job for job in self._all() if job["verb"] == verb]
        return min(some, key=lambda job: job["ago"], default=None)

    def stop(self) -> None:
        """Ask the runs that this worker began to end: a half-built generation is never served."""
        for process in self._running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)

    def _all(self) -> list[dict[str, Any]]:
        """Every job that is remembered, with the seconds since it began."""
        made = []
        for path in self._folder.glob("*.json"):
            with suppress(UnknownError, OSError):
                made.append({**self.state(path.stem), "ago": time.time() - json.loads(path.read_text())["began"]})
        return made

    def _tidy(self) -> None:
        """Forget all but the last ones of every verb, and those that run."""
        kept = Counter[str]()
        for job in sorted(self._all(), key=lambda job: job["ago"]):
            kept[job["verb"]] += job["state"] != "running"
            if job["state"] != "running" and kept[job["verb"]] > KEPT:
                for ending in (".json", ".out", ".err", ".held"):
                    (self._folder / f"{job['id']}{ending}").unlink(missing_ok=True)


def _runs(held: Path) -> bool:
    """Does a process still hold this lock? Asked with a shared lock, so that two who ask do not see each other."""
    try:
        with held.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False
