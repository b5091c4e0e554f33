"""Where a parcel is, in words; and what the library says by itself about parcels and about books nobody has fetched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from bot import keep_words
from bot.books import place_name
from bot.events import Button, Reply
from bot.saying import Saying, Sentences
from bot.texts import N_, Words, menu, rows
from lending import calendar, catalogue, door_claims, fee_refunds, lockers, moved_promises, orders, parcels, rounds
from lending.database import Database
from lending.model import OrderState, library_day, parse_stamp
from lending.notices import Notice
from lending.orders import Order
from lending.parcels import Parcel
from lending.policy import Policy

PARCEL_STATES = {
    "created": N_("等快递来取"), "collected": N_("快递已取件"), "in_transit": N_("在路上"),
    "out_for_delivery": N_("正在派送"), "at_pickup_point": N_("在代收点，等您去取"), "problem": N_("派送遇到问题"),
    "refused": N_("被拒收"), "returning": N_("正在退回图书馆"), "returned": N_("已退回图书馆"),
    "lost": N_("快递丢失了"), "signed": N_("已签收"),
}  # fmt: skip
DID_NOT_COME = ("returned", "lost")
UNSAID = ("created", "collected", "problem")  # of a round's parcel: nobody has said that it went
RECEIVABLE = ("created", "collected", "in_transit", "out_for_delivery", "at_pickup_point", "problem")


def where(_: Words, db: Database, policy: Policy, order: Order, now: datetime) -> list[str]:
    """A line for each of the order's parcels: number, state, place, when; the library's own round with its hour."""
    found = parcels.of_order(db, order.id)
    lines = [where_it_is(_, policy, one, now, n if len(found) > 1 else 0) for n, one in enumerate(found, 1)]
    apart = ["" if one.state not in DID_NOT_COME or len(found) < 2 else _inside(_, db, one) for one in found]
    return [" · ".join(filter(None, both)) for both in zip(lines, apart, strict=True)]


def _inside(_: Words, db: Database, one: Parcel) -> str:
    """The titles of one parcel."""
    return _.books([book["title"] for book in orders.books(db, one.order_id) if book["parcel_id"] == one.id])


def where_it_is(_: Words, policy: Policy, one: Parcel, now: datetime, n: int = 0) -> str:
    """One parcel in a line; `n` where the order has several."""
    name = _("包裹 {n}（{tracking}）", n=n, tracking=one.tracking) if n else _("包裹 {tracking}", tracking=one.tracking)
    ours = one.round_at and one.state in ("created", "collected")  # no courier comes for it
    if one.round_at and one.state in UNSAID and _over(one, now):
        return _("{name}：{line}", name=name, line=_unknown(_, policy, one))
    said = [_("{name}：{state}", name=name, state=_("等出发") if ours else _(PARCEL_STATES[one.state]))]
    if one.place:
        said.append(one.place)
    if one.round_at and one.state in ("created", "collected", "in_transit", "out_for_delivery", "problem"):
        said.append(_round(_, policy, one))
    elif one.state != "created":
        said.append(_.moment(one.changed_at))
    return " · ".join(said)


def _over(one: Parcel, now: datetime) -> bool:
    """Whether its round's day has gone by."""
    return one.round_at is not None and library_day(one.round_at) < library_day(now)


def _unknown(_: Words, policy: Policy, one: Parcel) -> str:
    """Only what is known: when the round was to come, and that nobody has written down whether it did."""
    assert one.round_at is not None
    run = rounds.window(policy, one.round, one.round_at)
    span = f"{_.moment(run.starts_at)}–{_.time(run.ends_at)}"
    return _("{span} 那一班送书有没有送到，还没有记录，正在问馆员", span=span)


def _round(_: Words, policy: Policy, one: Parcel) -> str:
    """When and where the library's own people come (A10-2)."""
    assert one.round_at is not None
    run = rounds.window(policy, one.round, one.round_at)
    span = f"{_.moment(run.starts_at)}–{_.time(run.ends_at)}"
    if run.place:
        return _("馆里的送书员 {span} 在{place}等您", span=span, place=run.place)
    return _("馆里的送书员 {span} 送到", span=span)


def got_it(_: Words, db: Database, order: Order, now: datetime) -> dict[int, Button]:
    """我拿到了: the reader's own word, for each parcel that may have come."""
    found = parcels.of_order(db, order.id)
    return {
        one.id: Button(_("我拿到了包裹 {n}", n=n) if len(found) > 1 else _("我拿到了"), f"got:{order.number}:{one.id}")
        for n, one in enumerate(found, 1)
        if one.state in RECEIVABLE and parcels.may_have_come(one, order.state, now)
    }


