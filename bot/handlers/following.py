"""我的订单: where each order is, what was promised with it and whether it was kept, and cancelling until it is shipped."""

from __future__ import annotations

import re
from datetime import datetime

from bot import acting, appointment_words, family_words, keep_words, place_words, purchase_words
from bot.events import Button
from bot.folding import fold
from bot.handlers import ordering, places, tracking
from bot.talk import Talk
from bot.texts import ORDER_STATES, Words, menu, rows
from lending import (
    additions,
    appointments,
    cart,
    catalogue,
    door_claims,
    elsewhere,
    missing_copies,
    orders,
    promises,
    rounds,
)
from lending.errors import CartEmpty
from lending.model import OrderState
from lending.orders import Order
from lending.points import always_open
from lending.promises import Promise

WAITING = (OrderState.IN_LOCKER, OrderState.AT_COUNTER)
CALLED_OFF = (OrderState.CANCELLED, OrderState.REFUSED)
BY_PROXY = "代取"  # what phrases.toml makes of the question who may fetch books
TO_BRING = "带什么"  # and of what to bring for that
CHANGED = re.compile("改|换|換|[送寄]|上楼|上門|上门|自己.{0,5}[取拿]")
WHERE = re.compile(  # it is fetched
    r"(?>(?:so|and|but|then|hi|sorry|excuse me)[ ,]+)*where (?:do|can|should|shall|will|would|could|am) (?:i|we)(?: supposed to| have to| need to|'d)? "
    r"(?:collect|pick ?up|pick|get|fetch|grab) (?:it|them|this|my (?:order|books?|reservation)|the (?:order|books?))(?: up)?(?: from)?"
    r"|(?>请问|那么?|然后)*(?:我的?|我借的?|这|那)?(?:书|订单|几本书)?(?:要|应该|该|得)?(?:去|到|在|上)?(?:哪里|哪儿|哪|什么地方|啥地方)(?:去|能|可以)?"
    r"(?:取|拿|领)(?:我的)?书?[的呢呀啊吗]*"
)
LISTED = 8  # orders, besides older ones that are still open
MOST_OPEN = 4  # orders told where the cart is empty


def show_orders(talk: Talk) -> None:
    """The newest first, each with where it is (C3: "where is my order" in one message); of what is open, every one."""
    _, placed = talk._, [one for one in orders.of_reader(talk.db, talk.reader.id, LISTED) if _may_see(talk, one)]
    if talk.slot("query") in (BY_PROXY, TO_BRING):
        return by_proxy(talk, [one for one in placed if one.state in WAITING])
    bought = [f"· {one}" for one in purchase_words.on_their_way(talk)]
    if not placed and not bought and cart.items(talk.db, talk.reader.id):
        return talk.say(before_ordering(talk), rows(menu(_, "checkout"), menu(_, "show_cart")))
    if not placed and not bought:
        return talk.say(_("还没有订单。想看什么书？"), rows(menu(_, "new_books"), menu(_, "browse")))
    lines = [f"{n}. {line(talk, order)}" for n, order in enumerate(placed, 1)]
    lines += [_("请书店寄给您的新书："), *bought] if bought else []
    buttons = [Button(order.number, f"order:{order.number}") for order in placed]
    ways = rows(Button(_("书店新书"), "shop"), menu(_, "escalate")) if bought else ()
    talk.say("\n".join([*([_("您的订单：")] if placed else []), *lines]), (*rows(*buttons, across=2), *ways))


def before_ordering(talk: Talk) -> str:
    """When the books in the cart would be ready."""
    _, ready = talk._, ordering.ready_by(talk, (talk.memory.get("way") or ("", 0))[1] or None)
    return _("还没有下单，书在借书车里。现在下单，{moment} 前备好。", moment=_.moment(ready))


def asks_where(talk: Talk) -> bool:
    """Whether somebody wants to know where their books are to be fetched; with books in the cart it is still theirs to say."""
    said = fold(talk.event.text).strip(" .。!！?？~")
    return bool(not talk.step and WHERE.fullmatch(said) and (still_open(talk) or not cart.items(talk.db, talk.reader.id)))


