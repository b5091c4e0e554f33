"""Check-in: choose the point once, then scan barcode after barcode; each says what to do with the book (A2-6)."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import lookup, masks, staff
from admin.desk import N_, Desk
from admin.guard import tell
from admin.pages import page
from lending import catalogue, loans, readers, retention
from lending.database import Database, writing
from lending.errors import UnknownThing
from lending.loans import Returned
from lending.model import library_day

SHOWN = 12  # scans of this librarian still on the page
PLACES = {
    "reserved": N_("有读者预约：放到预约架"),
    "available": N_("在本馆流通：直接上架"),
    "awaiting": N_("在等读者来取：放回取书架"),
    "in_transit": N_("正在送往读者的路上，请交给送书的同事"),
    "on_loan": N_("还在借出状态，请再扫一次"),
    "damaged": N_("登记为损坏：放到修补架"),
    "lost": N_("登记为丢失，请交给馆长处理"),
    "withdrawn": N_("已经剔除，不再上架"),
}


def add_to(made: Blueprint, desk: Desk) -> None:
    """The page, the point, the scan."""
    made.add_url_rule("/returns", "returns", partial(show, desk))
    made.add_url_rule("/returns/point", "choose_point", partial(choose_point, desk), methods=["POST"])
    made.add_url_rule("/returns", "check_in", partial(check_in, desk), methods=["POST"])


def show(desk: Desk) -> str:
    """The field, and what the last scans said."""
    points = catalogue.points(desk.db)
    chosen = next((point for point in points if point.id == session.get("staff_point")), None)
    scans = [] if chosen is None else staff.logged(desk.db, current_user.name, "check_in", SHOWN)
    return page("returns.html", points=points, chosen=chosen, scans=scans, places=PLACES)


def choose_point(desk: Desk) -> AnyResponse:
    """Where this librarian stands today."""
    wanted = request.form.get("point", "")
    if any(str(point.id) == wanted for point in catalogue.points(desk.db)):
        session["staff_point"] = int(wanted)
    else:
        session.pop("staff_point", None)
    return redirect(url_for("admin.returns"))


def check_in(desk: Desk) -> AnyResponse:
    """One scan. The same book twice changes nothing and says so."""
    _, barcode = desk.say(), request.form.get("barcode", "").strip()[:60]
    if not barcode or session.get("staff_point") is None:
        tell(_("先选网点，再扫书后的条码。"), "stop")
        return redirect(url_for("admin.returns"))
    try:
        with writing(desk.db) as db:
            back = loans.check_in(db, barcode, session["staff_point"], desk.policy, desk.now())
            staff.log(db, current_user.name, "check_in", f"copy:{back.barcode}", desk.now(), **_facts(db, desk, back))
            staff.forget_scans(db, retention.moments(desk.policy, desk.now())["end"])
    except UnknownThing:
        tell(_("没有条码「{barcode}」的书，什么都没有改。请再扫一次，或核对书后的号码。", barcode=barcode), "stop")
    return redirect(url_for("admin.returns"))


def _facts(db: Database, desk: Desk, back: Returned) -> dict[str, object]:
    """What the page will say about this scan."""
    copy = catalogue.copy_by_barcode(db, back.barcode)
    facts: dict[str, object] = {
        "title": back.title, "call_number": copy.call_number, "state": copy.state, "kept": copy.hold_id is not None,
        "returned": back.loan_id is not None, "late_days": 0, "who": "",
    }  # fmt: skip
    if back.loan_id is not None and back.reader_id is not None:
        late = library_day(desk.now()) - library_day(lookup.due_of(db, back.loan_id))
        reader = readers.reader(db, back.reader_id)
        facts |= {"late_days": max(0, late.days), "who": f"{reader.number} {masks.name(reader.name)}".strip()}
    return facts
