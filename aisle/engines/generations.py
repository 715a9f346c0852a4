"""Generations on disk: built aside, published by one atomic rename, read by any process.

generations/CURRENT            the id of the generation that is served
generations/BACK               the same where it was gone back to
generations/<id>/              one complete generation, never changed; files.json says how long each file is
generations/.building-<id>/    one that is being built, or was when its builder died: never served, swept later
"""

import errno
import json
import os
import re
import shutil
from collections.abc import Iterator, Set
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from aisle.errors import StoreError

FILES = "files.json"
FULL = os.strerror(errno.ENOSPC)
LOCK, BRIEF, LONG = ".lock", ".brief", ".long"  # held by whoever builds, by a refresh, and by a training run
DAMAGED = "the generation as it was written: put it back from a backup, or train again"
STAMP = "%Y%m%dT%H%M%S%f"  # of an id: UTC, when it was begun
NAME = re.compile(r"\d{8}T\d{12}")
TURN, BACK = ".turn", "BACK"  # held while CURRENT changes; and names what was gone back to


def new_id() -> str:
    """The id of a generation that begins now."""
    return datetime.now(UTC).strftime(STAMP)


@contextmanager
def building(root: Path, generation: str, brief: bool = False) -> Iterator[Path]:
    """A folder to build a generation in; published when the block ends well, left unserved when it does not. One at a
    time, but whoever finds a `brief` one being built waits for it. Raises StoreError while another one is."""
    root.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        _hold(held, root, BRIEF if brief else LONG, 0)
        _hold(held, root, LOCK, -1 if not brief and _held(root / BRIEF) else 0)
        sweep(root)
        folder = root / f".building-{generation}"
        try:
            folder.mkdir()
            yield folder
            publish(root, folder, generation)
        except (OSError, ValueError) as error:  # an engine of another language says it as a ValueError
            if FULL not in str(error):
                raise
            shutil.rmtree(folder, ignore_errors=True)  # what there was of it shall not keep the disk full
            raise StoreError(str(root), FULL, "a disk with room for another generation") from error


def _hold(held: ExitStack, root: Path, name: str, seconds: float) -> None:
    try:
        held.enter_context(FileLock(root / name, timeout=seconds))
    except Timeout:
        other = "another refresh" if name == BRIEF else "another training run"
        raise StoreError(str(root), other, "one at a time: wait until it ends") from None


def _held(path: Path) -> bool:
    try:
        with FileLock(path, timeout=0):
            return False
    except Timeout:
        return True


def _point(root: Path, generation: str) -> None:
    aside = root / ".CURRENT"
    aside.write_text(generation)
    _sync(aside)
    aside.replace(root / "CURRENT")
    _sync(root)


def back(root: Path, generation: str) -> None:
    """Let CURRENT name a generation that another has followed; it is known for one that was gone back to. Raises
    StoreError where it is gone: another was published meanwhile."""
    with FileLock(root / TURN):
        if not (root / generation).exists():
            raise StoreError(str(root / generation), "no such generation", "none published meanwhile: ask again")
        (root / BACK).write_text(generation)
        _point(root, generation)


def gone_back(root: Path) -> bool:
    """Is the current generation one that was gone back to."""
    path = root / BACK
    return path.exists() and path.read_text() == current(root)


def kept(root: Path) -> list[str]:
    """The ids of all generations that are whole, the latest first."""
    return sorted((path.name for path in root.iterdir() if NAME.fullmatch(path.name)), reverse=True)


def publish(root: Path, folder: Path, generation: str) -> None:
    """Sync the folder, rename it, then switch CURRENT; each step leaves a servable state behind."""
    sizes = {str(path.relative_to(folder)): path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    lasting = {name: size for name, size in sizes.items() if not Path(name).name.startswith(".")}  # no engine's notes
    (folder / FILES).write_text(json.dumps(lasting))
    for path in folder.rglob("*"):
        _sync(path)
    _sync(folder)
    with FileLock(root / TURN):
        before = current(root)
        folder.rename(root / generation)
        _sync(root)
        _point(root, generation)
        (root / BACK).unlink(missing_ok=True)
        retire(root, {generation, before})


def verify(folder: Path) -> None:
    """Is every file of a generation there, as long as it was written? A copy that was cut short would serve wrong words
    without a sound. Raises StoreError for the first that is not; lengths are no digests of gigabytes."""
    for name, size in read(folder, FILES).items():
        path = folder / name
        found = path.stat().st_size if path.exists() else None
        if found != size:
            told = "no such file" if found is None else f"{found} bytes"
            raise StoreError(str(path), told, f"{size} bytes: {DAMAGED}")


def read(folder: Path, name: str) -> dict[str, Any]:
    """A JSON object among the files of a generation. Raises StoreError for one that is gone or damaged."""
    try:
        said = json.loads((folder / name).read_text())
    except FileNotFoundError:
        raise StoreError(str(folder / name), "no such file", DAMAGED) from None
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise StoreError(str(folder / name), "a damaged file", DAMAGED)
    return said


def current(root: Path) -> str | None:
    """The id of the generation that is served, None before the first one."""
    try:
        return (root / "CURRENT").read_text().strip() or None
    except FileNotFoundError:
        return None


def sweep(root: Path) -> None:
    """Remove what a killed builder left; called under the lock, so nobody is building."""
    for path in root.glob(".building-*"):
        shutil.rmtree(path, ignore_errors=True)


def retire(root: Path, staying: Set[str | None]) -> None:
    """Remove all generations but those, the current one and the one before it, which readers may still hold. These hold
    their files open or mapped, so none is disturbed."""
    for name in kept(root):
        if name not in staying:
            shutil.rmtree(root / name, ignore_errors=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
