"""What the library says by itself about loans: asked back early, not found, fetched by courier, dates that moved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from bot import escalations, parcel_news
from bot.books import place_name
from bot.events import Button, Reply
from bot.saying import Saying, Sentences
from bot.texts import menu, rows
from lending import (
    appeal_records,
    case_records,
    catalogue,
    closings,
    door_claims,
    elsewhere,
    fee_refunds,
    holds,
    home_returns,
    loans,
    moved_promises,
    orders,
    parcels,
)
from lending.case_records import CaseState
from lending.errors import UnknownThing
from lending.loans import Loan
from lending.model import OrderState, library_day, parse_stamp, stamp
from lending.notices import Notice

MOST_CHANGES = 6  # buttons of one message; the others are changed from the lists below


def _open(say: Saying, notice: Notice) -> Loan | None:
    """The loan, if it still has the date we are to speak of (B2-7)."""
    try:
        loan = loans.loan(say.db, notice.facts["loan"], say.reader.id)
    except UnknownThing:
        return None
    return loan if loan.due_at == parse_stamp(notice.facts["due"]) else None


def _recalled(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """With the date as it is now: a closing may have moved it since, and is not told apart (closings.py)."""
    _, loan = say.words, loans.loan(say.db, group[-1].facts["loan"], say.reader.id)
    if loan.stopped_at or loan.recalled_at is None or stamp(loan.recalled_at) != group[-1].step:
        return None
    text = _(
        "《{title}》有读者在等，想请您早一点还：{day} 前还就好（原来是 {before}）。谢谢您，读完还想看可以再排队。",
        title=loan.title,
        day=_.day(loan.due_at),
        before=_.day(parse_stamp(group[-1].facts["before"])),
    )
    return Reply(text, rows(menu(_, "return_books"), menu(_, "show_loans"), menu(_, "escalate")))


def _recall_off(say: Saying, group: Sequence[Notice]) -> Reply | None:
    _, loan = say.words, loans.loan(say.db, group[-1].facts["loan"], say.reader.id)
    if loan.recalled_at:
        return None
    text = _("《{title}》没有人在等了，不用早还：{day} 到期。", title=loan.title, day=_.day(loan.due_at))
    return Reply(text, rows(menu(_, "show_loans")))


def _renewed(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """By a librarian; all of a reader's in one message (A6-10, B2-5)."""
    _, found = say.words, [loan for notice in group if (loan := _open(say, notice))]
    lines = [_("《{title}》续到 {day}", title=loan.title, day=_.day(loan.due_at)) for loan in found]
    if not lines:
        return None
    return Reply("\n".join((_("馆员替您续借了："), *lines)), rows(menu(_, "show_loans")))


def _claim_not_found(say: Saying, group: Sequence[Notice]) -> Reply | None:
    _, loan = say.words, _open(say, group[-1])
    if loan is None:
        return None
    text = _(
        "我们在馆里找过了，还没有找到《{title}》。请在家里、包里再看看，不着急：{day} 前都不算超期。"
        "真找不到了，我们一起想办法。",
        title=loan.title,
        day=_.day(loan.due_at),
    )
    buttons = (Button(_("确实还了"), f"back:{loan.id}"), Button(_("书丢了"), f"case:lost:{loan.id}"))
    return Reply(text, rows(*buttons, menu(_, "escalate")))


