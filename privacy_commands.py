"""`flask keys show | rotate`: what readers' data is sealed with, and how it is changed."""

from __future__ import annotations

import click
from flask import current_app

from bot import forgetting
from bot.service import Service
from lending import sealed
from lending.errors import StoreUnwritable


def _service() -> Service:
    service: Service = current_app.extensions["shuxin"]["service"]
    return service


@click.group()
def keys() -> None:
    """The keys that names, phones, addresses and words are sealed with."""


@keys.command()
def show() -> None:
    """Where the keys are, and how much is sealed with the newest."""
    store = _service().store
    found = sealed.state(store.db, forgetting.SEALED)
    click.echo(f"{store.vault.path}: {len(store.vault.marks())}")
    click.echo(f"newest {found.newest}  older {found.older}  in the clear {found.clear}")


@keys.command()
@click.option("--keep-old", is_flag=True, help="Keep the old keys, so that older copies of the data can be opened.")
def rotate(keep_old: bool) -> None:
    """Make a new key, seal everything with it, and throw the old ones away. Stopped half-way, run it again."""
    store = _service().store
    try:
        store.vault.rotate()
        done = sealed.seal_anew(store, forgetting.SEALED)
        left = sealed.state(store.db, forgetting.SEALED)
        dropped = 0 if keep_old or left.older or left.clear else store.vault.drop_old()
    except StoreUnwritable as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{done} rows sealed with a new key; {dropped} old keys thrown away.")


@click.group()
def privacy() -> None:
    """What is kept of whom, for how long, and why."""
