"""加书: the cart joins an order that is not packed yet, its price beside that of an order of its own (B5, C5-4)."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import replace

from bot import appointment_words
from bot.events import Button
from bot.handlers import ordering
from bot.talk import Talk
from bot.texts import material, menu, rows
from lending import additions, appointment_clock, cart, catalogue, free_shipping, orders
from lending.additions import Added, CannotAdd, Terms
from lending.errors import CartEmpty, NotAllowed, OtherMaterial, OutsideServiceArea, PriceChanged
from lending.model import Fulfilment, OrderState
from lending.orders import Order

ASKED = "加进订单"  # the checkout's query when the reader says so themselves
MOST = 3  # orders offered at once


def ask(talk: Talk) -> None:
    """ "把这几本加进我的订单": into the only one open to more; of several, which."""
    _ = talk._
    if not cart.items(talk.db, talk.reader.id):
        if additions.open_to_more(talk.db, talk.reader.id):
            return may_join(talk)
        raise CartEmpty()
    found = additions.open_to_more(talk.db, talk.reader.id)
    if len(found) == 1:
        return show(talk, found[0].number)
    if not found:
        text = _("现在没有还没打包的订单，直接下单就好；书都在借书车里。")
        return talk.say(text, rows(menu(_, "checkout"), menu(_, "show_cart")))
    talk.say(_("加进哪个订单？"), rows(*(Button(o.number, f"add:{o.number}") for o in found[:MOST]), across=2))


def may_join(talk: Talk) -> None:
    """能不能再加一本进去: whether an order still takes books, and how they join it. Where some lie ready, into which."""
    if cart.items(talk.db, talk.reader.id):
        return ask(talk)
    _, found = talk._, additions.open_to_more(talk.db, talk.reader.id)
    told = _("能加。想加哪一本，发书名给我；放进借书车以后，选「加进订单」就和这一单一起。") if found else _("这一单加不进去了，想看的书再借一单就好。")
    talk.say(told, rows(menu(_, "browse"), menu(_, "show_orders"), menu(_, "escalate")))


def offers(talk: Talk) -> list[Button]:
    """A button for each order that could take the cart, with what it would cost more."""
    found = []
    for order in additions.open_to_more(talk.db, talk.reader.id)[:MOST]:
        with suppress(CannotAdd, NotAllowed, OutsideServiceArea):
            terms = additions.preview(talk.db, talk.reader.id, order.number, talk.policy, talk.now)
            label = _label(talk, order.number, _pays(talk, terms.more_fen))
            found.append(Button(label, f"add:{order.number}"))
    return found


def _label(talk: Talk, number: str, more: int) -> str:
    if more > 0:
        return talk._("加进订单 {number}（多付 {more}）", number=number, more=talk._.money(more))
    return talk._("加进订单 {number}（不多付）", number=number)


def _pays(talk: Talk, fen: int) -> int:
    """What of a price is left for the reader after free delivery."""
    return fen - free_shipping.offered(talk.db, talk.reader.id, max(0, fen), talk.policy, talk.now)


def show(talk: Talk, number: str) -> None:
    """Everything the reader agrees to: the books together, where to, the price both ways, the promise, the days."""
    _ = talk._
    terms = additions.preview(talk.db, talk.reader.id, number, talk.policy, talk.now)
    titles = catalogue.titles(talk.db, cart.items(talk.db, talk.reader.id))
    lent, told = ordering.lent_how(talk, terms.order.fulfilment, terms.order.point_id, titles)
    lines = [
        _(
            "订单 {number} 里有{old}，加上{new}，一共 {n} 本。",
            number=number,
            old=_.books([book["title"] for book in orders.books(talk.db, terms.order.id)]),
            new=_.books([title.title for title in titles.values()]),
            n=terms.total,
        ),
        _where(talk, terms.order),
        *_cost(talk, terms),
        *_promised(talk, terms),
        *_outrun(talk, terms),
        *lent,
    ]
    key = secrets.token_hex(6)
    talk.memory["adding"] = {
        "key": key, "number": number, "titles": sorted(titles), "fee": _pays(talk, terms.more_fen),
        "terms": told,
    }  # fmt: skip
    yes = f"add!:{number}:{key}"
    talk.memory["confirm"] = yes
    talk.say(
        "\n".join(lines),
        ((Button(_("确认加进去"), yes),), (Button(_("另下一单"), "i:checkout"), menu(_, "show_cart"))),
    )


def _where(talk: Talk, order: Order) -> str:
    if order.point_id:
        return talk._("取书：{where}", where=ordering.where(talk, order.fulfilment, order.point_id, order.promised_at))
    return talk._("送到 {address}", address=order.address)


def _cost(talk: Talk, terms: Terms) -> list[str]:
    """What the order costs now and then, beside an order of its own; and the way back of all (A4-8)."""
    _, order = talk._, terms.order
    if order.fulfilment is not Fulfilment.DELIVERY:
        return [_("费用：¥0；还书放到任何馆或书柜，也不收费。")]
    pays, alone = _pays(talk, terms.more_fen), _pays(talk, terms.alone_fen)
    values = {"old": _.money(order.fee_fen), "new": _.money(max(0, order.fee_fen + pays)), "alone": _.money(alone)}
    if pays > 0:
        text = _("送书从 {old} 变成 {new}，多付 {more}；另下一单要 {alone}。", more=_.money(pays), **values)
    elif pays < 0:
        text = _("一起送更便宜：送书从 {old} 降到 {new}；另下一单要 {alone}。", **values)
    else:
        text = _("送书还是 {new}，不多付；另下一单要 {alone}。", new=values["new"], alone=values["alone"])
    back = _("还书上门取件一共 {back}，自己还到任何馆或书柜 ¥0。", back=_.money(terms.back_fen))
    later = [_("运费先不用付，书还回来以后再付。")] if pays > 0 and talk.policy.fees.pay == "return" else []
    return [text, *later, back]


def _promised(talk: Talk, terms: Terms) -> list[str]:
    """All come together, so the promise is that of an order placed now; or a person looks first (E1-10)."""
    _ = talk._
    moment = _.moment(terms.promised_at)
    if terms.review_by is None and moment == _.moment(terms.order.promised_at):
        return [_("预计 {moment} 前备好。", moment=moment)]
    if terms.review_by is None:
        return [_("整单一起，改为 {moment} 前备好。", moment=moment)]
    lines = [_("加进去以后这一单要请馆员看一下，{moment} 前答复您。", moment=moment)]
    return [*lines, *ordering.reviewed(talk, terms.why)]


def _outrun(talk: Talk, terms: Terms) -> list[str]:
    """That a booked time comes too early for all of them, before the reader agrees."""
    _, then = talk._, replace(terms.order, promised_at=terms.promised_at, state=terms.state)
    one = appointment_clock.outrun(talk.db, then, talk.policy, talk.now)
    if one is None:
        return []
    return [_("您约的 {when} 取书就赶不上了：加进去以后那个时间取消，可以另约。", when=appointment_words.when(_, one))]


def confirm(talk: Talk, number: str, key: str) -> None:
    """The one press that adds. Pressed twice, it answers the same; an old one brings a fresh card (B2-2)."""
    _, draft = talk._, talk.memory.get("adding") or {}
    request = f"{talk.reader.id}:{key}"
    if done := additions.by_request(talk.db, talk.reader.id, request):
        return _say_added(talk, done)
    held = sorted(cart.items(talk.db, talk.reader.id))
    if not held:
        raise CartEmpty()
    if (draft.get("key"), draft.get("number"), draft.get("titles")) != (key, number, held):
        talk.say(_("这条消息已过期，借书车后来变过了。这是现在的："), toast=_("已过期"))
        return show(talk, number)
    told = draft.get("terms", [])
    if not ordering.lent_so_still(talk, told):
        talk.say(_("借期刚刚变了，还没有加进去。现在是这样："))
        return show(talk, number)
    try:
        done = additions.add(
            talk.db, talk.reader.id, number, request, talk.policy, talk.now, max(0, draft["fee"]),
            ordering.agreed_make(told),
        )  # fmt: skip
    except PriceChanged:  # said, and asked anew: nobody pays what they have not agreed to
        talk.say(_("价钱刚刚变了，还没有加进去。现在是这样："))
        return show(talk, number)
    except OtherMaterial as other:  # nor gets a disc for a book
        values = {"title": other.title, "material": material(_, other.material)}
        talk.say(_("《{title}》刚才那一册被别人借走了，换上来的一册是{material}，还没有加进去。", **values))
        return show(talk, number)
    for word in ("adding", "draft", "way", "confirm"):
        talk.memory.pop(word, None)
    _say_added(talk, done)


def _say_added(talk: Talk, done: Added) -> None:
    _, order = talk._, done.order
    text = _.n(
        "{n} 本加进了订单 {number}，一起到。", "{n} 本加进了订单 {number}，一起到。", done.books, number=order.number
    )
    moment = _.moment(order.promised_at)
    if order.state is OrderState.IN_REVIEW:
        text += "\n" + _("这一单要请馆员看一下，{moment} 前答复您。", moment=moment)
    else:
        text += "\n" + _("{moment} 前备好。", moment=moment)
    talk.say(text, rows(Button(_("看这个订单"), f"order:{order.number}"), menu(_, "show_orders")))