def tell_where(talk: Talk) -> None:
    """Of each order on its way its place and hours; where there is none, every place books can be fetched from."""
    _, placed = talk._, still_open(talk)[:MOST_OPEN]
    if not placed:
        return places.find_branches(talk)
    each = ["\n   ".join([f"· {line(talk, one)}", *_place(talk, one)]) for one in placed]
    talk.say("\n".join([_("您的订单："), *each]), rows(menu(_, "show_orders"), menu(_, "escalate")))


def _place(talk: Talk, order: Order) -> list[str]:
    """Where an order goes, as far as its line does not say so, and when the doors are open there."""
    _, told = talk._, order.state in WAITING or order.state is OrderState.SHIPPED
    if not order.point_id:
        home = order.address and acting.allowed(talk, "use_address") and not told
        return [ordering.where(talk, order.fulfilment, 0)] if home else []
    point = catalogue.point(talk.db, order.point_id)
    where = [] if told else [ordering.where(talk, order.fulfilment, order.point_id, order.promised_at)]
    always = point.kind == "locker" and always_open(point)
    open_at = _("24 小时都能取") if always else place_words.hours(_, point) if point.opens else ""
    return [*where, *([open_at] if open_at else [])]


def by_proxy(talk: Talk, waiting: list[Order]) -> None:
    """Whoever has the code may fetch the books, and needs nothing else; the codes of those that wait stand below."""
    _ = talk._
    told = _("可以，不用本人来。取书码给谁，谁就能取：书柜输码就开，服务台也认码。")
    if talk.slot("query") == TO_BRING:
        told = _("不用带证件，有取书码就行：书柜输码就开，服务台也认码。")
    lines = [told]
    lines += [line(talk, order) for order in waiting]
    talk.say("\n".join(lines), rows(menu(_, "show_orders"), family_words.button(_), menu(_, "escalate")))


def still_open(talk: Talk) -> list[Order]:
    """What is ordered and not yet in the reader's hands, the newest first."""
    mine = orders.of_reader(talk.db, talk.reader.id)
    return [one for one in mine if one.state in orders.OPEN and _may_see(talk, one)]


def expects(talk: Talk) -> bool:
    """Whether there are books to come: ordered, or chosen already."""
    return bool(cart.items(talk.db, talk.reader.id) or still_open(talk))


def ordered_already(talk: Talk, change: bool) -> None:
    """The cart is empty because its books are ordered: what stands there, and, where way or place should become
    another, what can still be done. Raises CartEmpty where nothing is ordered."""
    _, placed = talk._, still_open(talk)[:MOST_OPEN]
    if not placed:
        raise CartEmpty()
    lines = [_("已经下好单了："), *(f"· {line(talk, one)}" for one in placed)]
    change = change or bool(CHANGED.search(talk.event.text))
    off = [one for one in placed if one.state in orders.STEPS["cancel"].before] if change else []
    if off:
        lines.append(_("下单以后换不了取书的方式和地址。要换，就先取消再重新借；不想取消，请馆员看看。"))
    elif change:
        lines.append(_("书已经寄出或放好了，我这里换不了取书的方式和地址，请馆员看看能不能换。"))
    buttons = [
        Button(_("{number} 换个地方取", number=one.number), f"op:{one.number}")
        for one in off if elsewhere.may_move(talk.db, one, talk.now)
    ]  # fmt: skip
    buttons += [Button(_("取消 {number}", number=one.number), f"cancel:{one.number}") for one in off]
    seen = [Button(_("看这个订单"), f"order:{placed[0].number}")] if len(placed) == 1 else [menu(_, "show_orders")]
    talk.say("\n".join(lines), rows(*buttons, *seen, menu(_, "escalate" if change else "new_books")))


def _may_see(talk: Talk, order: Order) -> bool:
    """Whoever only fetches books sees those that wait to be fetched (D-12)."""
    return acting.allowed(talk, "see_orders") or order.state in WAITING


def line(talk: Talk, order: Order, until_when: bool = True) -> str:
    """Where it is, and by when it will be ready (`until_when`): "where is my order" in one message (C3)."""
    _ = talk._
    titles = [book["title"] for book in orders.books(talk.db, order.id)]
    lines = [f"{order.number} {state(_, order)} {_.books(titles)}"]
    if order.state is OrderState.SHIPPED:
        lines += tracking.lines(talk, order)
    elif order.state in WAITING:
        lines += _fetching(talk, order)
    elif order.state is OrderState.PACKED and until_when and rounds.of_order(talk.db, order.id):
        lines += tracking.lines(talk, order)  # when our own people come; a courier's parcel has nothing to tell yet
    elif order.state in orders.OPEN and until_when:
        lines += promised(_, [one for one in promises.of_order(talk.db, order) if not one.met_at][-1:])
    if coming := appointments.coming(talk.db, order, talk.now):
        lines.append(_("约了 {when} 来取", when=appointment_words.when(_, coming)))
    return "\n   ".join(lines)


