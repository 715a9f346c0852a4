"""The log in SQLite: one table, write-ahead logging, through SQLAlchemy Core.

Durable: `synchronous=FULL` syncs the WAL at every commit, so that what `append` acknowledged survives a kill and a
power cut. `append(…, sync=False)` leaves the sync to the next commit that does: the WAL is one sequence, so what is
synced later carries everything written before it. Readers in other processes never wait for a writer. The schema is
brought up to date at open.
"""

import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import insert

from aisle.errors import StoreError
from aisle.records.row import SCHEMA_VERSION, Kind, Row

EXPIRED = 5000  # rows deleted in one transaction
CHECKPOINT = 500  # unsynced appends after which the write-ahead log is moved into the file
PAGE = 50_000  # rows read at once: a reader holds no transaction open while its caller works
metadata = sa.MetaData()
log = sa.Table(
    "log",
    metadata,
    sa.Column("offset", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("tenant", sa.String, nullable=False),
    sa.Column("schema_version", sa.Integer, nullable=False),
    sa.Column("recorded_at", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("key", sa.String, nullable=False),
    sa.Column("type", sa.String),
    sa.Column("user", sa.String),
    sa.Column("product", sa.String),
    sa.Column("timestamp", sa.BigInteger),
    sa.Column("order", sa.String),
    sa.Column("quantity", sa.Float),
    sa.Column("price", sa.BigInteger),
    sa.Column("value", sa.Float),
    sa.Column("body", sa.String, nullable=False),
    sa.UniqueConstraint("tenant", "kind", "key"),
    sqlite_autoincrement=True,  # an offset is never given twice, also after rows were erased
)
READ = [log.c[name] for name in Row._fields]

Migration = Callable[[sa.Connection], None]
Query = tuple[str, Mapping[str, Any]]  # the text of a statement and the values fixed in it


def _create(connection: sa.Connection) -> None:
    metadata.create_all(connection)


def _index_facts(connection: sa.Connection) -> None:
    """Products and users are few beside events: folding them must not walk over the events."""
    connection.execute(sa.text("CREATE INDEX facts ON log (tenant, kind, \"offset\") WHERE kind <> 'event'"))


def _index_users(connection: sa.Connection) -> None:
    """Who asks to be forgotten must not wait, and keep others waiting, while the whole log is walked."""
    connection.execute(sa.text('CREATE INDEX users ON log ("user") WHERE "user" IS NOT NULL'))


MIGRATIONS: tuple[Migration, ...] = (_create, _index_facts, _index_users)


class SqliteLog:
    """A `Store` in one SQLite file. `clock` gives UTC milliseconds for `recorded_at`."""

    def __init__(
        self,
        path: Path,
        tenant: str = "default",
        clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        migrations: Sequence[Migration] = MIGRATIONS,
    ) -> None:
        self.path, self.tenant, self._clock = path, tenant, clock
        self._engine, self._unsynced = (
            _engine(path, "FULL"),
            _engine(path, "NORMAL", "wal_autocheckpoint=0", pool=sa.NullPool),
        )
        self._closed = False
        self._keeper, self._appended = ThreadPoolExecutor(1, thread_name_prefix="checkpoint"), 0
        try:
            self._migrate(migrations)
        except sa.exc.DatabaseError as error:
            raise StoreError(
                str(path), str(error.orig), "a SQLite file that Aisle wrote, in a folder that may be written"
            ) from error
        # The unique index begins with the tenant, and a planner that follows it reads and sorts every row of a shop.
        # An expression is no column, so offsets are walked instead: backwards from the end, or forwards from `after`.
        self._mine = log.c.tenant + "" == tenant
        self._local, self._open = threading.local(), weakref.WeakSet[_Own]()
        self._pages: dict[tuple[Kind, ...], Query] = {}
        self._end = _compiled(sa.select(log.c.offset).where(self._mine).order_by(log.c.offset.desc()).limit(1))

    def append(self, rows: Sequence[Row], sync: bool = True) -> int:
        """Store rows in one transaction; returns how many were new. Survives a kill when it returns, and with `sync` a
        power cut; without, it does from the next synced append on."""
        if not rows:
            return 0
        self._opened()
        now = self._clock()
        values = [self._values(row, now) for row in rows]
        try:
            if not sync:
                return self._append_unsynced(values)
            with self._engine.begin() as connection:
                return connection.exec_driver_sql(_INSERT_TEXT, values).rowcount
        except (sqlite3.OperationalError, sa.exc.OperationalError) as error:  # the disk is full, or may not be written
            raise StoreError(str(self.path), str(getattr(error, "orig", error)), "a disk that takes writes") from error

    def _append_unsynced(self, values: Sequence[Mapping[str, Any]]) -> int:
        with _transaction(self._own()) as connection:
            new = connection.executemany(_INSERT_TEXT, values).rowcount
        self._appended += 1
        if self._appended % CHECKPOINT == 0:
            self._keeper.submit(self._checkpoint)
        return new

    def _checkpoint(self) -> None:
        """Move what is in the write-ahead log into the file, beside the requests: it takes tens of milliseconds."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")

    def _values(self, row: Row, now: int) -> dict[str, Any]:
        values = row._asdict()
        del values["offset"]
        for name in ("quantity", "value"):  # SQLite takes no Decimal
            values[name] = None if values[name] is None else float(values[name])
        values.update(tenant=self.tenant, schema_version=SCHEMA_VERSION, recorded_at=row.recorded_at or now)
        return values

    def read(self, after: int = 0, kinds: Sequence[Kind] = ()) -> Iterator[Sequence[Row]]:
        """Pages of rows behind offset `after`, in order of offset."""
        text, fixed = self._page(tuple(kinds))
        while True:
            given = {**fixed, "after": after}
            page = [Row._make(row) for row in self._own().execute(text, given)]
            if page:
                yield page
            if len(page) < PAGE:
                return
            after = page[-1].offset

    def _page(self, kinds: tuple[Kind, ...]) -> Query:
        """The query of one page, made once: every request asks for the log's tail."""
        if kinds not in self._pages:
            facts = bool(kinds) and "event" not in kinds
            mine = log.c.tenant == self.tenant if facts else self._mine
            query = sa.select(*READ).where(mine, log.c.offset > sa.bindparam("after", 0)).order_by(log.c.offset)
            if facts:
                query = query.where(log.c.kind != "event")  # so that the index of facts applies
            if kinds:
                kind = log.c.kind if facts else log.c.kind + ""
                query = query.where(kind.in_(kinds))
            self._pages[kinds] = _compiled(query.limit(PAGE))
        return self._pages[kinds]

    def end(self) -> int:
        """The offset of the last row, 0 for an empty log."""
        found = self._own().execute(*self._end).fetchone()
        return int(found[0]) if found else 0

    def issued(self) -> int:
        """The highest offset that was ever given, also to rows that were erased since."""
        found = self._own().execute("SELECT seq FROM sqlite_sequence WHERE name = 'log'").fetchone()
        return int(found[0]) if found else 0

    def _own(self) -> sqlite3.Connection:
        """This thread's connection, kept open and used without SQLAlchemy's checks, for every request asks for the
        log's tail and records a slate. Between them it holds no transaction, so that it sees what others write. It is
        closed with the log, or when its thread has ended."""
        self._opened()
        if not hasattr(self._local, "own"):
            self._local.own = _Own(self._unsynced)
            self._open.add(self._local.own)
        return cast(sqlite3.Connection, self._local.own.connection)

    def _opened(self) -> None:
        if self._closed:
            raise StoreError(str(self.path), "a closed shop", "an open one")

    def erase(self, user: str) -> int:
        """Delete what is stored of one user; returns how many rows. Freed pages are overwritten with zeros."""
        self._opened()
        mine = (log.c.tenant == self.tenant) & (log.c.user == user) & (log.c.kind != "forget")
        with self._engine.begin() as connection:
            erased = connection.execute(sa.delete(log).where(mine)).rowcount
        with self._engine.connect() as connection:  # or the write-ahead log would still hold what was erased
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return erased

    def expire(self, kind: Kind, before: int) -> int:
        """Delete rows of a kind that were recorded before a moment (UTC ms), some at a time, so that nobody who writes
        waits long; returns how many. Their pages are used again."""
        old = sa.select(log.c.offset).where(log.c.tenant == self.tenant, log.c.kind == kind, log.c.recorded_at < before)
        erased = 0
        while True:
            with self._engine.begin() as connection:
                some = connection.execute(sa.delete(log).where(log.c.offset.in_(old.limit(EXPIRED)))).rowcount
            erased += some
            if some < EXPIRED:
                return erased

    def close(self) -> None:
        """Give the file back; twice does no harm."""
        self._closed = True
        self._keeper.shutdown()
        for own in list(self._open):
            own.close()
        self._unsynced.dispose()
        self._engine.dispose()

    def _migrate(self, migrations: Sequence[Migration]) -> None:
        """Bring the schema up to date. Each step is one transaction with its number, so a kill between is harmless."""
        with self._engine.connect() as connection:
            version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
        if version > len(migrations):
            expected = f"version {len(migrations)} or older: upgrade Aisle"
            raise StoreError(str(self.path), f"schema version {version}", expected)
        if version == len(migrations):
            return
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # two processes that open at once migrate once
            version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
            for number, step in enumerate(migrations[version:], version + 1):
                step(connection)
                connection.exec_driver_sql(f"PRAGMA user_version = {number}")
            connection.commit()


class _Own:
    """One thread's connection."""

    def __init__(self, engine: sa.Engine) -> None:
        held = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self.connection = held.connection.driver_connection
        self.close = weakref.finalize(self, held.close)  # called with the log, or when the thread has ended


_INSERT = insert(log).on_conflict_do_nothing()
_INSERTED = [column.name for column in log.columns if column.name != "offset"]


def _compiled(statement: Any, names: Sequence[str] | None = None) -> Query:
    """A statement as SQLite reads it, and the values that are in it already."""
    made = statement.compile(
        dialect=sqlite.dialect(paramstyle="named"), column_keys=names, compile_kwargs={"render_postcompile": True}
    )
    return str(made), dict(made.params)


_INSERT_TEXT, _ = _compiled(_INSERT, _INSERTED)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Everything in the block or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _engine(path: Path, synchronous: str, *further: str, pool: type[sa.Pool] = sa.QueuePool) -> sa.Engine:
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 60}, poolclass=pool)
    pragmas = ("journal_mode=WAL", f"synchronous={synchronous}", "secure_delete=ON", "cache_size=-65536", *further)

    def prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    sa.event.listen(engine, "connect", prepare)
    return engine
