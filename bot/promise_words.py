"""图书馆的信用 in words: what was promised, how often it was kept, what was given when it was not (A1-16)."""

from __future__ import annotations

from datetime import datetime

from bot import place_words
from bot.texts import N_, Words
from lending.kept_promises import Count
from lending.policy import Policy

KINDS = {
    "review": N_("看完订单"),
    "pack": N_("打包"),
    "ready": N_("备好书"),
    "answer": N_("馆员答复"),
    "case": N_("核定丢失和破损"),
    "appeal": N_("答复申诉"),
}


def answer_by(_: Words, promised_at: datetime, now: datetime) -> str:
    """When a librarian will have answered; once that has passed, that it was not kept."""
    if now > promised_at:
        return _("说好 {moment} 前答复您，我们没做到，对不起；馆员还没看完。", moment=_.moment(promised_at))
    return _("馆员 {moment} 前看完答复您。", moment=_.moment(promised_at))


def month_name(_: Words, month: str) -> str:
    """2026 年 11 月 · 2026-11."""
    year, number = month.split("-")
    return _("{year} 年 {month} 月", year=year, month=number)


def promised(_: Words, policy: Policy) -> list[str]:
    """What the library promises, with the numbers of its rules."""
    desk = place_words.desk_hours(_, policy.desk)
    return [
        _(
            "要馆员看的订单，{n} 小时内看完；订单 {m} 小时内打包。",
            n=policy.review.answer_hours,
            m=policy.promise.pack_hours,
        ),
        _("书在下单后 {n} 小时备好。", n=policy.promise.ready_hours),
        _(
            "转人工，{n} 小时内答复；个案和申诉，{m} 小时内答复。",
            n=policy.desk.answer_hours,
            m=policy.cases.answer_hours,
        ),
        _("备好书按钟点算，赶上下班的顺延到再上班的时候；其余按人在的时间算（{hours}）。", hours=desk),
        *_if_not(_, policy),
    ]


def _if_not(_: Words, policy: Policy) -> list[str]:
    """What a broken one gives the reader, said beforehand like the reader's own (D-1)."""
    rule, lines = policy.ledger.find("promise_broken"), []
    if rule is not None:
        lines.append(_.n("没做到，给您加 {n} 分信用分。", "没做到，给您加 {n} 分信用分。", rule.delta))
    if policy.promise.waive_fee_when_late:
        lines.append(_("书没有按时备好，这一单的送书费由图书馆出。"))
    return lines


def count_words(_: Words, one: Count) -> str:
    """One kind in one month."""
    kind = _(KINDS[one.kind])
    if not one.broken:
        return _.n("{kind}：{n} 次，全都做到", "{kind}：{n} 次，全都做到", one.kept, kind=kind)
    total = one.kept + one.broken
    return _(
        "{kind}：{total} 次里做到 {kept} 次，没做到 {broken} 次",
        kind=kind,
        total=total,
        kept=one.kept,
        broken=one.broken,
    )


def given(_: Words, month: list[Count]) -> str:
    """What broken promises gave readers in a month; '' when nothing."""
    points, waived = sum(one.points for one in month), sum(one.waived_fen for one in month)
    parts = [_.n("加了 {n} 分信用分", "加了 {n} 分信用分", points)] if points else []
    if waived:
        parts.append(_("免了 {money} 运费", money=_.money(waived)))
    return _("没做到的，给读者{what}。", what=_.listed(parts)) if parts else ""
