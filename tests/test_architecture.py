"""The import rule, held: a room imports the foundation and itself; only wiring knows every room."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import aisle

ROOT = Path(aisle.__file__).parent
FOUNDATION = ("errors", "records", "catalogue", "stages")
FORBIDDEN = {"utils", "util", "core", "common", "base", "manager", "helper", "helpers", "factory", "registry"}
MAY = {
    "errors": set(), "records": {"errors"}, "catalogue": {"errors", "records"},
    "stages": {"errors", "records", "catalogue"}, "settings": {"errors", "records"},
}  # fmt: skip
FACE = {"wiring", "settings", *FOUNDATION}
LONGEST_FILE = 400


def modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def room_of(path: Path) -> str:
    part = path.relative_to(ROOT).parts[0]
    return part.removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Dotted names of aisle that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "aisle":
            found |= (
                {f"{node.module}.{alias.name}" for alias in node.names} if node.module == "aisle" else {node.module}
            )
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.split(".")[0] == "aisle"}
    return {name for name in found if name.count(".") >= 1}


def allowed(room: str) -> set[str]:
    if room in MAY:
        return MAY[room] | {room}
    if room == "wiring":
        return {room_of(path) for path in modules()}
    if room == "serving":
        return {*FOUNDATION, "pipeline", room, "__version__"}
    if room in ("shop", "cli", "serve", "__init__"):
        return {*FACE, room, "shop", "serving", "serve", "__version__"}
    return {*FOUNDATION, room}


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_its_room_may(path: Path) -> None:
    rooms = {name.split(".")[1] for name in imports(path)}
    assert rooms <= allowed(room_of(path)), f"{path.name} imports {rooms - allowed(room_of(path))}"


def test_no_two_modules_import_each_other() -> None:
    graph = {module_name(path): {n for n in imports(path) if n in names()} for path in modules()}
    seen: dict[str, int] = {}

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " → ".join([*trail, name])
        if name not in seen:
            for other in graph[name] - {name}:
                visit(other, (*trail, name))
            seen[name] = 1

    for name in graph:
        visit(name, ())


def module_name(path: Path) -> str:
    parts = ("aisle", *path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts).removesuffix(".__init__")


def names() -> set[str]:
    return {module_name(path) for path in modules()}


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_one_idea_with_a_name_that_says_which(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE
    assert path.stem not in FORBIDDEN and path.parent.name not in FORBIDDEN


def test_the_page_of_protocols_stays_one_page() -> None:
    assert len((ROOT / "stages.py").read_text().splitlines()) <= 150


HEAVY = ("torch", "transformers", "sentence_transformers", "lightgbm", "matplotlib", "faiss", "tantivy", "sqlalchemy",
         "pandas", "pyarrow", "pydantic", "numpy", "scipy", "sklearn", "onnxruntime")  # fmt: skip


def test_importing_aisle_imports_nothing_heavy() -> None:
    code = "import aisle, sys; print([m for m in sys.modules if m.split('.')[0] in set(sys.argv[1:])])"
    found = subprocess.run([sys.executable, "-c", code, *HEAVY], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_opening_a_shop_does_not_import_what_trains(tmp_path: Path) -> None:
    code = "import aisle, sys; aisle.Shop(sys.argv[1]).close(); print([m for m in ('torch', 'transformers', " \
           "'sentence_transformers', 'lightgbm', 'matplotlib', 'sklearn') if m in sys.modules])"  # fmt: skip
    found = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
