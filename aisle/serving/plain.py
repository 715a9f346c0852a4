"""Records → what JSON knows."""

import dataclasses
import math
from typing import Any


def plain(value: Any) -> Any:
    """Dataclasses, mappings and arrays as JSON knows them; undefined numbers become null, traces stay inside."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value) if f.name != "trace"}
    if isinstance(value, dict) or hasattr(value, "items"):
        return {str(name): plain(v) for name, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str | int | bool) or value is None:
        return value
    return value.item() if hasattr(value, "item") else str(value)
