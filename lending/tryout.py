"""A library that is thrown away afterwards: the real tables and the real rules, to see what would happen."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from lending.database import Database, Store
from lending.migrations import migrations

PREFIX = "shuxin-tryout-"


@contextmanager
def library() -> Iterator[Database]:
    """An empty library inside one turn to write; nothing of it is left when the block ends."""
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder:
        path = Path(folder) / "tryout.sqlite"
        path.write_bytes(_empty())
        store = Store(path, synchronous="OFF")
        try:
            with store.writing() as db:
                yield db
        finally:
            store.close()


@cache
def _empty() -> bytes:
    """The file as the migrations leave it: they take a good part of a second, and one rehearsal tries several times."""
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder:
        path = Path(folder) / "empty.sqlite"
        store = Store(path, synchronous="OFF")
        try:
            with store.writing() as db:
                migrations.apply(db)
        finally:
            store.close()
        return path.read_bytes()
