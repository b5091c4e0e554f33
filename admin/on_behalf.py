"""替读者办: what a reader does in the chat, done by a librarian for whoever has none at hand; readers hear of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import cases as case_room
from admin import staff
from admin.desk import N_, Desk
from admin.guard import tell
from admin.pages import FOUND, given
from lending import cases, catalogue, checkouts, claims, decisions, holds, loans, notices, readers, records
from lending.cart import AlreadyHere, CartFull
from lending.catalogue import Availability, Title
from lending.checkouts import NotForLoan
from lending.database import Database, writing
from lending.errors import (
    BadAddress,
    CannotChange,
    LendingError,
    LockerFull,
    NoCopyAvailable,
    NotAllowed,
    OutsideServiceArea,
    UnknownThing,
)  # fmt: skip
from lending.holds import AlreadyHeld, Hold, HoldsFull, NoNeedToHold
from lending.model import stamp
from lending.readers import Reader

DEEDS = {
    "lend": N_("借书"), "cart": N_("改借书车"), "order": N_("下单"),
    "fetch": N_("约上门取书"), "fetch_off": N_("取消上门取书"), "sign_up": N_("报名活动"), "sign_off": N_("退掉报名"),
    "hold": N_("预约"), "point": N_("预约换取书点"), "rest": N_("暂停预约"), "wake": N_("恢复预约"),
    "cancel": N_("取消预约"), "lost": N_("登记丢失"), "damaged": N_("登记破损"), "arrived": N_("登记收到时就破损"),
    "claim": N_("记下读者说已经还了"),
}  # fmt: skip
HAPPENED = {
    "claim": N_("说已经还了，名下还在"), "lost": N_("丢了"), "damaged": N_("借的时候弄破了"),
    "arrived": N_("收到时就破"),
}  # fmt: skip
NOT_FOR_LOAN = {
    "on_loan": N_("《{title}》还在别的读者名下，没有借出：先在「扫码还书」里扫一下，再借。"),
    **dict.fromkeys(("reserved", "awaiting", "in_transit"), N_(
        "《{title}》在预约或订单里留着，没有借出：是 TA 自己的订单，在那张订单里办；"
        "是别人的，请放回原处，TA 想看可以替 TA 排上。"
    )),
    "withdrawn": N_("《{title}》下架或剔除了，没有借出：要借，先在「书目」或「册」里重新上架。"),
}  # fmt: skip
LAID_ASIDE = N_("《{title}》登记为丢失或损坏，没有借出：先在「册」里点「找到了」或「修好了」，再借。")
STALE = N_("没有改：这一页打开以后有了变化，请再看一眼。")
LONGEST = 200
Deed = Callable[[Database, Reader], str]


def add_to(made: Blueprint, desk: Desk) -> None:
    """A copy lent, a title waited for, a hold changed, what happened to a book."""
    path = "/readers/<number>"
    made.add_url_rule(f"{path}/lend", "lend", partial(lend, desk), methods=["POST"])
    made.add_url_rule(f"{path}/holds", "place_hold", partial(place_hold, desk), methods=["POST"])
    one = f"{path}/holds/<int(max={2**63 - 1}):id>"
    made.add_url_rule(one, "change_hold", partial(change_hold, desk), methods=["POST"])
    made.add_url_rule(f"{path}/happened", "happened", partial(happened, desk), methods=["POST"])


def shown(desk: Desk, wanted: str) -> dict[str, Any]:
    """What on_behalf.html needs; `wanted` is what was asked for by barcode, ISBN or the beginning of a title."""
    points, found = catalogue.points(desk.db), _found(desk, wanted)
    gone = decisions.gone_by_then(desk.db, desk.policy, desk.now())
    return {
        "wanted": wanted, "titles_found": found[:FOUND], "more": FOUND if len(found) > FOUND else 0,
        "pick_up_points": [point for point in points if point.id not in gone],
        "counters": [point for point in points if point.kind == "branch"], "here": session.get("staff_point"),
        "happened": HAPPENED, "suspend_days": desk.policy.holds.suspend_days, "seen": _seen, "longest": LONGEST,
    }  # fmt: skip


def _found(desk: Desk, wanted: str) -> list[tuple[Title, Availability]]:
    try:
        ids = [catalogue.scanned(desk.db, wanted).title_id] if wanted else []
    except UnknownThing:
        ids = records.look_up(desk.db, wanted, FOUND + 1)
    stock = catalogue.availability(desk.db, ids)
    return [(title, stock[title.id]) for title in catalogue.titles(desk.db, ids).values()]


def do(desk: Desk, number: str, deed: Deed) -> AnyResponse:
    """All of it or nothing; what the rules refuse is said with what can be done instead. Raises UnknownThing."""
    who = readers.by_number(desk.db, number)
    try:
        with writing(desk.db) as db:
            said = deed(db, who)
        tell(said)
    except LendingError as error:
        tell(why_not(desk, error), "stop")
    return redirect(url_for("admin.reader", number=who.number))


def note(desk: Desk, db: Database, who: Reader, what: str, obj: str = "", **facts: Any) -> None:
    """In the log, without the book; and for the reader, who hears of a loan by itself."""
    now = desk.now()
    staff.log(db, current_user.name, "on_behalf", f"reader:{who.number}", now, what=what)
    if obj:
        notices.record(db, who.id, "on_behalf", obj, f"{what}@{stamp(now)}", now, what=what, **facts)


def why_not(desk: Desk, error: LendingError) -> str:
    _ = desk.say()
    match error:
        case NotAllowed():
            return desk.refused(_, error.decision)
        case NotForLoan():
            return _(NOT_FOR_LOAN.get(error.state, LAID_ASIDE), title=error.title)
        case AlreadyHeld():
            return _("TA 已经在排《{title}》了，现在是第 {n} 位。", title=error.title, n=error.position)
        case NoNeedToHold():
            return _(
                "《{title}》馆里就有，不用预约：来了的，扫条码借给 TA；来不了的，放进借书车，替 TA 下单。",
                title=error.title,
            )
        case CartFull():
            return _("借书车里最多放 {n} 本，已经满了：先下单，或者拿出几本。", n=error.limit)
        case AlreadyHere():
            return _("《{title}》TA 手上或订单里已经有了。", title=error.title)
        case LockerFull() if error.others:
            return _("{name}刚刚满了。还有空格的：{others}。", name=error.locker, others=_.listed(error.others))
        case LockerFull():
            return _("{name}刚刚满了，别的书柜也放不下：请换成到馆自取，或者送到家。", name=error.locker)
        case BadAddress():
            return _("请写全收件人、能打通的电话和详细地址。")
        case OutsideServiceArea():
            return _("快递不到那里：请换成书柜、到馆，或者换一个地址。")
        case NoCopyAvailable() if error.owned:
            return _("《{title}》刚刚被借走了：从借书车里拿出来再下单，这一本可以替 TA 排上。", title=error.title)
        case NoCopyAvailable():
            return _("《{title}》馆里一册也没有了，排不上：看看别的版本，或者请 TA 荐购。", title=error.title)
        case HoldsFull():
            return _("TA 的等级最多同时预约 {n} 本，已经排满了：先替 TA 取消一个。", n=error.limit)
        case UnknownThing(kind="barcode"):
            return _("没有条码「{barcode}」的书，什么都没有改。请再扫一次，或核对书后的号码。", barcode=error.name)
        case UnknownThing() | CannotChange():
            return _(STALE)
    raise error


def lend(desk: Desk, number: str) -> AnyResponse:
    """A copy over the counter, as a kiosk lends it: scanned twice it stays one loan."""
    _, barcode, point = desk.say(), request.form.get("barcode", "").strip()[:60], given("point")
    if not barcode or point not in {one.id for one in catalogue.points(desk.db, "branch")}:
        tell(_("先选网点，再扫书后的条码。"), "stop")
        return redirect(url_for("admin.reader", number=number))
    session["staff_point"] = point

    def deed(db: Database, who: Reader) -> str:
        actor = f"staff:{current_user.shown_as}"
        lent = checkouts.check_out(db, barcode, who.id, desk.policy, desk.now(), point, actor)
        said = {"title": lent.loan.title, "number": who.number, "day": _.day(lent.loan.due_at)}
        if lent.again:
            return _("《{title}》已经在 {number} 名下，{day} 到期，没有再借一次。", **said)
        note(desk, db, who, "lend")
        lines = [_("《{title}》借给 {number} 了，{day} 到期。", **said), desk.heard(who.id)]
        if lent.books > 1:
            lines.append(_("同一张订单的 {n} 本一起借出了，请都交给 TA。", n=lent.books))
        if lent.ordered:
            lines.append(_("TA 的订单 {number} 里还有一册，会问 TA 要不要拿出来。", number=lent.ordered))
        return _.together(*lines)

    return do(desk, number, deed)


def place_hold(desk: Desk, number: str) -> AnyResponse:
    """At the end of the queue."""
    _, title_id = desk.say(), given("title")

    def deed(db: Database, who: Reader) -> str:
        most = decisions.holds_limit(db, who.id, desk.policy)
        one = holds.place(db, who.id, title_id, desk.now(), most, desk.policy.minors.adult_classes)
        note(desk, db, who, "hold", f"hold:{one.id}", hold=one.id)
        said = _("替 TA 预约了《{title}》，排第 {n} 位。", title=one.title, n=one.position)
        return _.together(said, desk.heard(who.id))

    return do(desk, number, deed)


def _seen(one: Hold) -> str:
    """How a hold stands, sent back by its forms: what was pressed on another one's page does nothing."""
    return f"{one.state} {one.point_id} {one.rests_until}"


