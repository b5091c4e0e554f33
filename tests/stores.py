"""A store as the real migrations leave it and the default rules: made once in each process, for it takes long."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from bot.migrations import migrations as bot_migrations
from lending.database import Store
from lending.migrations import migrations as lending_migrations
from lending.policy import load_policy
from search.migrations import migrations as search_migrations

rules = cache(load_policy)
PARTS = (lending_migrations, bot_migrations, search_migrations)
NAME = "shuxin.db"


def fresh(folder: Path) -> Store:
    """An empty library in that folder; fsync is left out, for these tests do not cut the power."""
    for name, content in _made().items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o600)
    return Store(folder / NAME, synchronous="OFF")


@cache
def _made() -> dict[str, bytes]:
    """Every file of it."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / NAME, synchronous="OFF")
        with store.writing() as db:
            for part in PARTS:
                part.apply(db)
        store.close()
        return {file.name: file.read_bytes() for file in Path(folder).iterdir()}
