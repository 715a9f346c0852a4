"""Rows out of whatever a shop has: CSV, JSON, Parquet (plain, gzip or zstd), DataFrames and iterables.

Memory is bounded: files are streamed (but for one JSON array, which is read whole), and a line longer than LONGEST
characters is set aside, not read. Every row comes with its number (a file's line, else the count from 1), so that an
error can say where to look.
"""

import ast
import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from aisle.errors import SourceError, shorten
from aisle.records.event import Event, Fault, Judgement, Shopper
from aisle.records.product import Product
from aisle.records.row import Record

LONGEST = 1 << 20  # characters of one line
SAMPLE = 1 << 16  # bytes looked at to tell the encoding
CHUNK = 20_000  # rows of a DataFrame or Parquet file at once
QUOTED = "comma-separated values, every quote closed, and one within quotes doubled"
SEPARATORS = ",;\t|"
PYTHON = "lines are read as Python prints a dict"
LIKELY = ("cp1252", "latin-1", "gb18030", "shift_jis", "big5", "euc_kr", "cp1251", "utf-16-le", "utf-16-be")
RARER = ("cp1250", "cp1253", "cp1254", "cp1255", "koi8_r")  # where none of these fits: Spanish passes for Polish
TEXT_ENDINGS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
}


@dataclass(frozen=True, slots=True)
class Raw:
    """One row as found: values that say nothing (empty text, None, NaN) are left out."""

    file: str
    number: int
    values: Mapping[str, Any]


