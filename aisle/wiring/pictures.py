"""Pictures of products: which file is whose, and their vectors, read once and kept."""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np

from aisle.catalogue.catalogue import Catalogue
from aisle.encoders.cache import VectorCache
from aisle.encoders.picture import NARROW, PictureEncoder, narrowing
from aisle.engines.faiss_index import FaissIndex
from aisle.errors import MissingPackageError
from aisle.records.history import Bools, Floats, Ints
from aisle.settings import Settings
from aisle.stages import Progress
from aisle.wiring.report import Clock, Trained

KEPT = "pictures"  # of a shop's cache
KINDS = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp")
SAMPLE = 20_000  # pictures of which it is learned which numbers those are
PART = 1 << 16  # pictures that are narrowed at once
STEP = 32  # pictures between two steps of the progress bar
TOLD = 3  # of names and files
Read = Callable[[Sequence[str]], Floats]  # keys → vectors


@dataclass(frozen=True)
class Pictures:
    """rows: int32 (n,), those that have a picture; files: theirs; keys: what tells that a file is as it was; unsure:
    names that several files have, of which none is nearer to what a product says."""

    rows: Ints
    files: Sequence[Path]
    keys: Sequence[str]
    unsure: Sequence[str]

    @classmethod
    def of(cls, catalogue: Catalogue, folder: Path) -> "Pictures":
        """A product's picture is the file whose path ends as its `image` does, else the one named by its id or group; a
        row's is that of the first of its units that has one."""
        named, stems = _Files(), _Files()
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in KINDS and path.is_file():
                parts = [_plain(part) for part in path.relative_to(folder).parts]
                named.add(parts, path)
                stems.add([*parts[:-1], parts[-1].rpartition(".")[0]], path)
        said, rows, found = catalogue.column("image"), list[int](), list[Path]()
        for row, group in enumerate(catalogue.groups):
            units = range(int(catalogue.starts[row]), int(catalogue.starts[row + 1]))
            chosen = (next(filter(None, map(named.like, _paths(said[unit]))), None)
                      or stems.like([_plain(catalogue.units[unit])]) for unit in units)  # fmt: skip
            mine = next(filter(None, chosen), None) or stems.like([_plain(group)])
            if mine is not None:
                rows.append(row)
                found.append(mine)
        return cls(
            np.array(rows, np.int32), found, [_key(path, folder) for path in found], [*named.unsure, *stems.unsure]
        )


class _Files:
    """Files by the last part of their path."""

    def __init__(self) -> None:
        self._of: dict[str, list[tuple[Sequence[str], Path]]] = {}
        self.unsure: dict[str, None] = {}

    def add(self, parts: Sequence[str], path: Path) -> None:
        self._of.setdefault(parts[-1], []).append((parts, path))

    def like(self, parts: Sequence[str]) -> Path | None:
        """The file whose path shares most with the end of another, of equals the one that lies least deep; None where
        two are as near, for a wrong picture is worse than none."""
        some = [(_shared(parts, mine), -len(mine), path) for mine, path in self._of.get(parts[-1], ())]
        best = sorted(some, key=lambda one: one[:2], reverse=True)
        if len(best) > 1 and best[0][:2] == best[1][:2]:
            self.unsure[parts[-1]] = None
            return None
        return best[0][2] if best else None


