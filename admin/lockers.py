"""书柜: how full each is, what to take out, whom to telephone, and reports that contradict what is known (A9, D-13)."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import letters, masks, staff
from admin.desk import N_, Desk
from admin.guard import tell
from admin.pages import MOST as MOST_ROWS
from admin.pages import page
from admin.parcels import MOST
from lending import door_claims, door_codes, evidence, locker_reports, lockers, looks, readers, uncollected
from lending.database import writing
from lending.errors import UnknownThing
from lending.model import OrderState, parse_stamp, stamp

REPORT_DAYS = 30
EVENTS = {
    "loaded": N_("书柜说放入了书"), "opened": N_("书柜说读者取走了书"), "returned": N_("书柜说收到还书"),
    "emptied": N_("书柜说格口已清空"), "broken": N_("书柜说格口坏了"), "mended": N_("书柜说格口修好了"),
    "alive": N_("书柜报平安"),
}  # fmt: skip

REASONS = {
    "unknown": N_("没有这个订单或条码"), "state": N_("订单已经不在等这一步"), "code": N_("取书码不对"),
    "box": N_("没有这个格口"), "late": N_("等了很久，前面的报告一直没来"), "form": N_("报告缺了内容"),
}  # fmt: skip


def add_to(made: Blueprint, desk: Desk) -> None:
    """The room, whom to telephone, emptying a box, a door that stayed shut, and putting a report right."""
    made.add_url_rule("/lockers", "lockers", partial(show, desk))
    made.add_url_rule("/lockers/phones", "locker_phones", partial(show_phones, desk), methods=["POST"])
    box, right = f"/lockers/boxes/<int(max={MOST}):id>/empty", f"/lockers/reports/<int(max={MOST}):id>/right"
    made.add_url_rule(box, "empty_box", partial(empty, desk), methods=["POST"])
    made.add_url_rule(f"/lockers/doors/<int(max={MOST}):id>", "settle_door", partial(settle_door, desk),
                      methods=["POST"])  # fmt: skip
    made.add_url_rule(right, "put_right", partial(put_right, desk), methods=["POST"])


def show(desk: Desk, phones: bool = False) -> str:
    """Every locker with its boxes, and what waits for a librarian. Telephone numbers hidden unless asked for."""
    now, policy = desk.now(), desk.policy
    report = [row | {"heard_at": parse_stamp(row["heard_at"]) if row["heard_at"] else None}
              for row in lockers.report(desk.db, policy, now, REPORT_DAYS)]  # fmt: skip
    calls = [row | {"pickup_until": parse_stamp(row["pickup_until"]), "tried": letters.tried(desk, row["reader"])}
             for row in uncollected.to_call(desk.db, policy, now)]  # fmt: skip
    disputed = [row | {"happened_at": parse_stamp(row["happened_at"])} for row in locker_reports.disputed(desk.db)]
    doors = [
        (claim, readers.reader(desk.db, claim.reader_id), door_codes.of(desk.db, "door", claim.id),
         evidence.of(desk.db, "door", claim.id))
        for claim in door_claims.open_ones(desk.db, MOST_ROWS)
    ]  # fmt: skip
    return page(
        "lockers.html", doors=doors, report=report, calls=calls, disputed=disputed, boxes=lockers.to_empty(desk.db),
        events=EVENTS, reasons=REASONS, mask=masks, hours=policy.lockers.call_hours, days=REPORT_DAYS,
        deeds=letters.DEEDS, shown=phones, seen=stamp(now),
    )  # fmt: skip


def show_phones(desk: Desk) -> str:
    """The numbers of those to be telephoned, in full; that they were looked at is written down (B2-22)."""
    now = desk.now()
    calls = [row for row in uncollected.to_call(desk.db, desk.policy, now) if row["phone"]]
    for row in calls:
        looks.note(desk.db, row["reader_id"], current_user.shown_as, looks.PHONE, row["number"], now)
    staff.log(desk.db, current_user.name, "see_phones", f"phones:{len(calls)}", now)
    return show(desk, phones=True)


def empty(desk: Desk, id: int) -> AnyResponse:
    """The books are out; the box can be given again. A second press finds it empty."""
    _ = desk.say()
    with writing(desk.db) as db:
        waits = any(box["id"] == id and box["state"] == OrderState.AT_COUNTER for box in lockers.to_empty(db))
        done = lockers.empty(db, id)
        if done:
            staff.log(db, current_user.name, "empty_box", f"box:{id}", desk.now())
    if not done:
        tell(_("这个格口已经空了。"), "stop")
    elif waits:
        tell(_("格口空出来了。书放到服务台的取书架，等读者来取。"))
    else:
        tell(_("格口空出来了。请把书扫进「还书」，书就回到流通里。"))
    return redirect(url_for("admin.lockers"))


def settle_door(desk: Desk, id: int) -> AnyResponse:
    """The door opens again, or the books are carried to the counter; the reader is told."""
    _, step = desk.say(), "moved" if request.form.get("step") == "moved" else "mended"
    try:
        with writing(desk.db) as db:
            door_claims.settle(db, id, step, current_user.shown_as, desk.policy, desk.now())
            staff.log(db, current_user.name, "door_claim", f"door:{id}", desk.now(), step=step)
    except UnknownThing:
        tell(_("这扇门的事已经处理过了。"), "stop")
    else:
        tell(_("记下了，读者会收到消息。"))
    return redirect(url_for("admin.lockers"))


def put_right(desk: Desk, id: int) -> AnyResponse:
    """A librarian has looked, and says in a line what it was."""
    _, note = desk.say(), request.form.get("note", "").strip()
    if not note:
        tell(_("请写一句是怎么处理的。"), "stop")
        return redirect(url_for("admin.lockers"))
    with writing(desk.db) as db:
        done = locker_reports.put_right(db, id, note)
        if done:
            staff.log(db, current_user.name, "put_right", f"report:{id}", desk.now(), note=note[:200])
    tell(_("记下了。") if done else _("这一条已经处理过了。"), "done" if done else "stop")
    return redirect(url_for("admin.lockers"))
