"""`flask backup`: a copy of the library's file; `flask restored`: what is to be done once after one was put back."""

from __future__ import annotations

import errno
import sqlite3
from contextlib import closing
from pathlib import Path

import click

from commands import files, shared
from lending import numbers

NO_ROOM = ("SQLITE_FULL", "SQLITE_IOERR_WRITE")  # the second is a quota's


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """A whole copy of the library's file, also while it serves; the keys are kept apart from it."""
    if file.exists():
        raise click.ClickException(f"{file} is there already; name another")
    store = shared.service().store
    with files.whole(file) as part:
        _copy(store.path, part)
    readers, copies = (store.db.value(f"SELECT COUNT(*) FROM {table}") for table in ("readers", "copies"))
    click.echo(f"{readers} readers, {copies} copies: {file}")  # 0 where SHUXIN_DATA named another folder than was meant


def _copy(store: Path, part: Path) -> None:
    try:
        with closing(sqlite3.connect(store)) as live, closing(sqlite3.connect(part)) as copy:
            copy.execute("PRAGMA journal_mode = OFF")  # half of it is thrown away as a whole
            live.backup(copy)
    except sqlite3.Error as error:
        if error.sqlite_errorname in NO_ROOM:
            raise OSError(errno.ENOSPC, str(error)) from error
        raise


@click.command()
def restored() -> None:
    """After a copy was put back: numbers given since it was made (loans, orders, cases and others) are not given again."""
    for table, first in numbers.pass_over(shared.service().store.db).items():
        click.echo(f"{table}: the next is {first}")
