"""What the library says by itself: due facts become messages, one for all books of a reader, looked at again when sent."""

from __future__ import annotations

import logging
import sqlite3
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from bot import (
    acting,
    activity_news,
    amnesty_news,
    appeal_news,
    appointment_news,
    appointment_words,
    arrival_news,
    card_news,
    case_news,
    conversations,
    draw_news,
    escalations,
    family_news,
    forgetting,
    hold_news,
    keep_words,
    kept_back_news,
    late_words,
    loan_news,
    on_behalf_news,
    order_news,
    outbox,
    parcel_news,
    place_words,
    purchase_news,
    recipients,
    review_news,
    shelf_news,
    special_news,
    transfer_news,
    wants,
    why,
    wish_news,
)
from bot.books import place_name
from bot.events import Button, Reply
from bot.handlers.loans import due, renewal_action
from bot.handlers.trust import verdict_words
from bot.outbox import Claimed
from bot.recipients import Recipient
from bot.saying import Saying, Sentences
from bot.texts import N_, Words, menu, rows
from lending import (
    amnesties,
    appeal_records,
    appointment_clock,
    arrivals,
    calendar,
    case_records,
    cases,
    catalogue,
    claims,
    closings,
    copy_states,
    credit,
    door_claims,
    drawing,
    draws,
    event_clock,
    evidence,
    holds,
    home_returns,
    kept_back,
    kept_promises,
    loans,
    locker_reports,
    lockers,
    mandates,
    memberships,
    minors,
    notices,
    orders,
    promises,
    proofs,
    readers,
    recalls,
    stock_takes,
    tracking,
    transfer_photos,
    transfers,
    uncollected,
    wishes,
)
from lending.database import Database, Store
from lending.errors import StoreUnwritable, UnknownThing
from lending.loans import Loan
from lending.model import OrderState, library_day
from lending.notices import Notice
from lending.orders import Order
from lending.policy import Policy
from lending.readers import Reader

log = logging.getLogger(__name__)

PICTURES = (case_records, appeal_records, claims, door_claims, transfer_photos)  # whose evidence goes after a while
READERS_AT_ONCE = 20  # so that a morning of reminders never holds up an order: some 2 ms each


@dataclass(frozen=True, slots=True)
class Ticked:
    """What one tick did."""

    planned: int
    told: int
    overdue_lines: int
    expired: int


def tick(store: Store, policy: Policy, now: datetime) -> Ticked:
    """Everything that has come due: shelf times, freezes, overdue points, reminders. Any number of times, one effect.

    A duty that fails holds up no other (B2-8); what it raised is raised at the end. A store that refuses ends it at once.
    """
    failed: list[Exception] = []

    def do(duty: Callable[..., Any], *more: Any) -> int:
        try:
            return duty(store.db, policy, now, *more) or 0
        except StoreUnwritable:
            raise
        except Exception as error:
            failed.append(error)
            return 0

    do(locker_reports.tick)
    do(closings.settle, escalations.ANSWERS)
    do(kept_back.settle)
    expired = do(orders.expire_due) + do(holds.expire_due)
    do(promises.notice_broken)
    do(promises.say_again)
    do(kept_promises.settle_due, escalations.outcomes)
    do(cases.notice_found)
    for owner in PICTURES:
        do(owner.forget_old_photos)
    do(evidence.seal_some)
    overdue_lines = do(credit.accrue_overdue)
    do(credit.thaw_due)
    do(amnesties.tell)
    do(memberships.accrue_years)
    for by_the_clock in (
        draws.expire_due, transfers.expire_due, transfers.call_off_overtaken, mandates.expire_due, minors.come_of_age,
    ):  # fmt: skip
        do(lambda db, _policy, now, end=by_the_clock: end(db, now))
    do(mandates.foretell_grown)
    do(proofs.tick)
    do(drawing.draw_due)
    do(copy_states.give_up)
    do(stock_takes.clear_scans)
    do(recalls.call_off)
    do(recalls.recall_due)
    do(home_returns.reckon_fewer)
    do(arrivals.tell, wants.met)
    do(wishes.settle)
    planned = do(notices.plan_reminders) + do(uncollected.remind) + do(tracking.ask_after) + do(event_clock.tick)
    planned += do(appointment_clock.remind)
    told = do(lambda _db, policy, now: tell(store, policy, now))
    do(forgetting.clear_daily)
    if failed:
        raise failed[0]
    return Ticked(planned, told, overdue_lines, expired)


