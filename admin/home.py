"""The front room: how much waits where, and what is late."""

from __future__ import annotations

from functools import partial

from flask import Blueprint

from admin import lookup
from admin.desk import Desk
from admin.pages import page


def add_to(made: Blueprint, desk: Desk) -> None:
    """The page, and its numbers alone for the live refresh."""
    made.add_url_rule("", "home", partial(_show, desk, "home.html"))
    made.add_url_rule("/live", "home_live", partial(_show, desk, "home_numbers.html"))


def _show(desk: Desk, template: str) -> str:
    return page(template, counts=lookup.counts(desk.db, desk.now()))
