"""`flask export loans | copies`: what another system of the library's takes in, as CSV or JSONL (A2-7)."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import click

from commands import files, shared
from lending import loan_exports
from lending.database import Row
from lending.reports import BEYOND, Period

FORMS = (".csv", ".jsonl")
DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def export() -> None:
    """Loans, and where copies stand, for the library's other system (docs/export.md)."""


@export.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--from", "first", metavar="D", type=DAY, help="loans begun or ended from this day on")
@click.option("--to", "last", metavar="D", type=DAY, help="and until this day")
@click.option("--cards", type=click.Path(path_type=Path), help="card numbers of the other system, one a line")
def loans(file: Path, first: datetime | None, last: datetime | None, cards: Path | None) -> None:
    """What has changed since the last export; or, with days, all of theirs, which leaves the last export as it was."""
    service, period = shared.service(), _period(first, last)
    db, told = service.store.db, list[tuple[int, str]]()
    numbers = loan_exports.numbers_of(db, _numbers(cards) if cards else (), service.card_key)
    found = loan_exports.within(db, period, numbers) if period else loan_exports.changed(db, numbers)

    def rows() -> Iterator[Row]:
        for row, mark in found:
            told.append((row["loan"], mark))
            yield row

    _write(file, loan_exports.LOANS, rows())
    if period is None:
        loan_exports.mark(db, told, service.clock.now())
    click.echo(f"{len(told)} loans, {sum(1 for _ in numbers)} readers with a card of theirs: {file}")


@export.command()
@click.argument("file", type=click.Path(path_type=Path))
def copies(file: Path) -> None:
    """Every copy: where it belongs and where it stands now."""
    count = _write(file, loan_exports.COPIES, loan_exports.copies(shared.service().store.db))
    click.echo(f"{count} copies: {file}")


def _period(first: datetime | None, last: datetime | None) -> Period | None:
    if first is None and last is None:
        return None
    if first is None or last is None:
        raise click.ClickException("--from and --to belong together; without both, it is what changed since the last")
    if first > last:
        raise click.ClickException(f"--from {first.date()} is after --to {last.date()}")
    try:
        return Period(first.date(), last.date())
    except ValueError as error:
        raise click.ClickException(BEYOND) from error


def _numbers(cards: Path) -> list[str]:
    try:
        return [line.strip() for line in cards.read_text("utf-8-sig").splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{cards} is not written in UTF-8") from error


def _write(file: Path, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """The whole file, or none, and never over another; returns how many rows."""
    if file.suffix not in FORMS:
        raise click.ClickException(f"{file}: the name has to end in {' or '.join(FORMS)}")
    if file.exists():
        raise click.ClickException(f"{file} is there already; it may not have been fetched yet")
    count = 0
    with files.whole(file) as part, part.open("w", encoding="utf-8", newline="") as out:
        put = _putter(file, columns, out)
        for row in rows:
            put(row)
            count += 1
    return count


def _putter(file: Path, columns: Sequence[str], out: IO[str]) -> Any:
    if file.suffix == ".jsonl":
        return lambda row: out.write(json.dumps({name: row[name] for name in columns}, ensure_ascii=False) + "\n")
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    return writer.writerow