def tell(store: Store, policy: Policy, now: datetime) -> int:
    """Turn waiting notices into messages; notice and message change together. Returns how many messages were queued."""
    queued = 0
    while waiting := notices.waiting(store.db, now):
        groups = [list(group) for _, group in groupby(waiting, key=lambda notice: notice.reader_id)]
        for start in range(0, len(groups), READERS_AT_ONCE):
            with store.writing() as db:
                queued += sum(_tell_group(db, group, policy, now) for group in groups[start : start + READERS_AT_ONCE])
    return queued


def tell_reader(db: Database, reader_id: int, policy: Policy, now: datetime) -> int:
    """What has just come true for the reader who is talking, in the same transaction."""
    waiting = notices.waiting(db, now, reader_id=reader_id)
    return _tell_group(db, waiting, policy, now) if waiting else 0


def _tell_group(db: Database, waiting: Sequence[Notice], policy: Policy, now: datetime) -> int:
    queued = 0
    for group in _together(waiting):
        mine = [notice for notice in group if notices.settle(db, notice.id, told=True)]
        if not mine:
            continue
        reader = readers.reader(db, mine[0].reader_id)
        to = recipients.of(db, reader, now)
        reply = _said(db, reader, to, mine, policy, now) if to else None
        if to is None or reply is None:
            continue
        key = outbox.NOTICES + ",".join(str(notice.id) for notice in mine)
        conversations.overhear(db, to.reader.id, reply, now, [loan.id for loan in _of_reminder(db, reader.id, mine)])
        queued += outbox.put(db, to.channel, to.address, reply, now, key=key) is not None
    return queued


def _together(waiting: Sequence[Notice]) -> list[list[Notice]]:
    """All reminders of a reader in one message, all returns at one place in one, an order's steps in one; others alone (B2-5)."""

    def subject(notice: Notice) -> tuple[str, str]:
        if notice.event == "date_moved":
            return (notice.event, notice.step)
        if notice.event == "returned":
            return (notice.event, str(notice.facts["point"]))
        return (notice.event, "" if notice.event in ("loan_due", "lent", "renewed", "on_behalf", "new_title") else notice.object)

    groups: dict[tuple[str, str], list[Notice]] = {}
    for notice in waiting:
        groups.setdefault(subject(notice), []).append(notice)
    return list(groups.values())


def look_again(policy: Policy, now: Callable[[], datetime]) -> Callable[[Database, Claimed], Reply | None]:
    """For the sender: a notice's message is made anew from the facts as they are now, or not sent at all (B2-7)."""

    def prepare(db: Database, claimed: Claimed) -> Reply | None:
        ids = outbox.notices_of(claimed.key)
        if not ids:
            return claimed.reply
        return words_for(db, notices.by_ids(db, ids), policy, now())

    return prepare


def words_for(db: Database, group: Sequence[Notice], policy: Policy, now: datetime) -> Reply | None:
    """The message for notices that belong together, or None when nothing of it holds any more."""
    if not group:
        return None
    reader = readers.reader(db, group[0].reader_id)
    to = recipients.of(db, reader, now)
    return _said(db, reader, to, group, policy, now)


def _said(
    db: Database, reader: Reader, to: Recipient | None, group: Sequence[Notice], policy: Policy, now: datetime
) -> Reply | None:
    """In the language of whoever hears it; for somebody who stands in, it says for whom it is."""
    stands_in = to is not None and to.stands_in
    if stands_in and group[0].event in family_news.OF_THE_GUARDIAN:
        return None
    words = Words(to.reader.language if to else reader.language, library_day(now).year)
    say = Saying(db, reader, words, policy, now)
    try:
        reply = SAY[group[0].event](say, group)
    except UnknownThing:
        return None
    except (StoreUnwritable, sqlite3.Error):
        raise
    except Exception as error:  # one that cannot be said must not silence the others (B2-8)
        where = "".join(traceback.format_tb(error.__traceback__))  # an error's own words may be the reader's
        log.error("a notice cannot be said: %s: %s\n%s", group[0].event, type(error).__name__, where)
        return None
    return acting.in_the_name_of(say.words, reader, reply) if reply and stands_in else reply


