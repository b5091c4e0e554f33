"""A library that is thrown away afterwards: the real tables and the real rules, to see what would happen."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lending.database import Database, Store
from lending.migrations import migrations


@contextmanager
def library() -> Iterator[Database]:
    """An empty library inside one turn to write; nothing of it is left when the block ends."""
    with tempfile.TemporaryDirectory(prefix="shuxin-tryout-") as folder:
        store = Store(Path(folder) / "tryout.sqlite", synchronous="OFF")
        try:
            with store.writing() as db:
                migrations.apply(db)
                yield db
        finally:
            store.close()
