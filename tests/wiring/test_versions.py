"""Versions of shop.toml: what was in force is kept, told, and put back."""

import json
import time
from pathlib import Path

import pytest

from aisle import Shop
from aisle.errors import SettingsError, UnknownError
from tests.test_cli import aisle
from tests.wiring.test_arranging import shop_of


def write(folder: Path, text: str) -> None:
    """As an editor does, later than the last time."""
    time.sleep(0.05)
    (folder / "shop.toml").write_text(text)


def test_what_was_in_force_comes_back_and_what_it_replaced_stays(tmp_path: Path) -> None:
    with shop_of(tmp_path) as shop:
        plain = (tmp_path / "shop.toml").read_text()
        before = shop.recommend("popular", size=3).ids
        write(tmp_path, plain + '[rules]\nhides = ["lamp-0"]\n')
        assert "lamp-0" not in shop.recommend("popular", size=3).ids
        latest, first = shop.versions()
        assert latest.current and not first.current and latest.id > first.id
        assert latest.changes == (("rules.hides", "[]", "['lamp-0']"),)
        with Shop(tmp_path) as other:
            other.restore(first.id)
        assert (tmp_path / "shop.toml").read_text() == plain
        assert shop.recommend("popular", size=3).ids == before, "a shop that was open follows"
        again = shop.versions()
        assert len(again) == 3 and again[0].current and [v.id for v in again[1:]] == [latest.id, first.id]
        assert again[0].changes == (("rules.hides", "['lamp-0']", "[]"),)
        shop.restore(latest.id)
        assert "lamp-0" not in shop.recommend("popular", size=3).ids


def test_a_file_that_cannot_be_read_is_no_version_in_force_but_is_not_lost(tmp_path: Path) -> None:
    with shop_of(tmp_path) as shop:
        first = shop.versions()[0].id
        write(tmp_path, "[rules\nhides = my long night's work")
        assert "TOML" in shop.versions()[0].unread and shop.versions()[0].current
        broken = shop.versions()[0].id
        with pytest.raises(SettingsError):
            shop.restore(broken)
        shop.restore(first)
        assert not shop.versions()[0].unread and shop.recommend("popular").ids
        kept = (tmp_path / "versions" / f"{broken}.toml").read_text()
        assert kept == "[rules\nhides = my long night's work"


def test_what_the_catalogue_cannot_follow_is_kept_too(tmp_path: Path) -> None:
    with shop_of(tmp_path) as shop:
        plain = (tmp_path / "shop.toml").read_text()
        write(tmp_path, plain + '[[rules.quotas]]\nfield = "colour"\nmost = 1\n')
        assert shop.recommend("popular").degraded
        write(tmp_path, plain)
        assert not shop.recommend("popular").degraded
        assert any("colour" in after for one in shop.versions() for _, _, after in one.changes)


def test_campaigns_are_told_by_their_names(tmp_path: Path) -> None:
    with shop_of(tmp_path) as shop:
        plain = (tmp_path / "shop.toml").read_text()
        write(tmp_path, plain + '[[rules.campaigns]]\nname = "sale"\npins = ["lamp-1"]\n')
        changes = dict((name, after) for name, _, after in shop.versions()[0].changes)
        assert changes["rules.campaigns.sale.pins"] == "['lamp-1']"


def test_only_what_is_listed_can_be_put_back(tmp_path: Path) -> None:
    with shop_of(tmp_path) as shop:
        for wrong in ("", "20260101T000000000000-00000000", "../shop", "..", "versions/x"):
            with pytest.raises(UnknownError, match="version"):
                shop.restore(wrong)


def test_on_the_command_line(tmp_path: Path) -> None:
    with shop_of(tmp_path) as shop:
        write(tmp_path, (tmp_path / "shop.toml").read_text() + '[rules]\nhides = ["lamp-0"]\n')
        assert shop.settings is not None
    told = json.loads(aisle("versions", "-s", str(tmp_path), "--json").stdout)
    assert [one["current"] for one in told] == [True, False]
    assert "rules.hides: [] → ['lamp-0']" in aisle("versions", "-s", str(tmp_path)).stdout
    assert told[1]["id"] in aisle("restore", told[1]["id"], "-s", str(tmp_path)).stdout
    (tmp_path / "shop.toml").write_text("[rules")
    (tmp_path / "versions" / "mine.toml").write_text("")
    assert json.loads(aisle("versions", "-s", str(tmp_path), "--json").stdout)[0]["unread"]
    aisle("restore", told[0]["id"], "-s", str(tmp_path))
    assert "lamp-0" in (tmp_path / "shop.toml").read_text(), "also where shop.toml cannot be read"
    assert "no such" not in aisle("restore", "nothing", "-s", str(tmp_path), status=1).stdout
