"""借书: into the cart, how to get the books, what it costs, and the order. Three taps after a search (A1-14)."""

from __future__ import annotations

import re
import secrets

from bot.events import Button
from bot.handlers import finding, trust
from bot.talk import Talk
from bot.texts import ORDER_STATES, Words, menu, rows
from lending import cart, catalogue, decisions, desk, holds, lockers, orders, readers
from lending.errors import BadAddress, CartEmpty, NoCopyAvailable, NotAllowed
from lending.model import Fulfilment, OrderState
from lending.orders import Order

PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
MOST_LOCKERS = 4


# ---- the cart ------------------------------------------------------------------------------------------------------


def borrow(talk: Talk) -> None:
    """ "借第2本" · "借《围城》": into the cart, then how to get it."""
    title_id = finding.meant_title(talk)
    return finding.which(talk) if title_id is None else borrow_title(talk, str(title_id))


def borrow_title(talk: Talk, title_id: str) -> None:
    """One book more, straight on to the ways of getting it."""
    _, title = talk._, catalogue.title(talk.db, int(title_id))
    _must_be_free(talk, title)
    new = cart.add(talk.db, talk.reader.id, title.id, talk.policy, talk.now)
    talk.memory["title"] = title.id
    said = (
        _("《{title}》放进借书车了。", title=title.title)
        if new
        else _("《{title}》已经在借书车里。", title=title.title)
    )
    ways(talk, said)


def _must_be_free(talk: Talk, title: catalogue.Title) -> None:
    stock = catalogue.availability(talk.db, [title.id])[title.id]
    mine = holds.of_reader(talk.db, talk.reader.id) if not stock.available else []
    if not stock.available and not any(hold.title_id == title.id and hold.state == "ready" for hold in mine):
        raise NoCopyAvailable(title.id, title.title)


def add_to_cart(talk: Talk) -> None:
    """ "把第2本放进借书车": in, and stay with the list."""
    _, title_id = talk._, finding.meant_title(talk)
    if title_id is None:
        return finding.which(talk)
    title = catalogue.title(talk.db, title_id)
    _must_be_free(talk, title)
    cart.add(talk.db, talk.reader.id, title_id, talk.policy, talk.now)
    n = len(cart.items(talk.db, talk.reader.id))
    text = _.n(
        "《{title}》放进借书车了，车里共 {n} 本。", "《{title}》放进借书车了，车里共 {n} 本。", n, title=title.title
    )
    talk.say(text, rows(menu(_, "checkout"), menu(_, "show_cart")))


def show_cart(talk: Talk) -> None:
    """What is in it, each with a way out."""
    _ = talk._
    titles = catalogue.titles(talk.db, cart.items(talk.db, talk.reader.id))
    if not titles:
        raise CartEmpty()
    stock = catalogue.availability(talk.db, titles)
    lines = [f"{n}. {finding.name(t)} {finding.stock_line(_, stock[t.id])}" for n, t in enumerate(titles.values(), 1)]
    heading = _.n("借书车里有 {n} 本：", "借书车里有 {n} 本：", len(titles))
    out = [Button(_("移出{title}", title=finding.label(t)), f"out:{t.id}") for t in list(titles.values())[:8]]
    talk.say("\n".join([heading, *lines]), ((menu(_, "checkout"),), *rows(*out, across=1)))


def remove_from_cart(talk: Talk) -> None:
    """ "移出第1本" counts along the cart."""
    _, n, held = talk._, talk.number(), cart.items(talk.db, talk.reader.id)
    if talk.slot("title"):
        wanted = set(talk.found.ids) if talk.found else set()
        held = [title for title in held if title in wanted]
        n = 1
    if not held:
        raise CartEmpty()
    if n is None and len(held) > 1:
        return show_cart(talk)
    index = (n or 1) - 1
    if not 0 <= index < len(held):
        return show_cart(talk)
    take_out(talk, str(held[index]))


