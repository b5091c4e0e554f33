"""家人: who may act for a reader and what they did; a child and its guardian registered in person, or ended (D-12)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import staff
from admin.desk import N_, Desk
from admin.guard import tell
from admin.pages import again
from lending import credit, deeds, mandates, minors, readers
from lending.database import Database, writing
from lending.errors import UnknownThing
from lending.mandates import CannotMandate, Mandate
from lending.model import library_day
from lending.readers import Reader

MONTH = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")
SCOPES = {
    "collect": N_("代取"), "return": N_("代还代续"), "borrow": N_("代借"), "see": N_("查看借阅"),
    "address": N_("送到家"), "care": N_("资料和信用"),
}  # fmt: skip
CONSENTS = {"borrow": N_("孩子借书"), "more": N_("借书以外")}
DEEDS = {
    "renewed": N_("续借"), "claimed": N_("说已经还了"), "fetching": N_("请快递来取"), "unfetched": N_("取消上门取书"),
    "ordered": N_("下订单"), "cancelled": N_("取消订单"), "received": N_("取到书"), "held": N_("预约"),
    "lost": N_("登记丢失"), "found": N_("说找到了"), "changed_hold": N_("改预约"), "moved": N_("改联系方式"),
    "appealed": N_("申诉"),
    "reported": N_("报丢失或破损"), "settling": N_("选怎么赔"), "erased": N_("删除资料"),
    "kept_longer": N_("请多留几天"), "comes": N_("约取书时间"), "comes_not": N_("退掉约的取书时间"),
    "arrived": N_("到服务台取书"), "elsewhere": N_("换取书的地方"), "taken_out": N_("从订单里拿出一本"),
    "not_here": N_("说包裹没有收到"), "signed_up": N_("报名活动"), "left_event": N_("取消活动报名"),
    "let_go": N_("取消预约"), "see_ready": N_("看等取的订单"), "see_loans": N_("看借阅"), "see_orders": N_("看订单"),
    "see_holds": N_("看预约"), "see_record": N_("看信用记录"),
}  # fmt: skip
REFUSED = {
    "guardian": N_("这个孩子已经有监护人了，先结束原来的。"), "child": N_("监护人要成年，孩子要未成年，请核对。"),
    "own": N_("不能做自己的监护人。"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """One mandate as the reader's page says it: from whom, to whom."""

    mandate: Mandate
    giver: Reader
    taker: Reader


def add_to(made: Blueprint, desk: Desk) -> None:
    """Register a child, add one, correct, bring a first chat, end."""
    for rule, name, view in (
        ("guardian", "set_guardian", set_guardian), ("child", "add_child", add_child),
        ("grown", "not_a_minor", not_a_minor), ("link", "link_code", make_link_code),
        (f"mandates/<int(max={2**63 - 1}):mandate_id>/end", "end_mandate", end_mandate),
    ):  # fmt: skip
        made.add_url_rule(f"/readers/<number>/{rule}", name, partial(view, desk), methods=["POST"])


def of_reader(desk: Desk, who: Reader) -> dict[str, Any]:
    """Everything about a reader's family that their page shows."""
    now = desk.now()
    found = [one for one in mandates.of_reader(desk.db, who.id, now) if one.proxy_id]
    shown = [_shown(desk, one) for one in found]
    done = [(one, readers.reader(desk.db, one.actor_id)) for one in deeds.of_reader(desk.db, who.id, 10)]
    return {
        "family": shown, "minor_until": minors.minor_until(desk.db, who.id),
        "deeds": done, "children_of": mandates.children_of(desk.db, who.id, now),
        "consent_labels": [desk.say()(CONSENTS[what]) for what in minors.given(desk.db, who.id)], "scope_names": SCOPES,
        "deed_names": DEEDS, "no_chat": not desk.has_chat(desk.db, who.id),
    }  # fmt: skip


def _shown(desk: Desk, one: Mandate) -> Shown:
    giver, taker = (readers.reader(desk.db, id or 0) for id in (one.grantor_id, one.proxy_id))
    return Shown(one, giver, taker)


def set_guardian(desk: Desk, number: str) -> AnyResponse | tuple[str, int]:
    """This reader is a child, and that one their guardian: both stood at the desk."""
    who = readers.by_number(desk.db, number)
    until, seen = _grown_on(desk), request.form.get("seen", "").strip()[:60]
    try:
        guardian = readers.by_number(desk.db, request.form.get("guardian", ""))
    except UnknownThing:
        guardian = None
    if until is None or not seen or guardian is None:
        return _back(number, desk.say()("请填孩子的出生年月、监护人的读者号，写明看过什么证件。"))
    try:
        with writing(desk.db) as db:
            return _register(db, desk, who.id, guardian.id, until, seen, number)
    except CannotMandate as error:
        return _back(number, desk.say()(REFUSED[error.reason]))


