"""Versions of shop.toml: every one that was in force is kept beside it, and can be put back.

versions/<when it was written, UTC>-<of its content>.toml: the same in every process, so that two keep one file.
"""

import hashlib
import os
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aisle.errors import AisleError, UnknownError
from aisle.settings import Settings, read

FOLDER, FILE = "versions", "shop.toml"
MISSING = "–"
NAME = re.compile(r"\d{8}T\d{12}-[0-9a-f]{8}")


@dataclass(frozen=True)
class Version:
    """id: its name; changes: of every setting that the version before had otherwise, what it was and is; unread: why
    it cannot be followed, empty if it can; current: is it what shop.toml says."""

    id: str
    written: datetime
    changes: tuple[tuple[str, str, str], ...]
    unread: str = ""
    current: bool = False


def keep(folder: Path) -> None:
    """Keep shop.toml as it is now, unless it is kept already, is empty, or there is none."""
    try:
        with (folder / FILE).open("rb") as file:
            text, written = file.read(), os.fstat(file.fileno()).st_mtime_ns
        kept = folder / FOLDER
        name = _name(text, written)
        if text and not (kept / name).exists():
            kept.mkdir(exist_ok=True)
            _write(kept / name, text)
    except OSError:
        return  # no shop.toml, or no place for a version: that must stop no request


def versions(folder: Path) -> list[Version]:
    """All versions, the latest first."""
    keep(folder)
    paths = sorted(path for path in (folder / FOLDER).glob("*.toml") if NAME.fullmatch(path.stem))
    now = (folder / FILE).read_bytes() if (folder / FILE).exists() else b""
    made, before = list[Version](), _flat(Settings())
    for path in paths:
        unread, after = "", before
        try:
            after = _flat(read(path))
        except AisleError as error:
            unread = str(error)
        made.append(Version(path.stem, _written(path), tuple(_changes(before, after)), unread))
        before = after
    latest = max((k for k, path in enumerate(paths) if path.read_bytes() == now), default=-1)
    return [Version(v.id, v.written, v.changes, v.unread, k == latest) for k, v in enumerate(made)][::-1]


def restore(folder: Path, version: str) -> None:
    """Put a version back into shop.toml, which every process follows from its next request on; what is there now stays
    a version. Raises UnknownError for no such version, SettingsError for one that cannot be read."""
    path = folder / FOLDER / f"{version}.toml"
    if not NAME.fullmatch(version) or not path.exists():
        raise UnknownError("version", version, "one that `aisle versions` lists")
    read(path)
    keep(folder)
    _write(folder / FILE, path.read_bytes())


def _name(text: bytes, written: int) -> str:
    moment = datetime.fromtimestamp(written / 1e9, UTC)
    return f"{moment:%Y%m%dT%H%M%S%f}-{hashlib.sha256(text).hexdigest()[:8]}.toml"


def _written(path: Path) -> datetime:
    return datetime.strptime(path.stem.split("-")[0], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)


def _write(path: Path, text: bytes) -> None:
    """All of a file or nothing of it."""
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    with aside.open("wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def _flat(settings: Settings) -> dict[str, Any]:
    """Every setting by its full name."""
    return dict(_leaves("", settings.model_dump(mode="json")))


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(f"{name}.{key}" if name else str(key), inner)
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        names = [str(inner.get("name", at)) for at, inner in enumerate(value)]
        for at, inner in enumerate(value):
            often = names[:at].count(names[at])
            yield from _leaves(f"{name}.{names[at]}{f' #{often + 1}' if often else ''}", inner)
    else:
        yield name, value


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name in dict.fromkeys([*before, *after]):
        was, is_ = before.get(name, MISSING), after.get(name, MISSING)
        if was != is_ and not (was in ([], {}, MISSING) and is_ in ([], {}, MISSING)):
            yield name, str(was), str(is_)
