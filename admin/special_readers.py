"""来馆不方便的读者: put down and struck out by a librarian, from three rooms; never with a reason (A10-3)."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import staff
from admin.desk import Desk, Words
from admin.guard import tell
from admin.pages import again
from lending import mandates, readers, special_readers, special_terms
from lending.database import writing
from lending.errors import UnknownThing
from lending.policy import Policy
from lending.readers import Reader


def add_to(made: Blueprint, desk: Desk) -> None:
    """By a number written, in the room of free deliveries; by one tap, on the reader's page and the request's."""
    made.add_url_rule("/free/special", "special_reader", partial(set_written, desk), methods=["POST"])
    made.add_url_rule("/readers/<number>/special", "reader_special", partial(set_tapped, desk), methods=["POST"])


def shown(desk: Desk, *people: Reader, request_number: str = "", wish: str = "") -> dict[str, Any]:
    """What special.html needs for these readers; the number and the words of the request that asks for it."""
    return {
        "request_number": request_number, "wish": wish,
        "special": [(who, special_readers.is_special(desk.db, who.id)) for who in people],
        "brings": brings(desk.say(), desk.policy),
    }  # fmt: skip


def asked_for(desk: Desk, who: Reader) -> list[Reader]:
    """Who may be meant by a request: the reader who wrote, and those they act for."""
    standing = [one for one in mandates.of_reader(desk.db, who.id, desk.now()) if one.state == "active"]
    others = [one.grantor_id for one in standing if one.proxy_id == who.id]
    return [who, *(readers.reader(desk.db, id) for id in others)]


def brings(_: Words, policy: Policy) -> list[str]:
    """What the rules give such a reader, one thing a line."""
    rule, free = policy.special, policy.free_shipping
    lines = []
    if rule.loan_days_more:
        lines.append(_("每本书多借 {n} 天，手上没人等、没超期的马上延", n=rule.loan_days_more))
    if rule.renewals_more:
        lines.append(_.n("能续借的书多续 {n} 次", "能续借的书多续 {n} 次", rule.renewals_more))
    if rule.keep_days_more:
        lines.append(_("等 TA 来取的书多留 {n} 天", n=rule.keep_days_more))
    if free.mode == "windows" and free.special_lots:
        lines.append(_.n("免费配送抽签多 {n} 支签", "免费配送抽签多 {n} 支签", free.special_lots))
    return lines


def set_written(desk: Desk) -> AnyResponse | tuple[str, int]:
    """The number of a reader, typed."""
    _, number = desk.say(), request.form.get("number", "").strip()[:20]
    try:
        who = readers.by_number(desk.db, number)
    except UnknownThing:
        tell(_("没有找到「{name}」。", name=number), "stop")
        return again("free_shipping")
    _set(desk, who)
    return redirect(url_for("admin.free_shipping"))


def set_tapped(desk: Desk, number: str) -> AnyResponse:
    """Raises UnknownThing."""
    who = readers.by_number(desk.db, number)
    _set(desk, who)
    if asked := request.form.get("request", "")[:20]:
        return redirect(url_for("admin.escalation", number=asked))
    return redirect(url_for("admin.reader", number=who.number))


def _set(desk: Desk, who: Reader) -> None:
    """As the form says; said twice it is said once, and the reader hears of it by themselves."""
    _, on = desk.say(), request.form.get("on") == "1"
    change = special_terms.register if on else special_terms.end
    with writing(desk.db) as db:
        if change(db, who.id, desk.policy, desk.now()):
            staff.log(db, current_user.name, "special_reader", f"reader:{who.number}", desk.now(), on=on)
    if on:
        return tell(_("{number} 登记好了，借期长一些；几分钟后告诉读者。", number=who.number))
    tell(_("{number} 不再登记，手上的书日期不变。", number=who.number))
