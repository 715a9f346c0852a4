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
    assert jobs.last("refresh") is None and not jobs.running("train")
    (tmp_path / "jobs").mkdir()
    for number, began in enumerate((time.time() - 100, time.time() - 50)):
        place = tmp_path / "jobs" / f"{number:032x}"
        place.with_suffix(".json").write_text(json.dumps({"verb": "refresh", "began": began}))
        for suffix in (".out", ".err", ".held"):
            place.with_suffix(suffix).touch()
    (tmp_path / "jobs" / f"{7:032x}.json").write_text("")  # cut short with the power
    last = jobs.last("refresh")
    assert last is not None and 49 < last["ago"] < 90 and last["state"] == "failed" and jobs.last("train") is None


def test_what_is_refused_is_told_once_and_not_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "EVERY", 0.1)
    monkeypatch.setattr(upkeep, "MINUTE", 0.1)
    folder = furnished(tmp_path)
    (folder / "shop.toml").write_text(f'{BARE}{PATIENT}[shop]\nlanguage = "de"\n')
    with served(folder) as shop:
        shop.post("load", products=[VASE])
        until(lambda: any("failed" in line for line in refreshes(shop)))
        time.sleep(2)
        begun, failed = refreshes(shop)
        assert begun["job"] == failed["job"] and "shop.language = 'de'" in str(failed["failed"])
        shop.post("load", products=[{"id": "bowl", "title": "Celadon bowl"}])
        until(lambda: len(refreshes(shop)) == 4)


def test_a_failure_is_told_and_does_not_end_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "EVERY", 0.1)
    looking, failures = upkeep.Upkeep.look, iter([ValueError("secret words")])

    def fails_once(self: upkeep.Upkeep) -> None:
        for error in failures:
            raise error
        looking(self)

    monkeypatch.setattr(upkeep.Upkeep, "look", fails_once)
    with served(furnished(tmp_path)) as shop:
        shop.post("load", products=[VASE])
        until(lambda: shop.ids("search", query="porcelain") == ["vase"])
        assert [line["failed"] for line in shop.lines() if line["event"] == "upkeep"] == ["ValueError"]
        assert "secret" not in shop.log.getvalue()