def take_out(talk: Talk, title_id: str) -> None:
    """Out of the cart; where it is no longer in, ordered since or pressed twice, the cart as it is now."""
    _ = talk._
    if not cart.remove(talk.db, talk.reader.id, int(title_id)):
        return show_cart(talk)
    title = catalogue.title(talk.db, int(title_id))
    left = len(cart.items(talk.db, talk.reader.id))
    text = _.n("移出了《{title}》，车里还有 {n} 本。", "移出了《{title}》，车里还有 {n} 本。", left, title=title.title)
    talk.say(text, rows(menu(_, "show_cart"), menu(_, "checkout")) if left else ())


def drop_and_go_on(talk: Talk, title_id: str) -> None:
    """Leave out a book that has gone, order the others."""
    cart.remove(talk.db, talk.reader.id, int(title_id))
    checkout(talk)


# ---- how to get them -----------------------------------------------------------------------------------------------


def checkout(talk: Talk) -> None:
    """ "去下单"."""
    if not cart.items(talk.db, talk.reader.id):
        raise CartEmpty()
    ways(talk, "")


def ways(talk: Talk, said: str) -> None:
    """Every way to get the books side by side, with its price; free ones first (A9-5, C5-4)."""
    _, books = talk._, len(cart.items(talk.db, talk.reader.id))
    there = orders.quote(talk.policy, Fulfilment.DELIVERY, "city", books)
    free = sorted(lockers.with_room(talk.db, books), key=lambda room: room["id"] != talk.reader.point_id)
    names = {room["id"]: room["name_en"] if _.language == "en" else room["name"] for room in free[:MOST_LOCKERS]}
    buttons: list[tuple[Button, ...]] = [
        (Button(_("{name} ¥0", name=name), f"w:locker:{room}"),) for room, name in names.items()
    ]
    delivery = _("送到家 {there}（还书取件 {back}）", there=_.money(there.fee_fen), back=_.money(there.return_fee_fen))
    buttons += [(Button(delivery, "w:delivery:0"),), (Button(_("到馆自取 ¥0"), "w:branches"), menu(_, "show_cart"))]
    question = _.n("这 {n} 本怎么取？", "这 {n} 本怎么取？", books)
    ready = (
        _("书柜 {moment} 前可取，不收费。", moment=_.moment(desk.ready_by(talk.policy, talk.now)))
        if free
        else _("书柜现在都满了。")
    )
    talk.say("\n".join(part for part in (said, f"{question}{ready}") if part), tuple(buttons))


def choose_branch(talk: Talk) -> None:
    """Which counter."""
    _ = talk._
    branches = sorted(catalogue.points(talk.db, "branch"), key=lambda point: point.id != talk.reader.point_id)
    buttons = [Button(finding.place_name(_, point), f"w:counter:{point.id}") for point in branches[:8]]
    back = (Button(_("换个方式"), "i:checkout"),)  # this takes the place of the ways
    talk.say(_("到哪个馆取？"), (*rows(*buttons, across=2), back), edits=True)


def choose_way(talk: Talk, way: str, point: str = "0") -> None:
    """The reader has chosen; say the whole cost, or first what is still missing."""
    if way == "branches":
        return choose_branch(talk)
    if not cart.items(talk.db, talk.reader.id):
        raise CartEmpty()
    talk.memory["way"] = [way, int(point)]
    if talk.reader.standing == "new":
        return trust.offer(talk)
    if way == Fulfilment.DELIVERY and not talk.reader.address:
        return ask_district(talk)
    quote(talk)


def go_on(talk: Talk) -> None:
    """Back to where the reader was before credit was opened."""
    if talk.memory.get("way") and cart.items(talk.db, talk.reader.id):
        way, point = talk.memory["way"]
        choose_way(talk, way, str(point))


