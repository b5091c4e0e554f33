"""约时间来取: a time to come for books at a counter, by buttons or by words; and "I am here" (D 30)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from bot import acting, appointment_words, offered, when
from bot.books import place_name
from bot.events import Button
from bot.folding import fold, trimmed
from bot.handlers import attending, choosing, following
from bot.talk import Talk
from bot.templates import expression
from bot.texts import menu, rows, slot_code
from bot.when import Hours
from lending import appointments, catalogue, order_records, orders, sign_ups
from lending.appointments import Slot
from lending.errors import UnknownThing
from lending.model import LIBRARY_ZONE, OrderState, library_day
from lending.orders import Order

BOOK, MINE, NO_MORE, HERE = "约时间", "约的几点", "不约了", "我到了"  # what phrases.toml makes of what is said
NOT_THEN, NOT_COMING = "早来晚来", "来不了"
A_TIME = re.compile(  # "周日下午呢", while times are to be chosen from
    expression("[那|就|那就|还是|我想|我要|换|换到|改到|改成|在]{moment}[再|来|去|过来|来取|去取]")
    + r"(?:有吗|有没有|怎么样|可以吗?|行吗?|好吗|也行|吗|呢|吧|了)*"
)
DAYS, TIMES = 5, 6  # on one screen


# ---- choosing --------------------------------------------------------------------------------------------------------


def offer(talk: Talk, number: str) -> None:
    """The days with a time that is free; where there is one day alone, its times. Raises NoAppointment."""
    order = orders.by_number(talk.db, number, talk.reader.id)
    slots = _free(talk, order)
    days = _days(slots)
    if len(days) <= 1:
        return _times(talk, order, slots, 0) if days else _none_left(talk, order)
    _show_days(talk, order, days, 0)


def show_day(talk: Talk, number: str, day: str, start: str = "0") -> None:
    """The times of a day from the n-th on; "more" instead of a day: the days after the first ones."""
    order = orders.by_number(talk.db, number, talk.reader.id)
    slots, first = _free(talk, order), int(start)
    if day == "more":
        return _show_days(talk, order, _days(slots), first)
    mine = [one for one in slots if library_day(one.starts_at).isoformat() == day]
    _times(talk, order, mine, first) if mine else offer(talk, number)


def _free(talk: Talk, order: Order) -> list[Slot]:
    """Raises NoAppointment where no time may be booked."""
    point = catalogue.point(talk.db, order.point_id) if order.point_id else None
    if why := appointments.why_not(order, point, talk.now):
        raise appointments.NoAppointment(order.number, why)
    return appointments.free(talk.db, order, talk.policy, talk.now)


def _days(slots: Sequence[Slot]) -> list[date]:
    return list(dict.fromkeys(library_day(one.starts_at) for one in slots))


def _show_days(talk: Talk, order: Order, days: list[date], first: int) -> None:
    _, shown = talk._, days[first : first + DAYS] or days[:DAYS]
    chosen = [Button(_.date(day), f"apd:{order.number}:{day.isoformat()}") for day in shown]
    after = first + DAYS
    more = [Button(_("再往后"), f"apd:{order.number}:more:{after}")] if after < len(days) else []
    text = _("{books}，哪天来取方便？", books=_titles(talk, order)) + "\n" + _("不约也行，开门的时候随时来。")
    talk.say(text, (*rows(*chosen), *rows(*more, _see(talk, order))))


def _times(talk: Talk, order: Order, slots: Sequence[Slot], first: int) -> None:
    """A few times of one day on a screen."""
    _, shown = talk._, slots[first : first + TIMES] or slots[:TIMES]
    day = library_day(shown[0].starts_at)
    chosen = [_slot_button(talk, order, one) for one in shown]
    after = first + TIMES
    more = [Button(_("晚一点的"), f"apd:{order.number}:{day}:{after}")] if after < len(slots) else []
    other = [Button(_("换一天"), f"ap:{order.number}")] if len(_days(_free(talk, order))) > 1 else []
    minutes = (shown[0].ends_at - shown[0].starts_at) // timedelta(minutes=1)
    text = _.n(
        "{day}几点来？每个时间留 {n} 分钟，早一点晚一点都没关系。", "{day}几点来？每个时间留 {n} 分钟，早一点晚一点都没关系。",
        minutes, day=_.date(day),
    )  # fmt: skip
    talk.say(text, (*rows(*chosen), *rows(*more, *other, _see(talk, order))))


def _slot_button(talk: Talk, order: Order, one: Slot) -> Button:
    return Button(talk._.time(one.starts_at), f"ap+:{order.number}:{slot_code(one.starts_at)}")


def _none_left(talk: Talk, order: Order) -> None:
    """Nothing to be booked, and nothing that has to be."""
    _ = talk._
    if order.state is OrderState.AT_COUNTER:
        text = _("保留的日子里都约满了。不约也行：开门的时候随时来，报号码就能取。")
    else:
        text = _("现在还排不出时间，书放到取书架以后再约。不约也行，开门的时候随时来。")
    talk.say(text, rows(_see(talk, order), menu(_, "escalate")))


def _see(talk: Talk, order: Order) -> Button:
    return Button(talk._("看这个订单"), f"order:{order.number}")


def _titles(talk: Talk, order: Order) -> str:
    return talk._.books([book["title"] for book in orders.books(talk.db, order.id)])


# ---- booked, changed, given back -------------------------------------------------------------------------------------


def book(talk: Talk, number: str, slot: str) -> None:
    """This time; pressed twice, it is the same. Raises NoAppointment, UnknownThing."""
    try:
        at = datetime.strptime(slot, "%Y%m%d%H%M").replace(tzinfo=LIBRARY_ZONE)
    except ValueError:
        raise UnknownThing("appointment", slot) from None
    _book(talk, orders.by_number(talk.db, number, talk.reader.id), at)


def _book(talk: Talk, order: Order, at: datetime) -> None:
    _ = talk._
    booked = appointments.book(talk.db, order.number, talk.reader.id, at, talk.policy, talk.now)
    place = place_name(_, catalogue.point(talk.db, booked.point_id))
    lines = [_("约好了：{when}，{name}。", when=appointment_words.when(_, booked), name=place)]
    if order.state is OrderState.AT_COUNTER:
        lines.append(_("到了说一声「我到了」，馆员把{books}拿给您。", books=_titles(talk, order)))
    else:
        lines.append(_("书会在那以前放到取书架，放好了告诉您；到了说一声「我到了」。"))
    hours = talk.policy.slots.remind_before_hours
    if talk.now + timedelta(hours=hours) < booked.starts_at and talk.reader.reminders_on:
        lines.append(_.n("来之前 {n} 小时提醒您。", "来之前 {n} 小时提醒您。", hours))
    lines.append(_("早来晚来都能取，约了是让您少等。"))
    change = (Button(_("改个时间"), f"ap:{order.number}"), Button(_("不约了"), f"ap-:{order.number}"))
    talk.say("\n".join(lines), rows(*change, _see(talk, order)))


def give_back(talk: Talk, number: str) -> None:
    """The time is somebody else's; the books stay where they are. Raises UnknownThing."""
    _, order = talk._, appointments.give_back(talk.db, number, talk.reader.id, talk.now)
    text = _("好，时间让给别人了。书照样给您留着，开门的时候随时来。")
    if order.pickup_until:
        text = _.together(text, _("保留到 {moment}。", moment=_.moment(order.pickup_until)))
    talk.say(text, rows(Button(_("约个时间来取"), f"ap:{number}"), _see(talk, order)))