def add_child(desk: Desk, number: str) -> AnyResponse | tuple[str, int]:
    """A record for a child of this reader's who has none: with its guardian, or none at all."""
    who, until = readers.by_number(desk.db, number), _grown_on(desk)
    seen, name = request.form.get("seen", "").strip()[:60], request.form.get("name", "").strip()[:20]
    if until is None or not seen or not name:
        return _back(number, desk.say()("请填孩子的称呼和出生年月，写明看过什么证件。"))
    try:
        with writing(desk.db) as db:
            mine = (readers.reader(db, one) for one in mandates.children_of(db, who.id, desk.now()))
            if known := next((one for one in mine if one.known_as == name), None):
                tell(desk.say()("「{name}」已经登记过了，就是这一位，没有再登记。", name=name))
                return redirect(url_for("admin.reader", number=known.number))
            child = readers.join(db, who.language, desk.now(), name, called=name)
            credit.open_ledger(db, child.id, desk.policy, desk.now())
            return _register(db, desk, child.id, who.id, until, seen, child.number)
    except CannotMandate as error:
        return _back(number, desk.say()(REFUSED[error.reason]))


def _register(
    db: Database, desk: Desk, child: int, guardian: int, until: date, seen: str, number: str
) -> AnyResponse:  # fmt: skip
    now = desk.now()
    mandates.note_minor(db, child, until, f"staff:{current_user.name}", now)
    if mandates.guardian_of(db, child, now) != guardian:  # the same one again: only the date is put right
        mandates.appoint(db, child, guardian, now)
    staff.log(db, current_user.name, "set_guardian", f"reader:{number}", now, guardian=guardian, seen=seen)
    tell(desk.say()("登记好了。已经请监护人在自己的聊天里同意。"))
    return redirect(url_for("admin.reader", number=number))


def not_a_minor(desk: Desk, number: str) -> AnyResponse | tuple[str, int]:
    """Noted by mistake: what a child's record holds goes, and the guardian's power with it."""
    who, reason = readers.by_number(desk.db, number), request.form.get("reason", "").strip()[:300]
    if not reason:
        return _back(number, desk.say()("请写一句理由。"))
    with writing(desk.db) as db:
        for one in mandates.of_reader(db, who.id, desk.now()):
            if one.kind == "guardian" and one.grantor_id == who.id and one.state == "active":
                mandates.end(db, one.id, desk.now())
        minors.forget(db, who.id)
        staff.log(db, current_user.name, "not_a_minor", f"reader:{who.number}", desk.now(), reason=reason)
    tell(desk.say()("改好了：{number} 是成年读者。", number=number))
    return redirect(url_for("admin.reader", number=number))


def make_link_code(desk: Desk, number: str) -> AnyResponse | tuple[str, int]:
    """What brings the first chat of a reader who has none, a child grown up without one: typed there, it is theirs."""
    _, who, now = desk.say(), readers.by_number(desk.db, number), desk.now()
    with writing(desk.db) as db:
        if desk.has_chat(db, who.id):
            return _back(number, _("这位读者已经有自己的聊天了，要再连一个，请 TA 自己在那里要连接码。"))
        code, until = desk.link_code(db, who.id, desk.card_key, desk.policy, now)
        staff.log(db, current_user.name, "link_code", f"reader:{who.number}", now)
    tell(_("连接码 {code}，{time} 前有效，只能用一次。请 TA 在自己的聊天里发给我们。", code=code, time=_.time(until)))
    return redirect(url_for("admin.reader", number=number))


def end_mandate(desk: Desk, number: str, mandate_id: int) -> AnyResponse | tuple[str, int]:
    """On somebody's word at the desk; both are told, and it holds from this moment."""
    _, who, now = desk.say(), readers.by_number(desk.db, number), desk.now()
    try:
        with writing(desk.db) as db:
            standing = mandates.mandate(db, mandate_id)
            if who.id not in (standing.grantor_id, standing.proxy_id):
                raise UnknownThing("mandate", str(mandate_id))
            mandates.end(db, mandate_id, now)
            staff.log(db, current_user.name, "end_mandate", f"reader:{who.number}", now, mandate=mandate_id)
    except UnknownThing:
        return _back(number, _("这个授权已经结束了。"))
    tell(_("结束了，两边都会收到通知。"))
    return redirect(url_for("admin.reader", number=number))


def _back(number: str, said: str) -> tuple[str, int]:
    tell(said, "stop")
    return again("reader", number=number)


def _grown_on(desk: Desk) -> date | None:
    """From the month of birth, which is not kept; None for a wrong one or somebody grown up."""
    found = MONTH.fullmatch(request.form.get("born", ""))
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        until = minors.comes_of_age(year or 0, month or 0, day, desk.policy)
    except ValueError:
        return None
    return until if library_day(desk.now()) < until else None
