"""What the commands share: the parts, readiness, a progress bar, lines, and one line for what went wrong."""

from __future__ import annotations

import contextlib
import errno
import functools
import io
import sqlite3
import sys
from collections.abc import Iterator
from typing import Any

import click
from flask import current_app

from bot import texts, understanding
from bot.service import Service
from commands import remedies
from lending import importing
from lending.database import Database
from lending.door import refused_by_disk
from lending.errors import StoreUnwritable
from lending.model import library_day
from search import warm
from search.errors import IndexProblem
from settings import Settings, is_text


def parts() -> tuple[Settings, Service, dict[str, Any] | None]:
    """The settings, what a conversation works with, and Telegram's parts where there is a token."""
    found = current_app.extensions["shuxin"]
    return found["settings"], found["service"], found["telegram"]


def service() -> Service:
    """What a conversation works with."""
    return parts()[1]


@contextlib.contextmanager
def bar(what: str, total: int | None) -> Iterator[Any]:
    """A progress bar, once there is something to show; where there is no terminal, its last line only."""
    from rich.console import Console  # few commands show a bar
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,.0f}"), TimeElapsedColumn())
    progress = Progress(*columns, console=Console(stderr=True))
    task = progress.add_task(what, total=total)

    def show(done: int, total: int | None = None) -> None:
        progress.start()
        progress.update(task, completed=done, total=total)

    try:
        yield show
    finally:
        if progress.live.is_started:
            progress.stop()


def prepare(service: Service) -> None:
    """Ready to talk."""
    prepare_search(service)
    understanding.warm()
    texts.warm()


def prepare_search(service: Service) -> None:
    """Ready to find: the sample catalogue, events and a counter with times when there is none yet, and the index."""
    if _empty(service.store.db):
        importing.load_sample_points(service.store)  # committed before: what is read while the rest is written
        with service.store.writing() as db:  # all or none: that half a library is missing would never be seen
            if _empty(db):  # another that was started at the same time has not brought it meanwhile
                _bring_sample(service)
    warm()
    open_index(service)


def _empty(db: Database) -> bool:
    return not db.value("SELECT 1 FROM titles LIMIT 1")


def _bring_sample(service: Service) -> None:
    with bar("书目", None) as show:
        importing.load_sample(
            service.store,
            lambda rows, fraction: show(rows, int(rows / fraction) if fraction else None),
            day=library_day(service.clock.now()),
        )
    importing.load_sample_events(service.store, service.policy, service.clock.now())
    importing.load_sample_appointments(service.store, service.policy)


def open_index(service: Service) -> None:
    """The index in step with the store, built where there is none."""
    total = service.store.db.value("SELECT COUNT(*) FROM titles WHERE withdrawn = 0")
    with bar("索引", total) as show:
        service.finder.open(show)


def lines(prompt: str = "") -> Iterator[str]:
    """What comes in, line by line, in UTF-8; a damaged character does not end the talk."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace", newline="\n")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    while True:
        if prompt:
            sys.stdout.write(prompt)
            sys.stdout.flush()
        line = sys.stdin.readline()
        if not line:
            return
        yield line


def in_one_line(command: click.Command) -> None:
    """What stops a command from outside (a full disk, a busy index) is told in one line, with what to do about it."""
    assert command.callback
    act = command.callback

    @functools.wraps(act)
    def told(*args: Any, **options: Any) -> None:
        if wrong := [value for value in options.values() if isinstance(value, str) and not is_text(value)]:
            raise click.ClickException(f"{wrong[0]!a}: not written in UTF-8; write it so")
        try:
            act(*args, **options)
        except (StoreUnwritable, IndexProblem) as error:
            raise click.ClickException(remedies.told(error)) from error
        except sqlite3.Error as error:
            if not refused_by_disk(error):
                raise
            raise click.ClickException(remedies.told(error)) from error
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever read has gone: click ends quietly
                raise
            raise click.ClickException(remedies.told(error)) from error

    command.callback = told
