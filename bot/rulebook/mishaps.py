"""丢失与破损: who looks, what a book costs, and what comes back when it is found (A2-12, A6-7, A6-8)."""

from __future__ import annotations

from datetime import datetime

from bot.rulebook.section import Section
from bot.texts import Words
from lending.database import Database
from lending.policy import Policy


def section(_: Words, db: Database, policy: Policy, now: datetime) -> Section:
    """Said beforehand, so that nobody learns it from a bill (A7-16)."""
    rules = policy.cases
    lines = [
        _("书丢了或坏了，说一声就好，馆员在 {hours} 小时的办公时间内看过。", hours=rules.answer_hours),
        _("要赔的，买同样的书还来，或者按书价的 {percent}% 赔，由您选。", percent=rules.price_percent),
        _("{days} 天内找到了，退回所付的 {percent}%。", days=rules.refund_days, percent=rules.refund_percent),
        _("收到的书本来就有破损，{days} 天内告诉我们，不算您的。", days=rules.arrival_days),
    ]
    return Section("mishaps", _("丢失与破损"), tuple(lines))