def start_on_ladder(talk: Talk) -> None:
    """Without any bureau, and on with what the reader was about to borrow."""
    trust.start_ladder(talk)
    go_on(talk)


def go_on_or_cart(talk: Talk) -> None:
    """ "继续下单": on from where it stopped, or the cart."""
    if talk.memory.get("way"):
        return go_on(talk)
    checkout(talk)


def ask_district(talk: Talk) -> None:
    """The courier stays inside the city: known before, not after (A4-11)."""
    _ = talk._
    districts = sorted({point.district for point in catalogue.points(talk.db) if point.district})
    buttons = [Button(name, f"d:{name}") for name in districts] + [Button(_("不在这些区"), "d:")]
    talk.say(_("送到哪个区？"), rows(*buttons))


def choose_district(talk: Talk, district: str = "") -> None:
    """Inside the city we ask for the address; outside there is a way too."""
    _ = talk._
    if not district:
        return talk.say(
            _("快递目前只送本市。可以选智能书柜或到馆自取，都不收费。"),
            rows(menu(_, "checkout"), menu(_, "find_branches")),
        )
    talk.step = "address"
    talk.memory["district"] = district
    ask = (Button(_("发送我的手机号"), ask="phone"),) if not talk.reader.phone else ()
    talk.say(
        _(
            "请在一条消息里写：收件人、手机号、{district}的详细地址。例如「李明 13800000000 春风路8号3单元201」。只用来送书。",
            district=district,
        ),
        rows(*ask, menu(_, "cancel")),
    )


def hear_address(talk: Talk) -> None:
    """The words in which a reader gives their address; what is missing is asked for, nothing else is lost."""
    text = talk.event.text
    if talk.found and talk.found.ids and not talk.found.near and not any(sign.isdigit() for sign in text):
        talk.step = ""  # a book's name is no address: the reader has gone on
        return finding.search(talk)
    found = PHONE.search(text.replace("-", "").replace(" ", "")) and PHONE.search(text)
    phone = found.group() if found else talk.reader.phone
    rest = _address_parts(text.replace(phone, ",") if phone else text)
    if len(rest) < 2 or not phone:
        raise BadAddress(("phone",) if not phone else ("address",))
    name = min(rest[:2], key=lambda part: (any(sign.isdigit() for sign in part), len(part)))
    rest.remove(name)
    district = talk.memory.get("district", "")
    address = " ".join(rest) if district in " ".join(rest) else f"{district} {' '.join(rest)}"
    readers.set_delivery(talk.db, talk.reader.id, name, phone, address, "city")
    talk.reader = readers.reader(talk.db, talk.reader.id)
    talk.step = ""
    talk.say(talk._("记下了：{name} {phone} {address}", name=name, phone=phone, address=address))
    go_on(talk)


def _address_parts(text: str) -> list[str]:
    """Cut at commas and lines, so that "Li Ming" stays whole; where that leaves one part, at blanks."""
    parts = [part.strip() for part in re.split(r"[,，;；\n]+", text) if part.strip()]
    return parts if len(parts) > 1 else text.replace(",", " ").split()


# ---- the order -----------------------------------------------------------------------------------------------------