@dataclass(slots=True)
class Table:
    """Something with rows. While it is read, `columns` holds those that every row has (none for JSONL and iterables),
    and `notes` fills with what was guessed, such as an encoding."""

    origin: Any
    name: str
    columns: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)

    def rows(self) -> Iterator[Raw | Fault | Record]:
        """Every row, or the fault that keeps it from being one."""
        if isinstance(self.origin, Path):
            yield from self._file(self.origin)
        elif hasattr(self.origin, "iter_rows"):  # polars
            self.columns = tuple(self.origin.columns)
            yield from self._numbered(self.origin.iter_rows(named=True))
        elif hasattr(self.origin, "iloc"):  # pandas
            self.columns = tuple(str(name) for name in self.origin.columns)
            yield from self._numbered(_pandas_rows(self.origin))
        elif _is_arrow(self.origin):  # a table, or a reader or a dataset of batches
            self.columns = tuple(self.origin.schema.names)
            yield from self._numbered(row for batch in _batches(self.origin) for row in batch.to_pylist())
        else:
            yield from self._numbered(self.origin)

    def _numbered(self, rows: Iterable[Any]) -> Iterator[Raw | Fault | Record]:
        for number, row in enumerate(rows, 1):
            if isinstance(row, Mapping):
                yield Raw(self.name, number, said(row))
            elif isinstance(row, Product | Event | Shopper | Judgement):
                yield row
            else:
                yield Fault(self.name, number, "row", shorten(row), "a mapping of column to value")

    def _file(self, path: Path) -> Iterator[Raw | Fault | Record]:
        endings = [ending.lower() for ending in path.suffixes]
        packed = endings.pop() if endings and endings[-1] in (".gz", ".zst", ".zstd") else ""
        ending = endings[-1] if endings else ""
        if ending in (".parquet", ".pq"):
            yield from self._numbered(self._parquet(path, packed))
        elif ending in TEXT_ENDINGS:
            read = self._csv if TEXT_ENDINGS[ending] == "csv" else self._jsonl
            try:
                with _open(path, packed) as binary, self._text(binary) as text:
                    yield from read(text)
            except (EOFError, OSError, UnicodeError, zlib.error) as error:
                raise SourceError(self.name, str(error), "a file that can be read to its end") from error
        else:
            raise SourceError(self.name, "".join(path.suffixes), "csv, tsv, jsonl or parquet, plain, .gz or .zst")

    def _text(self, binary: IO[bytes]) -> io.TextIOWrapper:
        buffered = io.BufferedReader(binary, SAMPLE)  # type: ignore[type-var]
        encoding = encoding_of(buffered.peek(SAMPLE)[:SAMPLE], self.name)
        if encoding not in ("utf-8-sig", "utf-8"):
            self.notes.append(f"read as {encoding}")
        return io.TextIOWrapper(buffered, encoding, errors="surrogateescape", newline="")

    def _csv(self, text: io.TextIOWrapper) -> Iterator[Raw | Fault]:
        lines = _Lines(text)
        first = next(iter(lines), "")
        if lines.too_long:
            raise SourceError(self.name, f"a header of over {LONGEST} characters", "a header with column names")
        if not first.strip():
            raise SourceError(self.name, "an empty file", "a header with column names")
        separator = max(SEPARATORS, key=first.count)
        header = [name.strip() for name in next(csv.reader([first], delimiter=separator))]
        self.columns = tuple(header)
        csv.field_size_limit(LONGEST)
        reader = csv.reader(lines, delimiter=separator)
        while True:
            number, lines.skipped, lines.record = lines.number + 1, 0, []
            try:
                cells = next(reader)
                if len(lines.record) > 1:  # a quote that nobody closed takes the rows behind it for its text
                    list(csv.reader(lines.record, delimiter=separator, strict=True))
            except StopIteration:
                return
            except csv.Error as error:
                yield Fault(self.name, number, "row", f"{shorten(lines.record[0].strip())}: {error}", QUOTED)
                lines.back_to_second()
                continue
            if lines.skipped:
                yield lines.fault(self.name)
            elif cells and len(cells) != len(header):
                yield Fault(self.name, number, "row", f"{len(cells)} columns", f"{len(header)}, as in the header")
            elif cells:
                yield self._checked(number, dict(zip(header, cells, strict=True)))

    def _jsonl(self, text: io.TextIOWrapper) -> Iterator[Raw | Fault]:
        if _opening(text).startswith("["):
            yield from self._array(text)
            return
        lines, empty = _Lines(text), True
        for line in lines:
            empty = False
            if lines.too_long:
                yield lines.fault(self.name)
            elif line.strip():
                try:
                    row = self._loaded(line)
                except (ValueError, RecursionError) as error:
                    yield Fault(self.name, lines.number, "row", shorten(line), f"a JSON object: {error}")
                    continue
                if isinstance(row, dict):
                    yield self._checked(lines.number, row)
                else:
                    yield Fault(self.name, lines.number, "row", shorten(row), "a JSON object")
        if empty:
            raise SourceError(self.name, "an empty file", "one JSON object a line")

    def _loaded(self, line: str) -> Any:
        """What a line says in JSON, or as Python prints a dict, as many public files have it. Raises ValueError."""
        try:
            return json.loads(line)
        except ValueError:
            if not line.lstrip().startswith(("{'", "{u'")):
                raise
        try:
            row = ast.literal_eval(line.strip())
        except (SyntaxError, TypeError, MemoryError) as error:
            raise ValueError(str(error)) from None
        if PYTHON not in self.notes:
            self.notes.append(PYTHON)
        return row

    def _array(self, text: io.TextIOWrapper) -> Iterator[Raw | Fault]:
        """The objects of one JSON array, numbered from 1."""
        try:
            rows = json.load(text)
        except (ValueError, RecursionError) as error:
            raise SourceError(self.name, str(error), "a JSON array, or one JSON object a line") from error
        for number, row in enumerate(rows, 1):
            if isinstance(row, dict):
                yield self._checked(number, row)
            else:
                yield Fault(self.name, number, "row", shorten(row), "a JSON object")

    def _parquet(self, path: Path, packed: str) -> Iterator[dict[str, Any]]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            if packed:  # Parquet is read from its end, so a packed one is unpacked whole
                with _open(path, packed) as stream:
                    file = pq.ParquetFile(pa.BufferReader(stream.read()))
            else:
                file = pq.ParquetFile(path, memory_map=True)
            self.columns = tuple(file.schema_arrow.names)
            for batch in file.iter_batches(CHUNK):
                yield from batch.to_pylist()
        except (pa.ArrowException, OSError, EOFError, zlib.error) as error:
            raise SourceError(self.name, str(error), "a Parquet file") from error

    def _checked(self, number: int, row: Mapping[str, Any]) -> Raw | Fault:
        for name, value in row.items():
            if isinstance(value, str) and not value.isascii() and _undecoded(value):
                return Fault(self.name, number, name, shorten(value), "text in the encoding of the file's start")
        return Raw(self.name, number, said(row))


