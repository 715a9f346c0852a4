"""The documentation says what is true: its code runs, its outputs are the real ones, and nothing public is missing."""

import contextlib
import doctest
import inspect
import io
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer.main

import aisle
from aisle.catalogue.levels import WEIGHTS, Levels
from aisle.cli import app
from aisle.evaluation import metrics
from aisle.features.beside import Beside
from aisle.features.level import OwnLevel
from aisle.features.market import MarketFacts
from aisle.features.own import OwnProduct
from aisle.features.product import ProductFacts
from aisle.features.shopper import ShopperHabits
from aisle.ranking.signals import SIGNALS
from aisle.settings import Campaign, Quota, Settings, read
from aisle.wiring.sources import SOURCES

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "first_shop.py"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
WORDS = [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
FRESH = {
    "README.md",
    "docs/tutorial.md",
    "docs/how-to/load.md",
    "docs/how-to/train.md",
}  # these load by themselves
FENCE = re.compile(r"((?:<!-- not run: [^\n]+ -->\n+)?)^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
RUNS = ("aisle ", "python examples/")  # what a bash block may hold to be executed
MAY_REST = ("make", "git", "pip", "cd ", "aisle demo", "aisle serve", "curl ", "source ", "python -m benchmarks",
            "python -m pytest")  # fmt: skip
WIDTH = "100"


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, its text, whether it is marked as not run, and the output shown behind it."""

    language: str
    text: str
    rests: bool
    line: int
    shown: str | None


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> list[Block]:
    text, found = page.read_text("utf-8"), []
    fences = list(FENCE.finditer(text))
    for place, fence in enumerate(fences):
        after = fences[place + 1] if place + 1 < len(fences) else None
        follows = after is not None and after[2] == "text" and not text[fence.end() : after.start()].strip()
        line = text[: fence.start()].count("\n") + 1
        found.append(Block(fence[2], fence[3], bool(fence[1]), line, after[3] if after and follows else None))
    return found


def said(page: Path, block: Block, namespace: dict[str, Any]) -> str:
    """What a block prints when it is run in the current folder."""
    if block.language == "python":
        output = io.StringIO()
        code = compile("\n" * block.line + block.text, str(page), "exec")
        with contextlib.redirect_stdout(output):
            exec(code, namespace)
        return output.getvalue()
    paths = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = {**os.environ, "PATH": paths, "COLUMNS": WIDTH, "NO_COLOR": "1", "TERM": "dumb"}
    done = subprocess.run(
        ["bash", "-ec", block.text], capture_output=True, text=True, env=env, timeout=100, check=False
    )
    assert done.returncode == 0, f"{name_of(page)}:{block.line}: {done.stderr}"
    return done.stdout


def alike(shown: str, found: str) -> bool:
    """Is this the output, line ends aside? `…` stands for anything."""
    wanted, got = ("\n".join(line.rstrip() for line in text.strip().splitlines()) for text in (shown, found))
    return re.fullmatch(".*?".join(re.escape(part) for part in wanted.split("…")), got, re.DOTALL) is not None


def prepare(folder: Path) -> None:
    """A folder as the documentation assumes it: a shop's four files, the examples, and a shop without an encoder."""
    example = runpy.run_path(str(EXAMPLE))
    example["write"](folder)
    (folder / "examples").symlink_to(ROOT / "examples")
    (folder / "myshop").mkdir()
    (folder / "myshop" / "shop.toml").write_text(example["SETTINGS"], "utf-8")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, loaded and trained."""
    folder = tmp_path_factory.mktemp("trained") / "place"
    folder.mkdir()
    prepare(folder)
    with aisle.Shop(folder / "myshop") as shop:
        shop.load(products=folder / "products.csv", events=folder / "events.jsonl", users=folder / "users.csv")
        shop.train(seed=0)
    return folder


@pytest.fixture
def place(request: pytest.FixtureRequest, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where one page's blocks run."""
    folder = tmp_path / "place"
    if name_of(request.node.callspec.params["page"]) in FRESH:
        folder.mkdir()
        prepare(folder)
    else:
        shutil.copytree(trained, folder, symlinks=True)
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p)], ids=name_of)
def test_every_block_runs_and_prints_what_the_page_shows(page: Path, place: Path) -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(page):
        if block.rests or block.language not in ("python", "bash"):
            continue
        found = said(page, block, namespace)
        if block.shown is not None:
            assert alike(block.shown, found), f"{name_of(page)}:{block.line} prints\n{found}"


