"""What a long work tells where nobody looks on."""

from collections.abc import Iterable, Iterator

import pytest

from aisle.wiring import bars, report


def test_a_line_a_minute_tells_what_is_slow_from_what_is_stuck(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert list(bars.bars(quiet=False)(range(3), "reading", 3)) == [0, 1, 2]
    assert capsys.readouterr().err == "", "a short work says nothing"
    monkeypatch.setattr(bars, "MINUTE", 0.0)
    assert list(bars.bars(quiet=False)(range(3), "reading", 3)) == [0, 1, 2]
    assert "reading: 2 of 3 after 0 s" in capsys.readouterr().err
    assert list(bars.bars(quiet=True)(range(3), "reading", 3)) == [0, 1, 2]
    assert capsys.readouterr().err == "", "output for machines"


def test_a_long_step_is_told_of_as_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    def progress(things: Iterable[int], what: str, total: int | None = None) -> Iterator[int]:
        told.append(what)
        yield from things

    clock = report.Clock(report.Trained("one"), progress)  # type: ignore[arg-type]
    assert clock.time("short", lambda: 1) == 1 and not told
    monkeypatch.setattr(report, "TOLD", 0.0)
    assert clock.time("encode", lambda: 2) == 2 and told == ["encode: 0 s"]
