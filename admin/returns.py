"""Check-in: choose the point once, then scan barcode after barcode; each says what to do with the book (A2-6)."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from flask import Blueprint, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import lookup, masks, staff
from admin.desk import N_, Desk
from admin.guard import tell
from admin.pages import page
from lending import catalogue, cities, copy_states, loans, lockers, misscans, orders, readers, retention
from lending.database import Database, Row, writing
from lending.errors import UnknownThing
from lending.loans import Returned
from lending.misscans import Scan
from lending.model import OrderState, library_day
from lending.orders import Order

SHOWN = 12  # scans of this librarian still on the page
PLACES = {
    "reserved": N_("有读者预约：放到预约架"),
    "available": N_("在本馆流通：直接上架"),
    "awaiting": N_("在等读者来取：放回取书架"),
    "in_transit": N_("记着在送往读者的路上：还没送出的，交给送书的同事；读者拿来还的，先在订单里记签收，再扫一次"),
    "coming_back": N_("包裹没送到，退回来了：在「包裹」里点「书已退回馆里」，书才回架"),
    "box": N_("在等读者来取：放回{place}的格口 {box}"),
    "other_shelf": N_("在等读者来取：送到{place}的取书架"),
    "on_loan": N_("还在借出状态，请再扫一次"),
    "damaged": N_("登记为损坏：放到修补架"),
    "lost": N_("登记为丢失，请交给馆长处理"),
    "withdrawn": N_("已经剔除，不再上架"),
}


def add_to(made: Blueprint, desk: Desk) -> None:
    """The page, the point, the scan, and the scan taken back."""
    made.add_url_rule("/returns", "returns", partial(show, desk))
    made.add_url_rule("/returns/point", "choose_point", partial(choose_point, desk), methods=["POST"])
    made.add_url_rule(f"/returns/<int(max={2**63 - 1}):id>/undo", "undo_check_in", partial(take_back, desk),
                      methods=["POST"])  # fmt: skip
    made.add_url_rule("/returns", "check_in", partial(check_in, desk), methods=["POST"])


def show(desk: Desk) -> str:
    """The field, and what the last scans said."""
    points = catalogue.points(desk.db)
    chosen = next((point for point in points if point.id == session.get("staff_point")), None)
    scans = [] if chosen is None else staff.logged(desk.db, current_user.name, "check_in", SHOWN)
    undone = _undone(desk)
    scans = [row | {"until": _until(desk, row, undone), "undone": row["id"] in undone} for row in scans]
    names = {point.id: point for point in points}
    return page("returns.html", points=points, names=names, cities=desk.cities(), chosen=chosen, scans=scans,
                places=PLACES)  # fmt: skip


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
    take_in(desk, barcode, session["staff_point"])
    return redirect(url_for("admin.returns"))


def take_in(desk: Desk, barcode: str, point_id: int) -> None:
    """The book is here: taken in, and written down so that it can be taken back; or that no book has this code."""
    _ = desk.say()
    try:
        now = desk.now()
        with writing(desk.db) as db:
            back = loans.check_in(db, barcode, point_id, desk.policy, now)
            facts = _facts(db, desk, back, point_id)
            staff.log(db, current_user.name, "check_in", f"copy:{back.barcode}", now, **facts)
            staff.forget_scans(db, retention.moments(desk.policy, desk.now())["end"])
    except UnknownThing:
        tell(_("没有条码「{barcode}」的书，什么都没有改。请再扫一次，或核对书后的号码。", barcode=barcode), "stop")


def _scan(row: Row) -> Scan | None:
    """A line of the log as it may be taken back; None for one from before that was possible."""
    facts = row["facts"]
    if "before" not in facts:
        return None
    return Scan(row["object"].removeprefix("copy:"), row["at"], facts["loan"], *facts["before"])


def _undone(desk: Desk) -> set[int]:
    """Which of this librarian's last scans were taken back."""
    return {row["facts"]["scan"] for row in staff.logged(desk.db, current_user.name, "undo_check_in", SHOWN)}


def _until(desk: Desk, row: Row, undone: set[int]) -> datetime | None:
    scan = None if row["id"] in undone else _scan(row)
    return misscans.until(desk.db, scan, desk.policy, desk.now()) if scan else None


def take_back(desk: Desk, id: int) -> AnyResponse:
    """A scan of this librarian's own that was a mistake, while nobody who waits has been told (B2-20)."""
    _, found = desk.say(), staff.logged_line(desk.db, current_user.name, "check_in", id)
    scan = _scan(found) if found else None
    if scan is None or not found or id in _undone(desk):
        tell(_("这一次扫描已经撤回，或者不是您扫的。"), "stop")
        return redirect(url_for("admin.returns"))
    try:
        with writing(desk.db) as db:
            title = misscans.take_back(db, scan, desk.policy, desk.now())
            staff.log(db, current_user.name, "undo_check_in", f"copy:{scan.barcode}", desk.now(), scan=id)
        tell(_("撤回了：《{title}》和扫之前一样。", title=title))
    except misscans.ScanStands as error:
        tell(_("《{title}》撤不回来了：等它的读者已经知道，或者后来又有了变化。", title=error.title), "stop")
    return redirect(url_for("admin.returns"))


def _waits(db: Database, order: Order, point_id: int) -> dict[str, object]:
    """Where the books of an order wait for their reader: its boxes, or the pick-up shelf of another point."""
    if order.state == OrderState.IN_LOCKER:
        return {"waits": order.point_id, "box": lockers.label(db, order.id)}
    elsewhere = order.state == OrderState.AT_COUNTER and order.point_id != point_id
    return {"waits": order.point_id} if elsewhere else {}


def _undelivered(db: Database, copy_id: int) -> bool:
    """Whether the book's parcel is one that could not be handed over."""
    mine = "SELECT p.state FROM parcels p JOIN order_items i ON i.parcel_id = p.id WHERE i.copy_id = :c AND i.open = 1"
    return db.value(mine, c=copy_id) in ("refused", "returning")


def _facts(db: Database, desk: Desk, back: Returned, point_id: int) -> dict[str, object]:
    """What the page will say about this scan."""
    copy = catalogue.copy_by_barcode(db, back.barcode)
    facts: dict[str, object] = {
        "title": back.title, "call_number": copy.call_number, "state": copy.state, "kept": copy.hold_id is not None,
        "returned": back.loan_id is not None, "late_days": 0, "who": "", "loan": back.loan_id,
        "before": [back.state_before, back.point_before],
    }  # fmt: skip
    if number := copy_states.promised_to(db, copy.id):
        facts |= {"order": number} | _waits(db, orders.by_number(db, number), point_id)
        if _undelivered(db, copy.id):
            facts["state"] = "coming_back"
    if away := cities.stray(db, back.barcode, desk.policy):
        facts["home"] = away.point_id
    if back.loan_id is not None and back.reader_id is not None:
        late = library_day(desk.now()) - library_day(lookup.due_of(db, back.loan_id))
        reader = readers.reader(db, back.reader_id)
        facts |= {"late_days": max(0, late.days), "who": f"{reader.number} {masks.name(reader.name)}".strip()}
    return facts
