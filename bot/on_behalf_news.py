"""What a librarian did for a reader who had no chat at hand (admin/on_behalf.py): all of it in one message (B2-5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot import order_words
from bot.books import place_name
from bot.events import Button, Reply
from bot.saying import Saying, Sentences
from bot.texts import menu, rows
from lending import case_records, cases, catalogue, events, holds, home_returns, loans, orders, sign_ups
from lending.case_records import CaseState
from lending.holds import Hold
from lending.model import OrderState, stamp
from lending.notices import Notice

Facts = Mapping[str, Any]


def _on_behalf(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """What of it still holds (B2-7)."""
    _ = say.words
    told = [(notice, line) for notice in group if (line := LINES[notice.facts["what"]](say, notice.facts))]
    if not told:
        return None
    ways = dict.fromkeys(_way(say, notice) for notice, _line in told)
    return Reply("\n".join((_("馆员替您办了："), *(line for _notice, line in told))), rows(*ways, menu(_, "escalate")))


def _way(say: Saying, notice: Notice) -> Button:
    _, about = say.words, notice.object.partition(":")[0]
    if about == "order":
        return Button(_("看这个订单"), notice.object)
    if about == "event":
        return Button(_("看这个活动"), f"ev:{notice.facts['event']}")
    if about == "case":
        return Button(_("看这个个案"), f"pf:{notice.facts['case']}")
    return menu(_, "show_holds" if about == "hold" else "show_loans")


def _ordered(say: Saying, facts: Facts) -> str:
    """What has been called off since is told by itself."""
    _, one = say.words, orders.by_number(say.db, facts["order"], say.reader.id)
    if one.state in (OrderState.CANCELLED, OrderState.REFUSED):
        return ""
    place = order_words.where(_, say.db, say.policy, say.reader, one.fulfilment, one.point_id, say.now, one.promised_at)
    books = _.books([book["title"] for book in orders.books(say.db, one.id)])
    line = _("· 下了订单 {number}：{books}，{where}", number=one.number, books=books, where=place)
    moment = _.moment(one.promised_at)
    if one.state is OrderState.IN_REVIEW:
        return _("{line}，要请馆员看一下，{moment} 前答复您", line=line, moment=moment)
    return _("{line}，{moment} 前备好", line=line, moment=moment)


def _fetched(say: Saying, facts: Facts) -> str:
    """What has been fetched, or called off, since is told by itself."""
    _, one = say.words, home_returns.home_return(say.db, facts["fetch"], say.reader.id)
    if one.state != "asked":
        return ""
    fee = _.money(one.fee_fen)
    return _("· 请快递上门取{books}，取书费 {fee}，取走以后就不算超期", books=_.books(list(one.titles)), fee=fee)


def _not_fetched(say: Saying, facts: Facts) -> str:
    _, one = say.words, home_returns.home_return(say.db, facts["fetch"], say.reader.id)
    return _("· 快递不来取{books}了", books=_.books(list(one.titles))) if one.state == "cancelled" else ""


def _signed_up(say: Saying, facts: Facts) -> str:
    """That a seat has come free since is told by itself."""
    _, found = say.words, events.event(say.db, facts["event"])
    mine = sign_ups.of_event(say.db, say.reader.id, found.id)
    if mine is None or found.state != "planned":
        return ""
    seats = _.n("{n} 位", "{n} 位", mine.people)
    line = _("· 报名了「{name}」，{moment}，{seats}", name=found.name, moment=_.moment(found.starts_at), seats=seats)
    return _("{line}，现在满了，先排着队", line=line) if mine.state == "waiting" else line


def _signed_off(say: Saying, facts: Facts) -> str:
    _, found = say.words, events.event(say.db, facts["event"])
    mine = sign_ups.of_event(say.db, say.reader.id, found.id)
    return "" if mine else _("· 退掉了「{name}」的报名", name=found.name)


def _hold(say: Saying, facts: Facts) -> Hold | None:
    return next((one for one in holds.of_reader(say.db, say.reader.id) if one.id == facts["hold"]), None)


def _waits(say: Saying, facts: Facts) -> Hold | None:
    """The hold, while it only waits; that its book is there is said by itself."""
    one = _hold(say, facts)
    return one if one and one.state == "waiting" and one.rests_until is None else None


def _placed(say: Saying, facts: Facts) -> str:
    _, one = say.words, _waits(say, facts)
    return _("· 预约了《{title}》，排第 {n} 位，书一到就告诉您", title=one.title, n=one.position) if one else ""


def _elsewhere(say: Saying, facts: Facts) -> str:
    _, one = say.words, _hold(say, facts)
    if one is None or one.point_id != facts["point"]:
        return ""
    place = place_name(_, catalogue.point(say.db, facts["point"]))
    if one.ready_until:
        day = _.day(one.ready_until)
        return _("· 《{title}》的预约改在{place}取，为您留到 {day}", title=one.title, place=place, day=day)
    return _("· 《{title}》的预约改在{place}取", title=one.title, place=place)


def _rests(say: Saying, facts: Facts) -> str:
    _, one = say.words, _hold(say, facts)
    if one is None or one.rests_until is None or stamp(one.rests_until) != facts["until"]:
        return ""
    return _("· 《{title}》的预约暂停到 {day}，位置给您留着", title=one.title, day=_.day(one.rests_until))


def _awake(say: Saying, facts: Facts) -> str:
    _, one = say.words, _waits(say, facts)
    return _("· 《{title}》的预约恢复了，排第 {n} 位", title=one.title, n=one.position) if one else ""


def _cancelled(say: Saying, facts: Facts) -> str:
    if any(one.title_id == facts["title"] for one in holds.of_reader(say.db, say.reader.id)):
        return ""
    return say.words("· 不再等《{title}》", title=catalogue.title(say.db, facts["title"]).title)


def _reported(say: Saying, facts: Facts) -> str:
    """What has been found since is told by itself."""
    _, case = say.words, case_records.by_number(say.db, facts["case"], say.reader.id)
    if case.kind != facts["what"] or case.state is not CaseState.REPORTED:
        return ""
    texts = {
        cases.LOST: _("· 《{title}》登记了丢失，编号 {number}，从现在起不算超期", title=case.title, number=case.number),
        cases.DAMAGED: _("· 《{title}》登记了破损，编号 {number}", title=case.title, number=case.number),
        cases.ARRIVED: _("· 《{title}》登记了收到时就破损，编号 {number}", title=case.title, number=case.number),
    }
    answer = _("馆员 {moment} 前看完答复您", moment=_.moment(case.promised_at))
    fetched = _("约好的上门取书，这一本不用来取了。找到了再约。") if facts["fetched"] else ""
    return "\n".join(filter(None, (_("{line}，{more}", line=texts[case.kind], more=answer), fetched)))


def _claimed(say: Saying, facts: Facts) -> str:
    mine = next((one for one in loans.of_reader(say.db, say.reader.id) if one.id == facts["loan"]), None)
    if mine is None or mine.stopped_as != "claimed":
        return ""
    return say.words("· 记下了《{title}》您说已经还了：从现在起不算超期，我们去书架上找", title=mine.title)


LINES: dict[str, Callable[[Saying, Facts], str]] = {
    "order": _ordered, "fetch": _fetched, "fetch_off": _not_fetched, "sign_up": _signed_up, "sign_off": _signed_off,
    "hold": _placed, "point": _elsewhere, "rest": _rests, "wake": _awake, "cancel": _cancelled,
    "lost": _reported, "damaged": _reported, "arrived": _reported, "claim": _claimed,
}  # fmt: skip
SAY: dict[str, Sentences] = {"on_behalf": _on_behalf}
