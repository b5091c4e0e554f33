"""What the library says by itself about its own promises: one was broken, or a book of an order could not be found."""

from __future__ import annotations

from collections.abc import Sequence

from bot.books import place_name
from bot.events import Button, Reply
from bot.saying import Saying, Sentences
from bot.texts import ORDER_STATES, Words, menu, rows
from lending import addition_terms, catalogue, elsewhere, holds, loans, orders
from lending.holds import Hold
from lending.model import library_day, parse_stamp
from lending.notices import Notice
from lending.orders import Order


def _promise_broken(say: Saying, group: Sequence[Notice]) -> Reply:
    """An apology with what the rules give for it; the latest promise counts (D-1)."""
    _, facts = say.words, group[-1].facts
    order = orders.by_number(say.db, facts["order"])
    sentences = {
        "review": _("订单 {number} 我们还没看完，比答应您的时间晚了，对不起。", number=order.number),
        "pack": _("订单 {number} 打包比答应您的时间晚了，对不起。", number=order.number),
        "ready": _("订单 {number} 没有在答应您的时间备好，对不起。", number=order.number),
    }
    lines = [sentences[group[-1].step], *_amends(_, group)]
    if order.state in orders.OPEN:
        lines.append(_("已经提醒馆员了，有进展马上告诉您。不想等了也可以取消。"))
    return Reply("\n".join(lines), rows(Button(_("看这个订单"), f"order:{order.number}"), menu(_, "escalate")))