# ---- in words --------------------------------------------------------------------------------------------------------


def hear(talk: Talk) -> None:
    """ "约个时间来取" · "约周六上午十点来取" · "改个取书时间": the time that is named at once, else what there is."""
    acting.need(talk, "fetch_code")
    order = _which(talk, booked=False)
    if order is None:
        return
    text, today = fold(talk.event.text), library_day(talk.now)
    days, hours = when.days_named(text, today) or when.day_of_month(text, today), when.hours_named(text)
    if not days and hours is None:
        return offer(talk, order.number)
    slots = _free(talk, order)
    mine = [one for one in slots if (not days or library_day(one.starts_at) in days) and _within(one, hours)]
    if len(mine) == 1 and days and hours and hours.first == hours.last:
        return _book(talk, order, mine[0].starts_at)
    if mine:
        return _say_found(talk, order, mine, slots)
    if not slots:
        return _none_left(talk, order)
    raise appointments.NoAppointment(order.number, "outside", appointments.nearest(slots, _wanted(days, hours, slots)))


def awaited(talk: Talk) -> bool:
    """Whether a moment is named while times to come are shown."""
    shown = any(offered.bare(action).startswith(("ap+:", "apd:")) for action, _label in choosing.standing(talk))
    return shown and bool(A_TIME.fullmatch(trimmed(talk.event.text)))


