"""转人工: a person, from any state, without interrogation (C3)."""

from __future__ import annotations

from bot import escalations
from bot.folding import letters
from bot.talk import Talk
from bot.texts import menu, rows

BARE = 7  # letters of 我要找人工客服; whoever says more has said what it is about


def escalate(talk: Talk) -> None:
    """A number, the hours and the promised time; the reader can go on helping themselves meanwhile (C5-9)."""
    said = talk.event.text
    call(talk, said if len(letters(said)) > BARE else "")


def call(talk: Talk, about: str) -> None:
    """Open a request, or add to the one already open, and say where it stands."""
    _, desk = talk._, talk.policy.desk
    found, new = escalations.open_or_add(
        talk.db, talk.reader.id, talk.event.channel, talk.event.address, about, talk.policy, talk.now
    )
    hours = _("人工服务时间 {opens}–{closes}", opens=f"{desk.opens:%H:%M}", closes=f"{desk.closes:%H:%M}")
    ahead = escalations.ahead(talk.db, found)
    lines = [
        _("已为您转人工，编号 {number}。", number=found.number)
        if new
        else _("您的人工请求 {number} 还在处理中。", number=found.number)
    ]
    if found.state in ("open", "claimed"):
        lines.append(_("{hours}；{moment} 前答复您。", hours=hours, moment=_.moment(found.promised_at)))
        if ahead:
            lines.append(_.n("前面还有 {n} 位。", "前面还有 {n} 位。", ahead))
    lines.append(_("有什么要补充的直接写，馆员都看得到；等的时候照样可以找书、借书、续借。"))
    talk.say("\n".join(lines), rows(menu(_, "show_loans"), menu(_, "show_orders"), menu(_, "help")))
