"""`flask locker-key | new-password`: what opens a door to a machine or a librarian."""

from __future__ import annotations

import click

from admin import staff
from commands import shared
from lending import catalogue, door_codes
from lending.errors import UnknownThing


@click.command("locker-key")
@click.argument("locker")
def locker_key(locker: str) -> None:
    """The key (hex) with which one locker signs the codes on its screen (D-13); changes with SHUXIN_SECRET."""
    service = shared.service()
    try:
        code = catalogue.point_by_code(service.store.db, locker).code
    except UnknownThing as error:
        raise click.ClickException(f"no locker is called {error.name}") from error
    click.echo(door_codes.key_of(service.door_key, code).hex())


@click.command("new-password")
@click.argument("name", default=staff.FIRST)
def new_password(name: str) -> None:
    """A new first password for a librarian whom no colleague can help, as the only chief; to be changed on signing in."""
    service = shared.service()
    db = service.store.db
    password = staff.new_password(db, "flask new-password", name, service.clock.now())
    if password is None:
        names = ", ".join(row["name"] for row in staff.everyone(db)) or "nobody yet: flask serve makes the first"
        raise click.ClickException(f"no librarian is called {name} ({names})")
    click.echo(password)
