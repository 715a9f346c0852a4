"""A generation is published whole or not at all."""

from pathlib import Path

import pytest

from aisle.engines.generations import back, building, current, gone_back, kept, verify
from aisle.errors import StoreError

G1, G2, G3 = (f"20240101T00000{number}000000" for number in (1, 2, 3))


def build(root: Path, name: str, text: str = "whole") -> None:
    with building(root, name) as folder:
        (folder / "part").write_text(text)


def test_there_is_none_before_the_first(tmp_path: Path) -> None:
    assert current(tmp_path) is None


def test_a_generation_is_current_once_it_is_whole(tmp_path: Path) -> None:
    build(tmp_path, G1)
    assert current(tmp_path) == G1
    assert (tmp_path / G1 / "part").read_text() == "whole"


def test_a_failed_build_leaves_the_last_one_serving(tmp_path: Path) -> None:
    build(tmp_path, G1)
    with pytest.raises(ValueError, match="no"), building(tmp_path, G2) as folder:
        (folder / "part").write_text("half")
        raise ValueError("no")
    assert current(tmp_path) == G1
    assert not (tmp_path / G2).exists()


def test_what_a_dead_builder_left_is_swept_and_never_served(tmp_path: Path) -> None:
    (tmp_path / ".building-g1").mkdir(parents=True)
    (tmp_path / ".building-g1" / "part").write_text("half")
    assert current(tmp_path) is None
    build(tmp_path, G2)
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_dir()) == [G2]


def test_the_last_generation_stays_for_readers_that_hold_it(tmp_path: Path) -> None:
    for name in (G1, G2, G3):
        build(tmp_path, name)
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_dir()) == [G2, G3]


def test_a_file_that_is_gone_or_cut_is_named(tmp_path: Path) -> None:
    build(tmp_path, G1)
    verify(tmp_path / G1)
    for text, told in (("who", "part: found '3 bytes', expected 5 bytes"), (None, "part: found 'no such file'")):
        (tmp_path / G1 / "part").write_text(text) if text else (tmp_path / G1 / "part").unlink()
        with pytest.raises(StoreError, match=told):
            verify(tmp_path / G1)
    for damage in ("{", "[]", "null", None):
        (tmp_path / G1 / "files.json").write_text(damage) if damage else (tmp_path / G1 / "files.json").unlink()
        with pytest.raises(StoreError, match="train again"):
            verify(tmp_path / G1)


def test_two_builders_do_not_build_at_once(tmp_path: Path) -> None:
    with building(tmp_path, G1), pytest.raises(StoreError, match="another training run"):
        build(tmp_path, G2)


def test_what_was_gone_back_to_stays_and_what_it_gone_back_from_goes(tmp_path: Path) -> None:
    build(tmp_path, G1)
    build(tmp_path, G2)
    (tmp_path / "lost+found").mkdir()  # of the disk, no generation
    assert kept(tmp_path) == [G2, G1] and not gone_back(tmp_path)
    back(tmp_path, G1)
    assert current(tmp_path) == G1 and gone_back(tmp_path)
    build(tmp_path, G3)
    assert kept(tmp_path) == [G3, G1] and not gone_back(tmp_path), "who goes back again finds the one that was good"
    with pytest.raises(StoreError, match="meanwhile"):
        back(tmp_path, G2)
    assert current(tmp_path) == G3