def not_here(_: Words, db: Database, order: Order, now: datetime) -> dict[int, Button]:
    """没有收到: the same of each parcel whose round is over, and nobody has said whether it went."""
    found = parcels.of_order(db, order.id)
    return {
        one.id: Button(_("没有收到包裹 {n}", n=n) if len(found) > 1 else _("没有收到"), f"ng:{order.number}:{one.id}")
        for n, one in enumerate(found, 1)
        if one.state in UNSAID and one.round_at and library_day(one.round_at) < library_day(now)
        and order.state in (OrderState.PACKED, OrderState.SHIPPED)
    }  # fmt: skip


# ---- steps of an order that only deliveries and lockers know ---------------------------------------------------------


def _shipped(say: Saying, order: Order, titles: str) -> Reply:
    _ = say.words
    text = _("订单 {number} 已交给快递，正在路上：{books}", number=order.number, books=titles)
    if ours := [one for one in parcels.of_order(say.db, order.id) if one.round_at]:
        text = _("订单 {number} 出发了：{books}\n{line}", number=order.number, books=titles,
                 line=_round(_, say.policy, ours[0]))  # fmt: skip
    return Reply(text, rows(Button(_("看这个订单"), f"order:{order.number}")))


def _moved_on(say: Saying, order: Order, titles: str) -> Reply:
    _, place = say.words, catalogue.point(say.db, order.point_id or 0)
    ready = moved_promises.ready_at(say.db, place.id, say.policy, order.changed_at)
    text = _(
        "{books}在书柜里等久了，馆员把它们收到{name}的服务台，{ready} 起可取，报号码 {code}，保留到 {moment}。慢慢来。",
        books=titles, name=place_name(_, place), ready=_.moment(ready),
        code=order.pickup_code, moment=_.moment(order.pickup_until or say.now),
    )  # fmt: skip
    return Reply(text, rows(Button(_("看这个订单"), f"order:{order.number}"), menu(_, "escalate")))


def _brought_back(say: Saying, order: Order, titles: str) -> Reply:
    _ = say.words
    text = _("订单 {number} 的包裹退回图书馆了：{books}。不扣分。还想看就再借，也可以换成书柜或自取。",
             number=order.number, books=titles)  # fmt: skip
    again = Button(_("把书放回借书车"), f"again:{order.number}")
    return Reply(text, rows(again, menu(_, "find_branches"), menu(_, "escalate")))


def _lost(say: Saying, order: Order, titles: str) -> Reply:
    _ = say.words
    text = _(
        "很抱歉，订单 {number} 在路上丢了：{books}。由图书馆承担，您不用赔，也不扣分。",
        number=order.number,
        books=titles,
    )
    return Reply(text + _fee_too(say, order), rows(menu(_, "escalate")))


def _fee_too(say: Saying, order: Order) -> str:
    """What the reader need not pay for what was lost, what is left of it, and where what was paid is given back."""
    if not order.lost_fen:
        return ""
    _, said = say.words, {"money": say.words.money(order.lost_fen), "fee": say.words.money(order.fee_fen)}
    text = (
        _("送书的运费里，丢了的这部分 {money} 也由图书馆出，您只付 {fee}。", **said)
        if order.fee_fen
        else _("送书的运费 {money} 也由图书馆出。", **said)
    )
    if fee_refunds.open_of(say.db, f"order:{order.number}"):
        text += _("要是已经付过，到任何一个馆的服务台退，报订单号就行。")
    return text


def _fee_refund(say: Saying, group: Sequence[Notice]) -> Reply:
    """A librarian has given the fee back, or found that it was never paid."""
    _, lines = say.words, []
    for notice in group:
        said = {"number": notice.facts["number"], "money": _.money(notice.facts["fen"])}
        texts = {
            ("given", True): _("订单 {number} 丢了的那部分运费 {money} 退给您了。", **said),
            ("given", False): _("路上丢了的书，取书费 {money} 退给您了。", **said),
            ("not_paid", True): _(
                "订单 {number} 丢了的那部分运费 {money}，馆员查过：没有付过，不用退，以后也不用付。", **said
            ),
            ("not_paid", False): _("路上丢了的书，取书费 {money}，馆员查过：没有付过，不用退，以后也不用付。", **said),
        }
        lines.append(texts[notice.step, bool(notice.facts["number"])])
    return Reply("\n".join(lines), rows(menu(_, "show_orders"), menu(_, "escalate")))


