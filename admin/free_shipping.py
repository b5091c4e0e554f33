"""免费配送: today's money, its draws with their published seeds, and the readers who have more lots (A2-27, D-3)."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import masks, staff
from admin.desk import Desk
from admin.guard import tell
from admin.pages import again, page
from lending import draws, free_shipping, readers
from lending.database import writing
from lending.errors import UnknownThing
from lending.model import library_day


def add_to(made: Blueprint, desk: Desk) -> None:
    """Today, one draw, and whose way to us is hard."""
    made.add_url_rule("/free", "free_shipping", partial(show, desk))
    made.add_url_rule("/free/<day>/<int(max=99):n>", "draw", partial(show_draw, desk))
    made.add_url_rule("/free/special", "special_reader", partial(set_special, desk), methods=["POST"])


def show(desk: Desk) -> str:
    """The day's money fen by fen, the windows, the special readers."""
    today = library_day(desk.now())
    special = [readers.reader(desk.db, number) for number in draws.special_readers(desk.db)]
    return page(
        "free_shipping.html", rule=desk.policy.free_shipping, special=special, mask=masks,
        budget=free_shipping.budget(desk.db, desk.policy, today), given=free_shipping.given(desk.db, today),
        windows=draws.windows(desk.db),
    )  # fmt: skip


def show_draw(desk: Desk, day: str, n: int) -> str:
    """A drawn window as anybody may see it: seed, tickets, lots, winners. Raises UnknownThing."""
    found = draws.result(desk.db, day, n)
    places = {ticket: place for place, ticket in enumerate(found.winners, 1)}
    order = sorted(found.lots, key=lambda ticket: (places.get(ticket, len(places) + 1), ticket))
    return page("draw.html", result=found, order=order, places=places)


def set_special(desk: Desk) -> AnyResponse | tuple[str, int]:
    """More lots for a reader for whom coming is hard, or no longer (A10-3); written down, without a reason."""
    _, number, on = desk.say(), request.form.get("number", "").strip()[:20], request.form.get("on") == "1"
    try:
        who = readers.by_number(desk.db, number)
    except UnknownThing:
        tell(_("没有找到「{name}」。", name=number), "stop")
        return again("free_shipping")
    with writing(desk.db) as db:
        if draws.set_special(db, who.id, on, desk.now()):
            staff.log(db, current_user.name, "special_reader", f"reader:{who.number}", desk.now(), on=on)
    tell(
        _("{number} 抽签时多几支签。", number=who.number) if on else _("{number} 和大家一样多的签。", number=who.number)
    )
    return redirect(url_for("admin.free_shipping"))
