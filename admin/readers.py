"""Readers: found by a number, shown masked, with what they have at home, in orders, on the ledger, and open cases."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import (
    appeals,
    cases,
    conduct,
    family,
    fetch_for,
    lookup,
    masks,
    on_behalf,
    order_for,
    orders,
    renewals,
    special_readers,
    staff,
)  # fmt: skip
from admin.desk import N_, Desk
from admin.guard import tell
from admin.pages import FOUND, MOST, page, page_before
from lending import appeal_records, case_records, catalogue, credit, decisions, holds, looks, readers
from lending import orders as all_orders
from lending.credit import Line
from lending.database import writing
from lending.model import start_of_day

STANDINGS = {"new": N_("还没开通"), "trusted": N_("信用读者"), "ladder": N_("信任阶梯")}
STOPPED = {"": N_("读者说丢了"), "claimed": N_("读者说还了"), "collected": N_("在快递手上")}  # not overdue meanwhile
THINGS = {"order": N_("订单"), "escalation": N_("咨询"), "case": N_("个案"), "appeal": N_("申诉")}


def add_to(made: Blueprint, desk: Desk) -> None:
    """Find, look, see the telephone number, look for a title to be waited for, change the standing."""
    made.add_url_rule("/readers", "readers", partial(show_found, desk))
    made.add_url_rule("/readers/<number>", "reader", partial(show_one, desk))
    made.add_url_rule("/readers/<number>/phone", "reader_phone", partial(show_phone, desk), methods=["POST"])
    made.add_url_rule("/readers/<number>/title", "find_title", partial(find_title, desk), methods=["POST"])
    made.add_url_rule("/readers/<number>/standing", "set_standing", partial(set_standing, desk), methods=["POST"])


def show_found(desk: Desk) -> AnyResponse | str:
    """One hit opens at once; without a question, those with overdue books."""
    asked, now = request.args.get("q", "").strip()[:60], desk.now()
    ids = lookup.readers_by(desk.db, asked, FOUND + 1) if asked else lookup.overdue_readers(desk.db, now, MOST)
    more = FOUND if asked and len(ids) > FOUND else 0
    ids = ids[:FOUND] if asked else ids
    found = [(readers.reader(desk.db, id), decisions.facts(desk.db, id, now)) for id in ids]
    if asked and len(found) == 1:
        return redirect(url_for("admin.reader", number=found[0][0].number))
    full = MOST if not asked and len(found) == MOST else 0
    return page("readers.html", asked=asked, found=found, full=full, more=more, standings=STANDINGS, mask=masks)


def show_phone(desk: Desk, number: str) -> str:
    """The number in full, for whom no message reaches; that it was looked at is written down (B2-22)."""
    who = readers.by_number(desk.db, number)
    staff.log(desk.db, current_user.name, "see_phones", f"reader:{who.number}", desk.now())
    looks.note(desk.db, who.id, current_user.shown_as, looks.PHONE, "", desk.now())
    return show_one(desk, number, who.phone)


def find_title(desk: Desk, number: str) -> str:
    """What the reader might wait for; a form and no link, so that no address has reader and book in it."""
    return show_one(desk, number, wanted=request.form.get("wanted", "").strip()[:60])


def show_one(desk: Desk, number: str, phone: str = "", wanted: str = "") -> str:
    """Everything about one reader that helping them needs; the telephone number hidden unless asked for."""
    who, now = readers.by_number(desk.db, number), desk.now()
    looks.note(desk.db, who.id, current_user.shown_as, looks.PAGE, _way_here(), now)
    facts = decisions.facts(desk.db, who.id, now)
    recent = [orders.shown(desk, order, now) for order in all_orders.of_reader(desk.db, who.id)]
    waits = holds.of_reader(desk.db, who.id)
    return page(
        "reader.html", who=who, phone=phone, facts=facts, limit=decisions.limit(facts, desk.policy)[0],
        counted=decisions.counted(facts, desk.policy, "order"),
        why=desk.explain(desk.say(), desk.db, who.id, desk.policy, now),
        conduct=conduct.rules(desk.policy), most=conduct.MOST,
        loans=renewals.of_reader(desk, who.id), lines=_lines(desk, who.id),
        basis=partial(desk.basis, desk.say()), policy=desk.policy,
        open_cases=case_records.open_ones(desk.db, who.id), appeals=appeal_records.waiting(desk.db, who.id),
        recent=recent, holds=waits, hold_points=catalogue.points_by_id(desk.db, {one.point_id or 0 for one in waits}),
        standings=STANDINGS, stopped=STOPPED, **family.of_reader(desk, who), **special_readers.shown(desk, who),
        **on_behalf.shown(desk, wanted), **order_for.shown(desk, who), **fetch_for.shown(desk, who),
        **(cases.labels() | appeals.labels() | orders.labels(desk)),
    )  # fmt: skip


def _way_here() -> str:
    """The number of the order, request, case or appeal the page was opened from; "" when it was searched for."""
    room, _, name = page_before().partition("/admin/")[2].partition("/")
    return name.partition("/")[0] if room in ("orders", "escalations", "cases", "appeals") else ""


def _lines(desk: Desk, reader_id: int) -> list[tuple[Line, datetime, str]]:
    """Ledger lines, each with the day it is for and the book or the event it is about; a correction with what it puts
    right."""
    named = {obj: f"《{title}》" for obj, title in lookup.titles_of_loans(desk.db, reader_id).items()}
    named |= {obj: f"「{name}」" for obj, name in lookup.names_of_events(desk.db, reader_id).items()}
    lines = credit.lines(desk.db, reader_id, 60)
    about = {line.id: line.object for line in lines}
    return [
        (line, start_of_day(date.fromisoformat(line.day)) if line.day else line.at, named.get(obj) or _thing(desk, obj))
        for line in lines for obj in (about.get(line.reverses or 0, line.object),)
    ]  # fmt: skip


def _thing(desk: Desk, obj: str) -> str:
    """An order, a question or whatever else a line is about, by its number; "" for what has no name of its own."""
    kind, number = (*obj.split(":"), "")[:2]
    return f"{desk.say()(THINGS[kind])} {number}" if kind in THINGS else ""


def set_standing(desk: Desk, number: str) -> AnyResponse:
    """Give a reader full trust, or the ladder, with a reason (A10-10)."""
    _, wanted, reason = desk.say(), request.form.get("standing", ""), request.form.get("reason", "").strip()[:300]
    number = readers.by_number(desk.db, number).number
    back = redirect(url_for("admin.reader", number=number))
    if wanted not in ("trusted", "ladder") or not reason:
        tell(_("请写一句理由，再改信用身份。"), "stop")
        return back
    with writing(desk.db) as db:
        who = readers.by_number(db, number)
        fresh = request.form.get("before") == who.standing  # no bureau has answered, and no colleague was faster
        if fresh:
            readers.set_standing(db, who.id, wanted)
            staff.log(
                db, current_user.name, "set_standing", f"reader:{number}", desk.now(),
                before=who.standing, after=wanted, reason=reason,
            )  # fmt: skip
    if fresh:
        tell(_("{number} 现在是「{standing}」。", number=number, standing=_(STANDINGS[wanted])))
    else:
        tell(_(on_behalf.STALE), "stop")
    return back
