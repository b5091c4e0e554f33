"""电话和信: whom no message reaches is telephoned, when books wait or are late or something has changed; or written to
(B2-28)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import lookup, masks, staff
from admin.desk import N_, Desk
from admin.guard import own_path, tell
from admin.pages import MOST, page
from lending import case_records, catalogue, holds, loans, looks, orders, readers
from lending.database import Row, writing
from lending.loans import Loan
from lending.model import parse_stamp, stamp
from lending.points import Point
from lending.policy import Policy
from lending.readers import Reader

WHY = {"none": N_("没有聊天"), "refused": N_("聊天拒收"), "away": N_("到期以后没来过"), "": N_("收得到")}
DEEDS = {"called": N_("打过电话"), "print_letters": N_("寄过信")}


@dataclass(frozen=True, slots=True)
class Late:
    """A reader with overdue books, why messages do not reach them ('' when they do), and what was tried last."""

    who: Reader
    books: list[Loan]
    days: int
    why: str
    tried: Row | None


@dataclass(frozen=True, slots=True)
class Ready:
    """Books that wait for a reader who cannot know it: where, until when; `code` is the number to name, of an order."""

    who: Reader
    titles: list[str]
    point: Point
    until: datetime
    order: str
    code: str


@dataclass(frozen=True, slots=True)
class Changed:
    """What a reader must hear who cannot know it, in words; and the page of what it is about."""

    who: Reader
    words: str
    room: str
    number: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """One page: who it goes to, and what it says in the reader's language; `rows` are book, barcode, due date."""

    name: str
    address: str
    greeting: str
    words: list[str]
    rows: list[tuple[str, str, str]]
    close: list[str]


def add_to(made: Blueprint, desk: Desk) -> None:
    """The list, its telephone numbers, a call noted, the letters."""
    made.add_url_rule("/letters", "letters", partial(show, desk))
    made.add_url_rule("/letters/phones", "letter_phones", partial(show_phones, desk), methods=["POST"])
    made.add_url_rule("/letters/print", "print_letters", partial(show_letters, desk), methods=["POST"])
    made.add_url_rule("/letters/<number>/called", "called", partial(called, desk), methods=["POST"])


def _late(desk: Desk, now: datetime) -> list[Late]:
    """Those whom no message reaches first, then whoever is latest; books on their way back are not asked for."""
    found = [_one(desk, reader_id, now) for reader_id in lookup.overdue_readers(desk.db, now, MOST)]
    return sorted((one for one in found if one), key=lambda one: (not one.why, -one.days, one.who.number))


def _one(desk: Desk, reader_id: int, now: datetime) -> Late | None:
    books = [loan for loan in loans.of_reader(desk.db, reader_id) if loan.due_at < now and loan.stopped_at is None]
    if not books:
        return None
    who = readers.reader(desk.db, reader_id)
    why = desk.unheard(desk.db, reader_id, books[0].due_at).replace("guardian", "")
    return Late(who, books, -books[0].days_left(now), why, tried(desk, who.number))


def _ready(desk: Desk, now: datetime) -> list[Ready]:
    """Until somebody has telephoned."""
    found = []
    for row in lookup.ready_untold(desk.db, now, MOST):
        who, until = readers.reader(desk.db, row["reader_id"]), parse_stamp(row["until"])
        number, code, titles = "", "", []
        if row["order_id"]:
            order = orders.by_id(desk.db, row["order_id"])
            number, code = order.number, order.pickup_code
            titles = [book["title"] for book in orders.books(desk.db, order.id)]
        else:
            titles = [holds.hold(desk.db, row["hold_id"], who.id).title]
        found.append(Ready(who, titles, catalogue.point(desk.db, row["point_id"]), until, number, code))
    return found


def _changed(desk: Desk, now: datetime) -> list[Changed]:
    """Until somebody has telephoned."""
    found = []
    for row in lookup.changed_untold(desk.db, now, MOST):
        who = readers.reader(desk.db, row["reader_id"])
        found.append(Changed(who, *_news(desk, who, row["what"], row["thing"]), row["since"]))
    return found


def _news(desk: Desk, who: Reader, what: str, thing: Any) -> tuple[str, str, str]:
    """The words, the room and the number there; a loan has its reader's page."""
    _ = desk.say()
    if what == "recalled":
        loan = loans.loan(desk.db, thing)
        said = _("《{title}》有人在等，到期日提前到了 {day}。", title=loan.title, day=_.day(loan.due_at))
        return said, "reader", who.number
    if what == "assessed":
        case = case_records.by_number(desk.db, thing)
        price = {"title": case.title, "money": _.money(case.amount_fen)}
        return _("《{title}》要赔：买同样的书，或者按书价 {money}，问 TA 选哪样。", **price), "case", case.number
    order = orders.by_number(desk.db, thing)
    titles = _.listed(f"《{book['title']}》" for book in orders.books(desk.db, order.id))
    said = _("没有通过审核。") if what == "refused" else _("馆里取消了。")
    why = _("原因：{reason}", reason=order.reason) if order.reason else ""
    return _.together(titles, said, why), "order", order.number


