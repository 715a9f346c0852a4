import gzip
import io
import json
import random
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from aisle.errors import SourceError
from aisle.records.event import Fault
from aisle.records.product import Product
from aisle.sources.tables import LONGEST, SAMPLE, Raw, Table, encoding_of, said, table

STEADY = settings(max_examples=100, deadline=None, derandomize=True)
PLAIN = "id,title\n1,Bed\n007,Lamp 🛏\n"
ROWS = [{"id": "1", "title": "Bed"}, {"id": "007", "title": "Lamp 🛏"}]
PACK: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress}


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def values(origin: Any) -> list[dict[str, Any]]:
    rows = list(table(origin).rows())
    assert all(isinstance(row, Raw) for row in rows), rows
    return [dict(row.values) for row in rows if isinstance(row, Raw)]


def told(row: object) -> object:
    """The id of a row, or the number of the line that is at fault."""
    return row.values["id"] if isinstance(row, Raw) else row.row if isinstance(row, Fault) else None


def faults(found: Table) -> list[Fault]:
    return [row for row in found.rows() if isinstance(row, Fault)]


@pytest.mark.parametrize("packed", PACK)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_csv_is_read_whatever_parts_its_columns(packed: str, separator: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"p.csv{packed}", PACK[packed](PLAIN.replace(",", separator).encode()))
    assert values(path) == ROWS


@pytest.mark.parametrize("packed", PACK)
def test_jsonl_is_read(packed: str, tmp_path: Path) -> None:
    text = '{"id": "1", "title": "Bed"}\n\n{"id": "007", "title": "Lamp \\ud83d\\udecf"}'
    assert values(written(tmp_path, f"p.jsonl{packed}", PACK[packed](text.encode()))) == ROWS


@pytest.mark.parametrize("packed", PACK)
@pytest.mark.parametrize("codec", ["zstd", "snappy", "none"])
def test_parquet_is_read(packed: str, codec: str, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(ROWS), buffer, compression=codec)
    assert values(written(tmp_path, f"p.parquet{packed}", PACK[packed](buffer.getvalue()))) == ROWS


@pytest.mark.parametrize("packed", PACK)
@pytest.mark.parametrize("indent", [None, 2])
def test_one_array_of_objects_is_read(packed: str, indent: int | None, tmp_path: Path) -> None:
    text = "\n " + json.dumps(ROWS, indent=indent, ensure_ascii=False)
    assert values(written(tmp_path, f"p.json{packed}", PACK[packed](text.encode()))) == ROWS


def test_an_array_that_is_broken_or_holds_other_things_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="JSON array"):
        list(table(written(tmp_path, "p.json", '[{"id": "1"},\n{"id":')).rows())
    good, bad = table(written(tmp_path, "q.json", '[{"id": "1"}, 7]')).rows()
    assert isinstance(good, Raw) and isinstance(bad, Fault) and bad.row == 2


def test_lines_as_python_prints_them_are_read_and_told_of(tmp_path: Path) -> None:
    lines = "{'id': '1', 'title': 'Bed'}\n{'id': '007', 'title': u'Lamp 🛏'}\n{'id': open('x')}\n"
    read = table(written(tmp_path, "p.json", lines))
    *rows, wrong = read.rows()
    assert [dict(row.values) for row in rows if isinstance(row, Raw)] == ROWS
    assert isinstance(wrong, Fault) and wrong.row == 3 and "Python" in read.notes[0] and len(read.notes) == 1


def test_everything_that_arrow_has_is_read(tmp_path: Path) -> None:
    whole = pa.Table.from_pylist(ROWS)
    pq.write_table(whole, tmp_path / "p.parquet")
    batches = whole.to_batches(1)
    for origin in (batches[0], whole.to_reader(1), pyarrow.dataset.dataset(tmp_path / "p.parquet")):
        assert values(origin) == (ROWS[:1] if origin is batches[0] else ROWS)


