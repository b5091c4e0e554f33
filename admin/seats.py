"""替读者报名: seats at an activity for whoever rings up, or asks at the desk, and given back (F-8, A10-3)."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import lookup, on_behalf
from admin.desk import N_, Desk
from admin.guard import tell
from admin.pages import given
from lending import events, readers, sign_ups
from lending.database import writing
from lending.errors import LendingError
from lending.sign_ups import CannotSignUp

LARGEST = 2**63 - 1
REFUSED = {
    "over": N_("已经开始了，报名和退掉都来不及了。"), "until": N_("报名截止了。要放宽，在下面改报名的时间。"),
    "cancelled": N_("这个活动取消了。"), "people": N_("一次最多报 {n} 位。"),
}  # fmt: skip


def add_to(made: Blueprint, desk: Desk) -> None:
    """Signed up, and given back."""
    one = f"/events/<int(max={LARGEST}):id>"
    made.add_url_rule(f"{one}/sign-up", "sign_up", partial(sign_up, desk), methods=["POST"])
    made.add_url_rule(f"{one}/sign-off", "sign_off", partial(sign_off, desk), methods=["POST"])


def sign_up(desk: Desk, id: int) -> AnyResponse:
    """By number or telephone; twice is once. Where it is full, a place in the queue."""
    _, found = desk.say(), events.event(desk.db, id)
    ids = lookup.readers_by(desk.db, request.form.get("reader", "").strip()[:60], 2)
    if len(ids) != 1:
        several = _("没有报名：这样写不止一位读者对得上，请写读者号，在「找读者」里看得到。")
        tell(several if ids else _("没有报名：请写读者号，或者写全电话；新来的先在「找读者」里登记。"), "stop")
        return redirect(url_for("admin.event", id=id))
    who, now = readers.reader(desk.db, ids[0]), desk.now()
    try:
        with writing(desk.db) as db:
            new, mine = sign_ups.sign_up(db, who.id, found.id, given("people"), desk.policy, now)
            if new:
                on_behalf.note(desk, db, who, "sign_up", f"event:{found.id}", event=found.id)
    except CannotSignUp as error:
        tell(_(REFUSED[error.reason], n=error.number), "stop")
        return redirect(url_for("admin.event", id=id))
    if not new:
        tell(_("{number} 早就报了名，没有再报一次。", number=who.number))
        return redirect(url_for("admin.event", id=id))
    if mine.state == "waiting":
        said = _("满了，{number} 排在第 {n}。", number=who.number, n=mine.position)
    else:
        said = _.n("{number} 报了 {n} 位。", "{number} 报了 {n} 位。", mine.people, number=who.number)
    tell(_.together(said, desk.heard(who.id)))
    return redirect(url_for("admin.event", id=id))


def sign_off(desk: Desk, id: int) -> AnyResponse:
    """Not coming after all; whoever waits moves up."""
    _, who = desk.say(), readers.by_number(desk.db, request.form.get("reader", ""))
    try:
        with writing(desk.db) as db:
            sign_ups.give_back(db, who.id, id, desk.policy, desk.now())
            on_behalf.note(desk, db, who, "sign_off", f"event:{id}", event=id)
        tell(_.together(_("{number} 的报名退掉了。", number=who.number), desk.heard(who.id)))
    except CannotSignUp as error:
        tell(_(REFUSED[error.reason], n=error.number), "stop")
    except LendingError:
        tell(_("这位读者的报名刚刚变了，请再看一眼。"), "stop")
    return redirect(url_for("admin.event", id=id))
