"""信用分: what adds, what takes, what it opens, when borrowing pauses and how it comes back (A6, B3.2)."""

from __future__ import annotations

from datetime import datetime

from bot import event_words
from bot.rulebook.section import Section
from bot.texts import N_, Words
from lending import examples
from lending.database import Database
from lending.ledger_rules import Freeze, LedgerRule, ThawPath, Tier
from lending.policy import Policy

EVENTS = {  # what the points are for, counted by what
    ("borrow", "book"): N_("每借一册书"),
    ("renew", "book"): N_("每续借一册"),
    ("activity", "time"): N_("参加图书馆活动并登记，每次"),
    ("activity_signup", "time"): N_("报名图书馆活动，每次"),
    ("activity_late", "time"): N_("参加活动迟到，每次"),
    ("activity_no_show", "time"): N_("报了名没有来，每次"),
    ("volunteer", "time"): N_("参加图书馆组织的志愿者服务，每次"),
    ("volunteer", "hour"): N_("参加图书馆组织的志愿者服务，每小时"),
    ("donation", "book"): N_("每捐赠一册书"),
    ("membership_year", "year"): N_("成为读者每满一年"),
    ("prize", "time"): N_("在图书馆评比中获奖，每次"),
    ("overdue", "day"): N_("逾期还书，每天每册"),
    ("overdue", "book"): N_("逾期还书，不论几天，每册"),
    ("damaged", "book"): N_("污损书籍，每次每册"),
    ("lost", "book"): N_("丢失书籍，每次每册"),
    ("rules_broken", "time"): N_("其他违反规则的情况，每次"),
    ("hold_not_collected", "time"): N_("预约到的书没有来取，每次"),
    ("lost_card", "time"): N_("读者证遗失补办，每次"),
    ("duplicate_card", "time"): N_("重复办理读者证，每次"),
    ("promise_broken", "time"): N_("图书馆没有做到自己的承诺，每次"),
}
CAPS = {
    "item": N_("，一册累计不超过 {points} 分"),
    "day": N_("，每天不超过 {points} 分"),
    "month": N_("，每月不超过 {points} 分"),
    "year": N_("，每年最高累积 {points} 分"),
}
ALSO = {
    "replace": N_("，且需购买同款图书归还"),
    "replace_if_unreadable": N_("，情况严重无法阅读的还需购买同款图书归还"),
}
THAWS = {
    "quiz": N_("通过图书馆的问答，可以提前恢复。"),
    "volunteer": N_("志愿服务满 {n} 小时，可以提前恢复。"),
    "earn": N_("重新挣得 {n} 分，可以提前恢复。"),
}


def section(_: Words, db: Database, policy: Policy, now: datetime) -> Section:
    """The ledger rule by rule, what points open, the freeze; the examples are posted to a ledger and read off it."""
    lines = [_("每位读者的起始分是 {start} 分。", start=policy.ledger.start)]
    lines += [line(_, one) for one in policy.ledger.rules]
    lines += _redemption(_, policy)
    lines += [_tier(_, tier) for tier in policy.tiers]
    if policy.ledger.find("lost") and policy.ledger.found_again_percent:
        lines.append(_("丢了的书找到了，退回所扣分数的 {percent}%。", percent=policy.ledger.found_again_percent))
    if policy.ledger.floor is not None:
        lines.append(_("分数不会低于 {floor} 分。", floor=policy.ledger.floor))
    lines += _freeze(_, policy.freeze)
    lines.append(_("每一笔都有依据、都看得到、都可以申诉；信用分只用在图书馆，不对外提供。"))
    return Section("points", _("信用分"), tuple(lines), tuple(_examples(_, policy)))


def line(_: Words, rule: LedgerRule) -> str:
    """One line of the ledger's rules."""
    what, points = _(EVENTS[rule.event, rule.per]), abs(rule.delta)
    if rule.up_to is not None:
        said = _("{what}加 {least} 到 {most} 分", what=what, least=points, most=rule.up_to)
    elif rule.delta > 0:
        said = _("{what}加 {points} 分", what=what, points=points)
    else:
        said = _("{what}减 {points} 分", what=what, points=points)
    caps = "".join(_(CAPS[period], points=most) for period, most in rule.caps() if not _said(rule, period, most))
    if rule.delta < 0 and rule.per == "day" and not caps:
        caps = _("，没有上限")
    return said + caps + _covered(_, rule) + (_(ALSO[rule.also]) if rule.also else "") + _("。")


