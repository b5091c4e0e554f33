"""The front room: how much waits where, and what is late."""

from __future__ import annotations

from functools import partial

from flask import Blueprint

from admin import stale, waiting
from admin.desk import Desk
from admin.pages import page


def add_to(made: Blueprint, desk: Desk) -> None:
    """The page, and its numbers alone for the live refresh."""
    made.add_url_rule("", "home", partial(show, desk))
    made.add_url_rule("/live", "home_live", partial(show_numbers, desk))


def show(desk: Desk) -> str:
    """Everything that waits, each with the way to it."""
    aged = stale.gone_stale(desk.db, desk.policy, desk.now())
    return page("home.html", found=_found(desk), slower=waiting.slower(desk.db), days=waiting.DAYS, stale=aged)


def show_numbers(desk: Desk) -> str:
    """What changes from minute to minute."""
    return page("home_numbers.html", found=_found(desk), days=waiting.DAYS)


def _found(desk: Desk) -> list[waiting.Waiting]:
    return waiting.now_waiting(desk.db, desk.policy, desk.now())
