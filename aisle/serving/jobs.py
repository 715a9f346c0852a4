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

from aisle.errors import BusyError, StoreError, UnknownError

KEPT = 20  # jobs of a verb that are remembered
MODULE = "aisle.cli"  # what a job runs
PATIENT = 10  # how much a job gives way to the workers: its niceness
ID = re.compile(r"[0-9a-f]{32}")


class Jobs:
    """The jobs of one shop's folder."""

    def __init__(self, folder: Path) -> None:
        self._shop, self._folder = folder, folder / "jobs"
        self._running: dict[str, subprocess.Popen[bytes]] = {}  # of this worker: collected so that none stays a zombie

    def start(self, verb: str, arguments: Sequence[str] = ()) -> dict[str, Any]:
        """Begin a run. Raises BusyError while another of the same verb is running, in whichever worker, and StoreError
        where the disk takes no more: then nothing has begun."""
        try:
            self._folder.mkdir(exist_ok=True)
            with FileLock(self._folder / "lock"):
                busy = next((job for job in self._all() if job["verb"] == verb and job["state"] == "running"), None)
                if busy is not None:
                    raise BusyError(verb, f"job {busy['id']} is running", "one at a time")
                name = uuid.uuid4().hex
                try:
                    return self._begun(name, verb, arguments)
                except OSError:
                    self._drop(name)
                    raise
        except OSError as error:
            raise StoreError(str(self._folder), error.strerror or error, "a disk that takes writes") from error

    def _begun(self, name: str, verb: str, arguments: Sequence[str]) -> dict[str, Any]:
        place = self._folder / name
        command = [sys.executable, "-m", MODULE, verb, "--shop", str(self._shop), "--json", *arguments]
        with ExitStack() as files:
            names = (".out", ".err", ".held")
            out, err, held = (files.enter_context(place.with_suffix(name).open("wb")) for name in names)
            fcntl.flock(held, fcntl.LOCK_EX)
            facts = {"id": name, "verb": verb, "began": time.time()}
            (half := place.with_suffix(".half")).write_text(json.dumps(facts))
            half.rename(place.with_suffix(".json"))  # before it begins: what runs can be asked after
            process = subprocess.Popen(
                command, stdout=out, stderr=err, stdin=subprocess.DEVNULL, pass_fds=(held.fileno(),)
            )
            try:
                held.write(str(process.pid).encode())
                held.flush()
            except OSError:
                process.kill()
                raise
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, PATIENT)
        self._running[name] = process
        self._tidy()
        return self.state(name)

    def state(self, name: str) -> dict[str, Any]:
        """Where a job stands. Raises UnknownError for one that is not known."""
        path = self._folder / f"{name}.json"
        if not ID.fullmatch(name) or not path.exists():
            raise UnknownError("job", name, "the id of one of the last jobs")
        try:
            facts = json.loads(path.read_text())
        except (ValueError, FileNotFoundError):  # cut short with the power, or forgotten just now
            raise UnknownError("job", name, "the id of one of the last jobs") from None
        told = {"id": name, "verb": facts["verb"], "result": None, "error": ""}
        if _runs(path.with_suffix(".held")):
            return {**told, "state": "running", "seconds": round(time.time() - facts["began"], 1)}
        out, err = path.with_suffix(".out"), path.with_suffix(".err")
        ended = max(facts["began"], out.stat().st_mtime, err.stat().st_mtime)  # files are made before they are begun
        seconds = round(ended - facts["began"], 1)
        try:
            return {**told, "state": "done", "seconds": seconds, "result": json.loads(out.read_text("utf-8"))}
        except ValueError:
            error = err.read_text("utf-8", "replace").strip()[-2000:] or "the process ended without a result"
            error = "it was asked to end" if path.with_suffix(".ended").exists() else error
            return {**told, "state": "failed", "seconds": seconds, "error": error}

    def every(self) -> list[dict[str, Any]]:
        """All that are remembered, the latest first, without what they printed."""
        jobs = sorted(self._all(), key=lambda job: job["ago"])
        return [{**job, "result": None} for job in jobs]

    def cancel(self, name: str) -> dict[str, Any]:
        """Ask a run to end, whichever worker of this machine began it; one that was asked before and goes on is killed.
        What it was building is never served. Raises UnknownError for one that is not known, and BusyError for one whose
        process is not among ours: its number may be another's."""
        job, path = self.state(name), self._folder / name
        if job["state"] == "running":
            pid, asked = path.with_suffix(".held").read_text(), path.with_suffix(".ended")
            if not pid or (name not in self._running and MODULE not in _command(int(pid))):
                raise BusyError("job", f"process {pid or 'unknown'}", "a worker on the machine where it runs")
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL if asked.exists() else signal.SIGTERM)
            asked.touch()
        return job

    def ended(self) -> list[dict[str, Any]]:
        """The runs that this worker began and that have ended since it was asked last."""
        over = [name for name, process in self._running.items() if process.poll() is not None]
        for name in over:
            del self._running[name]
        return [self.state(name) for name in over]

    def running(self, verb: str) -> bool:
        """Is a run of this verb going on, in whichever worker."""
        return any(job["verb"] == verb and job["state"] == "running" for job in self._all())

    def last(self, verb: str) -> dict[str, Any] | None:
        """The run of this verb that began last, with the seconds since (`ago`); None where none is remembered."""
        some = [job for job in self._all() if job["verb"] == verb]
        return min(some, key=lambda job: job["ago"], default=None)

    def stop(self) -> None:
        """Ask the runs that this worker began to end: a half-built generation is never served."""
        for process in self._running.values():
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
                self._drop(job["id"])

    def _drop(self, name: str) -> None:
        for ending in (".json", ".half", ".out", ".err", ".held", ".ended"):
            (self._folder / name).with_suffix(ending).unlink(missing_ok=True)


def _command(pid: int) -> list[str]:
    """The command line of a process of this machine; empty where it may not be read, or is none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace").split("\0")
    except OSError:
        return []


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
