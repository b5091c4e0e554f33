"""家人代办: what may be given to whom and for how long, and what a child needs before it borrows (D-12)."""

from __future__ import annotations

from datetime import datetime

from bot.family_words import MEANS
from bot.rulebook.section import Section
from bot.texts import Words
from lending.database import Database
from lending.policy import Policy
from lending.scopes import OFFERED


def section(_: Words, db: Database, policy: Policy, now: datetime) -> Section:
    """How a mandate begins and ends, what each scope shows, and the rules for children."""
    codes, family = policy.codes, policy.family
    lines = [
        _("家人可以替您办事，不用密码和卡号；给什么由您一样一样选，随时取消，马上生效。"),
        *(_(MEANS[scope]) for scope in OFFERED),
        _(
            "授权码 {minutes} 分钟内有效，一天最多输错 {tries} 次；双方都同意才生效。",
            minutes=codes.minutes, tries=codes.tries_a_day,
        ),
        _("一次授权最长 {days} 天，最多给 {n} 位。家人替您做的每一件事，您都会知道。", days=family.mandate_days, n=family.most),
        *_children(_, policy),
    ]  # fmt: skip
    return Section("family", _("家人和孩子"), tuple(lines))


def _children(_: Words, policy: Policy) -> list[str]:
    rules = policy.minors
    most = min(rules.limit, policy.lending.limit)
    return [
        _("未满 {age} 岁借书，要家长同意一次，一次最多 {limit} 本；不查任何信用分。", age=rules.of_age, limit=most),
        _("家长收回同意，就不再借新书，借着的照常；满 {age} 岁，家长的权限自动结束。", age=rules.of_age),
        _("标了「只借给成年读者」的书，未满 {age} 岁不能借；家长可以用自己的账户借。", age=rules.of_age),
        *([_("这几类也只借给成年读者：{classes}。", classes=_.listed(rules.adult_classes))] if rules.adult_classes else []),
    ]
