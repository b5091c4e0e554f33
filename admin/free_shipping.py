"""免费配送: today's money, its draws with their published seeds, and the readers who have more lots (A2-27, D-3)."""

from __future__ import annotations

from functools import partial

from flask import Blueprint

from admin import masks
from admin.desk import Desk
from admin.pages import MOST, page
from admin.special_readers import brings
from lending import draws, free_shipping, readers, special_readers
from lending.model import library_day


def add_to(made: Blueprint, desk: Desk) -> None:
    """Today, and one draw."""
    made.add_url_rule("/free", "free_shipping", partial(show, desk))
    made.add_url_rule("/free/<day>/<int(max=99):n>", "draw", partial(show_draw, desk))


def show(desk: Desk) -> str:
    """The day's money fen by fen, the windows, the special readers."""
    today = library_day(desk.now())
    special = [readers.reader(desk.db, number) for number in special_readers.ids(desk.db)]
    return page(
        "free_shipping.html", rule=desk.policy.free_shipping, special=special, mask=masks,
        budget=free_shipping.budget(desk.db, desk.policy, today), given=free_shipping.given(desk.db, today),
        windows=draws.windows(desk.db, MOST), brings=brings(desk.say(), desk.policy),
    )  # fmt: skip


def show_draw(desk: Desk, day: str, n: int) -> str:
    """A drawn window as anybody may see it: seed, tickets, lots, winners. Raises UnknownThing."""
    found = draws.result(desk.db, day, n)
    places = {ticket: place for place, ticket in enumerate(found.winners, 1)}
    order = sorted(found.lots, key=lambda ticket: (places.get(ticket, len(places) + 1), ticket))
    return page("draw.html", result=found, order=order, places=places)