def quote(talk: Talk) -> None:
    """Everything the reader agrees to, before they agree (A4-8, A7-2). Every number comes from the policy (B2-12)."""
    _, policy = talk._, talk.policy
    way, point = talk.memory["way"]
    titles = catalogue.titles(talk.db, cart.items(talk.db, talk.reader.id))
    decision = decisions.may_borrow(decisions.facts(talk.db, talk.reader.id, talk.now), len(titles), policy)
    if not decision.allowed:
        raise NotAllowed(decision)
    cost = orders.quote(policy, Fulfilment(way), talk.reader.zone or "city", len(titles))
    key = secrets.token_hex(6)
    talk.memory["draft"] = {"key": key, "titles": sorted(titles), "way": way, "point": point}
    lines = [
        _.n(
            "请确认，共 {n} 本：{books}",
            "请确认，共 {n} 本：{books}",
            len(titles),
            books=_.books([t.title for t in titles.values()]),
        ),
        _("取书：{where}", where=_where(talk, way, point)),
        _cost(_, way, cost),
    ]
    if len(cost.parcels) > 1:
        lines.append(_("分 {n} 个包裹寄出，这样最省。", n=len(cost.parcels)))
    lines += [
        _("预计 {moment} 前备好。", moment=_.moment(desk.ready_by(policy, talk.now))),
        _(
            "取到书起可借 {days} 天，可续借 {times} 次、每次 {more} 天。",
            days=policy.lending.loan_days,
            times=policy.lending.renewals,
            more=policy.lending.renewal_days,
        ),
        _("超期每本每天 {points} 分，不收钱。", points=policy.ledger.rule("overdue").delta),
    ]
    change = (Button(_("换地址"), "address"),) if way == Fulfilment.DELIVERY else ()
    talk.memory["confirm"] = f"ok:{key}"
    talk.say(
        "\n".join(lines),
        ((Button(_("确认下单"), f"ok:{key}"),), (Button(_("换个方式"), "i:checkout"), *change, menu(_, "show_cart"))),
    )


def _cost(_: Words, way: str, cost: orders.Quote) -> str:
    """There and back, and that bringing it back oneself is free (A4-8)."""
    if way == Fulfilment.DELIVERY:
        there, back = _.money(cost.fee_fen), _.money(cost.return_fee_fen)
        return _("费用：送书 {there}；还书上门取件 {back}，自己还到任何馆或书柜 ¥0。", there=there, back=back)
    return _("费用：¥0；还书放到任何馆或书柜，也不收费。")


def _where(talk: Talk, way: str, point: int) -> str:
    _ = talk._
    if way == Fulfilment.DELIVERY:
        return _(
            "送到 {name} {phone} {address}", name=talk.reader.name, phone=talk.reader.phone, address=talk.reader.address
        )
    place = catalogue.point(talk.db, point)
    address = place.address_en if _.language == "en" and place.address_en else place.address
    return _("{name}（{address}）", name=finding.place_name(_, place), address=address)


def confirm(talk: Talk, key: str) -> None:
    """The one press that orders. Pressed twice, it answers with the same order; an old one brings a fresh card (B2-2)."""
    _ = talk._
    draft = talk.memory.get("draft") or {}
    request = f"{talk.reader.id}:{key}"
    placed = orders.by_request(talk.db, talk.reader.id, request)
    if placed:
        return _say_placed(talk, placed)
    if draft.get("key") != key or draft["titles"] != sorted(cart.items(talk.db, talk.reader.id)):
        talk.say(_("这条消息已过期，借书车后来变过了。这是现在的："), toast=_("已过期"))
        return go_on(talk) if talk.memory.get("way") and cart.items(talk.db, talk.reader.id) else show_cart(talk)
    order = orders.place(
        talk.db, talk.reader.id, Fulfilment(draft["way"]), draft["point"] or None, request, talk.policy, talk.now
    )
    if order.point_id:
        readers.set_point(talk.db, talk.reader.id, order.point_id)
    for word in ("draft", "way", "confirm"):
        talk.memory.pop(word, None)
    _say_placed(talk, order)


def _say_placed(talk: Talk, order: Order) -> None:
    _ = talk._
    lines = [_("订单 {number} 收到了，谢谢您的信任。", number=order.number)]
    if order.state is OrderState.IN_REVIEW:
        lines.append(_("这一单要请馆员看一下，{moment} 前答复您。", moment=_.moment(order.promised_at)))
    elif order.fulfilment is Fulfilment.LOCKER:
        box = lockers.label(talk.db, order.id)
        lines.append(
            _(
                "已经为您留好书柜格口 {box}，{moment} 前放好，到时把取书码发给您。",
                box=box,
                moment=_.moment(order.promised_at),
            )
        )
    elif order.fulfilment is Fulfilment.DELIVERY:
        lines.append(_("{moment} 前寄出，路上的每一步我都告诉您。", moment=_.moment(order.promised_at)))
    else:
        lines.append(_("{moment} 前放到取书架，好了就通知您。", moment=_.moment(order.promised_at)))
    talk.say("\n".join(lines), rows(Button(_("看这个订单"), f"order:{order.number}"), menu(_, "show_orders")))


