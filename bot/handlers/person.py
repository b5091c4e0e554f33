"""转人工: a person, from any state, without interrogation (C3)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot import escalations, place_words, promise_words
from bot.escalations import Escalation
from bot.events import Button
from bot.folding import fold, letters
from bot.talk import Talk
from bot.texts import menu, rows
from lending import home_returns

SORROWS = re.compile("住院|医院|手术|[生得]病|病了|受伤|摔|骨折|去世|过世|走了|丧事|出事")
TROUBLES = re.compile(f"{SORROWS.pattern}|外地|国外|出差|回不来|回不去|通融|宽限|别扣|不扣|不在身边|不在手边|没法还|困难|谅解|因故")
MOST = 500  # characters of a question that is handed on
MINE = re.compile(
    "(?:看看|看一?下|查看?|查一?下)?我的?(?:上次|之前)?(?:提|问)?的?(?:转?人工|客服|馆员)的?(?:请求|求助|工单|问题)(?:呢|在哪里?|有哪些|(?:办|处理)得?怎么样了|怎么样了|到哪一?步了|有答复了?吗|有结果了?吗|进度)?|"
    "(?:show )?my (?:open )?(?:(?:help|support|librarian) requests?|requests? for (?:a person|a librarian|help)|(?:support )?tickets?)"
)
URGENT = re.compile("急|快|催|赶时间|马上|立刻|urgent|hurry|asap|as soon as|quick")
BARE = 7  # letters of 我要找人工客服; whoever says more has said what it is about


def escalate(talk: Talk) -> None:
    """A number, the hours and the promised time; the reader can go on helping themselves meanwhile (C5-9)."""
    said = talk.event.text
    if talk.intent.likened and in_trouble(said):
        return stand_by(talk)
    asked = talk.memory.pop("unanswered", "")
    if escalations.open_of(talk.db, talk.reader.id):
        asked = ""  # they have read it already
        if URGENT.search(fold(said)):
            return call(talk, "" if talk.intent.likened else said, talk._("知道您着急，这句话已经写给馆员看了。"))
    call(talk, said if len(letters(said)) > BARE else asked)


def in_trouble(said: str) -> bool:
    """Whether words tell of what keeps a reader from bringing books back in time."""
    return bool(TROUBLES.search(fold(said)))


def stand_by(talk: Talk) -> None:
    """Somebody cannot come: no rule is read out to them, a librarian is told, and the courier can fetch the books."""
    _, buttons = talk._, []
    held = home_returns.fetchable(talk.db, talk.reader.id)
    sad = SORROWS.search(fold(talk.event.text))
    words = [_("很抱歉听到这些，先顾好自己和家里人。") if sad else _("别着急。"), _("书的事我请馆员来想办法。")]
    if held:
        words.append(_("来不了也不要紧，快递可以上门取书。"))
        buttons = [Button(_("快递上门取"), "fetch")]
    if any(loan.days_left(talk.now) >= 0 for loan in held):
        buttons.append(menu(_, "renew"))
    call(talk, talk.event.text, _.together(*words), buttons)


def call(talk: Talk, about: str, before: str = "", ways: Sequence[Button] = (), asks: str = "") -> None:
    """Open a request, or add to the one already open, and say where it stands."""
    found, new = escalations.open_or_add(
        talk.db, talk.reader.id, talk.event.channel, talk.event.address, about, talk.policy, talk.now, asks
    )
    _say_where_it_stands(talk, found, new, before, ways)


def asked_mine(text: str) -> bool:
    """Whether words ask what has become of one's request for a person."""
    return bool(MINE.fullmatch(fold(text).strip("?？。！! ")))


def show_mine(talk: Talk) -> None:
    """「我的人工请求」: where it stands; asking opens none."""
    if found := escalations.open_of(talk.db, talk.reader.id):
        return _say_where_it_stands(talk, found)
    _ = talk._
    talk.say(_("您没有在办的人工请求。要找馆员，点「转人工」。"), rows(menu(_, "escalate"), menu(_, "help")))


def _say_where_it_stands(
    talk: Talk, found: Escalation, new: bool = False, before: str = "", ways: Sequence[Button] = ()
) -> None:  # fmt: skip
    _, desk = talk._, talk.policy.desk
    hours = _("人工服务时间 {hours}", hours=place_words.desk_hours(_, desk))
    ahead = escalations.ahead(talk.db, found)
    lines = [
        _("已为您转人工，编号 {number}。", number=found.number)
        if new
        else _("您的人工请求 {number} 还在处理中。", number=found.number)
    ]
    if found.unanswered:
        by = _("{hours}；{moment} 前答复您。", hours=hours, moment=_.moment(found.promised_at))
        late = talk.now > found.promised_at
        lines.append(promise_words.answer_by(_, found.promised_at, talk.now) if late else by)
        if ahead:
            lines.append(_.n("前面还有 {n} 位。", "前面还有 {n} 位。", ahead))
    lines.append(_("有什么要补充的直接写，馆员都看得到；等的时候照样可以找书、借书、续借。"))
    lines = [before, *lines] if before else lines
    talk.say("\n".join(lines), rows(*ways, menu(_, "show_loans"), menu(_, "show_orders"), menu(_, "help")))
