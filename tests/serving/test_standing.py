"""What an operator sees of a shop that is served: numbers, problems, jobs, and the generation before put back."""

import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families as families

from aisle import Shop
from aisle.serving import upkeep
from tests.serving.shops import LONG, Served, furnished, served, until
from tests.serving.test_server import server
from tests.worlds import PRODUCTS, opened

Numbers = dict[tuple[str, ...], float]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return furnished(tmp_path_factory.mktemp("standing") / "shop")


@pytest.fixture
def own(trained: Path, tmp_path: Path) -> Iterator[Served]:
    shutil.copytree(trained, tmp_path / "own")
    with served(tmp_path / "own") as made:
        yield made


def numbers(text: str) -> Numbers:
    return {(one.name, *one.labels.values()): one.value for family in families(text) for one in family.samples}


def damaged(folder: Path) -> str:
    """The current generation, of which a file was cut short."""
    name = (folder / "generations" / "CURRENT").read_text()
    facts = folder / "generations" / name / "facts.json"
    facts.write_text(json.dumps({**json.loads(facts.read_text()), "format": 1}))
    return name


def test_requests_and_slates_are_counted_and_how_the_shop_stands_is_told(own: Served) -> None:
    own.post("search", query="walnut bed", user="zoe")
    own.post("search", query="walnut bed", filters={"brand": "nobody"})
    own.post("recommend", 400, scenario="nowhere")
    text = own.client.get("/v1/metrics").text
    found = numbers(text)
    assert found["aisle_slates_total", "search"] == 2 and found["aisle_slates_empty_total", "search"] == 1
    assert found["aisle_request_seconds_count", "/v1/recommend", "400"] == 1
    assert found["aisle_up",] == 1 and found["aisle_problems",] == 0 and found["aisle_products",] > len(PRODUCTS)
    assert 0 < time.time() - found["aisle_published_timestamp_seconds",] < 24 * 3600
    assert found["aisle_log_bytes",] > 0 and found["aisle_disk_free_bytes",] > 0
    assert not {"zoe", "walnut"} & set(re.findall(r"\w+", text))
    told = own.get("status")
    assert told["generation"] == own.get("ready")["generation"] and told["problems"] == [] and told["learned"]


def test_several_workers_count_together(trained: Path) -> None:
    with server(trained, 2) as (_, port, _):
        for _ in range(12):  # each on a connection of its own
            httpx.post(f"http://127.0.0.1:{port}/v1/search", json={"query": "bed"}, timeout=LONG).raise_for_status()
        found = numbers(httpx.get(f"http://127.0.0.1:{port}/v1/metrics", timeout=LONG).text)
        assert found["aisle_slates_total", "search"] == 12


@pytest.mark.parametrize("workers", [1, 2])
def test_a_terminal_that_closes_ends_no_server_and_no_job(trained: Path, workers: int) -> None:
    with server(trained, workers) as (process, port, log):
        job = httpx.post(f"http://127.0.0.1:{port}/v1/evaluate", timeout=LONG).json()
        began = {json.loads(line)["pid"] for line in log.read_text().splitlines() if '"started"' in line}
        for one in {process.pid, *began}:  # a terminal tells all of them
            os.kill(one, signal.SIGHUP)
        asked = f"http://127.0.0.1:{port}/v1/jobs/{job['id']}"
        until(lambda: httpx.get(asked, timeout=LONG).json()["state"] != "running")
        assert httpx.get(asked, timeout=LONG).json()["state"] == "done" and process.poll() is None
        assert log.read_text().count('"started"') == workers
        assert httpx.get(f"http://127.0.0.1:{port}/v1/ready", timeout=LONG).status_code == 200


def test_what_is_missing_on_slates_is_in_the_log_once(own: Served) -> None:
    (own.folder / "shop.toml").write_text("nonsense = ")
    for _ in range(3):
        assert own.post("recommend", user="u04")["degraded"]
    told = [line for line in own.lines() if line["event"] == "degraded"]
    assert len(told) == 1 and "the settings before hold" in told[0]["why"] and told[0]["scenario"] == "home"
    assert own.get("status")["problems"] == own.post("recommend")["degraded"]
    assert numbers(own.client.get("/v1/metrics").text)["aisle_slates_degraded_total", "home"] == 4


