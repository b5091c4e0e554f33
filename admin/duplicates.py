"""像是同一位: pairs of records with the same phone or card; the reader is asked, and joins them by a code (A1-20)."""

from __future__ import annotations

from functools import partial

from flask import Blueprint

from admin import masks
from admin.desk import N_, Desk
from admin.pages import MOST, page
from lending import duplicates, readers

BY = {"phone": N_("手机"), "card": N_("卡")}


def add_to(made: Blueprint, desk: Desk) -> None:
    """One list."""
    made.add_url_rule("/duplicates", "duplicates", partial(show, desk))


def show(desk: Desk) -> str:
    """Both records side by side, masked as everywhere; a card proved by both says more than a phone."""
    found = [("card", pair) for pair in duplicates.same_card(desk.db)]
    found += [("phone", pair) for pair in duplicates.same_phone(desk.db)]
    pairs = [
        (readers.by_number(desk.db, pair.older), readers.by_number(desk.db, pair.newer), by, pair.tail)
        for by, pair in found[:MOST]
    ]
    full = MOST if len(found) > MOST else 0
    return page("duplicates.html", pairs=pairs, many=len(found), full=full, by=BY, mask=masks)
