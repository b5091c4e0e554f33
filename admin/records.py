"""书目: records with something missing, the most wanted first, the form that fills them in (A7-5), and for whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from admin import staff
from admin.desk import N_, Desk, Words
from admin.guard import tell
from admin.pages import FOUND, page, start
from lending import audience, catalogue, records, withdrawals
from lending.catalogue import LISTS, Title
from lending.database import writing
from lending.errors import CannotChange
from search import browse
from search.isbn import isbn13

SHOWN = 50
FIELDS = {
    "title": N_("书名"), "subtitle": N_("副题"), "volume": N_("卷次"), "authors": N_("作者"), "translators": N_("译者"),
    "publisher": N_("出版社"), "year": N_("出版年"), "isbn": "ISBN", "clc": N_("分类号"), "series": N_("丛书"),
    "subjects": N_("主题"), "pages": N_("页数"),
}  # fmt: skip
AUDIENCES = {"": N_("没有标过"), "adults": N_("只借给成年读者"), "everybody": N_("谁都能借")}
STEPS = {"withdraw": N_("下架"), "bring_back": N_("重新上架")}
LONGEST = 300
NUMBER = {"year": (1000, 2100), "pages": (1, 20_000)}
CLASS_MARK = re.compile(r"[A-Z]{1,2}\d{0,4}([-.=/+:()\"<>]?[\dA-Z.]+)*\)?")
_PARTS = re.compile(r"[;；、]")


def add_to(made: Blueprint, desk: Desk) -> None:
    """The worklist, and one record."""
    one = f"/records/<int(max={2**63 - 1}):id>"
    made.add_url_rule("/records", "records", partial(show, desk))
    made.add_url_rule(one, "record", partial(show_one, desk))
    made.add_url_rule(one, "mend_record", partial(mend, desk), methods=["POST"])
    made.add_url_rule(f"{one}/withdraw", "withdraw_record", partial(withdraw, desk), methods=["POST"])
    made.add_url_rule(f"{one}/audience", "set_audience", partial(set_audience, desk), methods=["POST"])


def show(desk: Desk) -> AnyResponse | str:
    """Incomplete records, a page at a time; or what was looked for, a single hit at once."""
    asked, first = request.args.get("q", "").strip()[:60], start()
    ids = records.look_up(desk.db, asked, FOUND + 1) if asked else []
    if len(ids) == 1:
        return redirect(url_for("admin.record", id=ids[0]))
    known = catalogue.titles(desk.db, ids[:FOUND]) if asked else {}
    found = [*known.values()] if asked else catalogue.incomplete(desk.db, SHOWN + 1, first)
    rows = [(title, catalogue.completeness(title), catalogue.missing(title)) for title in found[:SHOWN]]
    following = first + SHOWN if not asked and len(found) > SHOWN else 0
    more = FOUND if len(ids) > FOUND else 0
    return page("records.html", asked=asked, rows=rows, fields=FIELDS, following=following, first=first, more=more)


def show_one(desk: Desk, id: int) -> str:
    """The record with every field to be filled in."""
    title = catalogue.title(desk.db, id)
    return _form(desk, title, {name: shown(title, name) for name in FIELDS}, {})


def _form(desk: Desk, title: Title, values: dict[str, str], wrong: dict[str, str]) -> str:
    classes = desk.policy.minors.adult_classes
    return page(
        "record.html", title=title, values=values, wrong=wrong, fields=FIELDS,
        missing=catalogue.missing(title), complete=catalogue.completeness(title),
        adults_only=audience.adults_only(title.audience, title.clc, classes),
        why=withdrawals.why(desk.db, title.id), concerned=withdrawals.concerned(desk.db, title.id),
    )  # fmt: skip


def withdraw(desk: Desk, id: int) -> AnyResponse:
    """下架 with a reason, or back again; whoever waits for it is told by the service."""
    _, title, why = desk.say(), catalogue.title(desk.db, id), request.form.get("why", "").strip()
    back = request.form.get("done") == "back"
    if not back and not why:
        tell(_("先写原因：等着这本书的读者会看到。什么都没改。"), "stop")
        return redirect(url_for("admin.record", id=id))
    try:
        with writing(desk.db) as db:
            if back:
                n = withdrawals.bring_back(db, id, desk.policy, desk.now())
            else:
                n = withdrawals.withdraw(db, id, why, desk.policy, desk.now())
            staff.log(db, current_user.name, "withdraw_record", f"title:{id}", desk.now(),
                      step="bring_back" if back else "withdraw", reason=why)  # fmt: skip
    except CannotChange:
        tell(_("这条书目刚刚有同事改过，什么都没改，请再看一眼。"), "stop")
    else:
        done = N_("《{title}》又上架了，几秒后就能搜到。") if back else N_("《{title}》下架了。")
        tell(_(done, title=title.title) + _.n("{n} 位读者会收到消息。", "{n} 位读者会收到消息。", n))
    return redirect(url_for("admin.record", id=id))


def set_audience(desk: Desk, id: int) -> AnyResponse:
    """For adults only, or for everybody (公共图书馆法 art. 50, B8); what children had begun ends with the next tick."""
    _, word, title = desk.say(), request.form.get("audience", ""), catalogue.title(desk.db, id)
    if word in (audience.ADULTS, audience.EVERYBODY) and word != title.audience:
        with writing(desk.db) as db:
            before = records.mend(db, id, {"audience": word})["audience"]
            staff.log(db, current_user.name, "set_audience", f"title:{id}", desk.now(), before=before, after=word)
    now = catalogue.title(desk.db, id).audience
    tell(_("《{title}》现在是：{audience}。", title=title.title, audience=_(AUDIENCES[now])))
    return redirect(url_for("admin.record", id=id))


def shown(title: Title, name: str) -> str:
    """A field as it stands in the form."""
    value = getattr(title, name)
    return "；".join(value) if name in LISTS else str(value or "")


def mend(desk: Desk, id: int) -> AnyResponse | tuple[str, int]:
    """Check what was changed, and write it; the search follows within seconds."""
    _, title, entered = desk.say(), catalogue.title(desk.db, id), _entered(request.form)
    if request.form.get("revision") != str(title.revision):
        tell(_("这条书目刚刚被改过，还没有存。不一样的地方，现在存着的写在下面，请核对后再保存。"), "stop")
        now = {name: shown(title, name) for name in entered}
        other = {name: _("现在存着：{value}", value=now[name] or "–") for name in now if now[name] != entered[name]}
        return _form(desk, title, {name: shown(title, name) for name in FIELDS} | entered, other), 409
    changed = {name: value for name, value in entered.items() if value != shown(title, name)}
    wrong = {name: said for name, value in changed.items() if (said := problem(_, name, value))}
    if wrong:
        return _form(desk, title, {name: shown(title, name) for name in FIELDS} | entered, wrong), 422
    _write(desk, id, {name: stored(name, value) for name, value in changed.items()})
    tell(_("存好了，几秒后就能按新内容搜到。") if changed else _("没有改动。"))
    return redirect(url_for("admin.record", id=id))


def _entered(form: MultiDict[str, str]) -> dict[str, str]:
    """The form's fields without blanks around, names parted in one way."""
    found = {name: " ".join(form[name].split())[:LONGEST] for name in FIELDS if name in form}
    for name in LISTS:
        if name in found:
            found[name] = "；".join(part.strip() for part in _PARTS.split(found[name]) if part.strip())
    return found


