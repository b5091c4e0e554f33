"""`flask report`: what a period came to."""

from __future__ import annotations

from datetime import datetime

import click

from admin import report_tables, reports
from bot import inbox
from bot.texts import Words
from commands import shared
from lending.reports import BEYOND, Period


@click.command()
@click.option("--from", "first", metavar="D", type=click.DateTime(["%Y-%m-%d"]), help="the first day; the last thirty otherwise")
@click.option("--to", "last", metavar="D", type=click.DateTime(["%Y-%m-%d"]), help="the last day, yesterday otherwise")
@click.option("--csv", "as_csv", is_flag=True, help="one number a line, for a spreadsheet")
def report(first: datetime | None, last: datetime | None, as_csv: bool) -> None:
    """What a period came to: visits, orders, loans, returns, rankings (A2-R). Any days, both included."""
    service = shared.service()
    usual, say = reports.usual(service.clock.now()), Words("zh_Hans")
    end = last.date() if last else usual.last
    try:
        period = Period(first.date() if first else end - (usual.last - usual.first), end)
    except (ValueError, OverflowError) as error:
        raise click.ClickException(BEYOND) from error
    if period.first > period.last:
        raise click.ClickException(f"--from {period.first} is after --to {period.last}")
    tables = report_tables.Report(service.store.db, service.policy, say, period, inbox.visits).tables()
    if as_csv:
        return click.echo(report_tables.as_csv(tables), nl=False)
    click.echo(f"{say(service.library)}  {period.first} – {period.last}\n")
    click.echo(report_tables.as_text(say, tables), nl=False)
