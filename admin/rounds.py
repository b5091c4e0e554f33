"""送书路线: the library's own rounds of a day, stop by stop, and what happened at each door (A10-2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import masks, staff
from admin.desk import N_, Desk
from admin.guard import tell
from admin.pages import again, page
from admin.parcels import MOST, STATES, UNPACKED
from lending import drives, looks, parcels, readers, rounds, tracking
from lending.appeals import SameEyes
from lending.database import writing
from lending.drives import Drive
from lending.errors import CannotChange, UnknownThing
from lending.model import library_day, stamp
from lending.parcels import Parcel
from lending.readers import Reader
from lending.rounds import Run
from lending.tracking import Word

READY = ("created", "collected", "problem")  # what a round takes along
WAITING = {**STATES, "created": N_("等出发"), "collected": N_("已交给这一班，等出发")}  # no courier comes for it
DONE_AT_DOOR = {"signed": "signed", "absent": "problem"}
FAR_DAYS = 3_660  # beyond this nobody looks a day up
LONGEST_NOTE = 120  # how it is known, in a line
NEAR_DAYS = 7  # how far the page offers to look ahead


def add_to(made: Blueprint, desk: Desk) -> None:
    """A day's rounds, setting out, and each stop."""
    made.add_url_rule("/rounds", "rounds", partial(show, desk))
    made.add_url_rule("/rounds/addresses", "round_addresses", partial(show_addresses, desk), methods=["POST"])
    made.add_url_rule("/rounds/out", "set_out", partial(set_out, desk), methods=["POST"])
    made.add_url_rule("/rounds/none", "no_round", partial(did_not_go, desk), methods=["POST"])
    made.add_url_rule("/rounds/driver", "round_driver", partial(drive, desk), methods=["POST"])
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
    found = [
        (run, rounds.route(desk.db, run), _driver(desk, run)) for run in rounds.runs_on(desk.db, desk.policy, day)
    ]
    today, unspoken = library_day(desk.now()), rounds.unspoken(desk.db, desk.policy, desk.now())
    return page(
        "rounds.html", day=day, days=[today + timedelta(days=n) for n in range(NEAR_DAYS)], found=found, states=WAITING,
        shown=open_to_all, mask=masks, now=desk.now(),
        unspoken=[run for run in unspoken if library_day(run.starts_at) != day],
        day_of=library_day, ends=parcels.ENDS, ready=READY, today=today, longest=LONGEST_NOTE,
        colleagues=[one["shown_as"] for one in staff.everyone(desk.db)],
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
    if day < library_day(now):
        tell(_("这一班的日子过了：送到的、没遇到人的，在每一站上说；没有出车，点「没有出车」。"), "stop")
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


def did_not_go(desk: Desk) -> AnyResponse:
    """A round that is over did not go, or left these behind: they wait for the next one, and their readers hear it."""
    _, day, now, moved = desk.say(), _day(desk, request.form.get("day", "")), desk.now(), 0
    with writing(desk.db) as db:
        for run in rounds.runs_on(db, desk.policy, day):
            if run.name == request.form.get("round"):
                moved += rounds.did_not_go(db, run, desk.policy, now)
        staff.log(db, current_user.name, "no_round", f"day:{day}", now, parcels=moved)
    if moved:
        tell(_.n("记下了，{n} 个包裹排下一班，读者会收到消息。", "记下了，{n} 个包裹排下一班，读者会收到消息。", moved))
    else:
        tell(_("这一班还没开完，或者每个包裹都已经说过了。"), "stop")
    return redirect(url_for("admin.rounds", day=day))


def stop(desk: Desk, id: int) -> AnyResponse:
    """Handed over, or nobody there: then the next round takes it."""
    _, what, now = desk.say(), request.form.get("what", ""), desk.now()
    day, later = _day(desk, request.form.get("day", "")), None
    try:
        with writing(desk.db) as db:
            one = parcels.by_id(db, id)
            if what not in DONE_AT_DOOR or not _still_so(one, what):
                raise CannotChange("parcel", one.tracking, one.state)
            tracking.hear(db, one.tracking, [Word(DONE_AT_DOOR[what], now)], _actor(), desk.policy, now)
            later = rounds.put_off(db, desk.policy, id, now) if what == "absent" else None
            staff.log(db, current_user.name, "round_stop", f"parcel:{id}", now, what=what)
    except CannotChange as error:
        tell(_("包裹 {tracking} 的情况刚刚变了，请再看一眼。", tracking=error.number), "stop")
        return redirect(url_for("admin.rounds", day=day))
    except UnknownThing:
        tell(_(UNPACKED), "stop")
        return redirect(url_for("admin.rounds", day=day))
    if what == "signed":
        tell(_("包裹 {tracking}：{state}。", tracking=one.tracking, state=_(STATES["signed"])))
    elif later:
        tell(_("没遇到人。排到 {moment} 再送。", moment=_.moment(later.starts_at)))
    else:
        tell(_("没遇到人，最近没有能带它的送书班次，请交给快递或联系读者。"), "stop")
    return redirect(url_for("admin.rounds", day=day))


def _still_so(one: Parcel, what: str) -> bool:
    """Whether it can be said of it yet; that nobody was met, told from two pages, is one try and one round later."""
    if what == "absent" and one.state == "problem":
        return stamp(one.changed_at) == request.form.get("before")
    return one.state not in parcels.ENDS


# ---- who drives it (D 36) --------------------------------------------------------------------------------------------


def _driver(desk: Desk, run: Run) -> tuple[Drive, Reader | None] | None:
    found = drives.of_run(desk.db, run)
    who = readers.reader(desk.db, found.reader_id) if found and found.reader_id else None
    return (found, who) if found else None


def drive(desk: Desk) -> AnyResponse | tuple[str, int]:
    """Who has taken the round, that it was driven, that it is given up, or that it was noted wrongly."""
    _, day, what = desk.say(), _day(desk, request.form.get("day", "")), request.form.get("what", "")
    runs = {run.name: run for run in rounds.runs_on(desk.db, desk.policy, day)}
    run = runs.get(request.form.get("round", ""))
    try:
        if run is None or what not in DRIVES:
            raise UnknownThing("round", "")
        with writing(desk.db) as db:
            said = DRIVES[what](desk, run)
            staff.log(db, current_user.name, "drive", f"day:{day}", desk.now(), round=run.name, what=what)
    except UnknownThing:
        tell(_("没有这位读者或这个班次，请核对读者号。"), "stop")
        return again("rounds")
    except SameEyes:
        tell(_("收回已经记下的分，要另一位同事来点。"), "stop")
    except CannotChange:
        tell(_("这一班的情况刚刚变了：每一站都说了，又至少送到一站，才算开完。请再看一眼。"), "stop")
    else:
        tell(said)
    return redirect(url_for("admin.rounds", day=day))


def _take(desk: Desk, run: Run) -> str:
    number, shown_as = request.form.get("reader", "").strip(), request.form.get("colleague", "")
    if not number and shown_as not in [one["shown_as"] for one in staff.everyone(desk.db)]:
        raise UnknownThing("colleague", "")
    who = readers.by_number(desk.db, number) if number else None
    drives.take(desk.db, run, who.id if who else None, shown_as, desk.now())
    return desk.say()("记下了：{round}由{who}开。", round=run.name, who=who.number if who else shown_as)


def _finish(desk: Desk, run: Run) -> str:
    note = " ".join(request.form.get("note", "").split())[:LONGEST_NOTE]
    points = drives.finish(desk.db, run, _running(desk, run), _name(), note, desk.policy, desk.now())
    _ = desk.say()
    return _("开完了，谢谢。志愿服务 {points} 分。", points=f"{points:+d}") if points else _("开完了，谢谢。")


def _release(desk: Desk, run: Run) -> str:
    drives.release(desk.db, _running(desk, run), desk.now())
    return desk.say()("记下了，这一班可以换别人开。")


def _undo(desk: Desk, run: Run) -> str:
    points = drives.undo(desk.db, _running(desk, run), _name(), desk.policy, desk.now())
    return desk.say()("收回了：{points} 分。可以重新记。", points=f"{points:+d}")


DRIVES: dict[str, Callable[[Desk, Run], str]] = {
    "take": _take, "finish": _finish, "release": _release, "undo": _undo,
}  # fmt: skip


def _running(desk: Desk, run: Run) -> Drive:
    found = drives.of_run(desk.db, run)
    if found is None or str(found.id) != request.form.get("drive"):
        raise CannotChange("drive", run.name, "gone")
    return found


def _name() -> str:
    return f"staff:{current_user.name}"


def _actor() -> str:
    return f"staff:{current_user.shown_as}"
