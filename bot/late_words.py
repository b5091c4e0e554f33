"""What bringing a book back late costs, in a sentence: before it is borrowed, and when it is overdue (A7-16)."""

from __future__ import annotations

from datetime import date

from bot.rulebook import delivery
from bot.texts import Words
from lending.policy import Policy


def points(_: Words, policy: Policy) -> str:
    """The points a late book costs, as this library counts them; '' where it takes none."""
    rule = policy.ledger.find("overdue")
    if rule is None:
        return ""
    if rule.per == "book":
        return _("超期每本 {points} 分，不按天数。", points=rule.delta)
    return _("超期每本每天 {points} 分。", points=rule.delta)


def beforehand(_: Words, policy: Policy) -> str:
    """Points and money, before an order is confirmed."""
    return _.together(points(_, policy), delivery.late(_, policy))


def today(_: Words, policy: Policy, day: date) -> str:
    """The points, or that this is a day on which nothing is lost (B5 湖北)."""
    amnesty = policy.amnesty(day)
    if amnesty is not None:
        return _("今天是{name}，还回来不扣分，扣过的也退还。", name=_(amnesty.name))
    return points(_, policy)
