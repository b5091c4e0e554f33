"""`flask chat`: the conversation in a terminal."""

from __future__ import annotations

import functools
import getpass
import sys
from itertools import chain
from pathlib import Path

import click

from bot import exporting
from bot.channels import terminal
from bot.receive import receive
from bot.service import Service
from commands import files, shared

SERVED = "http://localhost:8000"  # by `make run`, where nothing else is said


def _me() -> str:
    """Who is at the terminal; a container may have no name for them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "reader"


@click.command()
@click.option("--as", "who", default=_me, metavar="NAME", help="whose talk it is")
@click.option("--json", "as_json", is_flag=True, help="one object a turn")
@click.option("--pages", default=SERVED, show_default=True, metavar="URL", help="where links to our pages lead")
def chat(who: str, as_json: bool, pages: str) -> None:
    """Talk in the terminal: a line in, replies out. `/press ACTION` presses a button."""
    service = shared.service()
    shared.prepare(service)
    person = not as_json and sys.stdin.isatty()
    lines = chain(["你好"] if person else [], shared.lines("> " if person else ""))
    save = functools.partial(_save_copy, service)
    terminal.talk(lambda event: receive(service, event), service.store, who, lines, sys.stdout, as_json, save, pages)


def _save_copy(service: Service, ticket: str) -> list[Path]:
    """Write the copy a reader asked for into the folder they are in, for nobody else to read."""
    written = []
    for file in exporting.of_ticket(service.store.db, ticket, service.library, service.clock.now()):
        path = Path.cwd() / file.name
        with files.whole(path) as part:
            part.write_bytes(file.content)
        written.append(path)
    return written
