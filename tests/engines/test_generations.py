"""A generation is published whole or not at all."""

from pathlib import Path

import pytest

from aisle.engines.generations import building, current, verify
from aisle.errors import StoreError


def build(root: Path, name: str, text: str = "whole") -> None:
    with building(root, name) as folder:
        (folder / "part").write_text(text)


def test_there_is_none_before_the_first(tmp_path: Path) -> None:
    assert current(tmp_path) is None


def test_a_generation_is_current_once_it_is_whole(tmp_path: Path) -> None:
    build(tmp_path, "g1")
    assert current(tmp_path) == "g1"
    assert (tmp_path / "g1" / "part").read_text() == "whole"


def test_a_failed_build_leaves_the_last_one_serving(tmp_path: Path) -> None:
    build(tmp_path, "g1")
    with pytest.raises(ValueError, match="no"), building(tmp_path, "g2") as folder:
        (folder / "part").write_text("half")
        raise ValueError("no")
    assert current(tmp_path) == "g1"
    assert not (tmp_path / "g2").exists()


def test_what_a_dead_builder_left_is_swept_and_never_served(tmp_path: Path) -> None:
    (tmp_path / ".building-g1").mkdir(parents=True)
    (tmp_path / ".building-g1" / "part").write_text("half")
    assert current(tmp_path) is None
    build(tmp_path, "g2")
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_dir()) == ["g2"]


def test_the_last_generation_stays_for_readers_that_hold_it(tmp_path: Path) -> None:
    for name in ("g1", "g2", "g3"):
        build(tmp_path, name)
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_dir()) == ["g2", "g3"]


def test_a_file_that_is_gone_or_cut_is_named(tmp_path: Path) -> None:
    build(tmp_path, "g1")
    verify(tmp_path / "g1")
    for text, told in (("who", "part: found '3 bytes', expected 5 bytes"), (None, "part: found 'no such file'")):
        (tmp_path / "g1" / "part").write_text(text) if text else (tmp_path / "g1" / "part").unlink()
        with pytest.raises(StoreError, match=told):
            verify(tmp_path / "g1")
    for damage in ("{", "[]", "null", None):
        (tmp_path / "g1" / "files.json").write_text(damage) if damage else (tmp_path / "g1" / "files.json").unlink()
        with pytest.raises(StoreError, match="train again"):
            verify(tmp_path / "g1")


def test_two_builders_do_not_build_at_once(tmp_path: Path) -> None:
    with building(tmp_path, "g1"), pytest.raises(StoreError, match="another training run"):
        build(tmp_path, "g2")