def change_hold(desk: Desk, number: str, id: int) -> AnyResponse:
    """Another pick-up point, a rest, its end, or no more."""
    what = request.form.get("what", "")

    def deed(db: Database, who: Reader) -> str:
        one = holds.hold(db, id, who.id)
        if what not in CHANGES or request.form.get("seen") != _seen(one):
            raise CannotChange("hold", str(id), one.state)
        said, facts = CHANGES[what](desk, db, who, one)
        note(desk, db, who, what, f"hold:{id}", hold=id, title=one.title_id, **facts)
        return desk.say().together(said, desk.heard(who.id))

    return do(desk, number, deed)


def _elsewhere(desk: Desk, db: Database, who: Reader, one: Hold) -> tuple[str, dict[str, Any]]:
    _, point = desk.say(), catalogue.point(db, given("point"))
    changed = holds.pick_up_at(db, who.id, one.id, point.id, desk.policy, desk.now())
    said = _("《{title}》改在{place}取。", title=one.title, place=_.called(point.name, point.name_en))
    if changed.ready_until:
        said = _.together(said, _("书保留到 {moment}。", moment=_.moment(changed.ready_until)))
    return said, {"point": point.id}


def _rest(desk: Desk, db: Database, who: Reader, one: Hold) -> tuple[str, dict[str, Any]]:
    _, until = desk.say(), holds.rest(db, who.id, one.id, given("days"), desk.policy, desk.now()).rests_until
    assert until is not None, "it rests from now on"
    return _("《{title}》的预约暂停到 {day}。", title=one.title, day=_.day(until)), {"until": stamp(until)}


