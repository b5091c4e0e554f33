"""The one door to the store: a reading connection per thread, and `writing()`, behind which callers share a commit."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import wraps
from pathlib import Path
from threading import get_ident
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlite_utils

from lending.errors import StoreUnwritable
from lending.vault import Vault

BATCH = 64
CHECKPOINT_PAGES = 10_000  # the default of 1,000 quintuples p99 (measured)
BUSY_MS = 15_000

P = ParamSpec("P")
T = TypeVar("T")
Row = dict[str, Any]


class Database(sqlite_utils.Database):
    """A connection with short ways to ask. Rows are dicts; parameters are named."""

    door: _Door | None = None  # of the one that writes

    def __init__(self, connection: sqlite3.Connection, store: Store) -> None:
        super().__init__(connection)
        self.store = store

    def _ask(self, sql: str, values: dict[str, Any]) -> sqlite3.Cursor:
        """Kept past its turn, a writing connection only reads: what others are writing is not to be seen."""
        if self.door is not None and self.door.owner != get_ident():
            return self.store.db.conn.execute(sql, values)
        return self.conn.execute(sql, values)

    def all(self, sql: str, **values: Any) -> list[Row]:
        """Every row of a statement; for `… RETURNING` the change is done when this returns."""
        cursor = self._ask(sql, values)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def one(self, sql: str, **values: Any) -> Row | None:
        """The first row, or None; the statement is done when this returns."""
        cursor = self._ask(sql, values)
        rows = cursor.fetchall()
        return dict(zip([column[0] for column in cursor.description], rows[0], strict=True)) if rows else None

    def value(self, sql: str, **values: Any) -> Any:
        """The first column of the first row, or None."""
        row = self._ask(sql, values).fetchone()
        return None if row is None else row[0]

    def run(self, sql: str, **values: Any) -> int:
        """Do a change; returns how many rows it touched."""
        return self._ask(sql, values).rowcount


class Store:
    """A library's database file. Threads read side by side; writers take turns and share commits."""

    def __init__(self, path: Path, synchronous: str = "FULL", keys: Path | None = None) -> None:
        self.path = Path(path)
        self.vault = Vault(keys or self.path.with_name("keys"))
        self._synchronous = synchronous
        self._local = threading.local()
        self._writer = self._open(writes=True)
        self._writer.door = self._door = _Door(self._writer)

    def _open(self, writes: bool) -> Database:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(
                self.path, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False, cached_statements=512
            )
            if writes:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA temp_store = MEMORY")  # a savepoint's undo log went to a file
                connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
            connection.execute(f"PRAGMA synchronous = {self._synchronous}")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = FAST")  # what is forgotten is not left in the page
            self.vault.attach(connection)
            if not writes:
                connection.execute("PRAGMA query_only = ON")
        except (sqlite3.Error, OSError) as error:
            raise StoreUnwritable(str(error)) from error
        return Database(connection, self)

    @property
    def db(self) -> Database:
        """This thread's reading connection."""
        found: Database | None = getattr(self._local, "db", None)
        if found is None:
            found = self._local.db = self._open(writes=False)
        return found

    def has_turn(self) -> bool:
        """Whether this thread is inside a turn to write."""
        return self._door.owner == get_ident()

    def writing(self) -> AbstractContextManager[Database]:
        """This caller's turn to write, or a step within it. What is done inside commits together, or not at all."""
        return _inner_step(self._writer) if self.has_turn() else self._door.turn()

    def do(self, work: Callable[[Database], T]) -> T:
        """What the function does and returns, as a turn to write, or as a step within one."""
        if not self.has_turn():
            return self._door.do(work)
        with _inner_step(self._writer) as db:
            return work(db)

    def close(self) -> None:
        """When nobody writes any more, fold the log back into the file and let go of it."""
        with self._door.pause():
            with suppress(sqlite3.Error):  # a full disk keeps its log; the next opening reads it
                self._writer.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._writer.conn.close()


def writing(db: Database) -> AbstractContextManager[Database]:
    """The only way to write: a turn when outermost, a savepoint when already inside one.

    Raises StoreUnwritable when the disk refuses; nothing of the turn is kept then.
    """
    return db.store.writing()


