"""活动: what is planned and what was; making, changing, cancelling, who comes, ticking who came, the poster (F-8)."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import partial

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import masks, signs, staff
from admin.desk import N_, Desk
from admin.guard import tell
from admin.pages import MOST, again, changed_since, page, seen
from lending import attendance, catalogue, event_changes, events, readers, sign_ups
from lending.attendance import CannotCheckIn
from lending.database import writing
from lending.errors import UnknownThing
from lending.event_changes import LONGEST_REASON
from lending.events import BadEvent, Event, EventMoved, Plan
from lending.model import LIBRARY_ZONE, library_day

STATES = {"planned": N_("要办"), "cancelled": N_("取消了"), "over": N_("办完了")}
COMING = {
    "signed_up": N_("报了名"), "waiting": N_("在排队"), "came": N_("来了"), "late": N_("迟到"), "absent": N_("没有来"),
}  # fmt: skip
WRONG = {
    "name": N_("给活动起个名字。"), "place": N_("请选一个馆，或者写上在哪里。"),
    "order": N_("结束的时间要在开始之后。"),
    "past": N_("开始的时间已经过去了。"), "until": N_("报名最晚到开始的时候。"),
    "far": N_("年份像是写错了：活动和报名都要在 {n} 年之内。"),
    "seats": N_("位子不能少于 {n} 个：已经报了名的都要有。"),
    "closed": N_("{day}那里闭馆，活动放不进去。最近开门的是{other}；或者改到别的馆，或者不选馆、写上在哪里。"),
}  # fmt: skip
REFUSED = {
    "early": N_("还没到时候：{moment} 起可以记。"), "over": N_("这个活动已经算完了，不能再记。记错了的，请走申诉。"),
    "cancelled": N_("这个活动取消了。"), "waiting": N_("没有空位子。先把没有来的记上，再让排队的读者进来。"),
    "unknown": N_("这位读者没有报名。"),
}  # fmt: skip
TICKS = ("came", "late", "absent")
LARGEST = 2**63 - 1
MOST_SEATS = 9_999


def add_to(made: Blueprint, desk: Desk) -> None:
    """The list, one event, what is done to it, its poster."""
    one = f"/events/<int(max={LARGEST}):id>"
    made.add_url_rule("/events", "events", partial(show, desk))
    made.add_url_rule("/events", "make_event", partial(make, desk), methods=["POST"])
    made.add_url_rule(one, "event", partial(show_one, desk))
    made.add_url_rule(one, "change_event", partial(change, desk), methods=["POST"])
    made.add_url_rule(f"{one}/cancel", "cancel_event", partial(cancel, desk), methods=["POST"])
    made.add_url_rule(f"{one}/came", "tick_event", partial(tick, desk), methods=["POST"])
    made.add_url_rule(f"{one}/poster", "event_poster", partial(poster, desk))


def show(desk: Desk) -> str:
    """What is to come, a form for one more, and what was."""
    now = desk.now()
    coming = [(one, events.stands_closed(desk.db, one, desk.policy)) for one in events.coming(desk.db, now, MOST)]
    return page("events.html", coming=coming, past=events.past(desk.db, now, MOST), states=STATES, **_places(desk))


def _places(desk: Desk) -> dict[str, object]:
    points = catalogue.points(desk.db)
    branches = [point for point in points if point.kind == "branch"]
    return {"branches": branches, "names": {point.id: point for point in points}, "today": library_day(desk.now())}


def show_one(desk: Desk, id: int) -> str:
    """The event, and everybody who comes with a name that is masked. Raises UnknownThing."""
    one, now = events.event(desk.db, id), desk.now()
    listed = [(readers.reader(desk.db, mine.reader_id), mine) for mine in sign_ups.listed(desk.db, id)]
    come, wait = ([pair for pair in listed if (pair[1].state == "waiting") is waits] for waits in (False, True))
    here = sum(mine.people for _, mine in come if mine.state != "absent")
    ticking = one.state == "planned" and attendance.opens_at(one, desk.policy) <= now
    return page(
        "event.html", one=one, come=come, wait=wait, here=here, states=STATES, coming=COMING, mask=masks,
        local=_local(one),
        closed=events.stands_closed(desk.db, one, desk.policy) and one.state == "planned",
        opens=attendance.opens_at(one, desk.policy), settles=attendance.settles_at(one, desk.policy),
        ticking=ticking, begun=now >= one.starts_at,
        most_people=min(desk.policy.events.most_people, one.seats), longest=LONGEST_REASON, seen=seen(*_planned(one)),
        **_places(desk),
    )  # fmt: skip


def _planned(one: Event) -> tuple[object, ...]:
    """What the form changes."""
    return one.name, one.about, one.point_id, one.place, *_local(one).values(), one.seats


def _local(one: Event) -> dict[str, str]:
    """The moments as the form's fields want them."""
    starts, ends, until = (at.astimezone(LIBRARY_ZONE) for at in (one.starts_at, one.ends_at, one.sign_up_until))
    return {
        "day": f"{starts:%Y-%m-%d}", "starts": f"{starts:%H:%M}", "ends": f"{ends:%H:%M}",
        "last": f"{ends:%Y-%m-%d}" if ends.date() != starts.date() else "",
        "until": f"{until:%Y-%m-%dT%H:%M}" if until != starts else "",
    }  # fmt: skip


# ---- planning --------------------------------------------------------------------------------------------------------


