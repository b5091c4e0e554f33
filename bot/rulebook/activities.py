"""活动: how many come on one sign-up, until when seats are given back freely, when one checks in (F-8, A6-3)."""

from __future__ import annotations

from datetime import datetime

from bot.rulebook.section import Section
from bot.texts import Words
from lending.database import Database
from lending.policy import Policy


def section(_: Words, db: Database, policy: Policy, now: datetime) -> Section:
    """What a reader may count on; the points stand with the other points."""
    rules = policy.events
    lines = [
        _("活动在聊天里报名，一次最多 {n} 位；满了可以排队，有人让出位子就按先后补上，马上告诉您。", n=rules.most_people),
        _("开始前 {n} 小时提醒；改期、取消会告诉每一位报名和排队的读者。", n=rules.remind_hours),
        _("开始前 {n} 分钟起签到，到结束为止：扫门口的二维码、发签到码，或者请馆员记。", n=rules.check_in_minutes),
    ]
    if policy.ledger.find("activity_late") or not rules.late_earns:
        lines.append(_("开始 {n} 分钟以后签到的算迟到。", n=rules.late_minutes))
    if policy.ledger.find("activity_no_show"):
        lines.append(
            _(
                "开始 {n} 小时以前取消，什么也不算；再晚取消、又没有人补上的，和没有来一样。活动取消了，谁都不扣分。",
                n=rules.free_hours,
            )
        )
    return Section("activities", _("活动"), tuple(lines))
