"""An open shop keeps up with what other processes publish."""

import shutil
import time
from pathlib import Path

import pytest

from aisle import Shop
from aisle.wiring.live import Live, Served
from tests.serving.shops import furnished, until


def slow(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Opening a generation takes this long."""
    opening = Live.opened

    def late(self: Live, name: str) -> Served:
        time.sleep(seconds)
        return opening(self, name)

    monkeypatch.setattr(Live, "opened", late)


def test_who_serves_answers_while_a_new_generation_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = furnished(tmp_path)
    with Shop(folder, waits=False) as serving, Shop(folder) as other:
        before = serving.generation
        slow(monkeypatch, 2.0)
        other.load(products=[{"id": "vase", "title": "Blue vase"}])
        after = other.train().generation
        assert serving.search("blue vase").generation == before  # at once: the new one is not open yet
        until(lambda: serving.generation == after)
        assert serving.search("blue vase").ids[0] == "vase"
        assert not serving.search("blue vase").degraded


def test_one_that_cannot_be_opened_changes_nothing_and_slates_say_so(tmp_path: Path) -> None:
    folder = furnished(tmp_path)
    with Shop(folder, waits=False) as serving, Shop(folder) as other:
        before = serving.generation
        broken = other.train().generation
        shutil.rmtree(folder / "generations" / broken / "catalogue")
        until(lambda: bool(serving.search("bed").degraded))
        told = serving.search("bed")
        assert told.degraded[0].startswith(f"generation {broken} cannot be opened: ")
        assert told.generation == before and told.ids
        mended = other.train().generation
        until(lambda: serving.generation == mended)
        (folder / "generations" / "CURRENT").write_text(mended)
        assert not serving.search("bed").degraded
