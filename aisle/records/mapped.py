"""Arrays that stay on disk until they are read."""

from pathlib import Path
from typing import Any

import numpy as np


def mapped(path: Path) -> Any:
    """The array of a .npy file, memory-mapped; a plain array, for `np.memmap` doubles the cost of every small slice."""
    return np.asarray(np.load(path, mmap_mode="r"))
