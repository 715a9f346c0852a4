from pathlib import Path

import pytest
from pydantic import ValidationError

from aisle.errors import SettingsError
from aisle.settings import Settings, read


def toml(folder: Path, text: str | bytes) -> Path:
    path = folder / "shop.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_shop_without_a_file_has_the_defaults(tmp_path: Path) -> None:
    assert read(tmp_path / "shop.toml") == Settings()


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    assert read(toml(tmp_path, "")) == Settings()


def test_what_is_said_counts_and_the_rest_stays(tmp_path: Path) -> None:
    settings = read(toml(tmp_path, '[shop]\ncurrency = "JPY"\ntimezone = "Asia/Tokyo"\n[rules]\npins = ["p1"]\n'))
    assert (settings.shop.currency, settings.shop.timezone, settings.rules.pins) == ("JPY", "Asia/Tokyo", ["p1"])
    assert settings.serve == Settings().serve


@pytest.mark.parametrize(
    ("text", "named", "expected"),
    [
        ("[shop]\ncurency = 'USD'", "shop.curency", "currency"),
        ("[srve]\nlargest = 5", "srve", "serve"),
        ("colour = 'red'", "colour", "shop"),
        ("[shop]\nlanguage = 'english'", "shop.language", "de-AT"),
        ("[shop]\ncurrency = 'FOO'", "shop.currency", "ISO 4217"),
        ("[shop]\ntimezone = 'Mars/Olympus'", "shop.timezone", "IANA"),
        ("[shop]\nclock = 'sundial'", "shop.clock", "last-event"),
        ("[serve]\nlargest = 0", "serve.largest", "greater"),
        ("[serve]\nlargest = 'many'", "serve.largest", "integer"),
        ("[serve]\ndiversity = 2", "serve.diversity", "less"),
        ("[serve]\ndeadline_ms = -1", "serve.deadline_ms", "greater"),
        ("[rules]\npins = 'p1'", "rules.pins", "list"),
        ("[rules]\npins = [1]", "rules.pins.0", "string"),
        ("serve = 5", "serve", "Serve"),
    ],
)
def test_a_wrong_key_or_value_is_named_with_what_was_expected(
    text: str, named: str, expected: str, tmp_path: Path
) -> None:
    path = toml(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        read(path)
    assert caught.value.where == f"{path}, {named}"
    assert expected in caught.value.expected


@pytest.mark.parametrize("text", ["[shop", "shop = ", b"[shop]\nlanguage = '\xff'", b"\x00"])
def test_what_is_no_toml_is_refused(text: str | bytes, tmp_path: Path) -> None:
    path = toml(tmp_path, text)
    with pytest.raises(SettingsError, match="TOML") as caught:
        read(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("zone", ["", "../etc/passwd", "/etc/passwd", "Europe"])
def test_a_timezone_is_no_path(zone: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="timezone"):
        read(toml(tmp_path, f"[shop]\ntimezone = '{zone}'"))


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().shop.currency = "EUR"  # type: ignore[misc]


def test_every_setting_says_what_it_is() -> None:
    for name, section in Settings.model_fields.items():
        fields = getattr(section.annotation, "model_fields", {})
        assert fields or section.description, name
        assert all(field.description for field in fields.values()), name