def _still_late(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """Days later: how late it is and how it stands, as long as it does; whoever will not wait need not (D-1)."""
    _, facts = say.words, group[-1].facts
    order = orders.by_number(say.db, facts["order"])
    if order.state not in elsewhere.UNPLACED or order.promised_at > say.now:
        return None
    late = (library_day(say.now) - library_day(parse_stamp(facts["since"]))).days
    text = _.n(
        "订单 {number} 还是「{state}」，比答应您的晚了 {n} 天了，真对不起。",
        "订单 {number} 还是「{state}」，比答应您的晚了 {n} 天了，真对不起。",
        late, number=order.number, state=_(ORDER_STATES[order.state]),
    )  # fmt: skip
    text = _.together(text, _("它在馆员那里标着红，排在前面。想问一声点「转人工」；不想等了也可以取消。"))
    see, off = Button(_("看这个订单"), f"order:{order.number}"), Button(_("取消这个订单"), f"cancel:{order.number}")
    return Reply(text, rows(see, menu(_, "escalate"), off))


def _amends(_: Words, group: Sequence[Notice]) -> list[str]:
    points = sum(notice.facts["points"] for notice in group)
    waived = sum(notice.facts["waived"] for notice in group)
    lines = [_("这一单的运费 {money} 免了。", money=_.money(waived))] if waived else []
    if points:
        lines.append(_.n("给您的信用账加了 {n} 分。", "给您的信用账加了 {n} 分。", points))
    return lines


def _order_short(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """Which books are missing, what becomes of the others and the fee, and each missing one's way on."""
    _, order = say.words, orders.by_number(say.db, group[-1].facts["order"])
    titles = catalogue.titles(say.db, [notice.facts["title"] for notice in group])
    broken = {notice.facts["title"] for notice in group if notice.facts.get("why") == "damaged"}
    named = {"number": order.number, "books": _.books([t.title for t in titles.values()])}
    text = _("订单 {number}：{books}在架上没有找到，对不起。", **named)
    if broken:
        text = _("订单 {number}：{books}破损得不能借给您了，对不起。", **named)
        if len(broken) < len(titles):
            text = _("订单 {number}：{books}没有找到，或者破损得不能借给您了，对不起。", **named)
    waits = {hold.title_id: hold for hold in holds.of_reader(say.db, say.reader.id) if hold.title_id in titles}
    gone = [one for one in waits if not catalogue.availability(say.db, [one])[one].total]
    lines = [text, *_others(_, order, group)]
    lines += [_("《{title}》已为您预约，排第 {n} 位。", title=h.title, n=h.position) for h in waits.values()]
    lines += [_last_one(_, waits[one]) for one in gone]
    lines += [_("《{title}》也已经下架了，不再为您排队。", title=t.title) for t in titles.values() if t.withdrawn]
    similar = [Button(_("请馆里再买一本"), f"rebuy:{one}") for one in gone][:1]
    similar += [Button(_("类似《{title}》的书", title=one.title[:10]), f"same:{one.id}") for one in titles.values()][:3]
    leave = [Button(_("不等《{title}》了", title=hold.title[:10]), f"hx:{hold.id}") for hold in waits.values()][:3]
    return Reply("\n".join(lines), rows(Button(_("看这个订单"), f"order:{order.number}"), *similar, *leave, across=2))


def _last_one(_: Words, hold: Hold) -> str:
    """Nobody is left to wait for a book that may never come without knowing it."""
    return _("《{title}》馆里没有别的册了：找到了，或者买到了新的，就照样留给您。", title=hold.title)


def _others(_: Words, order: Order, group: Sequence[Notice]) -> list[str]:
    left, saved = group[-1].facts["left"], sum(notice.facts["saved"] for notice in group)
    lines = [_.n("其余 {n} 本照常送到您手上。", "其余 {n} 本照常送到您手上。", left)] if left else []
    if saved:
        lines.append(_("运费改为 {fee}，少收 {saved}。", fee=_.money(order.fee_fen), saved=_.money(saved)))
    return lines


def _ordered_too(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """A book just borrowed in another way comes in an order too: one tap takes it out, where that can still be."""
    _, facts = say.words, group[-1].facts
    order = orders.by_number(say.db, facts["order"])
    inside = {book["title_id"] for book in orders.books(say.db, order.id)}
    title = catalogue.title(say.db, facts["title"]).title
    if order.state not in orders.OPEN or facts["title"] not in inside:
        return None
    if not any(loan.id == facts["loan"] for loan in loans.of_reader(say.db, say.reader.id)):
        return None
    see = Button(_("看这个订单"), f"order:{order.number}")
    if order.state not in addition_terms.UNPACKED:
        text = _(
            "《{title}》您刚刚已经借到了，订单 {number} 里还有一册，现在是「{state}」，单独拿不出来了。"
            "都留着也行；多的那一册，随时还到任何馆或书柜。",
            title=title, number=order.number, state=_(ORDER_STATES[order.state]),
        )  # fmt: skip
        return Reply(text, rows(see, menu(_, "escalate")))
    text = _("《{title}》您刚刚已经借到了，订单 {number} 里还有一册。", title=title, number=order.number)
    out = Button(_("拿出来，只要一册"), f"lo:{order.number}:{facts['title']}")
    if len(inside) > 1:
        text += _("不想要重的，就把它从订单里拿出来，别的书照旧。")
    else:
        text += _("不想要重的，就取消这个订单：里面只有这一本。")
        out = Button(_("取消这个订单"), out.action)
    return Reply(text, rows(out, Button(_("都留着"), f"lo-:{order.number}:{facts['title']}"), see))


def _answer_late(say: Saying, group: Sequence[Notice]) -> Reply:
    """An answer that did not come in time: an apology, what the rules give for it, and a person (D-1)."""
    _, notice = say.words, group[-1]
    number = notice.object.partition(":")[2].partition("#")[0]
    lines = [_("{number} 没有在答应您的时间答复，对不起，已经提醒馆员了。", number=number)]
    if points := notice.facts["points"]:
        lines.append(_.n("给您的信用账加了 {n} 分。", "给您的信用账加了 {n} 分。", points))
    return Reply("\n".join(lines), rows(Button(_("图书馆的信用"), "promises"), menu(_, "escalate")))


def _elsewhere(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """Its point has closed for good, and a librarian has found it another one."""
    _, facts = say.words, group[-1].facts
    order = orders.by_number(say.db, facts["order"])
    if order.state not in elsewhere.UNPLACED or order.point_id != facts["point"]:
        return None
    place = place_name(_, catalogue.point(say.db, facts["point"]))
    text = _("原来的取书点不开了，订单 {number} 给您改在{place}取。", number=order.number, place=place)
    if order.state is not orders.OrderState.IN_REVIEW and order.promised_at > say.now:
        text = _.together(text, _("{moment} 前备好，好了就告诉您。", moment=_.moment(order.promised_at)))
    return Reply(text, rows(Button(_("看这个订单"), f"order:{order.number}"), menu(_, "escalate")))


SAY: dict[str, Sentences] = {
    "order_elsewhere": _elsewhere,
    "promise_broken": _promise_broken,
    "still_late": _still_late,
    "order_short": _order_short,
    "ordered_too": _ordered_too,
    "answer_late": _answer_late,
}