def in_turn(function: Callable[Concatenate[Database, P], T]) -> Callable[Concatenate[Database, P], T]:
    """For a function that writes from its first line to its last: as `with writing(db)`, and faster in a crowd.

    Whoever has the turn runs it for those who wait, in their thread instead of the caller's.
    """

    @wraps(function)
    def turn(db: Database, *args: P.args, **kwargs: P.kwargs) -> T:
        return db.store.do(lambda writer: function(writer, *args, **kwargs))

    return turn


def once(db: Database) -> AbstractContextManager[Database]:
    """As `writing`, for one statement alone: undone whole or not at all, inside a turn it needs no savepoint."""
    return nullcontext(db) if db.store.has_turn() else db.store.writing()


@contextmanager
def _inner_step(db: Database) -> Iterator[Database]:
    """Part of a turn that may fail alone, when the caller catches what it raises."""
    db.conn.execute("SAVEPOINT inner_step")
    try:
        yield db
    except BaseException:
        if db.conn.in_transaction:
            db.conn.execute("ROLLBACK TO inner_step")
            db.conn.execute("RELEASE inner_step")
        raise
    db.conn.execute("RELEASE inner_step")


Work = Callable[[Database], T]


class _Batch:
    """Callers whose changes will be made durable by one commit."""

    def __init__(self) -> None:
        self.members = 0
        self.turns = 0  # begun, kept or not: those that fail without end must not hold the others back
        self.gates: list[threading.Lock] = []  # of those who wait for the commit
        self.error = ""  # why nothing of it was kept


class _Ticket:
    """A place in the queue. Work that anybody may do is done by whoever has the turn, and is back with the commit."""

    __slots__ = ("batch", "error", "gate", "taken", "value", "work")

    def __init__(self, work: Work[Any] | None = None) -> None:
        self.work = work
        self.taken = False  # somebody else does it
        self.gate: threading.Lock  # opened when it is one's turn, or the work is done
        self.value: Any = None
        self.error: BaseException | None = None
        self.batch: _Batch | None = None