def _within(one: Slot, hours: Hours | None) -> bool:
    """Whether the time is among those hours, or holds the one moment."""
    if hours is None:
        return True
    local = one.starts_at.astimezone(LIBRARY_ZONE)
    starts = local.hour * 60 + local.minute
    ends = starts + (one.ends_at - one.starts_at) // timedelta(minutes=1)
    return starts <= hours.first < ends if hours.first == hours.last else hours.first <= starts < hours.last


def _wanted(days: list[date], hours: Hours | None, slots: Sequence[Slot]) -> datetime:
    """The moment that was named, to find what is next to it."""
    day, minute = days[0] if days else library_day(slots[0].starts_at), hours.first if hours else 0
    return datetime(day.year, day.month, day.day, tzinfo=LIBRARY_ZONE) + timedelta(minutes=minute)


def _say_found(talk: Talk, order: Order, mine: Sequence[Slot], slots: Sequence[Slot]) -> None:
    """What fits, to be chosen from: the times of one day from there on, or of several days the first."""
    if len(days := _days(mine)) == 1:
        of_day = [one for one in slots if library_day(one.starts_at) == days[0]]
        return _times(talk, order, of_day, of_day.index(mine[0]))
    _ = talk._
    firsts = [next(group) for _day, group in groupby(mine, key=lambda one: library_day(one.starts_at))][:DAYS]
    found = [Button(_.moment(one.starts_at), f"ap+:{order.number}:{slot_code(one.starts_at)}") for one in firsts]
    more = Button(_("看别的时间"), f"ap:{order.number}")
    talk.say(_("这几个时间可以："), (*rows(*found, across=2), *rows(more, _see(talk, order))))


def _which(talk: Talk, booked: bool) -> Order | None:
    """The one order it is about; where there are several it is asked, where there is none it is said."""
    _ = talk._
    mine = order_records.of_reader_in(talk.db, talk.reader.id, appointments.FETCHED)
    if booked:
        found = [one for one in mine if appointments.coming(talk.db, one, talk.now)]
    else:
        found = [one for one in mine if _takes(talk, one)]
    if len(found) == 1:
        return found[0]
    if found:
        action = "ap-" if booked else "ap"
        buttons = [Button(one.number, f"{action}:{one.number}") for one in found[:DAYS]]
        lines = [_("哪一个订单？"), *(f"{n}. {following.line(talk, one)}" for n, one in enumerate(found[:DAYS], 1))]
        talk.say("\n".join(lines), rows(*buttons, across=2))
    elif booked or not mine:
        _nothing_booked(talk, mine)
    else:
        lines = [_("这里取书不用约，开门的时候随时来，报号码就能取。"), *(following.line(talk, one) for one in mine)]
        talk.say("\n".join(lines), rows(*(_see(talk, one) for one in mine[:1]), menu(_, "show_orders")))
    return None


def _takes(talk: Talk, order: Order) -> bool:
    """Whether a time may be booked for it, or could but for its being late."""
    point = catalogue.point(talk.db, order.point_id) if order.point_id else None
    return appointments.why_not(order, point, talk.now) in ("", "late")


def _nothing_booked(talk: Talk, mine: Sequence[Order]) -> None:
    _ = talk._
    text = _("没有约好的取书时间。") if mine else _("现在没有要来取的订单。借了到馆自取的书，就可以约。")
    see = [_see(talk, one) for one in mine[:1]]
    talk.say(text, rows(*see, menu(_, "show_orders"), menu(_, "new_books")))