def test_dataframes_arrow_and_iterables_are_read() -> None:
    for origin in (pd.DataFrame(ROWS), pl.DataFrame(ROWS), pa.Table.from_pylist(ROWS), ROWS, iter(ROWS)):
        assert values(origin) == ROWS


def test_missing_values_of_any_kind_are_not_said() -> None:
    frame = pd.DataFrame({"id": ["1"], "a": [None], "b": [float("nan")], "c": [pd.NaT], "d": [pd.NA], "e": [""]})
    assert values(frame) == [{"id": "1"}]
    assert said({"a": 0, "b": False, "c": [], "d": None}) == {"a": 0, "b": False, "c": []}


def test_a_list_in_a_dataframe_may_be_an_array() -> None:
    """`pandas.read_parquet` gives the lists of a column as NumPy arrays."""
    frame = pd.DataFrame({"id": ["1"], "category": [np.array(["A", "B"])]})
    assert list(values(frame)[0]["category"]) == ["A", "B"]


def test_a_timestamp_of_arrow_keeps_its_time() -> None:
    moment = datetime(2024, 5, 1, 12)
    assert values(pa.table({"t": pa.array([moment], pa.timestamp("ms"))})) == [{"t": moment}]


@pytest.mark.parametrize(
    ("encoding", "titles"),
    [
        ("cp1250", ["Łóżko drewniane sosnowe", "Krzesło dębowe", "Żyrandol kryształowy", "Pościel bawełniana"]),
        ("cp1253", ["Ξύλινο κρεβάτι", "Καρέκλα κουζίνας", "Φωτιστικό δαπέδου", "Πετσέτα μπάνιου"]),
        ("koi8_r", ["Деревянная кровать", "Кухонный стол", "Шёлковый платок", "Настольная лампа"]),
        ("cp1251", ["Деревянная кровать", "Кухонный стол", "Шёлковый платок", "Настольная лампа"]),
        ("cp1252", ["Sartén pequeña", "Baño de niños", "Lámpara de salón", "Colchón español"]),
    ],
)
def test_an_encoding_of_few_countries_is_told_where_a_common_one_does_not_fit(
    encoding: str, titles: list[str], tmp_path: Path
) -> None:
    lines = [f"{k},{titles[k % 4]}" for k in range(60)]
    found = table(written(tmp_path, "p.csv", "\n".join(["id,title", *lines]).encode(encoding)))
    assert [row.values["title"] for row in found.rows() if isinstance(row, Raw)] == titles * 15
    assert found.notes == [f"read as {encoding}"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])
def test_common_encodings_are_told(encoding: str, tmp_path: Path) -> None:
    text = "id,title\n1,Käse\n2,crème brûlée\n3,Brötchen süß\n"
    found = table(written(tmp_path, "p.csv", text.encode(encoding)))
    titles = [row.values["title"] for row in found.rows() if isinstance(row, Raw)]
    assert titles == ["Käse", "crème brûlée", "Brötchen süß"]
    assert bool(found.notes) is not encoding.startswith("utf-8")


@pytest.mark.parametrize("packed", PACK)
@pytest.mark.parametrize("shift", [0, 1, 2, 3])
def test_a_character_that_the_sample_cuts_is_still_utf_8(packed: str, shift: int, tmp_path: Path) -> None:
    text = "id,title\n1," + "x" * (SAMPLE - 13 - shift) + "🛏" * 3 + "\n"
    found = table(written(tmp_path, f"p.csv{packed}", PACK[packed](text.encode())))
    assert [str(row.values["title"])[-3:] for row in found.rows() if isinstance(row, Raw)] == ["🛏🛏🛏"]
    assert not found.notes


def test_bytes_of_another_encoding_far_down_are_a_fault_of_their_row(tmp_path: Path) -> None:
    lines = b"id,title\n" + b"1,bed\n" * 20_000 + "2,Käse\n".encode("latin-1") + b"3,lamp\n"
    (fault,) = faults(table(written(tmp_path, "p.csv", lines)))
    assert (fault.row, fault.field) == (20_002, "title")


