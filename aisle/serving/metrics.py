"""What a monitoring system reads, in Prometheus' format and by its own client. Nothing of a shopper is in it.

Requests, slates and events are counted by every worker; several workers count in files of one folder, which whoever is
asked adds up. How the shop stands is read when it is asked for.
"""

import os
import re
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from aisle.records.slate import Slate
from aisle.records.status import Status
from aisle.serving.logs import Log

MEMORY = "/dev/shm"
SHARED = "PROMETHEUS_MULTIPROC_DIR"  # as its client calls the folder; it must be said before the client is imported
# a stage, what it failed by, and a message that may hold what a shopper typed
STAGE = re.compile(r"^(\w+: \w+): .*", re.DOTALL)
PAUSE, MOST = 600.0, 1000  # seconds until the same is told again, and how many are remembered
SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0, 30.0)


@contextmanager
def shared() -> Iterator[str]:
    """The folder of several workers' counts, until the server stops: in memory, for to write into a mapped file on a
    full disk ends a process."""
    memory = MEMORY if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="aisle-metrics-", dir=memory) as folder:
        yield folder


class Metrics:
    """The counts of one worker."""

    kind = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._own = CollectorRegistry()
        self._seconds = Histogram(
            "aisle_request_seconds", "What requests took.", ["route", "status"], buckets=SECONDS, registry=self._own
        )
        self._slates = Counter("aisle_slates", "Slates that were made.", ["scenario"], registry=self._own)
        self._empty = Counter("aisle_slates_empty", "Slates without a product.", ["scenario"], registry=self._own)
        self._degraded = Counter(
            "aisle_slates_degraded", "Slates of which something was missing.", ["scenario"], registry=self._own
        )

    def asked(self, route: str, status: int, seconds: float) -> None:
        """A request was answered. route: as the API names it, without its values."""
        self._seconds.labels(route, str(status)).observe(seconds)

    def made(self, slate: Slate) -> None:
        """A slate was made."""
        self._slates.labels(slate.scenario).inc()
        if not slate.placements:
            self._empty.labels(slate.scenario).inc()
        if slate.degraded:
            self._degraded.labels(slate.scenario).inc()

    def text(self, status: Status, jobs: Sequence[Mapping[str, Any]]) -> bytes:
        """All workers' counts, and how the shop and its jobs (the latest first) stand."""
        counts, now = self._own, CollectorRegistry()
        if SHARED in os.environ:
            counts = CollectorRegistry()
            MultiProcessCollector(counts)  # type: ignore[no-untyped-call]
        now.register(_Now(status, jobs))
        return generate_latest(counts) + generate_latest(now)


class _Now:
    """How a shop stands, as gauges."""

    def __init__(self, status: Status, jobs: Sequence[Mapping[str, Any]]) -> None:
        self._status, self._jobs = status, jobs

    def collect(self) -> Iterator[Metric]:
        """Every gauge of which something is known."""
        status = self._status
        known: list[tuple[str, str, float | None]] = [
            ("up", "1 where a generation answers.", float(bool(status.generation))),
            ("problems", "What somebody has to do something about.", len(status.problems)),
            ("published_timestamp_seconds", "When what answers was published.", _seconds(status.published)),
            ("learned_timestamp_seconds", "When the training that it knows of began.", _seconds(status.learned)),
            ("last_event_timestamp_seconds", "Of the log, by its own time.", _seconds(status.last_event)),
            ("products", "Products that may be found.", status.products),
            ("products_lacking", "Products that came since.", status.lacking),
            ("log_bytes", "Of shop.db and its write-ahead log.", status.log_bytes),
            ("disk_free_bytes", "Of the disk that the shop is on.", status.free_bytes),
        ]
        for name, told, value in known:
            if value is not None:
                yield GaugeMetricFamily(f"aisle_{name}", told, value)
        last = {job["verb"]: job for job in reversed(self._jobs)}
        failed = GaugeMetricFamily("aisle_job_failed", "1 where the last run over HTTP failed.", labels=["verb"])
        ago = GaugeMetricFamily("aisle_job_age_seconds", "Since the last run over HTTP began.", labels=["verb"])
        for verb, job in sorted(last.items()):
            failed.add_metric([verb], float(job["state"] == "failed"))
            ago.add_metric([verb], float(job["ago"]))
        yield from (failed, ago)


def _seconds(millis: int | None) -> float | None:
    return None if millis is None else millis / 1000


class Watch:
    """Is told of every slate: counts it, and writes into the log what was missing, once every PAUSE."""

    def __init__(self, log: Log, metrics: Metrics) -> None:
        self._log, self._metrics, self._told = log, metrics, dict[str, float]()

    def __call__(self, slate: Slate) -> None:
        """A slate was made."""
        self._metrics.made(slate)
        for why in slate.degraded:
            told = STAGE.sub(r"\1", why)
            if time.monotonic() - self._told.get(told, -PAUSE) >= PAUSE:
                self._told = {} if len(self._told) >= MOST else self._told
                self._told[told] = time.monotonic()
                self._log.write("degraded", scenario=slate.scenario, why=told)