def _fetching(talk: Talk, order: Order) -> list[str]:
    """Where the books wait, and for whoever may fetch them the code and until when."""
    _, lines = talk._, []
    if order.point_id:
        lines.append(ordering.where(talk, order.fulfilment, order.point_id))
    if order.pickup_code and order.pickup_until and acting.allowed(talk, "fetch_code"):
        lines.append(_kept(talk, order, order.pickup_until))
    return lines


def state(_: Words, order: Order) -> str:
    """The order's state in words."""
    return _(ORDER_STATES[order.state])


def show_order(talk: Talk, number: str) -> None:
    """One order: state, place, code, and what can still be done."""
    _, order = talk._, orders.by_number(talk.db, number, talk.reader.id)
    if not _may_see(talk, order):
        acting.need(talk, "see_orders")
    lines = [line(talk, order, until_when=False)]
    fetches = acting.allowed(talk, "fetch_code")
    if order.point_id and order.state not in (*WAITING, *CALLED_OFF):
        lines.append(ordering.where(talk, order.fulfilment, order.point_id, order.promised_at))
    elif order.address and acting.allowed(talk, "use_address"):
        lines.append(order.address)
        lines += tracking.lines(talk, order) if order.state is not OrderState.SHIPPED else []
    lines += promised(_, promises.of_order(talk.db, order))
    if missing := orders.gone_missing(talk.db, order.id):
        lines.append(_("没有找到：{books}", books=_.books(missing)))
    if out := orders.taken_out(talk.db, order.id):
        lines.append(_("从这一单里拿出来了：{books}", books=_.books(out)))
    if order.reason:
        lines.append(_("说明：{reason}", reason=order.reason))
    may_cancel = order.state in orders.STEPS["cancel"].before and acting.allowed(talk, "order")
    buttons = [Button(_("取消这个订单"), f"cancel:{order.number}")] if may_cancel else []
    if order.state in additions.UNPACKED and acting.allowed(talk, "order"):
        twice = [book for book in orders.books(talk.db, order.id) if book["at_home"]]
        buttons += [
            Button(_("《{title}》已有一册，拿出来", title=one["title"][:10]), f"lo:{order.number}:{one['title_id']}")
            for one in twice
        ]
    if order.state in additions.UNPACKED and cart.items(talk.db, talk.reader.id):
        buttons.append(Button(_("把借书车加进来"), f"add:{order.number}"))
    if elsewhere.may_move(talk.db, order, talk.now) and acting.allowed(talk, "order"):
        lines.append(_("这个取书点不再开了，请换个地方取。"))
        buttons.append(Button(_("换个地方取"), f"op:{order.number}"))
    buttons += [*tracking.buttons(talk, order), *tracking.not_come(talk, order)]
    if fetches:
        buttons += appointment_words.of_order(_, talk.db, order, talk.now)
        buttons += keep_words.of_order(_, talk.db, order, talk.policy, talk.now)
    waits = order.state is OrderState.IN_LOCKER and fetches
    talk.say(
        "\n".join(lines),
        rows(*buttons, menu(_, "show_orders"), menu(_, "escalate")),
        qr=order.pickup_code if waits else "",
    )


def _kept(talk: Talk, order: Order, until: datetime) -> str:
    _ = talk._
    if door_claims.stopped(talk.db, order.id):
        return _("取书码 {code}，取书时间先停住，馆员看过柜门再从头算", code=order.pickup_code)
    return _("取书码 {code}，保留到 {moment}", code=order.pickup_code, moment=_.moment(until))


def promised(_: Words, found: list[Promise]) -> list[str]:
    """Each promise with its moment: kept, broken, or still running (D-1)."""
    return [_promise(_, one) for one in found]