def test_utf_16_that_ends_inside_a_character_is_a_source_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"p\.csv"):
        values(written(tmp_path, "p.csv", PLAIN.encode("utf-16")[:-1] + b"x"[:1] * 2))


def test_an_empty_sample_is_utf_8() -> None:
    assert encoding_of(b"", "f") == "utf-8"


def test_rows_carry_the_number_of_their_line(tmp_path: Path) -> None:
    found = table(written(tmp_path, "p.csv", 'id,title\n1,"two\nlines"\n\n2,x\n'))
    assert [row.number for row in found.rows() if isinstance(row, Raw)] == [2, 5]


def test_a_row_of_another_length_is_a_fault_and_the_rest_is_read(tmp_path: Path) -> None:
    rows = list(table(written(tmp_path, "p.csv", "id,title\n1\n2,b,c\n3,d\n")).rows())
    assert [type(row).__name__ for row in rows] == ["Fault", "Fault", "Raw"]


def test_an_unclosed_quote_does_not_swallow_the_shop(tmp_path: Path) -> None:
    text = 'id,title\n1,"open\n' + "2,bed\n" * (LONGEST // 4) + "3,last\n"
    rows = list(table(written(tmp_path, "p.csv", text)).rows())
    assert isinstance(rows[0], Fault) and rows[0].row == 2
    assert isinstance(rows[-1], Raw) and rows[-1].values["id"] == "3"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_line_of_three_megabytes_is_set_aside_and_the_rest_is_read(end: str, tmp_path: Path) -> None:
    text = end.join(["id,title", "1,bed", "2," + "x" * 3_000_000, "3,lamp", "4,cup", ""])
    rows = list(table(written(tmp_path, "p.csv", text)).rows())
    assert [told(row) for row in rows] == ["1", 3, "3", "4"]


def test_a_long_line_inside_quotes_sets_its_row_aside(tmp_path: Path) -> None:
    text = 'id,title\n1,"one\n' + "x" * 3_000_000 + '\nthree"\n2,lamp\n'
    rows = list(table(written(tmp_path, "p.csv", text)).rows())
    assert [row.values["id"] if isinstance(row, Raw) else "fault" for row in rows] == ["fault", "2"]


def test_a_header_that_is_too_long_is_a_source_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"p\.csv"):
        values(written(tmp_path, "p.csv", "id,title," + "x" * 3_000_000 + "\n1,a,b\n"))


def test_a_json_line_of_three_megabytes_is_set_aside(tmp_path: Path) -> None:
    text = '{"id": 1}\n{"id": 2, "x": "' + "x" * 3_000_000 + '"}\n{"id": 3}\n'
    rows = list(table(written(tmp_path, "p.jsonl", text)).rows())
    assert [row.values["id"] if isinstance(row, Raw) else "fault" for row in rows] == [1, "fault", 3]


@pytest.mark.parametrize(
    "line", ["{", "[1]", "5", "null", '"x"', "[" * 100_000, '{"a":' * 100_000, '{"id": 1} {}', "\0"]
)
def test_a_line_that_is_no_json_object_is_a_fault(line: str, tmp_path: Path) -> None:
    rows = list(table(written(tmp_path, "p.jsonl", f'{{"id": 1}}\n{line}\n{{"id": 3}}\n')).rows())
    assert [told(row) for row in rows] == [1, 2, 3]