def _shared(some: Sequence[str], others: Sequence[str]) -> int:
    """How many parts two paths end in alike."""
    pairs = zip(reversed(some), reversed(others), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _paths(address: str | None) -> Iterator[Sequence[str]]:
    """The parts of an address or a path: as it stands, and as a browser would read it."""
    said = (address or "").strip().replace("\\", "/")
    try:
        read = unquote(urlsplit(said).path)
    except ValueError:  # brackets that hold no address
        read = said
    for text in dict.fromkeys((said, read)):
        parts = [_plain(part) for part in text.split("/") if part]
        if parts:
            yield parts


def _plain(name: str) -> str:
    """A name as it is compared: capitals and the ways to write an accent aside."""
    return unicodedata.normalize("NFC", name.strip()).casefold()


def _key(path: Path, folder: Path) -> str:
    """A file by name, size and time: one that was written anew is read anew."""
    told = path.stat()
    return f"{path.relative_to(folder)} {told.st_size} {told.st_mtime_ns}"


def pictured(catalogue: Catalogue, cache: Path, settings: Settings) -> tuple[int, int]:
    """How many pictures there are, and how many of them no earlier run read."""
    folder = cache.parent / settings.encoder.pictures
    if not settings.encoder.pictures or not folder.is_dir():
        return 0, 0
    keys = Pictures.of(catalogue, folder).keys
    return len(keys), VectorCache(cache / KEPT, PictureEncoder.dim).lacks(keys)


def looks_of(
    catalogue: Catalogue, cache: Path, settings: Settings, report: Trained, clock: Clock, progress: Progress
) -> FaissIndex | None:
    """What the products look like, where shop.toml says where their pictures lie; the report says what is missing."""
    if not settings.encoder.pictures:
        return None
    folder = cache.parent / settings.encoder.pictures
    if not folder.is_dir():
        report.skipped["pictures"] = f"encoder.pictures: there is no folder {folder}"
        return None
    mine = Pictures.of(catalogue, folder)
    if not len(mine.rows):
        report.skipped["pictures"] = f"no file in {folder} is named as a product's image, or its id"
        return None
    if mine.unsure:
        some = ", ".join(mine.unsure[:TOLD]) + ", …" * (len(mine.unsure) > TOLD)
        report.skipped["ambiguous pictures"] = f"several files have the name {some}"
    files = dict(zip(mine.keys, mine.files, strict=True))
    kept = VectorCache(cache / KEPT, PictureEncoder.dim)
    read: Read = _nothing
    try:
        read = _reading(files, progress) if kept.lacks(mine.keys) else read
    except MissingPackageError as error:  # what was read before serves
        report.skipped["new pictures"] = str(error)
    index, unread = clock.time("pictures", lambda: _vectors(mine, len(catalogue), kept, read))
    if unread and "new pictures" not in report.skipped:
        some = ", ".join(path.name for path in unread[:TOLD]) + ", …" * (len(unread) > TOLD)
        report.skipped["unreadable pictures"] = f"{len(unread)} of {len(mine.rows)}: {some}"
    if index is not None:
        report.fitted.append(f"pictures of {len(mine.rows) - len(unread)} of {len(catalogue)} rows")
    return index


def _vectors(pictures: Pictures, size: int, kept: VectorCache, read: Read) -> tuple[FaissIndex | None, Sequence[Path]]:
    """An index over all `size` rows, of zeros where a row has no picture, and the files that could not be read; no
    index where none can."""
    parts = [slice(k, k + PART) for k in range(0, len(pictures.keys), PART)]
    known: Bools = np.concatenate([_known(kept.encode(pictures.keys[part], read)) for part in parts])
    unread = [path for path, good in zip(pictures.files, known, strict=True) if not good]
    if not known.any():
        return None, unread
    good = np.flatnonzero(known)
    narrow = narrowing(kept.encode([pictures.keys[at] for at in good[:: -(-len(good) // SAMPLE)]], _nothing))
    made = np.zeros((size, NARROW), np.float32)
    for part in parts:
        made[pictures.rows[part]] = narrow(kept.encode(pictures.keys[part], _nothing))
    made[pictures.rows[~known]] = 0
    return FaissIndex(made), unread


def _known(vectors: Floats) -> Bools:
    return np.asarray(np.abs(vectors).sum(axis=1) > 0)


def _reading(files: dict[str, Path], progress: Progress) -> Read:
    encoder = PictureEncoder()

    def read(keys: Sequence[str]) -> Floats:
        steps = range(0, len(keys), STEP)
        return np.concatenate([encoder.encode([_bytes(files[key]) for key in keys[k : k + STEP]])
                               for k in progress(steps, "pictures", len(steps))])  # fmt: skip

    return read


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # told with those that are no pictures
        return b""


def _nothing(keys: Sequence[str]) -> Floats:
    return np.zeros((len(keys), PictureEncoder.dim), np.float32)