def _return_undone(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """A book said to be back was scanned by mistake: it is on loan as before, and whoever did bring it says so."""
    _, loan = say.words, _open(say, group[-1])
    if loan is None:
        return None
    text = _(
        "对不起，刚才说收到《{title}》是我们扫错了。它还在您名下，{day} 到期，和原来一样。"
        "要是真的还了，点一下告诉我们。",
        title=loan.title, day=_.day(loan.due_at),
    )  # fmt: skip
    return Reply(text, rows(Button(_("确实还了"), f"back:{loan.id}"), menu(_, "show_loans"), menu(_, "escalate")))


def _collected(say: Saying, group: Sequence[Notice]) -> Reply:
    _, taken = say.words, home_returns.home_return(say.db, group[-1].facts["home_return"])
    text = _(
        "快递取走了{books}，取书费 {fee}。从现在起不算超期，到馆登记好就告诉您。",
        books=_.books(list(taken.titles)), fee=_.money(taken.fee_fen),
    )  # fmt: skip
    return Reply(text, rows(menu(_, "show_loans"), menu(_, "recommend")))


def _fetched_lost(say: Saying, group: Sequence[Notice]) -> Reply:
    _, facts = say.words, group[-1].facts
    titles = [catalogue.title(say.db, title).title for title in facts["titles"]]
    text = _(
        "对不起，快递来取的{books}在路上丢了，由馆里承担：不用赔，不扣分，已经不在您名下了。", books=_.books(titles)
    )
    if waived := facts.get("waived"):
        text += _("取书的快递费 {money} 也由图书馆出。", money=_.money(waived))
        if fee_refunds.open_of(say.db, group[-1].object):
            text += _("要是已经付过，到任何一个馆的服务台退，说一声是上门取书的就行。")
    return Reply(text, rows(menu(_, "show_loans"), menu(_, "escalate")))


def _date_moved(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """All the dates one closing moved, in one message."""
    _, facts = say.words, group[-1].facts
    if facts["step"] == "gone":
        return _gone(say, group)
    if facts["step"] == "stays":
        return _stays(say, group)
    lines = [line for notice in group if (line := _moved_line(say, notice))]
    if not lines:
        return None
    if facts["step"] == "back":
        heading = _("照常开放了，日期往回改，现在是：")
    elif facts["step"] == "missed":
        heading = _("答应您的那一班送书没能成行，对不起，改在：")
    elif facts["step"] == "comes":
        bus = _of_a_bus(say, facts["special"])
        heading = _("照常出车了，为您留的书还是留到：") if bus else _("照常开放了，为您留的书还是留到：")
    elif facts["step"] == "stands":
        why = _why(say, facts["special"])
        if _of_a_bus(say, facts["special"]):
            heading = _("{why}，请别白等。为您留的书还是留到：", why=why)
        else:
            heading = _("{why}，那几天先别来取，免得白跑。为您留的书还是留到：", why=why)
    elif all(notice.facts["kind"] in OURS for notice in group):
        heading = _("{why}，答应您的时间要往后挪，对不起：", why=_why(say, facts["special"]))
    else:
        heading = _("{why}，这些日期为您往后延，不算超期：", why=_why(say, facts["special"]))
    return Reply("\n".join([heading, *lines]), rows(menu(_, "show_loans"), menu(_, "show_orders")))


def _gone(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """Where these were to be fetched is closed for good: until when they can be, and what then."""
    _, days = say.words, closings.special_days(say.db, group[-1].facts["special"])
    left = {(one.kind, one.id) for one in closings.concerned(say.db, days.point_id or 0, say.now)}
    mine = [(n.facts["kind"], n.facts["id"]) for n in group if (n.facts["kind"], n.facts["id"]) in left]
    if not mine or days.taken_back_at:
        return None
    name = place_name(_, catalogue.point(say.db, days.point_id or 0))
    text = _(
        "{name}从 {day} 起不开了（{reason}），对不起。您要在那里取的：",
        name=name, day=_.date(days.first), reason=days.reason,
    )  # fmt: skip
    told = [_gone_line(say, *one) for one in mine]
    lines, buttons = [line for line, _change in told], [change for _line, change in told if change]
    if buttons:
        lines.append(_("还没放好的，点下面换个地方取就行，不用重新下单、重新排队。"))
    if len(buttons) < len(mine):
        if library_day(say.now) < days.first:
            lines.append(_("已经放好的，请在那以前来取。"))
        lines.append(_("来不及也没关系，不扣分：换个地方重新借就行，要帮忙点「转人工」。"))
    menus = rows(menu(_, "show_orders"), menu(_, "show_holds"), menu(_, "escalate"))
    return Reply("\n".join([text, *lines]), (*rows(*buttons[:MOST_CHANGES], across=1), *menus))


def _stays(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """It does not close after all: what was to be fetched there comes there, where its reader has not changed it."""
    _, days = say.words, closings.special_days(say.db, group[-1].facts["special"])
    still = {(one.kind, one.id) for one in closings.concerned(say.db, days.point_id or 0, say.now)}
    mine = [(n.facts["kind"], n.facts["id"]) for n in group if (n.facts["kind"], n.facts["id"]) in still]
    if not mine:
        return None
    name = place_name(_, catalogue.point(say.db, days.point_id or 0))
    text = _("{name}照常开着，前面说的不开了不作数。您要在那里取的，照旧：", name=name)
    return Reply("\n".join([text, *(_gone_line(say, *one)[0] for one in mine)]), rows(menu(_, "show_orders")))


def _gone_line(say: Saying, kind: str, number: int) -> tuple[str, Button | None]:
    """What it is, and the press by which it goes elsewhere, where its books have not been put there yet."""
    _ = say.words
    if kind == "hold":
        one = holds.hold(say.db, number, say.reader.id)
        change = Button(_("《{title}》换个地方取", title=one.title[:10]), f"hp:{one.id}")
        if one.state == "ready":
            return _("· 为您留的《{title}》", title=one.title), change if one.point_id else None
        return _("· 您在等的《{title}》", title=one.title), change
    order = orders.by_id(say.db, number)
    change = Button(_("{number} 换个地方取", number=order.number), f"op:{order.number}")
    return _("· 订单 {number}", number=order.number), change if elsewhere.may_move(say.db, order, say.now) else None


def _of_a_bus(say: Saying, special_id: int) -> bool:
    days = closings.special_days(say.db, special_id)
    return days.point_id is not None and catalogue.point(say.db, days.point_id).is_bus


def _why(say: Saying, special_id: int) -> str:
    """Who is closed, when and why, as it stands now."""
    _ = say.words
    if not special_id:
        return _("开放的日子有调整")
    days = closings.special_days(say.db, special_id)
    if days.taken_back_at:
        return _("开放的日子有调整")
    point = catalogue.point(say.db, days.point_id) if days.point_id is not None else None
    name = place_name(_, point) if point else _("图书馆")
    first, last = _.date(days.first), _.date(days.planned_last)
    span = first if days.first == days.planned_last else _("{first}至{last}", first=first, last=last)
    if days.hours:  # only a bus misses a stop by them
        told = {"name": name, "days": span, "hours": days.hours, "reason": days.reason}
        return _("{name}{days}只在 {hours} 停靠（{reason}）", **told)
    if point and point.is_bus:
        return _("{name}{days}不出车（{reason}）", name=name, days=span, reason=days.reason)
    return _("{name}{days}闭馆（{reason}）", name=name, days=span, reason=days.reason)


def _moved_line(say: Saying, notice: Notice) -> str:
    """The thing and its new date, or '' when it has changed again since."""
    _, after = say.words, parse_stamp(notice.facts["after"])
    try:
        return LINES[notice.facts["kind"]](say, notice.facts["id"], after)
    except UnknownThing:
        return ""


def _loan_line(say: Saying, number: int, after: datetime) -> str:
    _, loan = say.words, loans.loan(say.db, number, say.reader.id)
    if loan.due_at != after:
        return ""
    return _("· 《{title}》{day} 到期", title=loan.title, day=_.day(after))


def _order_line(say: Saying, number: int, after: datetime) -> str:
    _ = say.words
    found = next((order for order in orders.of_reader(say.db, say.reader.id, 100) if order.id == number), None)
    if found is None or found.pickup_until != after or door_claims.stopped(say.db, number):
        return ""
    return _("· 订单 {number} 保留到 {day}", number=found.number, day=_.day(after))


def _hold_line(say: Saying, number: int, after: datetime) -> str:
    _ = say.words
    found = next((hold for hold in holds.of_reader(say.db, say.reader.id) if hold.id == number), None)
    if found is None or found.ready_until != after:
        return ""
    return _("· 为您留的《{title}》保留到 {day}", title=found.title, day=_.day(after))


def _promise_line(say: Saying, number: int, after: datetime) -> str:
    """When the library now answers, or has the books ready; '' when it has already or has said another time since."""
    _ = say.words
    found = next((order for order in orders.of_reader(say.db, say.reader.id, 100) if order.id == number), None)
    if found is None or found.promised_at != after or found.state not in moved_promises.WAITING:
        return ""
    moment = _.moment(after)
    if found.state is OrderState.IN_REVIEW:
        return _("· 订单 {number} 改在 {moment} 前答复您", number=found.number, moment=moment)
    return _("· 订单 {number} 改在 {moment} 前备好", number=found.number, moment=moment)


def _round_line(say: Saying, number: int, after: datetime) -> str:
    """When the library's own people now come; '' when the parcel has gone another way since."""
    _, one = say.words, parcels.by_id(say.db, number)
    if one.round_at != after or one.state in parcels.ENDS:
        return ""
    return "· " + parcel_news.where_it_is(_, say.policy, one, say.now)


def _answer_line(say: Saying, number: str, promised: datetime, waits: bool, after: datetime) -> str:
    """By when a person now answers; '' when one has, or another time has been said since."""
    if not waits or promised != after:
        return ""
    _ = say.words
    return _("· {number} 改在 {moment} 前答复您", number=number, moment=_.moment(after))


def _case_line(say: Saying, number: str, after: datetime) -> str:
    found = case_records.by_number(say.db, number, say.reader.id)
    return _answer_line(say, found.number, found.promised_at, found.state is CaseState.REPORTED, after)


def _appeal_line(say: Saying, number: str, after: datetime) -> str:
    found = appeal_records.by_number(say.db, number, say.reader.id)
    return _answer_line(say, found.number, found.promised_at, found.waiting, after)


def _request_line(say: Saying, number: str, after: datetime) -> str:
    found = escalations.get(say.db, number)
    return _answer_line(say, found.number, found.promised_at, found.unanswered, after)


OURS = ("promise", "round", "case", "appeal", "escalation")  # what the library promised, not what a reader is to do
LINES: dict[str, Callable[[Saying, Any, datetime], str]] = {
    "loan": _loan_line, "order": _order_line, "hold": _hold_line, "promise": _promise_line, "round": _round_line,
    "case": _case_line, "appeal": _appeal_line, "escalation": _request_line,
}  # fmt: skip
SAY: dict[str, Sentences] = {
    "recalled": _recalled,
    "recall_off": _recall_off,
    "renewed": _renewed,
    "claim_not_found": _claim_not_found,
    "collected": _collected,
    "fetched_lost": _fetched_lost,
    "return_undone": _return_undone,
    "date_moved": _date_moved,
}
