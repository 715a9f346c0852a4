"""The OpenAPI document: every answer is one that it describes, none is a failure, and its examples work."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.worlds import PRODUCTS, opened

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
from hypothesis import HealthCheck, given, settings  # noqa: E402
from schemathesis.specs.openapi import checks as conformance  # noqa: E402
from starlette.testclient import TestClient  # noqa: E402

from aisle.serve import app as application  # noqa: E402
from aisle.serving.logs import Log  # noqa: E402

JOBS = ["/v1/train", "/v1/refresh", "/v1/evaluate", "/v1/attributes"]  # start processes: tests/serving/test_api.py
ASKED = [
    *(("POST", f"/v1/{name}") for name in ("search", "recommend", "shelves", "quiz", "rank", "relevance", "explain",
                                           "look", "events", "forget", "load", "check", "moderate",
                                           "versions/{version}/restore", "rollback")),
    *(("GET", f"/v1/{name}") for name in ("suggest", "products/{product}", "jobs/{job}", "jobs", "health", "ready",
                                          "queue", "versions", "synonyms", "exposure", "status")),
    ("DELETE", "/v1/jobs/{job}"),
]  # fmt: skip
CHECKS = [
    schemathesis.checks.not_a_server_error, conformance.response_schema_conformance,
    conformance.status_code_conformance, conformance.content_type_conformance,
]  # fmt: skip


class Steady:
    """An application whose shop stays open: a client of schemathesis starts and stops it around every request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        for step in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{step}.complete"})


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A tiny shop behind its application."""
    folder: Path = tmp_path_factory.mktemp("openapi")
    with opened(folder) as shop:
        shop.load(products=PRODUCTS)
        shop.record([{"id": "e0", "type": "purchase", "user": "u1", "product": "lamp"}])
        shop.train()
    app = application(folder, Log(StringIO()))
    with TestClient(app):
        yield app


@pytest.fixture(scope="module")
def document(served: Any) -> Any:
    return schemathesis.openapi.from_asgi("/v1/openapi.json", Steady(served))


@pytest.mark.parametrize(("verb", "path"), ASKED, ids=lambda part: part.strip("/").replace("/", "-"))
def test_every_answer_is_one_that_the_document_describes(verb: str, path: str, document: Any) -> None:
    @given(document[path][verb].as_strategy())
    @settings(max_examples=60, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    def ask(case: Any) -> None:
        case.call_and_validate(checks=CHECKS)

    ask()


def test_no_route_is_left_out(document: Any) -> None:
    found = {(verb.upper(), path) for path in document for verb in document[path]}
    assert found == {*ASKED, *(("POST", path) for path in JOBS)}


def test_the_examples_of_the_document_work(served: Any) -> None:
    client = TestClient(Steady(served))
    document = client.get("/v1/openapi.json").json()
    tried = 0
    for path, verbs in document["paths"].items():
        body = verbs.get("post", {}).get("requestBody")
        if body is None or path in JOBS:
            continue
        for asked in bodies(document, body["content"]["application/json"]["schema"]):
            answer = client.post(path, json=asked)
            assert answer.status_code == 200, (path, asked, answer.text)
            tried += 1
    assert tried >= 9
    assert client.get("/v1/suggest", params={"q": suggested(document)}).json()["words"] == ["walnut"]


def bodies(document: dict[str, Any], schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What the document's examples come to: all fields that have one, and one body for every single field."""
    fields = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    examples = {name: field["examples"] for name, field in fields["properties"].items() if "examples" in field}
    needed = {name: examples[name][0] for name in fields.get("required", ())}
    yield {**needed, **{name: values[0] for name, values in examples.items()}}
    for name, values in examples.items():
        for value in values:
            yield {**needed, name: value}


def suggested(document: dict[str, Any]) -> str:
    parameters = document["paths"]["/v1/suggest"]["get"]["parameters"]
    return str(next(p for p in parameters if p["name"] == "q")["schema"]["examples"][0])


def test_the_document_names_every_error_and_its_shape(served: Any) -> None:
    document = TestClient(Steady(served)).get("/v1/openapi.json").json()
    for path, verbs in document["paths"].items():
        for verb in verbs.values():
            for status in ("400", "413", "422", "503"):
                said = verb["responses"][status]["content"]["application/json"]["schema"]
                assert said == {"$ref": "#/components/schemas/Problem"}, (path, status)


def test_the_document_is_one_that_tools_read(served: Any) -> None:
    document = TestClient(Steady(served)).get("/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1") and document["info"]["title"] == "Aisle"
    named = [verb["operationId"] for verbs in document["paths"].values() for verb in verbs.values()]
    assert len(named) == len(set(named))
    assert all(verb["description"] for verbs in document["paths"].values() for verb in verbs.values())
