"""像是同一位: pairs of records with the same phone; the reader is asked, and joins them by a code (A1-20)."""

from __future__ import annotations

from functools import partial

from flask import Blueprint

from admin import masks
from admin.desk import Desk
from admin.pages import page
from lending import duplicates, readers


def add_to(made: Blueprint, desk: Desk) -> None:
    """One list."""
    made.add_url_rule("/duplicates", "duplicates", partial(show, desk))


def show(desk: Desk) -> str:
    """Both records side by side, masked as everywhere."""
    pairs = [
        (readers.by_number(desk.db, pair.older), readers.by_number(desk.db, pair.newer), pair.tail)
        for pair in duplicates.same_phone(desk.db)
    ]
    return page("duplicates.html", pairs=pairs, mask=masks)
