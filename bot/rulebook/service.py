"""图书馆的承诺: how soon, how long kept, when we write, when people answer, and days of grace (A1-16, B5)."""

from __future__ import annotations

from datetime import datetime

from bot import place_words
from bot.books import place_name
from bot.rulebook.section import Section
from bot.texts import Words
from lending.database import Database
from lending.ledger_rules import Amnesty
from lending.model import library_day
from lending.points import points
from lending.policy import Policy


def section(_: Words, db: Database, policy: Policy, now: datetime) -> Section:
    """What the library promises, and what a reader may count on."""
    promise, reminders, desk, review = policy.promise, policy.reminders, policy.desk, policy.review
    lines = [
        _(
            "下单后 {hours} 小时内备好；在书柜或馆里为您保留 {days} 天。",
            hours=promise.ready_hours,
            days=promise.pickup_days,
        ),
        _("赶上下班的，顺延到再上班的时候；几点前备好，下单前写明。"),
        *_longer(_, promise.extend_days),
        _not_fetched(_, policy),
        *_appointments(_, db, policy),
        _(
            "{when}提醒，{opens}–{closes} 之外不打扰。",
            when=_when(_, reminders.before_days),
            opens=f"{reminders.quiet_until:%H:%M}",
            closes=f"{reminders.quiet_from:%H:%M}",
        ),
        _(
            "人工 {days}，{hours} 小时内答复。",
            days=place_words.desk_hours(_, desk),
            hours=desk.answer_hours,
        ),
    ]
    if review.auto_up_to_books:
        lines.append(
            _(
                "{n} 本以内、信用分不低于 {balance} 的订单自动通过；其余由馆员在 {hours} 小时的办公时间内看过。",
                n=review.auto_up_to_books,
                balance=review.auto_from_balance,
                hours=review.answer_hours,
            )
        )
    else:
        lines.append(_("每张订单都由馆员在 {hours} 小时的办公时间内看过。", hours=review.answer_hours))
    lines += _late(_, policy)
    coming = [_amnesty(_, one) for one in policy.amnesties_around(library_day(now))]
    return Section("service", _("图书馆的承诺"), (*lines, *coming))


def _longer(_: Words, days: int) -> list[str]:
    """What whoever cannot come in time may ask for (D 29)."""
    if not days:
        return []
    return [
        _.n(
            "来不及取，可以多留一次，{n} 天；有别人在等的书除外。",
            "来不及取，可以多留一次，{n} 天；有别人在等的书除外。",
            days,
        )
    ]


def _not_fetched(_: Words, policy: Policy) -> str:
    """Nobody is scolded for an order not fetched; where its books go (B4)."""
    days = policy.lockers.counter_days
    if not days:
        return _("没来得及取的订单不扣分，书放回架上。")
    return _.n(
        "没来得及取的订单不扣分：书柜里的收到服务台再留 {n} 天，之后放回架上。",
        "没来得及取的订单不扣分：书柜里的收到服务台再留 {n} 天，之后放回架上。",
        days,
    )


def _late(_: Words, policy: Policy) -> list[str]:
    """What a promise that the library broke brings the reader (D-1)."""
    rule, free = policy.ledger.find("promise_broken"), policy.promise.waive_fee_when_late
    lines = [_("图书馆答应的时间晚了，给您加 {n} 分。", n=rule.delta)] if rule and rule.delta else []
    if free:
        lines.append(_("没按时备好的，送书的运费免了。"))
    if again := sorted(policy.promise.late_again_days):
        told = _.listed(_.n("{n} 天", "{n} 天", days) for days in again)
        lines.append(_("晚了还没办好的，晚到{days}时再告诉您一次现在怎样。", days=told))
    return lines


def _appointments(_: Words, db: Database, policy: Policy) -> list[str]:
    """Counters where a time to come may be booked, each with its own numbers (D 30); nothing where none does."""
    takes = [one for one in points(db, "branch") if one.takes_appointments]
    if not takes:
        return []
    rule = policy.slots
    each = [
        _("{name}每 {minutes} 分钟 {orders} 单", name=place_name(_, one), minutes=one.slot_minutes, orders=one.slot_orders)
        for one in takes
    ]
    return [
        _(
            "可以约时间来取书的服务台：{places}。最多约到 {days} 天后，在保留的日子里；来之前 {hours} 小时提醒。不约也能随时来。",
            places=_.listed(each), days=rule.days_ahead, hours=rule.remind_before_hours,
        )
    ]  # fmt: skip


def _when(_: Words, before_days: tuple[int, ...]) -> str:
    """The days of the reminders, the first first."""
    early = [_("到期前 {days} 天", days=day) for day in sorted(before_days, reverse=True) if day]
    return _.listed([*early, _("到期当天")] if 0 in before_days else early)


def _amnesty(_: Words, one: Amnesty) -> str:
    if one.since == one.until:
        return _("{name}（{day}）归还超期的书，不扣分也不收费。", name=_(one.name), day=one.since)
    return _(
        "{name}（{first} 至 {last}）归还超期的书，不扣分也不收费。", name=_(one.name), first=one.since, last=one.until
    )
