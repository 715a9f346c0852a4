"""What every `Store` holds. Today there is one: SQLite."""

import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from aisle.engines.sqlite import MIGRATIONS, SqliteLog
from aisle.errors import StoreError
from aisle.records.row import Row
from aisle.stages import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = SqliteLog(tmp_path / "shop.db", "t1", clock=lambda: 123)
    yield made
    made.close()


def event(key: str, user: str = "u1") -> Row:
    return Row("event", key, type="click", user=user, product="p1", timestamp=1_700_000_000_000)


def everything(store: Store) -> list[Row]:
    return [row for page in store.read() for row in page]


def test_an_empty_log_ends_at_zero_and_has_no_rows(store: Store) -> None:
    assert store.end() == 0 and everything(store) == [] and store.append([]) == 0


def test_rows_come_back_in_order_with_offset_and_time_of_recording(store: Store) -> None:
    assert store.append([event("a"), event("b")]) == 2
    rows = everything(store)
    assert [row.key for row in rows] == ["a", "b"]
    assert [row.offset for row in rows] == [1, 2] and {row.recorded_at for row in rows} == {123}
    assert rows[0]._replace(offset=0, recorded_at=0) == event("a")


def test_a_known_key_is_a_no_op(store: Store) -> None:
    store.append([event("a", "u1")])
    assert store.append([event("a", "u2"), event("b")]) == 1
    assert [(row.key, row.user) for row in everything(store)] == [("a", "u1"), ("b", "u1")]


def test_the_same_key_of_another_kind_is_another_row(store: Store) -> None:
    assert store.append([event("a"), Row("product", "a", product="a")]) == 2


def test_reading_starts_behind_an_offset_and_keeps_to_kinds(store: Store) -> None:
    store.append([event("a"), Row("product", "p", product="p"), event("b", "u2")])
    assert [row.key for page in store.read(after=1) for row in page] == ["p", "b"]
    assert [row.key for page in store.read(kinds=("product",)) for row in page] == ["p"]


def test_erasing_a_user_leaves_nothing_of_them_and_no_offset_is_given_twice(store: Store) -> None:
    store.append([event("a", "u1"), event("b", "u2"), event("c", "u1")])
    assert store.erase("u1") == 2
    assert [row.key for row in everything(store)] == ["b"]
    store.append([event("d", "u2")])
    assert everything(store)[-1].offset == 4


def test_another_process_sees_what_was_appended(tmp_path: Path) -> None:
    one, two = SqliteLog(tmp_path / "shop.db"), SqliteLog(tmp_path / "shop.db")
    one.append([event("a")])
    assert two.end() == 1 and [row.key for row in everything(two)] == ["a"]


def test_shops_that_share_a_file_do_not_see_each_other(tmp_path: Path) -> None:
    one, two = SqliteLog(tmp_path / "shop.db", "t1"), SqliteLog(tmp_path / "shop.db", "t2")
    one.append([event("a")])
    two.append([event("a"), event("b")])
    assert len(everything(one)) == 1 and len(everything(two)) == 2
    assert one.erase("u1") == 1 and len(everything(two)) == 2


def test_every_row_carries_tenant_schema_version_and_time(tmp_path: Path) -> None:
    SqliteLog(tmp_path / "shop.db", "t1", clock=lambda: 123).append([event("a")])
    row = (
        sqlite3.connect(tmp_path / "shop.db").execute("SELECT tenant, schema_version, recorded_at FROM log").fetchone()
    )
    assert row == ("t1", 1, 123)


def test_the_log_is_written_ahead_and_synced(tmp_path: Path) -> None:
    store = SqliteLog(tmp_path / "shop.db")
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2


def test_an_old_schema_is_brought_up_to_date_at_open_and_keeps_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    old = SqliteLog(path, migrations=MIGRATIONS[:1])
    old.append([event("a")])
    old.close()

    def add_column(connection: sa.Connection) -> None:
        connection.exec_driver_sql("ALTER TABLE log ADD COLUMN later TEXT")

    new = SqliteLog(path, migrations=(*MIGRATIONS, add_column))
    assert [row.key for row in everything(new)] == ["a"]
    version = sqlite3.connect(path).execute("PRAGMA user_version").fetchone()[0]
    assert version == len(MIGRATIONS) + 1


def test_a_failing_migration_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    SqliteLog(path, migrations=MIGRATIONS[:1]).close()

    def fail(connection: sa.Connection) -> None:
        connection.exec_driver_sql("ALTER TABLE log ADD COLUMN later TEXT")
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        SqliteLog(path, migrations=(*MIGRATIONS[:1], fail))
    columns = [row[1] for row in sqlite3.connect(path).execute("PRAGMA table_info(log)")]
    assert "later" not in columns
    assert sqlite3.connect(path).execute("PRAGMA user_version").fetchone()[0] == 1


def test_a_store_of_a_newer_aisle_is_refused_with_advice(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    SqliteLog(path).close()
    sqlite3.connect(path).execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="upgrade Aisle"):
        SqliteLog(path)


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shop.db").write_bytes(b"not a database at all, just text" * 50)
    with pytest.raises(StoreError, match="a SQLite file that Aisle wrote"):
        SqliteLog(tmp_path / "shop.db")


UNSYNCED = """
import os, signal, sys
from pathlib import Path
from aisle.engines.sqlite import SqliteLog
from aisle.records.row import Row
store = SqliteLog(Path(sys.argv[1]), "t1")
for number in range(700):  # past a checkpoint
    store.append([Row("served", f"s{number}", body="{}")], sync=False)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_appended_without_a_sync_survives_a_kill(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", UNSYNCED, str(tmp_path / "shop.db")], check=False)
    assert killed.returncode == -signal.SIGKILL
    store = SqliteLog(tmp_path / "shop.db", "t1")
    assert [row.key for row in everything(store)] == [f"s{number}" for number in range(700)]
    store.close()


def test_synced_and_unsynced_appends_are_one_sequence_that_another_reader_sees(store: Store, tmp_path: Path) -> None:
    other = SqliteLog(tmp_path / "shop.db", "t1")
    store.append([event("a")], sync=False)
    store.append([event("b")])
    other.append([event("c")], sync=False)
    assert [row.key for row in everything(other)] == [row.key for row in everything(store)] == ["a", "b", "c"]
    other.close()


def test_threads_that_come_and_go_find_a_connection_and_leave_none_behind(store: Store) -> None:
    def work(number: int) -> None:
        store.append([event(f"t{number}")], sync=False)
        assert store.end() > 0

    for number in range(40):  # more than any pool holds
        thread = threading.Thread(target=work, args=(number,))
        thread.start()
        thread.join()
    assert len(everything(store)) == 40
    assert isinstance(store, SqliteLog) and len(store._open) <= 2


def test_what_was_recorded_long_ago_expires_by_kind(tmp_path: Path) -> None:
    moments = iter((1, 1, 5))
    store = SqliteLog(tmp_path / "shop.db", clock=lambda: next(moments))
    store.append([Row("served", "old"), Row("served", "older")])
    store.append([event("a")])
    store.append([Row("served", "new")])
    assert store.expire("served", 5) == 2 and store.expire("served", 5) == 0
    assert [row.key for row in everything(store)] == ["a", "new"] and store.issued() == 4