def _loan_due(say: Saying, group: Sequence[Notice]) -> Reply | None:
    _, held = say.words, _of_reminder(say.db, say.reader.id, group)
    if not held:
        return None
    late = [loan for loan in held if loan.days_left(say.now) < 0]
    lines = [f"{n}. {_due_line(_, loan, say.now)}" for n, loan in enumerate(held, 1)]
    if late:
        heading = _.n("有 {n} 本书该还了，还回来就能继续借：", "有 {n} 本书该还了，还回来就能继续借：", len(late))
        costs = late_words.today(_, say.policy, library_day(say.now))
        lines.append(_.together(costs, _("书不在身边或有困难，告诉馆员就好。")))
    else:
        heading = _.n("提醒您，{n} 本书快到期了：", "提醒您，{n} 本书快到期了：", len(held))
    ways = (menu(_, "return_books"), menu(_, "show_loans"))
    return Reply("\n".join([heading, *lines]), _renewals(say, held, ways))


def _renewals(say: Saying, held: list[Loan], ways: tuple[Button, ...]) -> tuple[tuple[Button, ...], ...]:
    """Renewing comes first, where no rule stands in its way; a person stands below what is late."""
    below = rows(menu(say.words, "escalate")) if any(loan.days_left(say.now) < 0 for loan in held) else ()
    _, frozen = say.words, credit.frozen_until(say.db, say.reader.id, say.now)
    open_to_it = [one for one in held if loans.may_renew(one, frozen, say.policy, say.now) is None]
    if not open_to_it:
        return rows(*ways, menu(_, "escalate"))
    if len(held) == 1:
        return ((Button(_("续借"), renewal_action(held[0])), *ways), *below)
    single = [Button(_("续借《{title}》", title=loan.title[:12]), renewal_action(loan)) for loan in open_to_it[:3]]
    return ((menu(_, "renew"), *ways), *rows(*single, across=1), *below)


def _of_reminder(db: Database, reader_id: int, group: Sequence[Notice]) -> list[Loan]:
    """What a reminder is still about, in the order in which it numbers them; [] where the group is none."""
    told = {notice.facts["loan"]: notice.facts["day"] for notice in group if notice.event == "loan_due"}
    held = loans.of_reader(db, reader_id) if told else []
    return [one for one in held if not one.lost and not one.stopped_as and told.get(one.id) == str(library_day(one.due_at))]


def _due_line(_: Words, loan: Loan, now: datetime) -> str:
    mark = " ".join(part for part in (loan.call_number, loan.barcode) if part)
    return _("《{title}》 {due}（{mark}）", title=loan.title, due=due(_, loan, loan.days_left(now)), mark=mark)


