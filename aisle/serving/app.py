"""The application of one worker: /v1, the pages beside it, request ids, logs without personal data, errors as JSON."""

import asyncio
import re
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aisle import __version__
from aisle.errors import (
    AisleError,
    BusyError,
    InputError,
    NotTrainedError,
    SettingsError,
    StoreError,
    UnknownError,
    shorten,
)
from aisle.serving.api import api
from aisle.serving.face import Face
from aisle.serving.jobs import Jobs
from aisle.serving.logs import Log
from aisle.serving.metrics import Metrics
from aisle.serving.turn import Turns
from aisle.serving.upkeep import Upkeep

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
# of two that fit, the first
STATUS = {UnknownError: 404, BusyError: 409, InputError: 400, SettingsError: 400, NotTrainedError: 503, StoreError: 503}
LARGEST_BODY = 16 * 1024 * 1024  # bytes
UNPARSED = "There was an error parsing the body"  # as FastAPI says it
TOO_LARGE = "more than 16 MiB"


def create_app(shop: Face, log: Log, metrics: Metrics, pages: Sequence[BaseRoute] = ()) -> FastAPI:
    """/v1 over an open shop, which is closed when the server stops; `pages` are served beside it."""
    turns, jobs = Turns(), Jobs(shop.folder)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        problems = (await turns.quick(shop.status)).problems  # one that is not trained yet answers once it is
        log.write("started", version=__version__, **({"problems": problems} if problems else {}))
        upkeep = asyncio.create_task(Upkeep(shop, jobs, log).run())
        yield
        upkeep.cancel()
        turns.close()
        jobs.stop()
        shop.close()
        log.write("stopped")

    app = FastAPI(
        title="Aisle", version=__version__, summary="Search and recommendation that an online shop runs itself.",
        lifespan=lifespan, docs_url="/v1/docs", redoc_url=None, openapi_url="/v1/openapi.json",
    )  # fmt: skip
    app.state.turns = turns
    app.include_router(api(shop, turns, jobs, metrics))
    app.router.routes.extend(pages)
    app.add_exception_handler(AisleError, _problem)
    app.add_exception_handler(RequestValidationError, _misshapen)
    app.add_exception_handler(HTTPException, _refused)
    app.add_middleware(_Around, log=log, metrics=metrics)
    return app


class _Around:
    """What surrounds every request: its id, a line of the log, a limit to its body, and no failure without an answer.

    The log learns the route, never the path's values, the query string or the body: these may name a shopper.
    """

    def __init__(self, app: ASGIApp, log: Log, metrics: Metrics) -> None:
        self._app, self._log, self._metrics = app, log, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
        name = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = name
        status, start, begun = 500, time.perf_counter(), False

        async def answer(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
                message["headers"] = [*message["headers"], (b"x-request-id", name.encode())]
            await send(message)

        failed = ""
        try:
            if _length(scope) > LARGEST_BODY:
                told = problem(InputError("body", TOO_LARGE, "smaller batches"), name)
                await JSONResponse(told, 413)(scope, receive, answer)
            else:
                await self._app(scope, _limited(receive), answer)
        except Exception as error:
            failed = f"{type(error).__name__} in {_place(error)}"
            if begun:
                raise
            told = {"error": "InternalError", "where": "server", "found": "a failure", "expected": "", "request": name}
            await JSONResponse(told, 500)(scope, receive, answer)
        finally:
            route = getattr(scope.get("route"), "path", "") or getattr(scope.get("endpoint"), "__name__", "")
            extra = {"failed": failed} if failed else {}
            seconds = time.perf_counter() - start
            millis = round(1000 * seconds, 2)
            self._metrics.asked(route, status, seconds)
            self._log.write("request", request=name, method=scope["method"], route=route, status=status,
                            millis=millis, **extra)  # fmt: skip


def _length(scope: Scope) -> int:
    said = dict(scope["headers"]).get(b"content-length", b"0")
    return int(said) if said.isdigit() else 0


def _limited(receive: Receive) -> Receive:
    """A body that comes in pieces says no length before: it is measured as it arrives."""
    got = 0

    async def measured() -> Message:
        nonlocal got
        message = await receive()
        got += len(message.get("body", b""))
        if got > LARGEST_BODY:
            raise HTTPException(413, TOO_LARGE)
        return message

    return measured


def _place(error: BaseException) -> str:
    """File and line of the failure: its message may hold what a shopper typed, so that is left out."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "an unknown place"
    return f"{'/'.join(Path(trace.tb_frame.f_code.co_filename).parts[-2:])}:{trace.tb_lineno}"


def problem(error: AisleError, request: str) -> dict[str, Any]:
    """An error as `Problem` describes it."""
    found = "" if error.found is None else shorten(error.found)
    where = error.where.encode("utf-8", "replace").decode()  # a filter's name may hold half a character
    return {"error": type(error).__name__, "where": where, "found": found, "expected": error.expected,
            "request": request}  # fmt: skip


async def _problem(request: Request, error: Exception) -> JSONResponse:
    status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)
    return JSONResponse(problem(cast(AisleError, error), request.state.request_id), status)


async def _misshapen(request: Request, error: Exception) -> JSONResponse:
    first = cast(RequestValidationError, error).errors()[0]
    where, said = ".".join(str(part) for part in first["loc"]), first["msg"]
    found = InputError(where, first.get("input"), said.removeprefix("Input should be ").removeprefix("Value error, "))
    if first["type"] == "json_invalid":  # says no input, and its place is a character
        found = InputError("body", "text that is not JSON", "JSON")
    return JSONResponse(problem(found, request.state.request_id), 422)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    refused = cast(HTTPException, error)
    if refused.detail == UNPARSED:  # JSON that is nested too deep, or a number of thousands of digits
        return JSONResponse(problem(InputError("body", "text that is not JSON", "JSON"), request.state.request_id), 422)
    where = {404: "path", 405: "method"}.get(refused.status_code, "body")
    told = {"error": "HTTPError", "where": where, "found": str(refused.detail), "expected": "",
            "request": request.state.request_id}  # fmt: skip
    return JSONResponse(told, refused.status_code, headers=refused.headers)
