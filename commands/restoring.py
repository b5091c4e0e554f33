"""`flask restored`: what is to be done once, after a copy of the data from before was put back."""

from __future__ import annotations

import click

from commands import shared
from lending import numbers


@click.command()
def restored() -> None:
    """After a copy was put back: numbers given since it was made (loans, orders, cases and others) are not given again."""
    for table, first in numbers.pass_over(shared.service().store.db).items():
        click.echo(f"{table}: the next is {first}")