def basis(_: Words, event: str, version: str, policy: Policy) -> str:
    """What a line of the ledger rests on: its rule in words, where it is the rule in force, and which version."""
    rule = policy.ledger.find(event) if version == policy.version else None
    if rule is None:
        return _("规则 {version} 版", version=version)
    return _("{rule}（规则 {version} 版）", rule=line(_, rule).rstrip("。."), version=version)


def _said(rule: LedgerRule, period: str, most: int) -> bool:
    """Whether the rule says its cap already: so much for a book, and no more for that book (B3.2 梅县区)."""
    return (rule.per, period, most) == ("book", "item", abs(rule.delta))


def _covered(_: Words, rule: LedgerRule) -> str:
    """Which points count together against a cap (A6-4)."""
    if "earning" in rule.cap_covers:
        return _("（所有加分合计）")
    if not rule.cap_covers:
        return ""
    return _("（与“{others}”合计）", others=_.listed(_(event_words.EVENTS[event]) for event in rule.cap_covers))


def _redemption(_: Words, policy: Policy) -> list[str]:
    redemption = policy.ledger.redemption
    if redemption is None:
        return []
    spent = _("兑换后积分扣除。") if redemption.consume else _("兑换后积分不扣除。")
    text = _(
        "每 {points} 积分可兑换多借一册图书，上限为 {most} 册。", points=redemption.points, most=redemption.max_books
    )
    return [text + spent]


def _tier(_: Words, tier: Tier) -> str:
    """A tier with all it opens (A8-14)."""
    opens = []
    if tier.limit is not None:
        opens.append(_("一次可借 {n} 本", n=tier.limit))
    if tier.extra_days:
        opens.append(_("借期多 {n} 天", n=tier.extra_days))
    if tier.fee_percent < 100:
        opens.append(_("快递费付 {n}%", n=tier.fee_percent))
    if tier.holds is not None:
        opens.append(_("可预约 {n} 本", n=tier.holds))
    if tier.invitations:
        opens.append(_("受邀参加活动"))
    if tier.gifts:
        opens.append(_("有礼品"))
    return _(
        "{from_balance} 分起是“{name}”：{opens}。",
        from_balance=tier.from_balance,
        name=_(tier.name),
        opens=_.listed(opens),
    )


def _freeze(_: Words, freeze: Freeze) -> list[str]:
    if not freeze.days:
        return [_("不因为分数低而暂停借书。")]
    if freeze.below == 1:
        lines = [_("分数降到零时暂停借书 {days} 天；还书、申诉和咨询不受影响。", days=freeze.days)]
    elif freeze.below == 0:
        lines = [_("分数为负时暂停借书 {days} 天；还书、申诉和咨询不受影响。", days=freeze.days)]
    else:
        lines = [
            _(
                "分数低于 {below} 分时暂停借书 {days} 天；还书、申诉和咨询不受影响。",
                below=freeze.below,
                days=freeze.days,
            )
        ]
    if freeze.balance_on_thaw is None:
        lines.append(_("期满自动恢复，分数保持不变。"))
    else:
        lines.append(_("期满自动恢复，分数从 {balance} 分重新开始。", balance=freeze.balance_on_thaw))
    return lines + [_thaw(_, path) for path in freeze.thaw_by]


def _thaw(_: Words, path: ThawPath) -> str:
    return _(THAWS[path.kind], n=path.amount)


def _examples(_: Words, policy: Policy) -> list[str]:
    seen = examples.points(policy)
    lines = []
    if policy.ledger.find("borrow"):
        lines.append(_("一天借 {books} 本：加 {points} 分。", books=seen.books, points=seen.earned))
    if seen.lost:
        lines.append(
            _(
                "一本书超期 {days} 天：减 {points} 分，新读者还剩 {left} 分。",
                days=seen.late_days,
                points=-seen.lost,
                left=seen.left,
            )
        )
    if seen.pauses_after_days:
        lines.append(_("只有一本书超期的新读者，到第 {days} 天才会暂停借书。", days=seen.pauses_after_days))
    return lines