class _Door:
    """First come, first served; whoever finds nobody waiting commits for all since the last commit.

    Each caller is answered only after the commit that holds its change, so a crash loses nothing acknowledged.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._guard = threading.Lock()
        self._waiting: deque[_Ticket] = deque()
        self._called: _Ticket | None = None  # that was given the turn last
        self._busy = False
        self._batch: _Batch | None = None
        self.owner: int | None = None  # the thread whose turn it is

    @contextmanager
    def turn(self) -> Iterator[Database]:
        """A savepoint in the shared transaction; returns when that is durable."""
        self._enter(_Ticket())
        batch: _Batch | None = None
        gate = None
        try:
            batch = self._begin()
            yield self._db
            self._keep(batch)
        except BaseException as error:
            if (told := self._failed(batch, error)) is not error:
                raise told from error
            raise
        finally:
            gate = self._leave()
        assert batch is not None, "begun, or it would have raised"
        _durable(batch, gate)

    def do(self, work: Work[T]) -> T:
        """The same for a function, which another caller's thread may run: a crowd is spared waking one by one."""
        ticket = _Ticket(work)
        self._enter(ticket)
        gate = None
        if not ticket.taken:
            try:
                self._work(ticket)
            finally:
                gate = self._leave()
        if ticket.error:
            raise ticket.error
        assert ticket.batch is not None, "done, or failed"
        _durable(ticket.batch, gate)
        return ticket.value

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Nobody writes meanwhile, and nothing is left uncommitted."""
        self._enter(_Ticket())
        try:
            if self._batch:
                self._commit(self._batch)
            yield
        finally:
            self._leave()

    def _enter(self, ticket: _Ticket) -> None:
        """Wait for one's turn, or until the work has been done by another."""
        with self._guard:
            if waits := self._busy:
                ticket.gate = _closed_gate()
                self._waiting.append(ticket)
            self._busy = True
        if waits:
            try:
                ticket.gate.acquire()
            except BaseException:
                self._give_up(ticket)
                raise
        if not ticket.taken:
            self.owner = get_ident()

    def _give_up(self, ticket: _Ticket) -> None:
        """Interrupted while waiting: leave the queue, or hand on a turn that has just been given."""
        with self._guard:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
                return
        if ticket.taken:
            return  # it is done all the same
        while self._called is not ticket:
            time.sleep(0.001)
        self._leave()

    def _work(self, ticket: _Ticket) -> None:
        """Do it, one's own or another's; what it raises is its owner's to hear."""
        assert ticket.work is not None, "asked for"
        batch = None
        try:
            batch = self._begin()
            ticket.value = ticket.work(self._db)
            self._keep(batch)
            ticket.batch = batch
        except Exception as error:
            ticket.error = self._failed(batch, error)
        except BaseException as error:  # this thread is to end, not the owner's
            self._failed(batch, error)
            ticket.error = StoreUnwritable("interrupted")
            raise

    def _begin(self) -> _Batch:
        try:
            if self._batch:
                self._db.conn.execute("SAVEPOINT turn")
            else:
                self._db.conn.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise StoreUnwritable(str(error)) from error
        self._batch = self._batch or _Batch()
        self._batch.turns += 1
        return self._batch

    def _keep(self, batch: _Batch) -> None:
        if not self._db.conn.in_transaction:
            raise StoreUnwritable("the transaction ended before its turn did")
        if batch.members:
            self._db.conn.execute("RELEASE turn")
        batch.members += 1

    def _failed(self, batch: _Batch | None, error: BaseException) -> BaseException:
        """The turn that had been begun is taken back; what its caller is to hear."""
        if batch:
            self._undo(batch)
        refused = isinstance(error, sqlite3.Error) and _refused_by_disk(error)
        return StoreUnwritable(str(error)) if refused else error

    def _undo(self, batch: _Batch) -> None:
        """Take back this turn alone; when SQLite has taken back the whole transaction, the others hear of it."""
        conn = self._db.conn
        if batch.members and conn.in_transaction:
            with suppress(sqlite3.Error):
                conn.execute("ROLLBACK TO turn")
                conn.execute("RELEASE turn")
                return
        self._roll_back()
        batch.error = "the transaction was rolled back"
        self._finish(batch)

    def _leave(self) -> threading.Lock | None:
        """Do what others wait for, commit unless someone is waiting to join, then hand the turn on.

        Returns a gate to wait at when the change is not on disk yet.
        """
        after = None
        try:
            while (after := self._next()) and after.taken:
                self._work_for(after)
        finally:
            after = None if after and after.taken else after
            self.owner = None
            try:
                gate = self._commit_before(after)
            finally:
                self._hand_to(after)
        return gate

    def _commit_before(self, after: _Ticket | None) -> threading.Lock | None:
        if self._batch is None:
            return None
        if after is None or self._batch.turns >= BATCH:
            self._commit(self._batch)
            return None
        gate = _closed_gate()
        self._batch.gates.append(gate)
        return gate

    def _next(self) -> _Ticket | None:
        """Whose turn it is now; `taken` when this thread does it in the same batch."""
        with self._guard:
            after = self._waiting.popleft() if self._waiting else None
            if after and after.work and self._batch and self._batch.turns < BATCH:
                after.taken = True
        return after

    def _work_for(self, other: _Ticket) -> None:
        try:
            self._work(other)
        finally:
            if other.batch and other.batch is self._batch:
                other.batch.gates.append(other.gate)
            else:
                other.gate.release()

    def _hand_to(self, after: _Ticket | None) -> None:
        with self._guard:
            if after is None and self._waiting:  # came while we committed
                after = self._waiting.popleft()
            self._called = after
            self._busy = after is not None
        if after is not None:
            after.gate.release()

    def _commit(self, batch: _Batch) -> None:
        try:
            self._db.conn.execute("COMMIT")
        except sqlite3.Error as error:
            batch.error = str(error)
        finally:  # an interruption may come before or after the commit: the connection knows
            if self._db.conn.in_transaction:
                batch.error = batch.error or "interrupted before the commit"
                self._roll_back()
            self._finish(batch)

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):
            if self._db.conn.in_transaction:
                self._db.conn.execute("ROLLBACK")

    def _finish(self, batch: _Batch) -> None:
        self._batch = None
        for gate in batch.gates:
            gate.release()


def _closed_gate() -> threading.Lock:
    gate = threading.Lock()
    gate.acquire()
    return gate


def _durable(batch: _Batch, gate: threading.Lock | None) -> None:
    """Wait at the gate for the commit. Raises StoreUnwritable when nothing was kept."""
    if gate:
        gate.acquire()
    if batch.error:
        raise StoreUnwritable(batch.error)


DISK_ERRORS = {
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB,
}  # fmt: skip


def _refused_by_disk(error: sqlite3.Error) -> bool:
    """Is it the file that refuses (full, read-only, locked), rather than a wrong statement?"""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in DISK_ERRORS