@pytest.mark.parametrize("page", WORDS, ids=name_of)
def test_only_what_cannot_run_in_a_test_is_marked_as_not_run(page: Path) -> None:
    for block in blocks(page):
        lines = [line for line in block.text.splitlines() if line.strip() and not line.startswith("#")]
        if block.rests:
            assert block.language == "bash" and all(line.startswith(MAY_REST) for line in lines), block.text
        elif block.language == "bash":
            assert all(line.startswith((*RUNS, "  ")) for line in lines), f"{name_of(page)}:{block.line}"


def test_every_toml_block_is_a_valid_shop_toml(tmp_path: Path) -> None:
    told = [block.text for page in PAGES for block in blocks(page) if block.language == "toml"]
    assert told
    for text in told:
        (tmp_path / "shop.toml").write_text(text, "utf-8")
        assert isinstance(read(tmp_path / "shop.toml"), Settings)


def test_the_example_shop_runs() -> None:
    done = subprocess.run([sys.executable, str(EXAMPLE)], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert "1. Walnut bed frame 160 cm" in done.stdout


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every command and its options."""
    group: Any = typer.main.get_command(app)
    for name, command in group.commands.items():
        yield name, [option for p in command.params for option in p.opts if option.startswith("-")]


@pytest.mark.parametrize(("command", "options"), list(commands()), ids=lambda v: v if isinstance(v, str) else "")
def test_every_command_and_option_is_described(command: str, options: list[str]) -> None:
    telling = [text for page in PAGES if f"aisle {command}" in (text := page.read_text("utf-8"))]
    assert telling, f"no page tells of aisle {command}"
    for option in options:
        assert any(f"`{option}" in text for text in telling), f"no page tells of aisle {command} {option}"


def settings() -> Iterator[tuple[str, str, str]]:
    """Every setting's name, default and description."""
    sections: dict[str, Any] = {name: field.annotation for name, field in Settings.model_fields.items()}
    for section, inner in {**sections, "quotas": Quota, "campaigns": Campaign}.items():
        for name, setting in getattr(inner, "model_fields", {}).items():
            default = "–" if setting.is_required() else json.dumps(setting.get_default(call_default_factory=True))
            yield f"{section}.{name}", default, setting.description


def test_every_setting_is_described_with_its_default() -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    for name, default, description in settings():
        assert f"| `{name}` | `{default}` | {description}" in page, name


def test_the_settings_page_names_no_setting_that_is_not_there() -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    told = set(re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \|", page, re.MULTILINE))
    assert told == {name for name, _, _ in settings()}


def declared() -> list[str]:
    """The names of all features that a catalogue with every level has."""
    import numpy as np

    levels = Levels(np.zeros((1, len(WEIGHTS)), np.int32), tuple(WEIGHTS))
    price = np.zeros(1, np.float32)
    features = (OwnProduct((6,)), OwnLevel((6,), levels),
                ProductFacts(price, levels), ShopperHabits((6,), price), MarketFacts(),
                Beside(price, levels))  # fmt: skip
    return [*SOURCES, *(f"rank_{name}" for name in SOURCES), *(name for f in features for name in f.names)]


def test_every_signal_of_relevance_has_its_line_and_no_other_has() -> None:
    page = (ROOT / "docs" / "reference" / "signals.md").read_text("utf-8")
    lines = re.findall(r"^\| (`.+`) \| .+ \|$", page, re.MULTILINE)
    assert tuple(name for line in lines for name in re.findall(r"`(\w+)`", line)) == SIGNALS


def test_every_declared_feature_has_its_line_and_no_other_has() -> None:
    page = (ROOT / "docs" / "reference" / "features.md").read_text("utf-8")
    told = re.findall(r"^\| `(\w+)` \| .+ \|$", page, re.MULTILINE)
    assert told == declared()


@pytest.mark.parametrize("page", WORDS, ids=name_of)
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    for target in LINK.findall(page.read_text("utf-8")):
        if re.match(r"[a-z]+:|#", target) or target.endswith("images/demo.svg"):
            continue
        assert (page.parent / target.split("#")[0]).exists(), f"{name_of(page)} links to {target}"


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert newest is not None
    assert project["project"]["version"] == aisle.__version__ == newest[1]


def test_the_examples_in_the_metrics_are_right() -> None:
    done = doctest.testmod(metrics)
    assert done.attempted > 0 and done.failed == 0


def verbs() -> list[str]:
    """The public methods of a shop."""
    return [name for name, _ in inspect.getmembers(aisle.Shop, inspect.isfunction) if not name.startswith("_")]


@pytest.mark.parametrize("verb", verbs())
def test_every_public_verb_has_a_docstring_and_a_page(verb: str) -> None:
    assert (getattr(aisle.Shop, verb).__doc__ or "").strip()
    assert any(f".{verb}(" in page.read_text("utf-8") for page in PAGES), f"no page shows shop.{verb}(…)"