def _wake(desk: Desk, db: Database, who: Reader, one: Hold) -> tuple[str, dict[str, Any]]:
    holds.wake(db, who.id, one.id, desk.policy, desk.now())
    return desk.say()("《{title}》的预约恢复了。", title=one.title), {}


def _cancel(desk: Desk, db: Database, who: Reader, one: Hold) -> tuple[str, dict[str, Any]]:
    title = holds.cancel(db, who.id, one.id, desk.policy, desk.now())
    return desk.say()("《{title}》的预约取消了。", title=title), {}


CHANGES = {"point": _elsewhere, "rest": _rest, "wake": _wake, "cancel": _cancel}


def happened(desk: Desk, number: str) -> AnyResponse:
    """Lost, damaged, or said to be back; said twice it is one case, and one search."""
    what, loan_id, words = request.form.get("what", ""), given("loan"), request.form.get("said", "").strip()[:LONGEST]

    def deed(db: Database, who: Reader) -> str:
        if what not in HAPPENED:
            raise UnknownThing("step", what[:20])
        return (_claim if what == "claim" else partial(_report, what))(desk, db, who, loan_id, words)

    return do(desk, number, deed)


def _claim(desk: Desk, db: Database, who: Reader, loan_id: int, words: str) -> str:
    _, title = desk.say(), loans.loan(db, loan_id, who.id).title
    if not claims.claim(db, who.id, loan_id, words, desk.policy, desk.now()):
        return _("《{title}》早就记下了，在「找书、取书、调书」里找，没有再记一次。", title=title)
    note(desk, db, who, "claim", f"loan:{loan_id}", loan=loan_id)
    said = _("《{title}》记下了：从现在起不算超期，去「找书、取书、调书」里找。", title=title)
    return _.together(said, desk.heard(who.id))


def _report(kind: str, desk: Desk, db: Database, who: Reader, loan_id: int, words: str) -> str:
    _, fetched = desk.say(), loans.to_be_fetched(db, loan_id)
    case, new = cases.report(db, who.id, loan_id, kind, words, desk.policy, desk.now())
    said = {"title": case.title, "kind": _(case_room.KINDS[case.kind]), "number": case.number}
    if not new:
        return _("《{title}》已经有个案 {number} 了（{kind}），没有再开一个。", **said)
    fetched = fetched and not loans.to_be_fetched(db, loan_id)
    note(desk, db, who, case.kind, f"case:{case.number}", case=case.number, fetched=fetched)
    said["moment"] = _.moment(case.promised_at)
    told = _("《{title}》开了个案 {number}（{kind}），答应 {moment} 前答复。", **said)
    return _.together(told, desk.heard(who.id), _("约好的上门取书，这一本不用去取了。") if fetched else "")