def tried(desk: Desk, number: str) -> Row | None:
    """When this reader was last telephoned or written to, by whomever and about whatever."""
    return staff.latest(desk.db, tuple(DEEDS), f"reader:{number}")


def show(desk: Desk, phones: bool = False) -> str:
    """Telephone numbers hidden unless asked for."""
    now = desk.now()
    found, ready, changed = _late(desk, now), _ready(desk, now), _changed(desk, now)
    full = MOST if len(lookup.overdue_readers(desk.db, now, MOST)) == MOST else 0
    return page(
        "letters.html", found=found, ready=ready, changed=changed, full=full, why=WHY, deeds=DEEDS, shown=phones,
        mask=masks, seen=stamp(now),
    )  # fmt: skip


def show_phones(desk: Desk) -> str:
    """The numbers of those whom nothing reaches, in full; that they were looked at is written down (B2-22)."""
    now = desk.now()
    silent = {one.who.id for one in _late(desk, now) if one.why}
    silent |= {one.who.id for one in _ready(desk, now)} | {one.who.id for one in _changed(desk, now)}
    for one in silent:
        looks.note(desk.db, one, current_user.shown_as, looks.PHONE, "", now)
    staff.log(desk.db, current_user.name, "see_phones", f"phones:{len(silent)}", now)
    return show(desk, phones=True)


def called(desk: Desk, number: str) -> AnyResponse:
    """That somebody has telephoned, so that nobody telephones twice on one day.

    What has come to pass since the page was opened was not told: it stands there still.
    """
    who, now = readers.by_number(desk.db, number), desk.now()
    seen = min(request.form.get("seen") or stamp(now), stamp(now))[:20]
    staff.log(desk.db, current_user.name, "called", f"reader:{who.number}", now, seen=seen)
    tell(desk.say()("记下了：{number} 打过电话了。", number=who.number))
    return redirect(own_path(request.form.get("back") or url_for("admin.letters")))


def show_letters(desk: Desk) -> AnyResponse | str:
    """A page for each reader chosen who has an address; what is printed is written down (B2-22)."""
    now, chosen = desk.now(), set(request.form.getlist("reader"))
    found = [one for one in _late(desk, now) if one.who.number in chosen and one.who.address]
    if not found:
        tell(desk.say()("请选有地址的读者，再打印信。"), "stop")
        return redirect(url_for("admin.letters"))
    with writing(desk.db) as db:
        for one in found:
            looks.note(db, one.who.id, current_user.shown_as, looks.ADDRESS, "", now)
            staff.log(db, current_user.name, "print_letters", f"reader:{one.who.number}", now)
    return page("letters_print.html", found=[letter(desk, one, now) for one in found])


def letter(desk: Desk, one: Late, now: datetime) -> Letter:
    """Trust first and no scolding: perhaps our messages never came."""
    _ = desk.say_in(one.who.language)
    name = one.who.name or one.who.number
    return Letter(
        name, one.who.address, _("{name}，您好：", name=name),
        [
            _("有几本书到了还的日子，还没有回来。我们发的消息您可能没有收到，所以写这封信。"),
            _("还到任何馆或书柜都可以；走不开，打个电话，我们上门取。已经还了，也请告诉我们，我们马上去架上找。"),
            *_consequences(desk, one.who, desk.policy),
        ],
        [(f"《{loan.title}》", loan.barcode, _("{day} 到期", day=_.day(loan.due_at))) for loan in one.books],
        [desk.library, *_phone(desk, one.who), _.day(now)],
    )  # fmt: skip


def _consequences(desk: Desk, who: Reader, policy: Policy) -> list[str]:
    """What being late means, from the rules: points, never money of ours (E1-9)."""
    _ = desk.say_in(who.language)
    lines = []
    rule = policy.ledger.find("overdue")
    if rule and rule.per == "day":
        lines.append(_("超期每本每天信用分 {points}；还回来就停。", points=f"{rule.delta:+d}"))
    if policy.lending.blocked_while_overdue:
        lines.append(_("超期的书还回来以前，借不了新书。"))
    return lines


def _phone(desk: Desk, who: Reader) -> list[str]:
    """The first branch that has a telephone."""
    _ = desk.say_in(who.language)
    found = next((point.phone for point in catalogue.points(desk.db, "branch") if point.phone), "")
    return [_("电话 {phone}", phone=found)] if found else []