def _order_moved(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """The last step only; an order that has moved on since is told about by its own notice."""
    _, order = say.words, orders.by_number(say.db, group[-1].facts["order"])
    state, step = OrderState(group[-1].facts["state"]), group[-1].step
    if order.state is not state:
        return None
    titles = _.books([book["title"] for book in orders.books(say.db, order.id)])
    see = rows(Button(_("看这个订单"), f"order:{order.number}"))
    if step == "load":
        return _in_locker(say, order, titles)
    if step == "shelve":
        return _on_shelf(say, order, titles)
    if step in parcel_news.STEPS:
        return parcel_news.STEPS[step](say, order, titles)
    if step in ("collect", "sign"):
        return _handed_over(say, order)
    ours = parcel_news.rounds_told(_, say.db, say.policy, order, say.now) if step == "pack" else []
    texts = {
        "approve": _(
            "订单 {number} 审核通过，{moment} 前备好。", number=order.number, moment=_.moment(order.promised_at)
        ),
        "refuse": _(
            "订单 {number} 这次没有通过：{reason}。有疑问随时找馆员。",
            number=order.number,
            reason=order.reason or _("请看馆员的说明"),
        ),
        "pick": _("订单 {number}：馆员正在为您找书。", number=order.number),
        "pack": "\n".join([_("订单 {number}：书已打包好。", number=order.number), *ours]),
        "cancel": _("订单 {number} 已由馆员取消。{reason}", number=order.number, reason=order.reason),
        "expire": _("订单 {number} 没来得及取，书放回书架了。没关系，想看随时再借。", number=order.number),
    }
    person = (menu(_, "escalate"),) if step in ("refuse", "cancel") or ours else ()
    return Reply(texts[step], rows(*see[0], *person))


def _on_shelf(say: Saying, order: Order, titles: str) -> Reply:
    """Which books, where, the number to name, until when, and of a bus where it comes by then (A10-15)."""
    _, place = say.words, catalogue.point(say.db, order.point_id or 0)
    until = order.pickup_until or say.now
    facts = {
        "number": order.number, "books": titles, "name": place_name(_, place), "code": order.pickup_code,
        "moment": _.moment(until),
    }  # fmt: skip
    text = _("订单 {number} 放到取书架了：{books}。\n到{name}报号码 {code} 就能取，保留到 {moment}。", **facts)
    if place.is_bus:
        text = _("订单 {number} 在{name}上了：{books}。\n报号码 {code} 就能取，保留到 {moment}。", **facts)
        text += place_words.stops_until(_, say.db, place, say.policy, say.now, until)
    elif opens := calendar.load(say.db, say.policy).opens_next(place, say.now):
        text += _("现在不开门，{moment} 起能取。", moment=_.moment(opens))
    longer = keep_words.of_order(_, say.db, order, say.policy, say.now)
    times = appointment_words.of_order(_, say.db, order, say.now)
    return Reply(text, rows(Button(_("看这个订单"), f"order:{order.number}"), *times, *longer))


def _in_locker(say: Saying, order: Order, titles: str) -> Reply:
    """Code, QR, place, and until when (C5-5)."""
    _ = say.words
    place = catalogue.point(say.db, order.point_id or 0)
    address = _.called(place.address, place.address_en)
    text = _(
        "书到了！{books}\n取书码 {code}，在{name}（{address}）{box} 格口，保留到 {moment}。输入取书码或扫二维码，柜门就开。",
        books=titles, code=order.pickup_code, name=place_name(_, place), address=address,
        box=lockers.label(say.db, order.id), moment=_.moment(order.pickup_until or say.now),
    )  # fmt: skip
    see = Button(_("看这个订单"), f"order:{order.number}")
    longer = keep_words.of_order(_, say.db, order, say.policy, say.now)
    return Reply(text, rows(see, *longer, menu(_, "escalate")), qr=order.pickup_code)


def _handed_over(say: Saying, order: Order) -> Reply | None:
    """What has come of it: of two parcels one may not have, or have come before and been told then."""
    ordered, me = {book["title_id"] for book in orders.books(say.db, order.id)}, say.reader.id
    mine = [loan for loan in loans.of_reader(say.db, me) if loan.title_id in ordered]
    return _begun(say, [loan for loan in mine if not notices.noted(say.db, me, "lent", f"loan:{loan.id}")])


def _lent(say: Saying, group: Sequence[Notice]) -> Reply | None:
    wanted = {notice.facts["loan"] for notice in group}
    by_staff = any(notice.facts.get("by_staff") for notice in group)
    return _begun(say, [loan for loan in loans.of_reader(say.db, say.reader.id) if loan.id in wanted], by_staff)


def _begun(say: Saying, begun: list[Loan], by_staff: bool = False) -> Reply | None:
    """What is borrowed from now on; None where it is back already."""
    if not begun:
        return None
    _, days = say.words, {say.words.day(loan.due_at) for loan in begun}
    if len(days) == 1:
        books = _.books([loan.title for loan in begun])
        text = _("借到了：{books}\n{day} 到期，快到时我提醒您。祝您读得开心。", books=books, day=days.pop())
    else:
        first = sorted(begun, key=lambda loan: loan.due_at)
        lines = [_("· 《{title}》{day} 到期", title=loan.title, day=_.day(loan.due_at)) for loan in first]
        text = _("借到了：\n{books}\n快到时我提醒您。祝您读得开心。", books="\n".join(lines))
    if by_staff:
        text = _.together(_("馆员在服务台替您办的。"), text)
        return Reply(text, rows(menu(_, "show_loans"), menu(_, "return_books"), menu(_, "escalate")))
    return Reply(text, rows(menu(_, "show_loans"), menu(_, "return_books")))


def _returned(say: Saying, group: Sequence[Notice]) -> Reply:
    _ = say.words
    titles = catalogue.titles(say.db, [notice.facts["title"] for notice in group])
    place = catalogue.point(say.db, group[-1].facts["point"])
    text = _(
        "收到！{books}已在{name}归还。",
        books=_.books([title.title for title in titles.values()]),
        name=place_name(_, place),
    )
    if any(notice.facts["moved"] for notice in group):
        text += _("书会留在那里继续流通。")
    if all(notice.facts["on_time"] for notice in group):
        text += _("按时归还，谢谢您。")
    write = [Button(_("写书评"), f"rv+:{id}") for id in titles] if len(titles) == 1 else []
    return Reply(text, rows(*write, menu(_, "recommend"), menu(_, "show_loans"), menu(_, "show_credit")))


def _verdict(say: Saying, group: Sequence[Notice]) -> Reply:
    facts, policy = group[-1].facts, say.policy
    text, buttons = verdict_words(
        say.words, facts["verdict"], facts["threshold"], policy.lending.limit, policy.ladder.steps[0].limit
    )
    return Reply(text, buttons)


def _bureau(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """An outage is not the reader's fault, and a "no answer" not a no (B3.1)."""
    _, step = say.words, group[-1].step
    if say.reader.standing == "trusted":
        return None
    first = say.policy.ladder_step(0)[0].limit
    if step == "waits":
        text = _(
            "芝麻信用那边暂时没有回应，不是您的问题。我们会接着问，有结果就告诉您。等的时候，您可以先借 {n} 本。",
            n=first,
        )
        again: tuple[Button, ...] = ()
    else:
        text = _("这次授权没有问成，不是您的问题。可以再点一次，也可以不查信用，先借 {n} 本。", n=first)
        again = (Button(_("再授权一次"), "credit:yes"),)
    return Reply(text, rows(*again, Button(_("改为不查信用"), "credit:ladder")))


def _frozen(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """Why, until when, and every way back that the library has (D-8)."""
    _, until = say.words, credit.frozen_until(say.db, say.reader.id)
    if until is None:
        return None
    text = _(
        "信用分到了 {balance}，借书暂停到 {day}，那天自动恢复。还书不受影响，先把书还回来就不会再扣分。",
        balance=credit.balance(say.db, say.reader.id),
        day=_.day(until),
    )
    lines = [text, *why.ways_out(_, say.db, say.reader.id, say.policy)]
    quiz = any(path.kind == "quiz" for path in say.policy.freeze.thaw_by)
    first = (Button(_("答题恢复借阅"), "quiz"),) if quiz else ()
    return Reply("\n".join(lines), rows(*first, menu(_, "return_books"), menu(_, "show_credit"), menu(_, "appeal")))


THAWED = {
    "time": N_("暂停的日子到了，借书恢复了，欢迎回来。"),
    "volunteer": N_("谢谢您的志愿服务，借书恢复了，欢迎回来。"),
    "earn": N_("分数重新挣够了，借书恢复了，欢迎回来。"),
}


def _thawed(say: Saying, group: Sequence[Notice]) -> Reply:
    """How it came, and where the points stand now."""
    _, how = say.words, group[-1].facts.get("how", "")
    text = _(THAWED.get(how, N_("借书恢复了，欢迎回来。")))
    text = _.together(text, _("现在是 {balance} 分。想看什么书？", balance=credit.balance(say.db, say.reader.id)))
    return Reply(text, rows(menu(_, "new_books"), menu(_, "show_credit")))


SAY: dict[str, Sentences] = {
    "loan_due": _loan_due,
    "order_moved": _order_moved,
    "lent": _lent,
    "returned": _returned,
    **draw_news.SAY,
    **hold_news.SAY,
    **transfer_news.SAY,
    **wish_news.SAY,
    **activity_news.SAY,
    **appointment_news.SAY,
    **purchase_news.SAY,
    **loan_news.SAY,
    **on_behalf_news.SAY,
    **order_news.SAY,
    **case_news.SAY,
    **appeal_news.SAY,
    **card_news.SAY,
    **parcel_news.SAY,
    **amnesty_news.SAY,
    **arrival_news.SAY,
    **family_news.SAY,
    **kept_back_news.SAY,
    **review_news.SAY,
    **shelf_news.SAY,
    **special_news.SAY,
    "verdict": _verdict,
    "bureau": _bureau,
    "frozen": _frozen,
    "thawed": _thawed,
}
