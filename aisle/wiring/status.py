"""`status`: how a shop stands, for who runs it: what answers and since when, what is wrong, and what fills the disk."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from aisle.engines.generations import FILES, STAMP
from aisle.errors import AisleError
from aisle.records.status import Status
from aisle.wiring.live import Live, Served

LOG = ("shop.db", "shop.db-wal")


def status(live: Live) -> Status:
    """How a shop stands now, whether it can answer or not."""
    size = sum(path.stat().st_size for path in map(live.folder.joinpath, LOG) if path.exists())
    free = shutil.disk_usage(live.folder).free
    try:
        served = live.served()
    except Exception as error:  # a file of a generation may be damaged in any way
        told = str(error) if isinstance(error, AisleError) else f"{type(error).__name__}: {error}"
        return Status(log_bytes=size, free_bytes=free, problems=(told,))
    return Status(
        served.generation.id, _published(live.folder, served), _learned(served),
        served.parts.state.last_event or None, len(served.generation.catalogue.units), len(served.lacking),
        size, free, tuple(filter(None, (live.unread, live.unopened))),
    )  # fmt: skip


def _published(folder: Path, served: Served) -> int | None:
    path = folder / "generations" / served.generation.id / FILES
    return int(1000 * path.stat().st_mtime) if path.exists() else None


def _learned(served: Served) -> int | None:
    """Generations are called after the moment when they were begun; a refreshed one says whose learning it carries."""
    name = str(served.parts.facts["figures"].get("learned", served.generation.id))
    try:
        return int(1000 * datetime.strptime(name, STAMP).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None
