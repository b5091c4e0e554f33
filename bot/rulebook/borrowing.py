"""借阅: how many, how long, how often renewed, and from when the days count (B5)."""

from __future__ import annotations

from datetime import datetime

from bot import late_words, special_words
from bot.books import city_name, place_name
from bot.rulebook.section import Section
from bot.texts import N_, Words, material
from lending import cities, examples, holds
from lending.database import Database
from lending.points import points
from lending.policy import Policy
from lending.rules import Pool

STARTS = {
    "order": N_("借期从下单当天算起。"),
    "shipped": N_("借期从寄出当天算起。"),
    "signed": N_("借期从快递签收算起，自取的从取到书算起。"),
    "pickup": N_("借期从取到书或快递签收算起。"),
}


def section(_: Words, db: Database, policy: Policy, now: datetime) -> Section:
    """Limits, terms, renewals, holds; the examples are today's due dates."""
    rules = policy.lending
    lines = [
        _("一次最多 {limit} 本，每本借 {days} 天。", limit=rules.limit, days=rules.loan_days),
        *_an_order(_, policy),
        _(STARTS[rules.loan_starts]),
        *renewals(_, policy),
        *_pools(_, policy),
        *_special(_, policy),
    ]
    if rules.blocked_while_overdue:
        lines.append(_("手里有超期的书时，先还再借。"))
    lines.append(late_words.beforehand(_, policy))
    lines += _waiting(_, db, policy)
    lines += _recalls(_, policy)
    lines.append(_("书可以还到任何一个馆、任何一个书柜。"))
    lines += _closed(_, policy)
    lines += _cities(_, db, policy)
    return Section("borrowing", _("借阅"), tuple(lines), tuple(_today(_, db, policy, now)))


def renewals(_: Words, policy: Policy) -> list[str]:
    """How often and for how long."""
    rules = policy.lending
    if not rules.renewals:
        return [_("不能续借。")]
    lines = [_("可续借 {times} 次，每次 {days} 天。", times=rules.renewals, days=rules.renewal_days)]
    anchor = _("续借从原到期日往后算。") if rules.renewal_anchor == "due_date" else _("续借从续借当天往后算。")
    return [*lines, anchor]


def _waiting(_: Words, db: Database, policy: Policy) -> list[str]:
    """How long a book that was waited for is kept, and where another number of days holds (E3, B4)."""
    usual = holds.keep_days(policy, "", "branch")
    lines = [_("有人预约的书不能续借；预约到的书为您保留 {days} 天。", days=usual)]
    boxed = holds.keep_days(policy, "", "locker")
    if boxed != usual:
        lines.append(_("预约到的书放在书柜里的，保留 {days} 天。", days=boxed))
    for one in points(db):
        days = holds.keep_days(policy, one.code, one.kind)
        if days != (boxed if one.kind == "locker" else usual):
            lines.append(_("预约到的书放在{name}的，保留 {days} 天。", name=place_name(_, one), days=days))
    return lines


def _closed(_: Words, policy: Policy) -> list[str]:
    """What becomes of dates on which nobody can come (B2-9)."""
    days = policy.calendar.grace_days
    told = _("到期日、保留的日子落在闭馆的那天，往后挪到开门的日子，不算超期。")
    if not days:
        return [told]
    more = _.n("临时闭馆的，重新开放以后再多给 {n} 天。", "临时闭馆的，重新开放以后再多给 {n} 天。", days)
    return [_.together(told, more)]


def _special(_: Words, policy: Policy) -> list[str]:
    """Longer loans for whom coming is hard (A10-3), and that no reason is asked."""
    brings = special_words.brings(_, policy)
    if not brings:
        return []
    return [_("老人、行动不便的读者，请馆员登记以后，{what}；不问也不记原因。", what=_.listed(brings))]


def _an_order(_: Words, policy: Policy) -> list[str]:
    """Where an order holds fewer books than a reader may have (B5 常州)."""
    rules = policy.lending
    return [_("一张订单最多 {n} 本。", n=rules.cart_size)] if rules.cart_size < rules.limit else []


def _recalls(_: Words, policy: Policy) -> list[str]:
    if not policy.returns.recalls:
        return []
    return [
        _(
            "有人在等的书，借满 {days} 天后可能请您早一点还，至少提前 {notice} 天告诉您。",
            days=policy.returns.recall_after_days,
            notice=policy.returns.recall_notice_days,
        )
    ]


def _cities(_: Words, db: Database, policy: Policy) -> list[str]:
    """Where the library is in several cities (A2-16)."""
    known = cities.named(db)
    if not known:
        return []
    named = _.listed(city_name(_, one) for one in known)
    lines = [
        _("{cities}的书都能借、都能取；先看哪个城市，由您选。", cities=named),
        _("发来位置，{km} 公里以内有我们的网点，就先看那个城市的；位置不保存。", km=policy.cities.near_km),
    ]
    if policy.cities.return_anywhere:
        return [*lines, _("还到别的城市也一样，书就留在那里。")]
    return [*lines, _("还到别的城市也收，书由我们送回它自己的城市。")]


def _pools(_: Words, policy: Policy) -> list[str]:
    """What is counted apart (A2-3), and where books made of something else have terms of their own (B5 杭州)."""
    apart = [pool for pool in policy.pools if not pool.materials]
    lines = []
    if len(apart) > 1:
        lines.append(
            _("{pools}借的书分开计数，互不占用。", pools=_.listed(_("「{pool}」", pool=_(one.name)) for one in apart))
        )
    return lines + [line for pool in policy.pools for line in _own_terms(_, pool, policy)]


def _own_terms(_: Words, pool: Pool, policy: Policy) -> list[str]:
    """What a pool has otherwise than the others, in one sentence; nothing where it has nothing."""
    own = []
    if pool.limit < policy.lending.limit:
        own.append(_("一次最多 {limit} 本", limit=pool.limit))
    if pool.loan_days:
        own.append(_("每本借 {days} 天", days=pool.loan_days))
    if pool.renewal_days:
        own.append(_("每次续借 {days} 天", days=pool.renewal_days))
    forms = _.listed(material(_, one) for one in pool.materials)
    said = {"pool": _(pool.name), "forms": forms, "own": _.listed(own)}
    if not own:
        return []
    return [_("「{pool}」（{forms}）{own}。", **said) if forms else _("「{pool}」{own}。", **said)]


def _today(_: Words, db: Database, policy: Policy, now: datetime) -> list[str]:
    dates = examples.dates(db, policy, now)
    lines = [_("今天开始借的书，{day}到期。", day=_.day(dates.due))]
    if dates.renewed:
        lines.append(_("如果今天就续借一次，{day}到期。", day=_.day(dates.renewed)))
    return lines
