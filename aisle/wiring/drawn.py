"""Pictures of results, as PNG: a figure to draw on, and where it goes."""

from pathlib import Path
from typing import Any

from aisle.errors import SettingsError

SIZE, DOTS = (7.0, 4.5), 130  # inches, dots an inch


def figure(*, width: float = SIZE[0], height: float = SIZE[1]) -> Any:
    """An empty matplotlib figure. Raises SettingsError without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise SettingsError("plot", "no matplotlib", "pip install 'aisle[train]'") from None
    return Figure(figsize=(width, height), dpi=DOTS, layout="constrained")


def saved(drawn: Any, path: Path) -> Path:
    """Write a figure as PNG, whatever the file is named. Raises SettingsError for no place for a file."""
    try:
        with path.open("wb") as file:
            drawn.savefig(file, format="png")
    except OSError as error:
        raise SettingsError("plot", str(path), f"a place for a picture: {error}") from None
    return path