def test_what_a_stage_failed_by_is_told_without_its_message(own: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    from aisle.retrieval.taste import Taste

    def broken(*_: object) -> None:
        raise RuntimeError("of somebody's query")

    monkeypatch.setattr(Taste, "retrieve", broken)
    assert any("somebody" in why for why in own.post("recommend", user="u04")["degraded"])
    assert "taste: RuntimeError" in own.log.getvalue() and "somebody" not in own.log.getvalue()


def test_jobs_are_listed_told_of_in_the_log_and_ended(own: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "EVERY", 0.1)
    job = own.client.post("/v1/train").json()
    assert own.get("jobs")["jobs"][0]["id"] == job["id"]
    assert own.client.delete(f"/v1/jobs/{job['id']}").json()["id"] == job["id"]

    def over() -> bool:
        own.client.delete(f"/v1/jobs/{job['id']}")
        return bool(own.get(f"jobs/{job['id']}")["state"] != "running")

    until(over)
    ended = own.get(f"jobs/{job['id']}")
    assert ended["state"] == "failed" and ended["error"] == "it was asked to end" and ended["seconds"] >= 0
    with served(own.folder) as again:  # a worker that tells of jobs looks at once
        job = again.client.post("/v1/train").json()
        until(lambda: any(line["event"] == "job" for line in again.lines()))
        [told] = [line for line in again.lines() if line["event"] == "job"]
        assert told["verb"] == "train" and told["state"] == "done" and told["job"] == job["id"]
    assert own.client.delete("/v1/jobs/nothing").status_code == 404


def test_a_job_that_cannot_be_written_down_does_not_begin(own: Served) -> None:
    shutil.rmtree(own.folder / "jobs", ignore_errors=True)
    (own.folder / "jobs").write_text("in the way")
    told = own.problem("train", 503)
    assert told["error"] == "StoreError" and "jobs" in told["where"]


def test_the_generation_before_answers_again_in_every_process(trained: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(trained, folder)
    with Shop(folder) as shop:
        with pytest.raises(Exception, match="no other generation"):
            shop.rollback()
        first = shop.generation
        second = shop.train().generation
    with served(folder) as api:
        assert api.get("ready")["generation"] == second
        assert api.client.post("/v1/rollback").json() == {"generation": first}
        until(lambda: bool(api.get("ready")["generation"] == first))
        assert api.client.post("/v1/rollback").json() == {"generation": second}, "and back"


def test_who_goes_back_is_told_no_more_of_what_was_bad(trained: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(trained, folder)
    with Shop(folder) as shop:
        first = shop.generation
        shop.train()
    damaged(folder)
    with served(folder) as api:
        assert api.post("recommend", user="u04")["degraded"] and api.get("status")["problems"]
        assert api.post("events", events=[{"type": "view", "user": "u04", "product": "lamp"}]) == {"count": 1}
        assert api.client.post("/v1/rollback").json() == {"generation": first}
        assert not api.post("recommend", user="u04")["degraded"] and not api.get("status")["problems"]


def test_what_was_bad_is_not_brought_back_by_itself(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "EVERY", 0.05)
    folder = tmp_path / "shop"
    shutil.copytree(trained, folder)
    with Shop(folder) as shop:
        first = shop.generation
        shop.load(products=[{"id": "vase", "title": "Blue porcelain vase"}])
        shop.train()
        shop.rollback()
    with served(folder) as api:
        time.sleep(1)
        assert api.get("status")["lacking"] == 1 and api.get("ready")["generation"] == first
        assert not any(line["event"] == "refresh" for line in api.lines())


def test_a_number_of_a_process_that_is_not_ours_is_not_ended(own: Served) -> None:
    name, place = f"{7:032x}", own.folder / "jobs"
    place.mkdir(exist_ok=True)
    (place / f"{name}.json").write_text(json.dumps({"id": name, "verb": "train", "began": time.time()}))
    for ending in ("out", "err"):
        (place / f"{name}.{ending}").touch()
    with subprocess.Popen(["sleep", "60"]) as other, (place / f"{name}.held").open("w") as held:
        held.write(str(other.pid))
        held.flush()
        fcntl.flock(held, fcntl.LOCK_EX)
        assert own.client.delete(f"/v1/jobs/{name}").status_code == 409
        assert other.poll() is None
        other.kill()


def test_a_server_that_starts_on_a_generation_of_another_aisle_answers_by_the_one_before(
    trained: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(trained, folder)
    with Shop(folder) as shop:
        first = shop.generation
        shop.train()
    strange = damaged(folder)
    with served(folder) as api:
        slate = api.post("search", query="bed")
        assert slate["generation"] == first and slate["placements"]
        assert f"generation {strange} cannot be opened" in slate["degraded"][0]
        assert api.lines()[0]["event"] == "started" and strange in api.lines()[0]["problems"][0]


def test_what_is_decided_before_a_training_holds_after_it(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.load(products=PRODUCTS)
        shop.moderate("lamp", show=False, why="recalled")
        assert shop.status().problems and not shop.status().generation
        shop.train()
        assert "lamp" not in shop.recommend("popular", size=50).ids and not shop.status().problems
        assert (tmp_path / "shop.db").stat().st_mode & 0o77 == 0, "a guest's session is in it as it was given"