def _plan(desk: Desk) -> Plan:
    """What the form says. Raises ValueError where a day, an hour or a number is missing."""
    form = request.form
    day, seats = date.fromisoformat(form.get("day", "")), form.get("seats", "")
    starts = _moment(day, form.get("starts", ""))
    until = datetime.fromisoformat(form["until"]).replace(tzinfo=LIBRARY_ZONE) if form.get("until") else starts
    if not (seats.isascii() and seats.isdigit() and int(seats) <= MOST_SEATS):
        raise ValueError("seats")
    point = next((one.id for one in catalogue.points(desk.db, "branch") if str(one.id) == form.get("point")), None)
    last = date.fromisoformat(form["last"]) if form.get("last") else day
    return Plan(
        name=form.get("name", ""), about=form.get("about", ""), point_id=point, place=form.get("place", ""),
        starts_at=starts, ends_at=_moment(last, form.get("ends", "")), sign_up_until=until, seats=int(seats),
    )  # fmt: skip


def _moment(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), LIBRARY_ZONE)


def _refusal(desk: Desk, error: BadEvent | ValueError) -> str:
    _ = desk.say()
    if not isinstance(error, BadEvent):
        return _("请写上哪一天、几点到几点、多少个位子。")
    days = {name: _.date(day) for name, day in (("day", error.day), ("other", error.other)) if day}
    return _(WRONG[error.reason], n=error.number, **days)


def make(desk: Desk) -> AnyResponse | tuple[str, int]:
    """A new event; readers see it at once."""
    _ = desk.say()
    try:
        with writing(desk.db) as db:
            made = events.make(db, _plan(desk), desk.policy, desk.now())
            _log(desk, "make_event", made.id, name=made.name, starts=_.moment(made.starts_at))
    except (BadEvent, ValueError) as error:
        tell(_refusal(desk, error), "stop")
        return again("events")
    tell(_("「{name}」排好了，读者在聊天里说「活动」就看得到。", name=made.name))
    return redirect(url_for("admin.event", id=made.id))


def _log(desk: Desk, action: str, event_id: int, **facts: object) -> None:
    with writing(desk.db) as db:
        staff.log(db, current_user.name, action, f"event:{event_id}", desk.now(), **facts)


def change(desk: Desk, id: int) -> AnyResponse | tuple[str, int]:
    """As it is to be; at another time or place, everybody who comes or waits is told."""
    _ = desk.say()
    try:
        with writing(desk.db) as db:
            before = events.event(db, id)
            stale = before.state == "planned" and changed_since(*_planned(before))
            if not stale:
                after = event_changes.change(db, id, _plan(desk), desk.policy, desk.now())
                _log(desk, "change_event", id, name=after.name, starts=_.moment(after.starts_at))
    except (BadEvent, ValueError) as error:
        tell(_refusal(desk, error), "stop")
        return again("event", id=id)
    except EventMoved as error:
        tell(_("「{name}」已经取消或结束了，没有再改。", name=error.name), "stop")
        return redirect(url_for("admin.event", id=id))
    if stale:
        tell(_("没有改：这一页打开以后有同事改过。现在定的在上面，您写的在下面，核对以后再存。"), "stop")
        return again("event", 409, id=id)
    told = _("报了名和排队的读者会收到消息。") if after.moved_from(before) and before.taken + before.waiting else ""
    tell(_("改好了。{told}", told=told))
    return redirect(url_for("admin.event", id=id))


def cancel(desk: Desk, id: int) -> AnyResponse | tuple[str, int]:
    """It does not take place; who wanted to come reads why, and loses nothing."""
    _, reason = desk.say(), request.form.get("reason", "").strip()
    if not reason:
        tell(_("请写一句原因，报了名的读者会看到。"), "stop")
        return again("event", id=id)
    try:
        with writing(desk.db) as db:
            gone = event_changes.cancel(db, id, reason, desk.policy, desk.now())
            _log(desk, "cancel_event", id, name=gone.name, reason=gone.reason)
    except EventMoved as error:
        tell(_("「{name}」已经取消或结束了，没有再改。", name=error.name), "stop")
    else:
        tell(_("「{name}」取消了，报了名和排队的读者会收到消息，谁都不扣分。", name=gone.name))
    return redirect(url_for("admin.event", id=id))


# ---- on the day ------------------------------------------------------------------------------------------------------


def tick(desk: Desk, id: int) -> AnyResponse:
    """Seen there, seen late, or not seen; what it is worth is written at once, what it costs once it is over."""
    _, what, now = desk.say(), request.form.get("what", ""), desk.now()
    who = readers.by_number(desk.db, request.form.get("reader", ""))
    if what not in TICKS:
        raise UnknownThing("event", what[:40])
    try:
        with writing(desk.db) as db:
            if what == "absent":
                attendance.missed(db, who.id, id, now)
            else:
                actor = f"staff:{current_user.name}"
                attendance.by_hand(db, who.id, id, what == "late", actor, desk.policy, now)
            staff.log(db, current_user.name, "tick_event", f"event:{id}", now, who=who.number, what=what)
    except CannotCheckIn as error:
        tell(_(REFUSED[error.reason], moment=_.moment(error.at or now)), "stop")
    except UnknownThing:
        tell(_("这位读者的报名刚刚变了，请再看一眼。"), "stop")
    else:
        tell(_("{number}：{what}。", number=who.number, what=_(COMING[what])))
    return redirect(url_for("admin.event", id=id))


def poster(desk: Desk, id: int) -> str:
    """For the door: what, when, where, and the code by which one checks in, to be scanned or typed."""
    one = events.event(desk.db, id)
    return page(
        "event_poster.html", one=one, codes=signs.codes(desk, f"e{one.door}", scale=4), opens=signs.OPENS,
        minutes=desk.policy.events.check_in_minutes, **_places(desk),
    )  # fmt: skip
