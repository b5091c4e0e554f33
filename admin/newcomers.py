"""登记新读者: somebody without a chat of their own begins to borrow at the desk, on trust as well (A1-12, A10-3)."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import staff
from admin.desk import LANGUAGES, Desk
from admin.guard import tell
from admin.pages import again
from lending import credit, readers
from lending.database import writing
from lending.homes import FEWEST_DIGITS


def add_to(made: Blueprint, desk: Desk) -> None:
    """One form."""
    made.add_url_rule("/readers/new", "join", partial(join, desk), methods=["POST"])


def join(desk: Desk) -> AnyResponse | tuple[str, int]:
    """A record with the ladder's first step (D-2), as the chat gives it; none for whoever has one already."""
    _, form = desk.say(), request.form
    name = form.get("name", "").strip()[:20]
    phone = "".join(sign for sign in form.get("phone", "") if sign.isascii() and sign.isdigit())[:20]
    if not name or len(phone) < FEWEST_DIGITS or not form.get("asked"):
        tell(_("没有登记：请写称呼和能打通的电话，问过 TA 本人，再勾上。"), "stop")
        return again("readers")
    with writing(desk.db) as db:
        same = (readers.reader(db, one) for one in readers.by_phone(db, phone))
        who = next((one for one in same if one.name == name), None)
        if who is not None:
            tell(_("这个称呼和电话已经有读者了，就是这一位，没有再登记。"))
            return redirect(url_for("admin.reader", number=who.number))
        language = form.get("language", "")
        who = readers.join(db, language if language in LANGUAGES else desk.language(), desk.now(), name)
        readers.set_phone(db, who.id, phone)
        credit.open_ledger(db, who.id, desk.policy, desk.now())
        credit.start_on_ladder(db, who.id)
        staff.log(db, current_user.name, "join", f"reader:{who.number}", desk.now())
    tell(_("登记好了：{number}。从「信任阶梯」开始，现在就能借。", number=who.number))
    return redirect(url_for("admin.reader", number=who.number))
