"""Benchmarks take hours and need data that is not here, but what the docs tell people to type is what they take."""

import re
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import next_product_shop
from benchmarks.next_product_board import NEXT, Board
from tests.worlds import DAY, START

COLOURS = ("Red", "Green", "Blue", "White", "Black")
THINGS = ("shoe", "lamp", "cup", "sofa", "kettle", "towel")
HERE = Path(__file__).parents[1]
DOCS = [HERE / "README.md", HERE / "Makefile", *sorted((HERE / "docs").rglob("*.md"))]
COMMANDS = sorted(path.stem for path in (HERE / "benchmarks").glob("*.py") if "ArgumentParser" in path.read_text())
NAMED = re.compile(r"python -m benchmarks\.(\w+)([^`|>\n]*)")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_benchmark_takes_what_the_docs_name(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, f"benchmarks.{name}", raising=False)
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    with pytest.raises(SystemExit) as left:
        runpy.run_module(f"benchmarks.{name}", run_name="__main__")
    taken = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    named = {flag for doc in DOCS for benchmark, words in NAMED.findall(doc.read_text())
             if benchmark == name for flag in re.findall(r"--[a-z-]+", words)}  # fmt: skip
    assert left.value.code == 0 and named <= taken


def test_the_docs_name_benchmarks_that_there_are() -> None:
    named = {benchmark for doc in DOCS for benchmark, _ in NAMED.findall(doc.read_text())}
    assert named and named <= {path.stem for path in (HERE / "benchmarks").glob("*.py")}


def test_the_steps_of_next_product_run_to_their_end(tmp_path: Path) -> None:
    """With every model that there can be, so that what one of them is made of can still be counted."""
    random = np.random.default_rng(0)
    goods = [{"id": f"p{k}", "title": f"{COLOURS[k % 5]} {THINGS[k // 5]}"} for k in range(30)]
    events = [{"type": "purchase", "user": f"u{u}", "product": f"p{(start + k) % 30}", "timestamp": START + k * DAY}
              for u, start in enumerate(random.integers(30, size=300)) for k in range(12)]  # fmt: skip
    truths = [frozenset({(start + 12) % 30}) for start in random.integers(30, size=3)]
    board = Board("tiny", truths, NEXT, "ndcg@10")
    asked = [{"user": f"u{u}"} for u in range(3)]
    with next_product_shop.opened(tmp_path, next_product_shop.Options(), goods, events) as shop:
        next_product_shop.trained(shop, 0, board)
        next_product_shop.measured(shop, board, asked, 10, "auto", {f"p{k}": k for k in range(30)}, 0)
    millions = next(row.value for row in board.rows if row.metric.startswith("numbers"))
    assert millions > 10, "the language model alone has so many"
    assert all(len(board.of(model)) == 3 for model in ("aisle", "aisle, semantic alone", "aisle, sequence alone"))
