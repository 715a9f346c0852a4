"""Long runs and how the shop stands, under /v1: train, refresh and measure as jobs, health, readiness, numbers."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from aisle import __version__
from aisle.serving.face import Face
from aisle.serving.jobs import Jobs
from aisle.serving.metrics import Metrics
from aisle.serving.plain import plain
from aisle.serving.turn import Turns


class JobOut(BaseModel):
    """A long run in a process of its own. state: running, done or failed; result: what the command printed."""

    id: str
    verb: str
    state: Literal["running", "done", "failed"]
    seconds: float
    result: Any = None
    error: str = ""


class ToldOut(JobOut):
    """A run among others; ago: seconds since it began."""

    ago: float


class JobsOut(BaseModel):
    """Every run that is remembered, the latest first; what one printed is told of it alone."""

    jobs: list[ToldOut]


class StatusOut(BaseModel):
    """How the shop stands. Times are UTC ms; problems: what somebody has to do something about."""

    generation: str
    published: int | None
    learned: int | None
    last_event: int | None
    products: int
    lacking: int
    log_bytes: int
    free_bytes: int
    problems: list[str]


class RollbackOut(BaseModel):
    """What answers from now on."""

    generation: str


class ReadyOut(BaseModel):
    """What answers."""

    status: Literal["ready"]
    generation: str


class HealthOut(BaseModel):
    """The process is alive."""

    status: Literal["alive"]
    version: str


def runs(routes: APIRouter, shop: Face, turns: Turns, jobs: Jobs, metrics: Metrics) -> None:
    """Adds their routes."""
    _begun(routes, shop, turns, jobs)
    _jobs(routes, jobs)
    _standing(routes, shop, turns, jobs, metrics)


def _begun(routes: APIRouter, shop: Face, turns: Turns, jobs: Jobs) -> None:
    @routes.post("/check", tags=["runs"], responses={200: {"description": "Findings about the data."}})
    async def check() -> Response:
        """Look for what is wrong with the data."""
        return JSONResponse({"issues": plain(await turns.long(shop.check))})

    @routes.post("/train", tags=["runs"], status_code=202, response_model=JobOut)
    async def train(seed: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0) -> Response:
        """Fit what the data can carry and publish it; the answer names the job to ask after."""
        return JSONResponse(jobs.start("train", ("--seed", str(seed))), 202)

    @routes.post("/refresh", tags=["runs"], status_code=202, response_model=JobOut)
    async def refresh() -> Response:
        """Publish catalogue and log as they are now with what was learned; the answer names the job to ask after."""
        return JSONResponse(jobs.start("refresh"), 202)

    @routes.post("/evaluate", tags=["runs"], status_code=202, response_model=JobOut)
    async def evaluate(
        seed: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
        shoppers: Annotated[int, Query(ge=1, le=10**6)] = 2000,
    ) -> Response:
        """Measure recommendations on the last weeks; the answer names the job to ask after."""
        return JSONResponse(jobs.start("evaluate", ("--seed", str(seed), "--shoppers", str(shoppers))), 202)

    @routes.post("/attributes", tags=["runs"], status_code=202, response_model=JobOut)
    async def attributes(
        name: Annotated[list[str] | None, Query(max_length=100)] = None,
        seed: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    ) -> Response:
        """Find values that titles say and the feed leaves out; the answer names the job to ask after."""
        return JSONResponse(jobs.start("attributes", ("--seed", str(seed), "--", *(name or ()))), 202)


def _jobs(routes: APIRouter, jobs: Jobs) -> None:
    @routes.get("/jobs/{job}", tags=["runs"], response_model=JobOut)
    async def job(job: Annotated[str, Path(max_length=64)]) -> Response:
        """Where a job stands, and what it printed."""
        return JSONResponse(jobs.state(job))

    @routes.get("/jobs", tags=["runs"], response_model=JobsOut)
    async def listed() -> Response:
        """Every run that is remembered, the latest first."""
        return JSONResponse({"jobs": jobs.every()})

    @routes.delete("/jobs/{job}", tags=["runs"], response_model=JobOut)
    async def cancel(job: Annotated[str, Path(max_length=64)]) -> Response:
        """Ask a run to end; one that was asked before and goes on is killed. What it was building is never served."""
        return JSONResponse(jobs.cancel(job))


def _standing(routes: APIRouter, shop: Face, turns: Turns, jobs: Jobs, metrics: Metrics) -> None:
    @routes.post("/rollback", tags=["runs"], response_model=RollbackOut)
    async def rollback() -> Response:
        """Let the generation before the current one answer again, in every worker."""
        return JSONResponse({"generation": await turns.written(shop.rollback)})

    @routes.get("/status", tags=["runs"], response_model=StatusOut)
    async def status() -> Response:
        """How the shop stands, whether it can answer or not: what answers and since when, and what is wrong."""
        return JSONResponse(plain(await turns.quick(shop.status)))

    @routes.get("/metrics", include_in_schema=False)  # of Prometheus' own format, not of the API's
    async def numbers() -> Response:
        """The same and what was answered, as Prometheus reads it."""
        return Response(metrics.text(await turns.quick(shop.status), jobs.every()), media_type=metrics.kind)

    @routes.get("/health", tags=["runs"], response_model=HealthOut)
    async def health() -> Response:
        """Is the process alive? Asks nothing of the shop."""
        return JSONResponse({"status": "alive", "version": __version__})

    @routes.get("/ready", tags=["runs"], response_model=ReadyOut)
    async def ready() -> Response:
        """Can requests be answered: is a generation loaded, and can the log be read?"""
        return JSONResponse({"status": "ready", "generation": await turns.quick(lambda: shop.generation)})
