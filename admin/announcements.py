"""公告: what readers see under the greeting and by saying 通知; put up with a last day, taken down any time (A2-17)."""

from __future__ import annotations

from datetime import date
from functools import partial

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import staff
from admin.desk import Desk
from admin.guard import tell
from admin.pages import MOST, again, page
from lending import announcements
from lending.database import writing
from lending.model import library_day


def add_to(made: Blueprint, desk: Desk) -> None:
    """The list, putting up, taking down."""
    made.add_url_rule("/announcements", "announcements", partial(show, desk))
    made.add_url_rule("/announcements", "put_up", partial(put_up, desk), methods=["POST"])
    one = f"/announcements/<int(max={2**63 - 1}):id>/down"
    made.add_url_rule(one, "take_down", partial(take_down, desk), methods=["POST"])


def show(desk: Desk) -> str:
    """What stands, and what stood before."""
    now = desk.now()
    found = announcements.listed(desk.db, MOST)
    return page(
        "announcements.html", standing=[one for one in found if one.stands(now)], today=library_day(now),
        found=found, before=[one for one in found if not one.stands(now)], longest=announcements.LONGEST,
    )  # fmt: skip


def put_up(desk: Desk) -> AnyResponse | tuple[str, int]:
    """Readers see it at once; one that cannot be kept is shown again with what was written."""
    _, form = desk.say(), request.form
    try:
        last = date.fromisoformat(form["last"]) if form.get("last") else None
        with writing(desk.db) as db:
            one = announcements.put_up(db, form.get("text", ""), form.get("text_en", ""), last, desk.now())
            staff.log(db, current_user.name, "put_up", f"announcement:{one.id}", desk.now(), characters=len(one.text))
    except ValueError:
        most = announcements.LONGEST
        tell(_("请写下要说的话，最多 {n} 个字；最后一天不能已经过去。", n=most), "stop")
        return again("announcements")
    tell(_("读者看得到了。"))
    return redirect(url_for("admin.announcements"))


def take_down(desk: Desk, id: int) -> AnyResponse:
    """Readers see it no longer; a second press finds it gone."""
    with writing(desk.db) as db:
        if announcements.take_down(db, id, desk.now()):
            staff.log(db, current_user.name, "take_down", f"announcement:{id}", desk.now())
    tell(desk.say()("撤下了，读者看不到了。"))
    return redirect(url_for("admin.announcements"))