def change_address(talk: Talk) -> None:
    """A new address for this and later orders."""
    ask_district(talk)


# ---- orders placed -------------------------------------------------------------------------------------------------


def show_orders(talk: Talk) -> None:
    """The newest first, each with where it is (C3: "where is my order" in one message)."""
    _, placed = talk._, orders.of_reader(talk.db, talk.reader.id)
    if not placed:
        return talk.say(_("还没有订单。想看什么书？"), rows(menu(_, "new_books"), menu(_, "browse")))
    lines = [f"{n}. {_order_line(talk, order)}" for n, order in enumerate(placed[:8], 1)]
    buttons = [Button(order.number, f"order:{order.number}") for order in placed[:8]]
    talk.say("\n".join([_("您的订单："), *lines]), rows(*buttons, across=2))


def _order_line(talk: Talk, order: Order) -> str:
    _ = talk._
    titles = [book["title"] for book in orders.books(talk.db, order.id)]
    return f"{order.number} {state(_, order)} {_.books(titles)}"


def state(_: Words, order: Order) -> str:
    """The order's state in words."""
    return _(ORDER_STATES[order.state])


def show_order(talk: Talk, number: str) -> None:
    """One order: state, place, code, and what can still be done."""
    _, order = talk._, orders.by_number(talk.db, number, talk.reader.id)
    lines = [_order_line(talk, order)]
    if order.point_id:
        lines.append(_where(talk, order.fulfilment, order.point_id))
    elif order.address:
        lines.append(order.address)
    if order.pickup_code and order.pickup_until:
        lines.append(_("取书码 {code}，保留到 {moment}", code=order.pickup_code, moment=_.moment(order.pickup_until)))
    elif order.state in (OrderState.APPROVED, OrderState.PICKING, OrderState.PACKED):
        lines.append(_("预计 {moment} 前备好。", moment=_.moment(order.promised_at)))
    if order.reason:
        lines.append(_("说明：{reason}", reason=order.reason))
    may_cancel = order.state in orders.STEPS["cancel"].before
    buttons = [Button(_("取消这个订单"), f"cancel:{order.number}")] if may_cancel else []
    waits = order.state is OrderState.IN_LOCKER
    talk.say(
        "\n".join(lines),
        rows(*buttons, menu(_, "show_orders"), menu(_, "escalate")),
        qr=order.pickup_code if waits else "",
    )


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


def ask_cancel(talk: Talk, number: str) -> None:
    """Once more before it is gone."""
    _, order = talk._, orders.by_number(talk.db, number, talk.reader.id)
    talk.memory["confirm"] = f"cancel!:{number}"
    talk.say(
        _(
            "确定取消 {number} 吗？{books}会放回书架。",
            number=number,
            books=_.books([b["title"] for b in orders.books(talk.db, order.id)]),
        ),
        rows(Button(_("确定取消"), f"cancel!:{number}"), Button(_("不取消"), f"order:{number}")),
    )


def cancel_number(talk: Talk, number: str) -> None:
    """It is cancelled; again changes nothing more."""
    _ = talk._
    order = orders.by_number(talk.db, number, talk.reader.id)
    if order.state is not OrderState.CANCELLED:
        orders.cancel(talk.db, number, talk.reader.id, talk.policy, talk.now)
    talk.say(_("订单 {number} 已取消。", number=number), rows(menu(_, "show_orders"), menu(_, "show_cart")))
