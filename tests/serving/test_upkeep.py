"""While a shop is served, what comes is found by itself."""

import json
import time
from pathlib import Path

import pytest

from aisle.serving import upkeep
from aisle.serving.jobs import Jobs
from tests.serving.shops import Served, furnished, served, until
from tests.worlds import BARE, PATIENT

VASE = {"id": "vase", "title": "Blue porcelain vase"}


def refreshes(shop: Served) -> list[dict[str, object]]:
    return [line for line in shop.lines() if line["event"] == "refresh"]


def test_a_product_that_comes_is_found_without_a_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "EVERY", 0.1)
    with served(furnished(tmp_path)) as shop:
        assert not shop.ids("search", query="porcelain")
        shop.post("load", products=[VASE])
        until(lambda: shop.ids("search", query="porcelain") == ["vase"])
        [begun] = refreshes(shop)
        assert begun["products"] == 1 and shop.get(f"jobs/{begun['job']}")["verb"] == "refresh"
        shop.post("load", products=[{"id": "bowl", "title": "Celadon bowl"}])
        time.sleep(1)
        assert len(refreshes(shop)) == 1, "not again at once"


def test_a_shop_that_wants_none_waits_for_its_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "EVERY", 0.05)
    folder = furnished(tmp_path)
    (folder / "shop.toml").write_text(f"{BARE}{PATIENT}refresh_minutes = 0\n")
    with served(folder) as shop:
        shop.post("load", products=[VASE])
        time.sleep(1)
        assert not refreshes(shop) and not shop.ids("search", query="porcelain")
        job = shop.client.post("/v1/refresh").json()
        until(lambda: shop.get(f"jobs/{job['id']}")["state"] != "running")
        assert shop.get(f"jobs/{job['id']}")["result"]["figures"]["new"] == 1
        until(lambda: shop.ids("search", query="porcelain") == ["vase"])


def test_jobs_tell_when_a_verb_last_began(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path)
    assert jobs.since("refresh") == float("inf") and not jobs.running("train")
    (tmp_path / "jobs").mkdir()
    for number, began in enumerate((time.time() - 100, time.time() - 50)):
        told = json.dumps({"verb": "refresh", "began": began})
        (tmp_path / "jobs" / f"{number:032x}.json").write_text(told)
    assert 49 < jobs.since("refresh") < 90 and jobs.since("train") == float("inf")