def show_mine(talk: Talk) -> None:
    """ "我约的几点"."""
    _ = talk._
    mine = order_records.of_reader_in(talk.db, talk.reader.id, appointments.FETCHED)
    booked = [one for one in mine if appointments.coming(talk.db, one, talk.now)]
    if not booked:
        takes = [Button(_("约个时间来取"), f"ap:{one.number}") for one in mine if _takes(talk, one)]
        text = _("还没有约取书的时间。不约也行，开门的时候随时来。") if takes else _("没有约好的取书时间。")
        return talk.say(text, rows(*takes[:1], menu(_, "show_orders")))
    buttons = [one for order in booked for one in appointment_words.of_order(_, talk.db, order, talk.now)]
    lines = [*(following.line(talk, one) for one in booked), _("早来晚来都能取，约了是让您少等。")]
    talk.say("\n".join(lines), rows(*buttons, menu(_, "show_orders")))


def any_time(talk: Talk) -> None:
    """ "我会晚到半小时": a time that is booked binds nobody; without one, how the orders stand."""
    mine = order_records.of_reader_in(talk.db, talk.reader.id, appointments.FETCHED)
    booked = any(appointments.coming(talk.db, one, talk.now) for one in mine)
    return show_mine(talk) if booked else following.show_orders(talk)


def cannot_come(talk: Talk) -> None:
    """ "我来不了了": the time booked, else the events signed up for, else what waits to be fetched."""
    mine = order_records.of_reader_in(talk.db, talk.reader.id, appointments.FETCHED)
    if not any(appointments.coming(talk.db, one, talk.now) for one in mine) and sign_ups.of_reader(
        talk.db, talk.reader.id, talk.now
    ):
        return acting.run(talk, ":evm", attending.mine)
    any_time(talk)


def give_back_named(talk: Talk) -> None:
    """ "不约了"."""
    acting.need(talk, "fetch_code")
    if order := _which(talk, booked=True):
        give_back(talk, order.number)


# ---- at the counter --------------------------------------------------------------------------------------------------


def here_named(talk: Talk) -> None:
    """ "我到了": whatever waits at a counter, all of it; in a locker it opens with its code."""
    acting.need(talk, "fetch_code")
    waiting = order_records.of_reader_in(talk.db, talk.reader.id, following.WAITING)
    counters = [one for one in waiting if one.state is OrderState.AT_COUNTER]
    if counters:
        return _arrived(talk, counters)
    _ = talk._
    if waiting:
        lines = [_("书柜不用等人，输取书码就开："), *(following.line(talk, one) for one in waiting)]
        return talk.say("\n".join(lines), rows(*(_see(talk, one) for one in waiting[:1]), menu(_, "escalate")))
    coming = order_records.of_reader_in(talk.db, talk.reader.id, appointments.TO_COME)
    if coming:
        lines = [_("书还没放到取书架，让您白跑了，对不起。"), *(following.line(talk, one) for one in coming)]
        return talk.say("\n".join(lines), rows(_see(talk, coming[0]), menu(_, "escalate")))
    talk.say(_("现在没有等您来取的书。要找馆员，点「转人工」。"), rows(menu(_, "show_orders"), menu(_, "escalate")))


def here(talk: Talk, number: str) -> None:
    """The same for one order. Raises UnknownThing, NotWaiting."""
    _arrived(talk, [orders.by_number(talk.db, number, talk.reader.id)])


def _arrived(talk: Talk, waiting: Sequence[Order]) -> None:
    """A librarian is told; the reader hears where to wait and which number to name."""
    _ = talk._
    told = [appointments.arrive(talk.db, one.number, talk.reader.id, talk.now) for one in waiting]
    since = min(at for _order, at in told)
    places = {one.point_id: place_name(_, catalogue.point(talk.db, one.point_id or 0)) for one, _at in told}
    where = _.listed(places.values())
    if since < talk.now:
        lines = [_("{time} 已经告诉{name}的馆员您到了，请在服务台旁稍等。", time=_.time(since), name=where)]
    else:
        lines = [_("好，告诉{name}的馆员您到了。请在服务台旁稍等，馆员拿给您：", name=where)]
    lines += [
        _("· {books}，号码 {code}", books=_titles(talk, one), code=one.pickup_code) for one, _at in told
    ]
    lines.append(_("等了一会儿没有人来，就直接到服务台报号码。"))
    talk.say("\n".join(lines), rows(*(_see(talk, one) for one, _at in told[:1]), menu(_, "escalate")))


HEARD: dict[str, Callable[[Talk], None]] = {
    BOOK: hear, MINE: show_mine, NO_MORE: give_back_named, HERE: here_named, NOT_THEN: any_time, NOT_COMING: cannot_come,
}  # fmt: skip