def _write(desk: Desk, id: int, changes: dict[str, Any]) -> None:
    with writing(desk.db) as db:
        before = records.mend(db, id, changes)
        if before:
            facts = {name: f"{was or '–'} → {changes[name] or '–'}" for name, was in before.items()}
            staff.log(db, current_user.name, "mend_record", f"title:{id}", desk.now(), **facts)


def stored(name: str, value: str) -> Any:
    """A field as the catalogue keeps it."""
    if name in NUMBER:
        return int(value) if value else None
    if name in LISTS:
        return value.replace("；", "; ")
    return isbn13(value) if name == "isbn" else value.upper() if name == "clc" else value


def problem(_: Words, name: str, value: str) -> str:
    """What is wrong with an entry, in words; '' when nothing is."""
    check = CHECKS.get(name)
    return check(_, value) if check else ""


def _title(_: Words, value: str) -> str:
    return "" if value else _("书名不能空着。")


def _isbn(_: Words, value: str) -> str:
    return "" if not value or isbn13(value) else _("校验位不对，请核对书后的号码。")


def _clc(_: Words, value: str) -> str:
    mark = value.upper()
    fits = CLASS_MARK.fullmatch(mark) and browse.classify(mark).code
    return "" if not value or fits else _("中图法里没有这个类号，例如 {example}。", example="I247.57")


def _number(name: str) -> Callable[[Words, str], str]:
    least, most = NUMBER[name]

    def check(_: Words, value: str) -> str:
        fits = value.isascii() and value.isdigit() and len(value) < 6 and least <= int(value) <= most
        return "" if not value or fits else _("请填 {least} 到 {most} 之间的数字。", least=least, most=most)

    return check


CHECKS: dict[str, Callable[[Words, str], str]] = {
    "title": _title, "isbn": _isbn, "clc": _clc, "year": _number("year"), "pages": _number("pages"),
}  # fmt: skip
