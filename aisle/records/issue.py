"""A finding about the data, and the report of a load: what was read, kept and set aside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from aisle.records.event import Fault

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding: `check` names the question, `count` how many of `of` things it concerns, with a few examples."""

    check: str
    severity: Severity
    message: str
    count: int = 0
    of: int = 0
    examples: tuple[str, ...] = ()
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """One source, counted: rows = accepted + quarantined, always; `known` of the accepted were stored before."""

    part: str
    file: str
    rows: int = 0
    accepted: int = 0
    quarantined: int = 0
    known: int = 0
    faults: tuple[Fault, ...] = ()  # the first few; all of them are in the log
    notes: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did, a part each."""

    parts: tuple[Loaded, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows read."""
        return sum(part.rows for part in self.parts)

    @property
    def accepted(self) -> int:
        """Rows kept."""
        return sum(part.accepted for part in self.parts)

    @property
    def quarantined(self) -> int:
        """Rows set aside with a reason."""
        return sum(part.quarantined for part in self.parts)