class _Lines:
    """Lines of a text, each of at most LONGEST characters; a longer one is skipped and `too_long` says so."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text, self.number, self.too_long, self.skipped = text, 0, False, 0
        self.record, self._again = list[str](), list[str]()  # lines since it was emptied; to read again, last first

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.record.append(self._next())
        return self.record[-1]

    def back_to_second(self) -> None:
        """The lines behind the first of the record are read again, as rows of their own."""
        self.number -= len(self.record) - 1
        self._again += self.record[:0:-1]

    def _next(self) -> str:
        if self._again:
            self.number, self.too_long = self.number + 1, False
            return self._again.pop()
        line = self._text.readline(LONGEST)
        if not line:
            raise StopIteration
        self.number += 1
        self.too_long = len(line) >= LONGEST and not line.endswith(("\n", "\r"))
        if not self.too_long:
            return line
        self.skipped = self.number  # a row of several lines is set aside with the long one
        while (rest := self._text.readline(LONGEST)) and not rest.endswith(("\n", "\r")):
            pass
        return "-\n"

    def fault(self, file: str) -> Fault:
        return Fault(file, self.skipped, "row", f"a line of over {LONGEST} characters", "a shorter one")


def table(origin: Any, name: str = "") -> Table:
    """Anything that has rows. Raises SourceError for a file that is not there or a thing that has none."""
    if isinstance(origin, str | Path):
        path = Path(origin)
        if not _is(Path.is_file, path):
            raise SourceError(
                str(path), "a folder" if _is(Path.is_dir, path) else "no such file", "a csv, jsonl or parquet file"
            )
        return Table(path, name or str(path))
    if type(origin).__name__ == "LazyFrame":
        origin = origin.collect()
    alone = hasattr(origin, "iloc") and not hasattr(origin, "columns")  # a single column
    if isinstance(origin, Mapping | bytes) or alone or not (hasattr(origin, "__iter__") or _is_arrow(origin)):
        raise SourceError(name or "source", type(origin).__name__, "a path, a DataFrame or an iterable of records")
    return Table(origin, name or f"<{type(origin).__name__}>")


def _is(kind: Callable[[Path], bool], path: Path) -> bool:
    try:
        return kind(path)
    except (OSError, ValueError):  # a name that no file can have: too long, or with a NUL
        return False


def said(row: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a row that say something."""
    plain = ((name, value.tolist() if hasattr(value, "tolist") else value) for name, value in row.items())
    return {
        str(name): value
        for name, value in plain
        if value is not None and value != "" and not _is_nan(value) and name is not None
    }


def _is_nan(value: Any) -> bool:
    # NaN and pandas' NaT differ from themselves; arrays and lists are never missing
    return (isinstance(value, float) and value != value) or type(value).__name__ in ("NaTType", "NAType")


def _undecoded(value: str) -> bool:
    return any("\udc80" <= character <= "\udcff" for character in value)


def encoding_of(sample: bytes, name: str) -> str:
    """The encoding of a file from its first bytes: its byte-order mark, else UTF-8 if it fits, else a guess."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if sample.startswith(mark):
            return encoding
    try:
        sample.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError as error:
        if error.start >= len(sample) - 4 and len(sample) >= SAMPLE:
            return "utf-8"  # the sample ends inside a character
    read = sample.decode("utf-8", "surrogateescape")
    stray = sum("\udc80" <= character <= "\udcff" for character in read)
    if sum(not character.isascii() for character in read) > 2 * stray:
        return "utf-8"  # but for a few bytes, whose rows are set aside
    from charset_normalizer import from_bytes

    fits = (from_bytes(sample, cp_isolation=list(some)).best() for some in (LIKELY, RARER))
    return next((best.encoding for best in fits if best is not None), "utf-8")  # rows that are not are set aside


def _open(path: Path, packed: str) -> IO[bytes]:
    if packed == ".gz":
        return gzip.open(path, "rb")  # type: ignore[return-value]
    if packed:
        import pyarrow as pa

        opened: IO[bytes] = pa.input_stream(str(path), compression="zstd")  # also sees a file that was cut short
        return opened
    return path.open("rb", buffering=0)


def _opening(text: io.TextIOWrapper) -> str:
    """What a text begins with, white space aside; nothing of it is read yet."""
    head: bytes = text.buffer.peek(SAMPLE)[:SAMPLE]  # type: ignore[attr-defined]
    return head.decode(text.encoding, "ignore").lstrip("\ufeff \r\n\t")


def _is_arrow(origin: Any) -> bool:
    return isinstance(getattr(getattr(origin, "schema", None), "names", None), list)


def _batches(origin: Any) -> Iterable[Any]:
    """The batches of an Arrow table, batch, reader or dataset."""
    if hasattr(origin, "scanner"):
        return origin.scanner(batch_size=CHUNK).to_reader()  # type: ignore[no-any-return]
    if hasattr(origin, "to_batches"):
        return origin.to_batches(CHUNK)  # type: ignore[no-any-return]
    return [origin] if hasattr(origin, "to_pylist") else origin


def _pandas_rows(frame: Any) -> Iterator[dict[str, Any]]:
    for start in range(0, len(frame), CHUNK):
        yield from frame.iloc[start : start + CHUNK].to_dict("records")