STEPS: dict[str, Callable[[Saying, Order, str], Reply]] = {
    "ship": _shipped, "move_on": _moved_on, "bring_back": _brought_back, "lose": _lost,
}  # fmt: skip


# ---- facts about parcels and unfetched books -------------------------------------------------------------------------


def _parcel_moved(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """The parcel as it stands; a word that no longer holds is left unsaid (B2-7)."""
    _, facts, step = say.words, group[-1].facts, group[-1].step
    one = parcels.by_tracking(say.db, facts["tracking"])
    order = orders.by_number(say.db, facts["order"])
    if step == "part":
        return _did_not_come(say, order, one)
    if one.state != facts["state"] or order.state is not orders.OrderState.SHIPPED:
        return None
    place = one.place or _("快递留言的地方")
    texts = {
        "out_for_delivery": _("{line}\n今天送到，请留意电话。", line=where_it_is(_, say.policy, one, say.now)),
        "at_pickup_point": _("书放在代收点了：{place}。取到后告诉我一声，借期从那时算起。", place=place),
        "problem": _trouble(_, say.policy, one),
        "refused": _("快递说这个包裹被拒收了。如果不是您的意思，请告诉馆员，一起商量怎么再交到您手上。"),
        "returning": _("包裹正在退回图书馆：{place}。不扣分；还想看就告诉我。", place=place) if one.place
        else _("包裹正在退回图书馆。不扣分；还想看就告诉我。"),
        "lost": _("包裹在路上丢了，很抱歉。由图书馆承担，您不用赔。馆员会和您联系。"),
    }
    text = _("书在代收点放了几天了：{place}。您取到了吗？", place=place) if step == "asked" else texts[one.state]
    buttons = [button for parcel_id, button in got_it(_, say.db, order, say.now).items() if parcel_id == one.id]
    see = Button(_("看这个订单"), f"order:{order.number}")
    return Reply(text, rows(*buttons, see, menu(_, "escalate")))


def _did_not_come(say: Saying, order: Order, one: Parcel) -> Reply | None:
    """One of several parcels came back, or is lost: which books those were, and what becomes of the others."""
    _, facts = say.words, {"number": order.number, "books": _inside(say.words, say.db, one)}
    if one.state not in DID_NOT_COME:
        return None
    texts = {
        "returned": _("订单 {number} 有一个包裹退回图书馆了：{books}。不扣分，其余的不受影响。还想看就再借。", **facts),
        "lost": _(
            "很抱歉，订单 {number} 有一个包裹在路上丢了：{books}。由图书馆承担，您不用赔，也不扣分；其余的不受影响。",
            **facts,
        ),
    }
    text = texts[one.state] + (_fee_too(say, order) if one.state == "lost" else "")
    return Reply(text, rows(Button(_("看这个订单"), f"order:{order.number}"), menu(_, "escalate")))


def _round_changed(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """Packed anew, it goes with another round than was told, or with a courier; the way it goes now counts."""
    _, facts = say.words, group[-1].facts
    order = orders.by_id(say.db, facts["order"])
    if order.state is not orders.OrderState.PACKED or rounds.of_order(say.db, order.id) != facts["rounds"]:
        return None
    lines = [
        _("订单 {number} 重新打包了一次，送书的时间和先前说的不一样了，对不起：", number=order.number),
        *where(_, say.db, say.policy, order, say.now),
        _inconvenient(_),
    ]
    return Reply("\n".join(lines), rows(Button(_("看这个订单"), f"order:{order.number}"), menu(_, "escalate")))


def _unspoken(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """Its round's day is over and nobody has said a word: the reader knows best, and their word counts at once."""
    _, facts = say.words, group[-1].facts
    one = parcels.by_id(say.db, facts["parcel"])
    order = orders.by_id(say.db, one.order_id)
    if one.round_at != parse_stamp(facts["round_at"]) or one.state not in UNSAID:
        return None
    lines = [where_it_is(_, say.policy, one, say.now), _("书到您手上了吗？没有收到也不用您等，点一下，马上排下一班。")]
    got = [button for parcel_id, button in got_it(_, say.db, order, say.now).items() if parcel_id == one.id]
    not_yet = Button(_("没有收到"), f"ng:{order.number}:{one.id}")
    return Reply("\n".join(lines), rows(*got, not_yet, menu(_, "escalate")))


def _no_round(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """The promised round did not go, and none goes there any more: it comes another way (A10-2)."""
    _, one = say.words, parcels.by_id(say.db, group[-1].facts["parcel"])
    if one.round_at or one.courier != "library" or one.state not in UNSAID:
        return None
    order = orders.by_id(say.db, one.order_id)
    if order.state not in (orders.OrderState.PACKED, orders.OrderState.SHIPPED):
        return None
    text = _(
        "订单 {number} 答应您的那一班送书没能成行，之后也没有班次去您那里了，对不起。"
        "馆员会换个办法送到，运费不变；书有新的动静就告诉您。",
        number=order.number,
    )  # fmt: skip
    return Reply(text, rows(Button(_("看这个订单"), f"order:{order.number}"), menu(_, "escalate")))


def _inconvenient(_: Words) -> str:
    return _("那时不方便，或者地址要改，点「转人工」说一声。")


def rounds_told(_: Words, db: Database, policy: Policy, order: Order, now: datetime) -> list[str]:
    """When the library's own people come with a packed order, early enough to be at home (A10-2)."""
    return [*where(_, db, policy, order, now), _inconvenient(_)] if rounds.of_order(db, order.id) else []


def _trouble(_: Words, policy: Policy, one: Parcel) -> str:
    """Nobody was there and the next round takes it; or what the courier said, where they said anything."""
    if one.round_at and one.round_at > one.changed_at:
        return _(
            "这一趟送书没有遇到您，书带回来了，不扣分。{line}。那时不方便，或者地址要改，点「转人工」说一声。",
            line=_round(_, policy, one),
        )
    if one.place:
        return _("快递说派送遇到了问题：{place}。馆员已经在跟，您不用做什么；地址要改就回复我。", place=one.place)
    return _("派送遇到了问题。馆员已经在跟，您不用做什么；地址要改就回复我。")


def _uncollected(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """Still there, where, with which code, until when; nobody is scolded."""
    _, facts = say.words, group[-1].facts
    order = orders.by_number(say.db, facts["order"])
    if order.state != facts["state"] or not order.pickup_until or order.pickup_until < say.now:
        return None
    if door_claims.stopped(say.db, order.id) or order.point_id in calendar.gone(say.db, library_day(say.now)):
        return None
    place = catalogue.point(say.db, order.point_id or 0)
    titles = _.books([book["title"] for book in orders.books(say.db, order.id)])
    in_locker = order.state is orders.OrderState.IN_LOCKER
    box = lockers.label(say.db, order.id) if in_locker else ""  # moved on to a counter, it stands in no box any more
    text = _(
        "{books}还在{name}等您，取书码 {code}，保留到 {moment}。来不了也没关系，不扣分。",
        books=titles, name=" ".join(filter(None, (place_name(_, place), box))),
        code=order.pickup_code, moment=_.moment(order.pickup_until),
    )  # fmt: skip
    if opens := calendar.load(say.db, say.policy).opens_next(place, say.now):
        text += _("现在不开门，{moment} 起能取。", moment=_.moment(opens))
    see = Button(_("看这个订单"), f"order:{order.number}")
    longer = keep_words.of_order(_, say.db, order, say.policy, say.now)
    return Reply(text, rows(see, *longer, menu(_, "escalate")), qr=order.pickup_code if in_locker else "")


def _door_mended(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """The door opens again: the same code, and new days to come (D-13)."""
    _, facts = say.words, group[-1].facts
    order = orders.by_number(say.db, facts["order"])
    if order.state is not orders.OrderState.IN_LOCKER or not order.pickup_until:
        return None
    name = place_name(_, catalogue.point(say.db, order.point_id or 0))
    text = _(
        "{place}的门修好了，让您久等了。取书码 {code}，保留到 {moment}。还打不开，马上告诉我。",
        place=name, code=order.pickup_code, moment=_.moment(order.pickup_until),
    )  # fmt: skip
    see = Button(_("看这个订单"), f"order:{order.number}")
    again = Button(_("柜门没开"), f"door:{order.number}")
    return Reply(text, rows(see, again, menu(_, "escalate")), qr=order.pickup_code)


SAY: dict[str, Sentences] = {
    "parcel_moved": _parcel_moved,
    "round_changed": _round_changed,
    "round_unspoken": _unspoken,
    "round_none": _no_round,
    "uncollected": _uncollected,
    "door_mended": _door_mended,
    "fee_refund": _fee_refund,
}