def _promise(_: Words, one: Promise) -> str:
    texts = {
        "review": _("承诺 {moment} 前答复", moment=_.moment(one.by)),
        "pack": _("承诺 {moment} 前打包", moment=_.moment(one.by)),
        "ready": _("承诺 {moment} 前备好", moment=_.moment(one.by)),
    }
    if one.broken:
        return _("· {promise}：晚了，对不起", promise=texts[one.name])
    return _("· {promise}：做到了", promise=texts[one.name]) if one.met_at else f"· {texts[one.name]}"


def cancel_order(talk: Talk) -> None:
    """By number, or the only one that can still be cancelled."""
    _ = talk._
    named = talk.slot("query") or talk.slot("title")
    if re.fullmatch(r"(?i)sx\d{6}-\d+", named):
        return cancel_number(talk, named.upper())
    open_ones = [o for o in orders.of_reader(talk.db, talk.reader.id) if o.state in orders.STEPS["cancel"].before]
    if not open_ones:
        return talk.say(
            _("现在没有可以取消的订单；已经寄出或放好的书，不想要可以不取，过期会自动放回。"),
            rows(menu(_, "show_orders")),
        )
    if len(open_ones) == 1:
        return ask_cancel(talk, open_ones[0].number)
    talk.say(_("要取消哪一个？"), rows(*(Button(o.number, f"cancel:{o.number}") for o in open_ones), across=2))


def take_out(talk: Talk, number: str, title: str) -> None:
    """A book that the reader has got in another way leaves the order; again changes nothing more."""
    _, title_id = talk._, int(title) if title.isascii() and title.isdigit() and len(title) < 15 else 0
    before, name = orders.by_number(talk.db, number, talk.reader.id), catalogue.title(talk.db, title_id).title
    if name in orders.taken_out(talk.db, before.id):
        return talk.say(_("《{title}》已经不在订单 {number} 里了。", title=name, number=number), _shown(_, number))
    if before.state is OrderState.CANCELLED:
        return cancel_number(talk, number)
    gap = missing_copies.take_out(talk.db, talk.reader.id, number, title_id, talk.policy, talk.now)
    if not gap.left:
        return cancel_number(talk, number)
    order = orders.by_number(talk.db, number)
    text = _("好的，《{title}》从订单 {number} 里拿出来了。", title=name, number=number)
    text = _.together(text, _.n("其余 {n} 本照常送到您手上。", "其余 {n} 本照常送到您手上。", gap.left))
    if order.fee_fen != before.fee_fen:
        saved = _.money(before.fee_fen - order.fee_fen)
        text = _.together(text, _("运费改为 {fee}，少收 {saved}。", fee=_.money(order.fee_fen), saved=saved))
    talk.say(text, _shown(_, number))


def keep_both(talk: Talk, number: str, title: str) -> None:
    """Two copies are wanted: the order stays as it is."""
    _, order = talk._, orders.by_number(talk.db, number, talk.reader.id)
    talk.say(_("好的，订单 {number} 照旧，{state}。", number=number, state=state(_, order)), _shown(_, number))


def _shown(_: Words, number: str) -> tuple[tuple[Button, ...], ...]:
    return rows(Button(_("看这个订单"), f"order:{number}"), menu(_, "show_loans"))


def ask_cancel(talk: Talk, number: str) -> None:
    """Once more before it is gone; where it is too late that is said at once, and how the order stands."""
    _, order = talk._, orders.by_number(talk.db, number, talk.reader.id)
    if order.state not in orders.STEPS["cancel"].before:
        return cancel_number(talk, number)
    talk.memory["confirm"] = f"cancel!:{number}"
    books = _.books([b["title"] for b in orders.books(talk.db, order.id)])
    text = _("确定取消 {number} 吗？{books}会放回书架。", number=number, books=books)
    if order.free_fen:
        text += _("这一单的免费配送也一起退掉，再下单按那时的价格。")
    talk.say(
        text,
        rows(Button(_("确定取消"), f"cancel!:{number}"), Button(_("不取消"), f"order:{number}")),
    )


def cancel_number(talk: Talk, number: str) -> None:
    """It is cancelled; again changes nothing more."""
    _ = talk._
    order = orders.by_number(talk.db, number, talk.reader.id)
    if order.state is not OrderState.CANCELLED:
        orders.cancel(talk.db, number, talk.reader.id, talk.policy, talk.now)
    again = Button(_("把书放回借书车"), f"again:{number}")
    talk.say(_("订单 {number} 已取消。", number=number), rows(again, menu(_, "show_orders"), menu(_, "show_cart")))
