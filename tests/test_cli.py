"""The command as a user runs it: every verb, for people and for machines, and errors on one line."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.worlds import BARE, checkerboard


def aisle(*words: str, status: int = 0, typed: str = "") -> subprocess.CompletedProcess[str]:
    done = subprocess.run([sys.executable, "-c", "from aisle.cli import main; main()", *words],
                          capture_output=True, text=True, input=typed)  # fmt: skip
    assert done.returncode == status, done.stdout + done.stderr
    return done


def as_json(*words: str) -> Any:
    return json.loads(aisle(*words, "--json").stdout)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("cli")
    products, events = checkerboard()
    (folder / "shop.toml").write_text(BARE)
    for name, rows in (("products", products), ("events", events)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    report = as_json(
        "load", "-s", str(folder), "--products", f"{folder}/products.jsonl", "--events", f"{folder}/events.jsonl"
    )
    assert [part["accepted"] for part in report["parts"]] == [20, len(events)]
    assert as_json("train", "-s", str(folder))["generation"]
    return str(folder)


def test_load_counts_what_it_kept_and_what_it_set_aside(shop: str, tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text("id,title,price\nq1,Good lamp,5\nq2,Bad lamp,cheap\n")
    done = aisle("load", "-s", shop, "--products", f"{tmp_path}/more.csv")
    assert "more.csv, row 3, price: found 'cheap'" in done.stdout.replace("\n", " ")


def test_check_train_and_evaluate_speak_to_people(shop: str) -> None:
    assert "events of 40 shoppers" in aisle("check", "-s", shop).stdout
    assert "Generation" in aisle("train", "-s", shop).stdout
    assert "popularity" in aisle("evaluate", "-s", shop).stdout
    page = (Path(shop) / "reports" / "evaluation.html").read_text()
    assert (
        page.startswith("<!doctype html>") and "data:image/png;base64," in page and "http" not in page.split("<h1>")[1]
    )


def test_search_recommend_and_explain_speak_json(shop: str) -> None:
    assert as_json("search", "product number 7", "-s", shop)["placements"][0]["product"] == "p07"
    slate = as_json("recommend", "home", "-s", shop, "--user", "u06", "--size", "1", "--repeat", "exclude")
    assert slate["placements"][0]["product"] == "p06" and "trace" not in slate
    assert as_json("explain", "p01", "-s", shop, "--user", "u06")["shown"] in (True, False)
    assert as_json("search", "number", "-s", shop, "--filters", '{"id": ["p03"]}')["total"] == 1


def test_forget_says_how_much_it_erased(shop: str) -> None:
    assert as_json("forget", "u39", "-s", shop)["erased"] == 9


def test_an_error_is_one_line_and_status_one(tmp_path: Path) -> None:
    done = aisle("search", "x", "-s", str(tmp_path), status=1)
    assert done.stderr.count("\n") == 1 and "InputError" in done.stderr and "Traceback" not in done.stderr


def test_a_mistyped_folder_is_not_made_into_a_shop(tmp_path: Path) -> None:
    aisle("check", "-s", str(tmp_path / "typo"), status=1)
    assert not (tmp_path / "typo").exists()


def test_load_without_anything_to_load_is_an_error(tmp_path: Path) -> None:
    aisle("load", "-s", str(tmp_path), status=2)


def test_the_version_is_told() -> None:
    assert aisle("--version").stdout.startswith("aisle 0.")


def test_a_port_that_is_taken_is_told_before_anything_is_opened(shop: str) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert port in aisle("serve", "-s", shop, "--port", port, status=1).stderr
    assert "65535" in aisle("serve", "-s", shop, "--port", "99999", status=2).stderr
