"""One thread for the linear algebra of a request, whatever else the process does.

A request's products are small: two threads on two busy cores wait for each other, and a recommendation took 16 ms at
the median instead of 5. The libraries are limited while requests are under way, and have their threads back
afterwards; finding them takes 5 ms, which is done once, limiting them 40 µs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any


class Calm:
    """What requests run within: `with calm.one_thread(): …`, from as many threads as there are.

    Some libraries count their threads for each caller, some for the process. So everybody limits them on entering, and
    on leaving puts back what there was when nobody was inside: what a request found might be another request's limit.
    """

    def __init__(self) -> None:
        self._lock, self._under_way = Lock(), 0
        self._libraries: Any = None
        self._before: Any = None

    @contextmanager
    def one_thread(self) -> Iterator[None]:
        """Limits the libraries that are loaded when this is first called."""
        before = self._enter()
        try:
            yield
        finally:
            with self._lock:  # or somebody who enters meanwhile would take our limit for what there was
                self._under_way -= 1
                before.restore_original_limits()

    def _enter(self) -> Any:
        from threadpoolctl import ThreadpoolController

        with self._lock:
            self._libraries = self._libraries or ThreadpoolController()
            limit = self._libraries.limit(limits=1)
            if not self._under_way:
                self._before = limit
            self._under_way += 1
            return self._before
