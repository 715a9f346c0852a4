"""How a shop stands, for who runs it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Status:
    """generation: the id of what answers, empty where nothing does; published, learned: when it was published and when
    the training that it knows of began; last_event: of the log, by its own time (UTC ms all three, None if there is
    none); products that may be found, and those that came since; log_bytes: of shop.db and its write-ahead log;
    free_bytes: of its disk; problems: what an operator has to do something about."""

    generation: str = ""
    published: int | None = None
    learned: int | None = None
    last_event: int | None = None
    products: int = 0
    lacking: int = 0
    log_bytes: int = 0
    free_bytes: int = 0
    problems: tuple[str, ...] = ()
