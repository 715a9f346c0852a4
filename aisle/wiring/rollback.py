"""`rollback`: the generation before this one answers again."""

from aisle.engines.generations import back, current, gone_back, kept
from aisle.errors import UnknownError
from aisle.wiring.live import Live


def rollback(live: Live) -> str:
    """Let the generation that was published before the current one answer, here and in every process; returns its id.
    It is opened first, so that nothing changes where it cannot be. Raises UnknownError where there is none, and
    StoreError where it was removed meanwhile."""
    root = live.folder / "generations"
    now = current(root)
    before = next((name for name in kept(root) if name != now), None) if now is not None else None
    if before is None:
        raise UnknownError("generation", "no other generation", "one that was published before this one")
    live.opened(before)
    back(root, before)
    return before


def went_back(live: Live) -> bool:
    """Was the current generation gone back to, and nothing published since."""
    return gone_back(live.folder / "generations")