@pytest.mark.parametrize("name", ["p.csv", "p.jsonl", "p.parquet", "p.csv.gz", "p.csv.zst", "p.parquet.gz"])
def test_an_empty_file_is_a_source_error(name: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        values(written(tmp_path, name, b""))
    assert name in str(caught.value)


@pytest.mark.parametrize("name", ["p.parquet", "p.csv.gz", "p.csv.zst", "p.jsonl.zst", "p.parquet.gz", "p.parquet.zst"])
def test_a_file_that_is_not_what_its_name_says_is_a_source_error(name: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        values(written(tmp_path, name, b"this is no such thing\n" * 10))
    assert name in str(caught.value)


@pytest.mark.parametrize("packed", [".gz", ".zst"])
@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_truncated_file_is_a_source_error_and_no_shorter_shop(packed: str, ending: str, tmp_path: Path) -> None:
    whole = PACK[packed](_noise())
    with pytest.raises(SourceError) as caught:
        values(written(tmp_path, f"p{ending}{packed}", whole[: len(whole) // 2]))
    assert f"p{ending}{packed}" in str(caught.value)


@pytest.mark.parametrize("packed", [".gz", ".zst"])
def test_a_damaged_file_is_a_source_error(packed: str, tmp_path: Path) -> None:
    checked = zstandard.ZstdCompressor(write_checksum=True).compress  # as the command `zstd` writes it
    whole = bytearray((checked if packed == ".zst" else gzip.compress)(_noise()))
    whole[len(whole) // 2 : len(whole) // 2 + 60] = b"\xff" * 60
    with pytest.raises(SourceError):
        list(table(written(tmp_path, f"p.csv{packed}", bytes(whole))).rows())


def _noise() -> bytes:
    """A CSV that does not compress well, so that half of its bytes hold many rows."""
    chance = random.Random(0)
    return ("id,title\n" + "".join(f"{k},{chance.getrandbits(200):x}\n" for k in range(20_000))).encode()


@pytest.mark.parametrize("packed", [".gz", ".zst"])
def test_files_that_were_packed_one_after_the_other_are_one(packed: str, tmp_path: Path) -> None:
    content = PACK[packed](b"id,title\n1,Bed\n") + PACK[packed]("007,Lamp 🛏\n".encode())
    assert values(written(tmp_path, f"p.csv{packed}", content)) == ROWS


@pytest.mark.parametrize("origin", ["nowhere.csv", "", "a\0b", "id,title\n1,Bed\n" * 1000, {"id": 1}, 5])
def test_what_has_no_rows_is_a_source_error(origin: Any) -> None:
    with pytest.raises(SourceError):
        table(origin)


def test_an_unknown_ending_is_a_source_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="xlsx"):
        values(written(tmp_path, "p.xlsx", b"PK"))


def test_a_thing_that_is_no_row_is_a_fault_and_a_record_passes() -> None:
    rows = list(table([Product("p", "t"), 5, {"id": 1}]).rows())
    assert isinstance(rows[0], Product) and isinstance(rows[1], Fault) and isinstance(rows[2], Raw)
    assert rows[1].row == 2


@STEADY
@given(st.binary(max_size=400))
def test_any_bytes_are_rows_faults_or_a_source_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("any")
    for name in ("p.csv", "p.jsonl", "p.csv.gz", "p.csv.zst", "p.parquet"):
        try:
            rows = list(table(written(folder, name, content)).rows())
        except SourceError as error:
            assert name in str(error)
        else:
            assert all(isinstance(row, Raw | Fault) for row in rows)


def test_one_stray_byte_does_not_decide_the_encoding(tmp_path: Path) -> None:
    lines = ["id,title", *(f"{k},größe schön grün" for k in range(200))]
    content = "\n".join(lines).encode() + b"\n200,gr\xfcn\n"
    found = table(written(tmp_path, "p.csv", content))
    rows = list(found.rows())
    assert not found.notes and sum(isinstance(row, Fault) for row in rows) == 1 and len(rows) == 201


def test_what_only_has_a_schema_is_no_arrow() -> None:
    class Reader(list[dict[str, str]]):
        schema = {"name": "record"}  # noqa: RUF012 as Avro's readers have it

    assert values(Reader(ROWS)) == ROWS and values(pl.LazyFrame(ROWS)) == ROWS
