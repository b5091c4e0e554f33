"""The staff room, for the chief: who may sign in, a new colleague, and the log of what everyone did."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import appeals, calendar, cases, copies, on_behalf, orders, parcels, readers, records, reviews, staff, wishes
from admin.desk import N_, Desk
from admin.guard import tell
from admin.pages import again, page
from lending import catalogue, readiness
from lending.database import Row
from lending.model import parse_stamp

NAME = re.compile(r"[a-z0-9_.-]{2,30}")
CARDS = {
    "linked": N_("连上了"), "declined": N_("核对不上"), "taken": N_("已经连着另一位读者"),
    "withdrawn": N_("已经连着这位读者"),
}  # fmt: skip
REFUSED, SHOWN_REFUSED = "sign_in_refused", 20
ROLES = {"chief": N_("馆长"), "librarian": N_("馆员")}
DEEDS = {
    "sign_in": N_("登录"), "sign_in_refused": N_("登录失败"), "sign_out": N_("退出"), "change_password": N_("改密码"),
    "rename": N_("改称呼"), "add_colleague": N_("添加同事"), "new_password": N_("给同事新密码"),
    "claim": N_("接手咨询"), "answer": N_("回复读者"),
    "close": N_("结束咨询"), "step": N_("推进订单"), "refuse": N_("审核不通过"), "cancel": N_("取消订单"),
    "move_order": N_("订单换取书点"),
    "clear_order": N_("取消的订单，书放回去"), "put_back": N_("书放回去"),
    "see_address": N_("查看地址"), "check_in": N_("还书"),
    "special_days": N_("登记特别的日子"), "days_taken_back": N_("撤回特别的日子"), "point_hours": N_("改开放时间"),
    "bus_stops": N_("改大篷车停靠表"), "point_slots": N_("改取书约时间"), "point_city": N_("改网点的城市"),
    "book_appointment": N_("约取书的时间"),
    "shelf_check": N_("找读者说已还的书"), "home_return": N_("快递上门取书"), "step_appeal": N_("办理申诉"),
    "step_case": N_("推进个案"), "settle_fee": N_("退运费"),
    "see_photo": N_("看读者发来的照片"), "door_claim": N_("处理没开的柜门"),
    "undo_check_in": N_("撤回扫错的还书"), "repair": N_("修补架"), "missing_copy": N_("记缺书"),
    "renew": N_("替读者续借"), "on_behalf": N_("替读者办"), "join": N_("登记新读者"),
    "set_standing": N_("调整信用身份"), "conduct": N_("记一笔信用"), "link_card": N_("连上读者的卡"),
    "settle_card": N_("核对读者的卡"), "card_code": N_("电话里报核对码"),
    "send_again": N_("再发一次"),
    "set_guardian": N_("登记监护人"), "not_a_minor": N_("改为成年读者"), "end_mandate": N_("结束授权"),
    "link_code": N_("给连接码"),
    "mend_record": N_("补全书目"), "set_audience": N_("定给谁看"),
    "withdraw_record": N_("书目下架、上架"), "pick": N_("推荐书"), "unpick": N_("不再推荐书"),
    "print_labels": N_("打印标签"), "give_parcel": N_("填运单号"), "say_parcel": N_("记包裹情况"),
    "see_phones": N_("查看要打的电话"), "called": N_("打过电话"), "print_letters": N_("打印催还信"),
    "see_route": N_("查看送书路线"), "set_out": N_("送书出发"), "round_stop": N_("送书一站"),
    "no_round": N_("送书没有出车"),
    "drive": N_("记谁开送书班次"),
    "empty_box": N_("清空格口"), "put_right": N_("处理书柜报告"),
    "judge_review": N_("看过书评"), "put_up": N_("贴出公告"), "take_down": N_("撤下公告"), "keep_order": N_("多留几天"),
    "special_reader": N_("登记来馆不方便的读者"), "move_wish": N_("推进荐购"), "store_shop_list": N_("记书店书单"),
    "make_event": N_("办一个活动"), "change_event": N_("改活动"), "cancel_event": N_("取消活动"),
    "tick_event": N_("活动签到"),
    "step_copy": N_("办一册书"), "place_copy": N_("换馆藏地"), "settle_search": N_("去架上找书"),
    "begin_take": N_("开始清点"), "end_take": N_("结束清点"), "call_off_take": N_("不清点了"),
    "decide_purchase": N_("答复新书采购"), "send_purchase": N_("新书寄出入藏"), "lose_purchase": N_("书店的包裹丢了"),
}  # fmt: skip
OBJECTS = {  # what a deed was done to: "order:SX261120-0001"
    "staff": N_("账号"), "order": N_("订单"), "reader": N_("读者"), "case": N_("个案"), "appeal": N_("申诉"),
    "escalation": N_("咨询"), "copy": N_("条码"), "title": N_("书目"), "special_days": N_("特别的日子"),
    "point": N_("网点"), "proof": N_("读者证"), "purchase": N_("书店新书"), "parcel": N_("包裹"), "box": N_("格口"),
    "door": N_("柜门"), "report": N_("书柜报告"), "message": N_("消息"), "check": N_("要找的书"),
    "transfer": N_("转借"), "fetch": N_("上门取书"), "home_return": N_("上门取书"), "wish": N_("荐购"),
    "review": N_("书评"), "announcement": N_("公告"), "event": N_("活动"),
    "shop": N_("书店"), "stock_take": N_("清点"), "unfound": N_("架上没有的书"),
    "copies": N_("册"), "labels": N_("标签"), "phones": N_("手机"), "day": N_("哪一天"),
}  # fmt: skip
PAGES = {  # where more is to be read of it: the room and what it calls the name
    "order": ("order", "number"), "reader": ("reader", "number"), "case": ("case", "number"),
    "appeal": ("appeal", "number"), "escalation": ("escalation", "number"), "title": ("record", "id"),
    "event": ("event", "id"), "stock_take": ("stock_take", "id"),
}  # fmt: skip
FACTS = {
    **records.FIELDS, **calendar.DAYS,
    "step": N_("做了什么"), "state": N_("状态"), "note": N_("说明"), "reason": N_("原因"), "role": N_("角色"),
    "address": N_("来自"), "shown_as": N_("称呼"), "first": N_("从哪天"), "last": N_("到哪天"),
    "moved": N_("顺延的日期"), "tail": N_("尾号"), "event": N_("事由"), "points": N_("分数"), "characters": N_("字数"),
    "guardian": N_("监护人"),
    "seen": N_("看过的证件"), "why": N_("为什么"), "company": N_("快递公司"), "number": N_("运单号"),
    "books": N_("书"), "before": N_("原来"), "after": N_("现在"), "what": N_("情况"), "parcels": N_("包裹"),
    "call_number": N_("索书号"), "who": N_("读者"), "late_days": N_("超期天数"), "mended": N_("结果"),
    "found": N_("结果"), "on": N_("登记了"), "stops": N_("停靠表"), "hours": N_("只开"), "branch_type": N_("谁办的"),
    "slot_minutes": N_("每段几分钟"), "slot_orders": N_("每段几单"), "missing": N_("缺失"),
    "money": N_("金额"), "city": N_("城市"), "city_en": N_("城市的英文名"),
    "name": N_("名字"), "starts": N_("什么时候"), "round": N_("哪一趟"), "point": N_("取书点"),
}  # fmt: skip
CODES: dict[str, dict[str, dict[Any, str]]] = {  # what a deed writes down in codes, fact by fact
    "step": {"step": orders.STEPS | dict.fromkeys(readiness.UNDO, N_("还没放好，撤回"))
             | {"unpack": N_("退回备书"), "ship": N_("交给快递或送书班次")}},
    "on_behalf": {"what": on_behalf.DEEDS}, "missing_copy": {"why": orders.MISSING},
    "add_colleague": {"role": ROLES},
    "settle_fee": {"state": cases.FEES},
    "step_case": {"step": cases.DONE}, "step_appeal": {"step": appeals.DONE}, "move_wish": {"step": wishes.STEPS},
    "judge_review": {"step": reviews.STEPS},
    "door_claim": {"step": {"mended": N_("门能开了，重新算取书的日子"), "moved": N_("书拿到服务台了")}},
    "set_standing": {"before": readers.STANDINGS, "after": readers.STANDINGS}, "conduct": {"event": appeals.EVENTS},
    "settle_card": {"state": CARDS}, "link_card": {"state": CARDS}, "say_parcel": {"state": parcels.STATES},
    "tick_event": {"what": {"came": N_("来了"), "late": N_("迟到"), "absent": N_("没有来")}},
    "drive": {
        "what": {"take": N_("接下"), "finish": N_("开完了"), "release": N_("不开了"), "undo": N_("记错了，收回")},
    },
    "round_stop": {"what": {"signed": N_("送到了"), "absent": N_("没遇到人")}},
    "decide_purchase": {"state": {"approved": N_("同意买"), "refused": N_("不买")}},
    "send_purchase": {"state": {"sent": N_("书店寄出了")}},
    "repair": {"mended": {True: N_("修好了，上架"), False: N_("已剔除")}},
    "step_copy": {"step": copies.DONE},
    "settle_search": {"found": {True: N_("在架上"), False: N_("没找到")}},
    "shelf_check": {"found": {True: N_("找到了"), False: N_("都找过了，没找到")}},
    "set_audience": {"before": records.AUDIENCES, "after": records.AUDIENCES},
    "withdraw_record": {"step": records.STEPS},
    "point_hours": {"branch_type": calendar.TYPES},
    "special_reader": {"on": {True: N_("是"), False: N_("不再登记")}},
}  # fmt: skip
UNTOLD = {  # what the page itself works with, or the deed says already
    "check_in": ("before", "loan", "state", "kept", "returned", "order", "waits", "box"),
    "undo_check_in": ("scan",), "see_photo": ("photo",),
    "end_mandate": ("mandate",), "refuse": ("step",), "cancel": ("step",),
}  # fmt: skip


def add_to(made: Blueprint, desk: Desk) -> None:
    """List, add, a new password, log."""
    made.add_url_rule("/colleagues", "colleagues", partial(show, desk))
    made.add_url_rule("/colleagues", "add_colleague", partial(add, desk), methods=["POST"])
    made.add_url_rule("/colleagues/<name>/password", "new_password", partial(renew, desk), methods=["POST"])


def _chief_only() -> None:
    if current_user.role != "chief":
        abort(403)


def show(desk: Desk) -> str:
    """Everyone, the last hundred deeds, and apart from them who was not let in: strangers could fill the hundred."""
    _chief_only()
    everyone = [row | {"since": parse_stamp(row["created_at"])} for row in staff.everyone(desk.db)]
    _ = desk.say()
    names = {str(one.id): _.called(one.name, one.name_en) for one in catalogue.points(desk.db)}
    done = staff.logged(desk.db, without=REFUSED)
    refused = staff.logged(desk.db, action=REFUSED, limit=SHOWN_REFUSED)
    return page(
        "colleagues.html", everyone=everyone, deeds=DEEDS, objects=OBJECTS, roles=ROLES,
        log=[_line(desk, row, names) for row in done], refused=[_line(desk, row, names) for row in refused],
    )  # fmt: skip


def _line(desk: Desk, row: Row, points: dict[str, str]) -> Row:
    """A deed with its details in words, and what it was done to."""
    return row | {"said": told(desk, row), "about": _about(row, points)}


def _about(row: Row, points: dict[str, str]) -> tuple[str, str, str]:
    """What sort of thing the deed was done to, its name, and the page where more of it can be read ("" for none)."""
    kind, _, name = row["object"].partition(":")
    room, argument = PAGES.get(kind, ("", ""))
    link = url_for(f"admin.{room}", **{argument: name}) if room and name else ""
    return kind, points.get(name, name) if kind == "point" else name, link


def told(desk: Desk, row: Row) -> list[tuple[str, str]]:
    """What is written down beside a deed, in words: what it is, and what it was."""
    _, codes = desk.say(), CODES.get(row["action"], {})
    if row["action"] in ("step", "refuse", "cancel"):
        codes = codes | {"state": dict(desk.order_states)}
    shown = [(name, value) for name, value in row["facts"].items() if name not in UNTOLD.get(row["action"], ())]
    return [
        (_(FACTS.get(name, name)), _(codes[name][value]) if value in codes.get(name, ()) else str(value))
        for name, value in shown
        if value not in ("", 0, None) or value in codes.get(name, ())
    ]


def add(desk: Desk) -> AnyResponse | tuple[str, int]:
    """A colleague with a first password, shown this once."""
    _chief_only()
    _, form = desk.say(), request.form
    name, shown_as = form.get("name", "").strip().lower(), form.get("shown_as", "").strip()[:20]
    if not NAME.fullmatch(name) or not shown_as or form.get("role") not in ROLES:
        tell(_("账号用 2–30 个小写字母或数字；称呼不能空着。"), "stop")
        return again("colleagues")
    password = staff.add(desk.db, current_user.name, name, shown_as, form["role"], desk.now())
    if not password:
        tell(_("这个账号或称呼已经有人用了，请换一个。"), "stop")
        return again("colleagues")
    tell(_("已添加 {name}，初始密码 {password}（只显示这一次）。", name=name, password=password))
    return redirect(url_for("admin.colleagues"))


def renew(desk: Desk, name: str) -> AnyResponse:
    """A new first password for a colleague who forgot theirs; for one who has left, it is told to nobody."""
    _chief_only()
    _, password = desk.say(), staff.new_password(desk.db, current_user.name, name, desk.now())
    if password:
        tell(_("{name} 的新密码 {password}（只显示这一次）。原来的密码和登录都失效了。", name=name, password=password))
    else:
        tell(_("没有这位同事；自己的密码在「我的账号」里换。"), "stop")
    return redirect(url_for("admin.colleagues"))
