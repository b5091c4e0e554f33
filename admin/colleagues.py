"""The staff room, for the chief: who may sign in, a new colleague, and the log of what everyone did."""

from __future__ import annotations

import re
from functools import partial

from flask import Blueprint, abort, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import staff
from admin.desk import N_, Desk
from admin.guard import tell
from admin.pages import page
from lending.model import parse_stamp

NAME = re.compile(r"[a-z0-9_.-]{2,30}")
ROLES = {"chief": N_("馆长"), "librarian": N_("馆员")}
DEEDS = {
    "sign_in": N_("登录"), "sign_in_refused": N_("登录失败"), "sign_out": N_("退出"), "change_password": N_("改密码"),
    "rename": N_("改称呼"), "add_colleague": N_("添加同事"), "claim": N_("接手咨询"), "answer": N_("回复读者"),
    "close": N_("结束咨询"), "step": N_("推进订单"), "refuse": N_("审核不通过"), "cancel": N_("取消订单"),
    "see_address": N_("查看地址"), "check_in": N_("还书"),
    "special_days": N_("登记特别的日子"), "days_taken_back": N_("撤回特别的日子"), "point_hours": N_("改开放时间"),
    "shelf_check": N_("找读者说已还的书"), "home_return": N_("快递上门取书"), "step_appeal": N_("办理申诉"),
    "step_case": N_("推进个案"), "see_photo": N_("看读者发来的照片"), "door_claim": N_("处理没开的柜门"),
    "undo_check_in": N_("撤回扫错的还书"), "repair": N_("修补架"), "missing_copy": N_("记缺书"),
    "set_standing": N_("调整信用身份"), "conduct": N_("记一笔信用"), "link_card": N_("连上读者的卡"),
    "settle_card": N_("核对读者的卡"), "card_code": N_("电话里报核对码"),
    "send_again": N_("再发一次"),
    "set_guardian": N_("登记监护人"), "not_a_minor": N_("改为成年读者"), "end_mandate": N_("结束授权"),
    "mend_record": N_("补全书目"), "pick": N_("推荐书"), "unpick": N_("不再推荐书"),
    "print_labels": N_("打印标签"), "give_parcel": N_("填运单号"), "say_parcel": N_("记包裹情况"),
    "see_phones": N_("查看要打的电话"), "called": N_("打过电话"), "print_letters": N_("打印催还信"),
    "see_route": N_("查看送书路线"), "set_out": N_("送书出发"), "round_stop": N_("送书一站"),
    "empty_box": N_("清空格口"), "put_right": N_("处理书柜报告"),
    "special_reader": N_("抽签多给几支签"), "move_wish": N_("推进荐购"), "store_shop_list": N_("记书店书单"),
    "decide_purchase": N_("答复新书采购"), "send_purchase": N_("新书寄出入藏"),
}  # fmt: skip


def add_to(made: Blueprint, desk: Desk) -> None:
    """List, add, log."""
    made.add_url_rule("/colleagues", "colleagues", partial(show, desk))
    made.add_url_rule("/colleagues", "add_colleague", partial(add, desk), methods=["POST"])


def _chief_only() -> None:
    if current_user.role != "chief":
        abort(403)


def show(desk: Desk) -> str:
    """Everyone, and the last hundred deeds."""
    _chief_only()
    everyone = [row | {"since": parse_stamp(row["created_at"])} for row in staff.everyone(desk.db)]
    return page("colleagues.html", everyone=everyone, deeds=DEEDS, roles=ROLES, log=staff.logged(desk.db))


def add(desk: Desk) -> AnyResponse:
    """A colleague with a first password, shown this once."""
    _chief_only()
    _, form = desk.say(), request.form
    name, shown_as = form.get("name", "").strip().lower(), form.get("shown_as", "").strip()[:20]
    if not NAME.fullmatch(name) or not shown_as or form.get("role") not in ROLES:
        tell(_("账号用 2–30 个小写字母或数字；称呼不能空着。"), "stop")
        return redirect(url_for("admin.colleagues"))
    password = staff.add(desk.db, current_user.name, name, shown_as, form["role"], desk.now())
    if password:
        tell(_("已添加 {name}，初始密码 {password}（只显示这一次）。", name=name, password=password))
    else:
        tell(_("这个账号或称呼已经有人用了，请换一个。"), "stop")
    return redirect(url_for("admin.colleagues"))
