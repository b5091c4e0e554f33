"""送书路线: the library's own rounds of a day, stop by stop, and what happened at each door (A10-2)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import masks, staff
from admin.desk import N_, Desk
from admin.guard import tell
from admin.pages import page
from admin.parcels import MOST, STATES
from lending import looks, parcels, readers, rounds, tracking
from lending.database import writing
from lending.model import library_day
from lending.tracking import Word

READY = ("created", "collected", "problem")  # what a round takes along
WAITING = {**STATES, "created": N_("等出发")}  # no courier comes for it
DONE_AT_DOOR = {"signed": "signed", "absent": "problem"}
FAR_DAYS = 3_660  # beyond this nobody looks a day up
NEAR_DAYS = 7  # how far the page offers to look ahead


def add_to(made: Blueprint, desk: Desk) -> None:
    """A day's rounds, setting out, and each stop."""
    made.add_url_rule("/rounds", "rounds", partial(show, desk))
    made.add_url_rule("/rounds/addresses", "round_addresses", partial(show_addresses, desk), methods=["POST"])
    made.add_url_rule("/rounds/out", "set_out", partial(set_out, desk), methods=["POST"])
    made.add_url_rule(f"/rounds/<int(max={MOST}):id>", "round_stop", partial(stop, desk), methods=["POST"])


def _day(desk: Desk, text: str) -> date:
    """The day asked for; today where none can be read, or none that parcels are carried on."""
    today = library_day(desk.now())
    try:
        asked = date.fromisoformat(text)
    except ValueError:
        return today
    return asked if abs(asked - today) < timedelta(days=FAR_DAYS) else today


def show(desk: Desk, open_to_all: bool = False) -> str:
    """The stops in the order they are driven; names and houses hidden unless asked for."""
    day = _day(desk, request.values.get("day", ""))
    found = [(run, rounds.route(desk.db, run)) for run in rounds.runs_on(desk.db, desk.policy, day)]
    today = library_day(desk.now())
    return page(
        "rounds.html", day=day, days=[today + timedelta(days=n) for n in range(NEAR_DAYS)], found=found, states=WAITING,
        shown=open_to_all, mask=masks, ends=parcels.ENDS, ready=READY, today=today,
    )  # fmt: skip


def show_addresses(desk: Desk) -> str:
    """In full, to be printed and taken along; that it was looked at is written down (B2-22)."""
    staff.log(desk.db, current_user.name, "see_route", f"day:{_day(desk, request.form.get('day', ''))}", desk.now())
    day = _day(desk, request.form.get("day", ""))
    for run in rounds.runs_on(desk.db, desk.policy, day):
        for stop_at in rounds.route(desk.db, run):
            who = readers.by_number(desk.db, stop_at["reader"])
            looks.note(desk.db, who.id, current_user.shown_as, looks.ADDRESS, stop_at["number"], desk.now())
    return show(desk, open_to_all=True)


def set_out(desk: Desk) -> AnyResponse:
    """Everything on the cart is on its way; readers are told."""
    _, day, now = desk.say(), _day(desk, request.form.get("day", "")), desk.now()
    if day > library_day(now):
        tell(_("这一班还没到日子，到那天才出发。"), "stop")
        return redirect(url_for("admin.rounds", day=day))
    gone = 0
    with writing(desk.db) as db:
        for run in rounds.runs_on(db, desk.policy, day):
            for row in rounds.route(db, run) if run.name == request.form.get("round") else []:
                word = Word("out_for_delivery", now)
                gone += row["state"] in READY and tracking.hear(db, row["tracking"], [word], _actor(), desk.policy, now)
        staff.log(db, current_user.name, "set_out", f"day:{day}", now, parcels=gone)
    if gone:
        tell(_.n("出发了，带着 {n} 个包裹。", "出发了，带着 {n} 个包裹。", gone))
    else:
        tell(_("这一班没有等着出发的包裹。"), "stop")
    return redirect(url_for("admin.rounds", day=day))


def stop(desk: Desk, id: int) -> AnyResponse:
    """Handed over, or nobody there: then the next round takes it."""
    _, what, now = desk.say(), request.form.get("what", ""), desk.now()
    one, day = parcels.by_id(desk.db, id), _day(desk, request.form.get("day", ""))
    if what not in DONE_AT_DOOR or one.state in parcels.ENDS:
        tell(_("包裹 {tracking} 的情况刚刚变了，请再看一眼。", tracking=one.tracking), "stop")
        return redirect(url_for("admin.rounds", day=day))
    with writing(desk.db) as db:
        tracking.hear(db, one.tracking, [Word(DONE_AT_DOOR[what], now)], _actor(), desk.policy, now)
        later = rounds.put_off(db, desk.policy, id, now) if what == "absent" else None
        staff.log(db, current_user.name, "round_stop", f"parcel:{id}", now, what=what)
    if what == "signed":
        tell(_("包裹 {tracking}：{state}。", tracking=one.tracking, state=_(STATES["signed"])))
    elif later:
        tell(_("没遇到人。排到 {moment} 再送。", moment=_.moment(later.starts_at)))
    else:
        tell(_("没遇到人，最近没有能带它的送书班次，请交给快递或联系读者。"), "stop")
    return redirect(url_for("admin.rounds", day=day))


def _actor() -> str:
    return f"staff:{current_user.shown_as}"
