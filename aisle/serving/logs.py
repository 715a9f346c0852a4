"""Structured logs: one JSON object a line, on standard error. Nothing of a shopper is ever in them."""

import os
import sys
from typing import Any, TextIO

import structlog


class Log:
    """The log of one worker."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._logger: Any = structlog.wrap_logger(
            structlog.WriteLogger(stream or sys.stderr),
            processors=[structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
                        structlog.processors.EventRenamer("event"), structlog.processors.JSONRenderer()],
            wrapper_class=structlog.BoundLogger, pid=os.getpid(),
        )  # fmt: skip

    def write(self, event: str, **facts: Any) -> None:
        """One line."""
        self._logger.msg(event, **facts)
