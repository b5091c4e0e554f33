"""What the rules give a reader for whom coming is hard, in words; every number from the policy (A10-3)."""

from __future__ import annotations

from bot.texts import Words
from lending.policy import Policy


def brings(_: Words, policy: Policy) -> list[str]:
    """One thing each; nothing where the library gives nothing."""
    rule, free = policy.special, policy.free_shipping
    lines = loans(_, policy)
    if rule.keep_days_more:
        lines.append(_.n("等您来取的书多留 {n} 天", "等您来取的书多留 {n} 天", rule.keep_days_more))
    if free.mode == "windows" and free.special_lots:
        lines.append(_.n("免费配送抽签多 {n} 支签", "免费配送抽签多 {n} 支签", free.special_lots))
    return lines


def loans(_: Words, policy: Policy) -> list[str]:
    """Of these what makes a loan longer."""
    rule, lines = policy.special, []
    if rule.loan_days_more:
        lines.append(_.n("每本书多借 {n} 天", "每本书多借 {n} 天", rule.loan_days_more))
    if rule.renewals_more and policy.lending.renewals:
        lines.append(_.n("可以多续 {n} 次", "可以多续 {n} 次", rule.renewals_more))
    return lines
