"""没找到的书: what readers looked for in vain, most asked first, so that it can be bought or described better (C3)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from flask import Blueprint, request

from admin.desk import Desk
from admin.pages import page
from lending.model import library_day
from search import usage

PERIODS = (7, 30, 365)  # days, today included
SHOWN = 200


def add_to(made: Blueprint, desk: Desk) -> None:
    """One page."""
    made.add_url_rule("/misses", "misses", partial(show, desk))


def show(desk: Desk) -> str:
    """The list of one period; nobody's name is in it, for none is kept."""
    wanted = request.args.get("days", "")
    days = next((period for period in PERIODS if str(period) == wanted), PERIODS[1])
    today = library_day(desk.now())
    missed = usage.top(desk.db, "miss", today - timedelta(days=days - 1), today, SHOWN)
    return page("misses.html", missed=missed, days=days, periods=PERIODS)
