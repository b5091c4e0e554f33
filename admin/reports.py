"""月报: what a period came to, on a page and as a file for a spreadsheet (A2-R)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial

from flask import Blueprint, Response, request

from admin.desk import Desk
from admin.pages import page
from admin.report_tables import Report, as_csv, shown
from lending.model import library_day
from lending.reports import Period

DAYS = 30  # of a period nobody named


def usual(now: datetime) -> Period:
    """The thirty days that ended yesterday."""
    yesterday = library_day(now) - timedelta(days=1)
    return Period(yesterday - timedelta(days=DAYS - 1), yesterday)


def add_to(made: Blueprint, desk: Desk) -> None:
    """One page and its file."""
    made.add_url_rule("/reports", "reports", partial(show, desk))
    made.add_url_rule("/reports.csv", "report_file", partial(download, desk))


def show(desk: Desk) -> str:
    """The tables of the period that was asked for, or of the usual one."""
    period, wrong = _asked(desk)
    report = _of(desk, period)
    forgets = period.forgets(desk.policy, desk.now())
    return page(
        "reports.html", tables=report.tables(), period=period, wrong=wrong, forgets=forgets,
        shown=partial(shown, desk.say()), today=library_day(desk.now()),
    )  # fmt: skip


def download(desk: Desk) -> Response:
    """The same as CSV, with the mark by which spreadsheets know UTF-8."""
    period, _wrong = _asked(desk)
    answer = Response("\ufeff" + as_csv(_of(desk, period).tables()), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f"attachment; filename=report-{period.first}-{period.last}.csv"
    return answer


def _of(desk: Desk, period: Period) -> Report:
    return Report(desk.db, desk.policy, desk.say(), period, desk.visits)


def _asked(desk: Desk) -> tuple[Period, bool]:
    """The period of the address, and whether it could not be used."""
    first, last = request.args.get("first", ""), request.args.get("last", "")
    if not first and not last:
        return usual(desk.now()), False
    try:
        period = Period(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        return usual(desk.now()), True
    return (period, False) if period.first <= period.last else (usual(desk.now()), True)
