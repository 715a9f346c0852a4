"""/v1 over tiny shops: every route as documented, every error with where, found and expected."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from aisle import Shop
from tests.serving.shops import PROBLEM, Served, furnished, served, stored, until
from tests.worlds import BARE, PRODUCTS


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return furnished(tmp_path_factory.mktemp("api") / "shop")


@pytest.fixture(scope="module")
def api(trained: Path) -> Iterator[Served]:
    """A shop that is only asked."""
    folder = trained.with_name("asked")
    shutil.copytree(trained, folder)
    with served(folder) as made:
        yield made


@pytest.fixture
def own(trained: Path, tmp_path: Path) -> Iterator[Served]:
    """A shop that a test may change."""
    shutil.copytree(trained, tmp_path / "own")
    with served(tmp_path / "own") as made:
        yield made


def test_a_query_is_answered_with_prices_reasons_facets_and_a_total(api: Served) -> None:
    slate = api.post("search", query="walnut bed", user="u1", size=3)
    first = slate["placements"][0]
    assert first["product"] == "bed-walnut" and first["position"] == 0 and first["title"] == "Walnut bed frame"
    assert first["price"] == "499.00" and first["currency"] == "USD" and first["reasons"][0]["text"]
    assert first["category"] == ["Furniture", "Bedroom", "Beds"]
    assert slate["scenario"] == "search" and slate["query"] == "walnut bed" and slate["facets"]["brand"] == {"Acme": 1}
    assert [p["near"] for p in slate["placements"]] == [False, True, True]  # of an oak bed the words say half
    assert slate["total"] == 1 and slate["generation"] and slate["timings"]["total"] > 0


def test_a_shopper_is_recommended_what_is_missing(api: Served) -> None:
    assert api.ids("recommend", user="u04", repeat="exclude", size=1) == ["p04"]
    beside = api.ids("recommend", scenario="product", anchor=["shoes"], size=3)
    assert "shoes" not in beside


def test_nothing_stands_twice_on_the_shelves(api: Served) -> None:
    shelves = api.post("shelves", user="u04", size=3)["shelves"]
    shown = [p["product"] for shelf in shelves for p in shelf["slate"]["placements"]]
    assert len(shelves) >= 2 and len(shown) == len(set(shown))


def test_candidates_of_somebody_else_are_ordered_unknown_ones_last(api: Served) -> None:
    slate = api.post("rank", products=["cups", "nowhere", "bed-walnut"], query="walnut bed")
    assert [p["product"] for p in slate["placements"]] == ["bed-walnut", "cups", "nowhere"]
    assert slate["placements"][-1]["score"] is None and slate["removed"][0]["why"] == "not in the catalogue"


def test_relevance_and_completions(api: Served) -> None:
    scores = api.post("relevance", pairs=[["walnut bed", "bed-walnut"], ["walnut bed", "cups"], ["bed", "nowhere"]])
    assert scores["scores"][0] > scores["scores"][1] > scores["scores"][2] == -1
    assert api.get("suggest", q="waln")["words"] == ["walnut"]
    assert api.get("suggest")["words"] == [] == api.get("suggest", products=3)["products"]
    shown = api.get("suggest", q="waln", products=2)["products"]
    assert shown[0]["product"] == "bed-walnut" and shown[0]["price"] == "499.00"
    assert api.get("suggest", q="waln")["products"] == []


def test_a_product_is_stated_as_the_shop_states_it(api: Served) -> None:
    found = api.get("products/bed-walnut")
    assert found["price"] == "499.00" and found["attributes"] == {"colour": ["brown"]} and found["available"] is True
    assert api.get("products/nowhere", 404)["where"] == "product"
    assert api.get(f"products/{'x' * 300}", 422)["where"] == "path.product"


def test_an_id_may_hold_a_slash(own: Served) -> None:
    own.post("load", products=[{"id": "a/b?c", "title": "Odd one"}])
    with Shop(own.folder) as shop:
        shop.train()
    until(lambda: own.client.get("/v1/products/a%2Fb%3Fc").status_code == 200)
    assert own.get("products/a%2Fb%3Fc")["title"] == "Odd one"


def test_filters_hold_and_sorting_sorts(api: Served) -> None:
    assert api.ids("search", query="bed", filters={"brand": ["Bo"], "price": {"gte": 100}}) == ["bed-oak"]
    assert set(api.ids("search", query="bed", filters={"brand": {"not": "Bo"}, "price": {"gte": 100}})) == {
        "bed-walnut"
    }
    prices = [float(p["price"]) for p in api.post("search", query="bed", sort="price")["placements"]]
    assert prices == sorted(prices) and len(prices) > 1
    falling = [float(p["price"]) for p in api.post("search", query="bed", sort="-price")["placements"]]
    assert falling == prices[::-1]


@pytest.mark.parametrize(("verb", "body"), [
    ("search", {"query": "product"}), ("recommend", {"user": "u03", "repeat": "allow"}),
], ids=lambda value: value if isinstance(value, str) else "")  # fmt: skip
def test_cursors_page_through_without_repeat_or_loss(api: Served, verb: str, body: dict[str, Any]) -> None:
    whole, found, cursor = api.ids(verb, size=100, **body), [], None
    for _ in range(100):
        page = api.post(verb, size=3, cursor=cursor, **body)
        found += [p["product"] for p in page["placements"]]
        assert [p["position"] for p in page["placements"]] == list(range(len(found)))[-len(page["placements"]) :]
        if (cursor := page["cursor"]) is None:
            break
    assert found == whole and len(whole) > 9


def test_sizes(api: Served) -> None:
    assert api.post("search", query="bed", size=0)["placements"] == []
    assert len(api.ids("search", query="product", size=1000)) >= 20
    assert api.problem("search", 400, query="bed", size=10**6)["expected"] == "a whole number from 0 to 1000"
    assert api.problem("search", 422, query="bed", size=-1)["expected"] == "greater than or equal to 0"


def test_explaining_and_looking_record_nothing(own: Served) -> None:
    own.post("search", query="lamp")
    before = stored(own.folder, "served")
    told = own.post("explain", product="bed-walnut", search={"query": "lamp", "size": 1})
    assert told["shown"] is False and told["verdict"]
    shown = own.post("explain", product="p04", recommend={"user": "u04", "repeat": "exclude"})
    assert shown["shown"] and shown["position"] == 0 and shown["contributions"]
    look = own.post("look", search={"query": "walnut bed", "record": True})
    assert look["candidates"][0]["product"] == "bed-walnut" and look["sources"] and look["masks"]
    assert own.post("look")["scenario"] == "home"
    own.post("recommend", record=False)
    assert stored(own.folder, "served") == before == 1


def test_an_event_is_known_to_the_next_request(own: Served) -> None:
    assert own.ids("recommend", user="new", scenario="again", repeat="allow") == []
    event = {"id": "e1", "type": "purchase", "user": "new", "product": "lamp"}
    assert own.post("events", events=[event])["count"] == 1
    assert own.ids("recommend", user="new", scenario="again", repeat="allow") == ["lamp"]
    assert own.post("events", events=[event])["count"] == 0, "the same event twice"


def test_a_click_can_name_its_slate(own: Served) -> None:
    slate = own.post("search", query="bed", user="u1")
    click = {"type": "click", "user": "u1", "product": "bed-oak", "slate": slate["id"], "position": 1}
    assert own.post("events", events=[click])["count"] == 1


def test_a_batch_of_events_is_stored_whole_or_not_at_all(own: Served) -> None:
    before = stored(own.folder, "event")
    good = {"type": "click", "user": "u1", "product": "lamp"}
    told = own.problem("events", 400, events=[good, {**good, "type": "stare"}])
    assert told["where"].startswith("event 1, type") and told["found"] == "'stare'"
    assert stored(own.folder, "event") == before
    assert own.post("events", events=[good, good])["count"] == 2 and stored(own.folder, "event") == before + 2


def test_a_load_says_what_it_set_aside_and_why(own: Served) -> None:
    report = own.post("load", products=[{"id": "vase", "title": "Vase"}, {"title": "no id"}, {"id": "x", "price": "?"}])
    part = report["parts"][0]
    assert (part["rows"], part["accepted"], part["quarantined"]) == (3, 1, 2)
    assert part["faults"][0]["field"] == "id" and part["faults"][0]["expected"] and part["faults"][0]["row"] == 2
    assert own.post("load") == {"parts": [], "timings": {}}
    assert any(issue["check"] == "quarantine" for issue in own.post("check")["issues"])


def test_stock_that_is_loaded_holds_at_once(own: Served) -> None:
    assert own.ids("search", query="lamp") == ["lamp"]
    own.post("load", products=[{**PRODUCTS[2], "available": False}])
    assert own.ids("search", query="lamp") == []


def test_to_forget_is_to_erase(own: Served) -> None:
    event = {"type": "purchase", "user": "gone", "product": "lamp"}
    own.post("events", events=[event, {"type": "purchase", "session": "s-1", "product": "lamp"}])
    own.post("search", query="bed", user="gone")
    assert own.post("forget", user="gone")["count"] >= 2
    assert own.ids("recommend", user="gone", scenario="again", repeat="allow") == []
    assert own.ids("recommend", session="s-1", scenario="again", repeat="allow") == ["lamp"]
    assert own.post("forget", session="s-1")["count"] >= 1
    assert own.ids("recommend", session="s-1", scenario="again", repeat="allow") == []
    assert own.problem("forget", 400)["expected"] == "a user or a session"


def test_errors_say_where_what_was_found_and_what_was_expected(api: Served) -> None:
    told = api.problem("recommend", 400, scenario="attic")
    assert told["where"] == "scenario" and told["found"] == "'attic'" and "home" in told["expected"]
    assert api.problem("search", 400, query="bed", filters={"colr": "brown"})["where"] == "filters"
    assert api.problem("search", 400, query="bed", cursor="x")["where"] == "cursor"
    assert api.problem("search", 400, query="bed", now="yesterday")["where"] == "now"
    assert api.problem("search", 422)["where"] == "body.query"
    assert api.problem("search", 422, query="bed", sort="colour")["where"] == "body.sort"
    assert api.problem("search", 422, query="bed", colour=1)["where"] == "body.colour"
    assert api.raw("search", "{not json", 422)["expected"] == "JSON"
    assert api.get("nowhere", 404)["where"] == "path" and api.get("search", 405)["where"] == "method"
    assert api.get("jobs/nowhere", 404)["where"] == "job"


def test_a_body_that_is_too_large_is_refused_also_when_it_comes_in_pieces(api: Served) -> None:
    piece = b" " * (1 << 20)
    for body in (piece * 17, iter([piece] * 17)):
        answer = api.client.post("/v1/search", content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 413 and answer.json()["where"] == "body" and set(answer.json()) == PROBLEM


@pytest.mark.parametrize("text", ["\\u0000", "a\\u0000b", "\\ud800", "\\ud83d\\ude00", "x" * 10_000, "%", "\\u202e"])
def test_any_text_is_answered_or_refused(own: Served, text: str) -> None:
    own.raw("search", f'{{"query": "{text}"}}', 200)
    own.raw("relevance", f'{{"pairs": [["{text}", "lamp"]]}}', 200)
    half = text == "\\ud800"
    for verb, body in {
        "rank": f'{{"products": ["{text}", "lamp"]}}', "explain": f'{{"product": "{text}"}}',
        "forget": f'{{"session": "{text}"}}',
    }.items():  # fmt: skip
        own.raw(verb, body, 422 if half else 200)
    for body in (*(f'{{"{name}": "{text}"}}' for name in ("user", "language", "session", "market")),
                 f'{{"filters": {{"brand": "{text}"}}}}', f'{{"anchor": ["{text}"]}}',
                 f'{{"exclude": ["{text}"]}}'):  # fmt: skip
        own.raw("recommend", body, 400 if half else 200)
    assert own.raw("recommend", f'{{"filters": {{"{text}": "{text}"}}}}', 400)["where"]
    assert own.raw("recommend", f'{{"scenario": "{text}"}}', 400)["where"] == "scenario"


def test_a_long_query_is_cut_and_the_slate_says_so(api: Served) -> None:
    assert api.post("search", query="bed " * 2500)["notes"][0] == "query cut to 512 characters"


def test_filters_that_lie_too_deep_are_refused(api: Served) -> None:
    nested: Any = "x"
    for _ in range(900):
        nested = {"not": nested}
    assert "levels" in api.problem("search", 422, query="bed", filters={"id": nested})["expected"]


@pytest.mark.parametrize(
    ("method", "path", "body", "found"),
    [
        ("POST", "train", {"seed": 7}, "seed"),
        ("POST", "check?deep=1", None, "deep"),
        ("GET", "suggest?q=b&siez=1", None, "siez"),
        ("GET", "exposure?scenarioo=search", None, "scenarioo"),
    ],
)
def test_what_a_route_does_not_know_is_refused(
    api: Served, method: str, path: str, body: dict[str, Any] | None, found: str
) -> None:
    answer = api.client.request(method, f"/v1/{path}", json=body)
    assert answer.status_code == 400 and found in answer.json()["found"]


def test_probes_may_add_what_they_like(api: Served) -> None:
    assert api.get("health", probe="1")["status"] == "alive" and api.get("ready", _="1718")["generation"]


def test_json_that_is_too_deep_is_no_json(api: Served) -> None:
    told = api.raw("search", '{"query": "bed", "filters": {"brand": ' + "[" * 5000 + "]" * 5000 + "}}", 422)
    assert told["where"] == "body" and told["expected"] == "JSON"


def test_many_pairs_are_scored_as_few_are(api: Served) -> None:
    pairs = [[f"bed {k}", "bed-oak"] for k in range(60)]
    assert api.post("relevance", pairs=pairs)["scores"][:2] == api.post("relevance", pairs=pairs[:2])["scores"]


def test_a_shop_that_is_not_trained_is_alive_but_not_ready(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(BARE)
    with served(tmp_path) as shop:
        assert shop.get("health") == {"status": "alive", "version": shop.get("health")["version"]}
        assert shop.get("ready", 503)["error"] == "NotTrainedError"
        assert set(shop.problem("search", 503, query="bed")) == PROBLEM
        needed: dict[str, dict[str, Any]] = {"explain": {"product": "lamp"}, "rank": {"products": []}}
        for verb in ("recommend", "shelves", "explain", "look", "rank"):
            shop.problem(verb, 503, **needed.get(verb, {}))
        assert shop.post("load", products=PRODUCTS)["parts"][0]["accepted"] == 8
        with Shop(tmp_path) as other:
            other.train()
        assert shop.get("ready")["status"] == "ready" and shop.ids("search", query="lamp") == ["lamp"]


def test_a_request_has_an_id_which_is_echoed_or_made(api: Served) -> None:
    def named(given: str | None) -> str:
        headers = {} if given is None else {"x-request-id": given}
        return str(api.client.get("/v1/health", headers=headers).headers["x-request-id"])

    assert named("shop-7.A_b") == "shop-7.A_b"
    made = [named(None), named("two words"), named("x" * 65), named("a\tb"), named('"}')]
    assert all(len(name) == 32 for name in made) and len(set(made)) == len(made)
    told = api.client.post("/v1/search", json={}, headers={"x-request-id": "mine"})
    assert told.json()["request"] == "mine" == told.headers["x-request-id"] == api.lines()[-1]["request"]


def test_the_log_has_a_line_a_request_and_nothing_of_a_shopper(own: Served) -> None:
    start = len(own.lines())
    secrets = ["secret-user", "secret-session", "secret words", "secret-product", "secret-request"]
    own.post("search", query="secret words", user="secret-user", session="secret-session")
    own.post("recommend", anchor=["secret-product"], user="secret-user")
    own.get("products/secret-product", 404)
    own.get("suggest", q="secret words")
    own.post("events", 200, events=[{"type": "click", "user": "secret-user", "product": "secret-product"}])
    own.post("search", 422, query=1, user="secret-user")
    own.post("forget", user="secret-user")
    lines = own.lines()[start:]
    assert [line["route"] for line in lines] == [
        "/v1/search", "/v1/recommend", "/v1/products/{product:path}", "/v1/suggest", "/v1/events", "/v1/search",
        "/v1/forget",
    ]  # fmt: skip
    assert {"event", "pid", "request", "method", "status", "millis", "time"} <= set(lines[0])
    assert not any(secret in own.log.getvalue() for secret in secrets)


def test_a_failing_handler_is_an_answer_without_the_text_of_the_failure(
    own: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret words of secret-user")

    monkeypatch.setattr(Shop, "search", fail)
    told = own.problem("search", 500, query="secret words")
    assert told["error"] == "InternalError" and "secret" not in json.dumps(told) + own.log.getvalue()
    assert own.lines()[-1]["failed"].startswith("RuntimeError in serving/test_api.py:")
    assert own.lines()[-1]["request"] == told["request"]


def test_training_is_a_job_and_its_generation_is_served_without_a_restart(own: Served) -> None:
    before = own.get("ready")["generation"]
    own.post("load", products=[{"id": "vase", "title": "Blue vase"}])
    job = own.client.post("/v1/train", params={"seed": 1})
    assert job.status_code == 202 and job.json()["state"] in ("running", "done") and job.json()["verb"] == "train"
    with served(own.folder) as other:  # another worker tells of it, too
        assert other.get(f"jobs/{job.json()['id']}")["verb"] == "train"
    until(lambda: own.get(f"jobs/{job.json()['id']}")["state"] != "running")
    told = own.get(f"jobs/{job.json()['id']}")
    assert told["state"] == "done" and told["error"] == "" and told["result"]["generation"] != before, told
    until(lambda: own.get("ready")["generation"] == told["result"]["generation"])
    assert own.ids("search", query="blue vase")[0] == "vase"


def test_one_run_of_a_kind_at_a_time(own: Served) -> None:
    job = own.client.post("/v1/train").json()
    again = own.client.post("/v1/train")
    if own.get(f"jobs/{job['id']}")["state"] == "running":  # else the first was quicker than two requests
        assert again.status_code == 409 and job["id"] in again.json()["found"]
    until(lambda: own.get(f"jobs/{job['id']}")["state"] != "running")
    assert own.client.post("/v1/train", params={"seed": -1}).status_code == 422
    assert own.client.post("/v1/evaluate", params={"shoppers": 0}).status_code == 422


def test_values_that_titles_say_are_found_by_a_job(own: Served) -> None:
    brands, things = ("Acme", "Borealis", "Delta", "Ode"), ("lamp", "chair", "shelf", "rug", "mirror")
    own.post("load", products=[
        {"id": f"b{at}", "title": f"{brands[at % 4]} {things[at % 5]} {at}", "brand": brands[at % 4] * (at <= 160)}
        for at in range(180)
    ])  # fmt: skip
    for path in ("/v1/train", "/v1/attributes?name=brand"):
        job = own.client.post(path).json()["id"]
        until(_ended(own, job))
    told = own.get(f"jobs/{job}")
    assert told["state"] == "done" and told["verb"] == "attributes", told
    assert {one["value"] for one in told["result"]["proposals"] if one["known"]} == set(brands), told["result"]
    job = own.client.post("/v1/attributes", params={"name": ["--out=found.csv"]}).json()["id"]
    until(_ended(own, job))
    assert own.get(f"jobs/{job}")["state"] == "failed", "a name is no option"


def _ended(shop: Served, job: str) -> Callable[[], bool]:
    return lambda: shop.get(f"jobs/{job}")["state"] != "running"


def test_a_job_that_cannot_be_done_says_why(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(BARE)
    with served(tmp_path) as shop:
        job = shop.client.post("/v1/evaluate", params={"shoppers": 10}).json()["id"]
        until(lambda: shop.get(f"jobs/{job}")["state"] != "running")
        told = shop.get(f"jobs/{job}")
        assert told["state"] == "failed" and "NotTrainedError" in told["error"] and told["result"] is None


def test_ids_are_text_however_they_come(api: Served) -> None:
    assert api.ids("recommend", scenario="product", anchor="lamp") == api.ids(
        "recommend", scenario="product", anchor=["lamp"]
    )
    assert api.post("search", query="bed", user=7, exclude="lamp", size=1)["placements"]
    api.problem("recommend", 422, anchor={"id": "lamp"})
