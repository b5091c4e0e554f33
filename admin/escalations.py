"""转人工: who waits for a person, the earliest promise first; claim, answer, close."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import masks, special_readers, staff
from admin.desk import N_, Desk
from admin.guard import tell
from admin.pages import MOST, page
from bot import escalations
from bot.escalations import Escalation
from lending import looks, readers
from lending.database import Database, writing
from lending.errors import CannotChange
from lending.model import parse_stamp

STATES = {"open": N_("待接手"), "claimed": N_("处理中"), "answered": N_("已回复"), "closed": N_("已结束")}
LONGEST = 2_000  # characters of an answer


def add_to(made: Blueprint, desk: Desk) -> None:
    """The list, one request, and what a librarian does with it."""
    made.add_url_rule("/escalations", "escalations", partial(show_list, desk, "escalations.html"))
    made.add_url_rule("/escalations/live", "escalations_live", partial(show_list, desk, "escalation_list.html"))
    made.add_url_rule("/escalations/<number>", "escalation", partial(show_one, desk, "escalation.html"))
    made.add_url_rule("/escalations/<number>/live", "escalation_live", partial(show_one, desk, "escalation_talk.html"))
    for name, view in (("claim", claim), ("answer", answer), ("close", close)):
        made.add_url_rule(f"/escalations/<number>/{name}", f"{name}_escalation", partial(view, desk), methods=["POST"])


def show_list(desk: Desk, template: str) -> str:
    """Those waiting, or the closed ones."""
    closed = request.args.get("closed") == "1"
    found = [
        (item, readers.reader(desk.db, item.reader_id), _asked_again(desk.db, item))
        for item in escalations.waiting(desk.db, closed, MOST)
    ]
    seen = {item.reader_id: item.number for item, _who, _again in found if item.about}
    looks.note_all(desk.db, seen, current_user.shown_as, looks.TALK, desk.now())
    return page(template, found=found, closed=closed, states=STATES, mask=masks)


def _asked_again(db: Database, item: Escalation) -> bool:
    """Whether the reader has written since the answer."""
    talk = escalations.lines(db, item.id) if item.state == "answered" else []
    return bool(talk) and talk[-1]["who"] == "reader"


def show_one(desk: Desk, template: str, number: str, draft: str = "") -> str:
    """The talk so far, and the forms."""
    item = escalations.get(desk.db, number)
    talk = [line | {"at": parse_stamp(line["at"])} for line in escalations.lines(desk.db, item.id)]
    who = readers.reader(desk.db, item.reader_id)
    looks.note(desk.db, who.id, current_user.shown_as, looks.TALK, item.number, desk.now())
    asked = {}
    if item.asks == escalations.SPECIAL:
        people = special_readers.asked_for(desk, who)
        asked = special_readers.shown(desk, *people, request_number=item.number, wish=item.about)
    silent = item.state != "closed" and _silent(desk, item)
    return page(
        template, item=item, talk=talk, who=who, mask=masks, states=STATES, draft=draft, longest=LONGEST,
        silent=silent, seen=_answers(desk.db, item), **asked,
    )  # fmt: skip


def _answers(db: Database, item: Escalation) -> int:
    """How often the reader has been answered."""
    return sum(line["who"] == "librarian" for line in escalations.lines(db, item.id))


def _silent(desk: Desk, item: Escalation) -> bool:
    """Whether no chat of the reader takes what is written: they can only be telephoned (B2-28)."""
    return desk.unheard(desk.db, item.reader_id, item.opened_at) in ("none", "refused", "guardian")


def _back(number: str) -> AnyResponse:
    return redirect(url_for("admin.escalation", number=number))


def claim(desk: Desk, number: str) -> AnyResponse:
    """Mine. The second of two librarians is told who was first."""
    try:
        with writing(desk.db) as db:
            escalations.claim(db, number, current_user.shown_as, desk.now())
            staff.log(db, current_user.name, "claim", f"escalation:{number}", desk.now())
    except CannotChange:
        _say_who_has_it(desk, number)
    return _back(number)


def _say_who_has_it(desk: Desk, number: str) -> None:
    _, item = desk.say(), escalations.get(desk.db, number)
    if item.state == "closed":
        tell(_("{number} 已经结束了。", number=number), "stop")
    elif request.form.get("seen", "") not in ("", str(_answers(desk.db, item))):
        tell(_("刚刚已经有人回复了，见上面。还要补充，再按一次就发出。"), "stop")
    elif item.claimed_by == current_user.shown_as:
        tell(_("{number} 已经在您手上了。", number=number))
    else:
        tell(_("{number} 已由 {name} 接手，不用重复处理。", number=number, name=item.claimed_by), "stop")


def _as_shown(db: Database, number: str) -> Escalation:
    """The request, if it is still with whom the form says. Raises CannotChange when it has changed hands or ended."""
    item = escalations.get(db, number)
    if item.state == "closed" or item.claimed_by != request.form.get("held_by", ""):
        raise CannotChange("escalation", number, item.state)
    return item


def answer(desk: Desk, number: str) -> AnyResponse | tuple[str, int]:
    """Write to the reader where they were last seen. Nothing is lost when a colleague was faster."""
    text = request.form.get("text", "").strip()
    if not text or len(text) > LONGEST:
        tell(desk.say()("请写下回复，最多 {n} 个字。", n=LONGEST), "stop")
        return show_one(desk, "escalation.html", number, text), 400
    try:
        with writing(desk.db) as db:
            held = _as_shown(db, number)
            if request.form.get("seen", "") not in ("", str(_answers(db, held))):  # by a colleague, or pressed twice
                raise CannotChange("escalation", number, held.state)
            escalations.answer(db, number, current_user.shown_as, text, desk.now())
            staff.log(db, current_user.name, "answer", f"escalation:{number}", desk.now(), characters=len(text))
    except CannotChange:
        _say_who_has_it(desk, number)
        return show_one(desk, "escalation.html", number, text), 409
    if _silent(desk, held):
        tell(desk.say()("回复记下了，可是读者的聊天收不到消息，请打个电话。"), "stop")
    else:
        tell(desk.say()("已回复，读者会在聊天里看到。"))
    return _back(number)


def close(desk: Desk, number: str) -> AnyResponse | tuple[str, int]:
    """Done with it; a reply that stands there unsent is neither sent nor dropped."""
    if text := request.form.get("text", "").strip():
        tell(desk.say()("您写的回复还没有发出。先发出或删掉，再结束。"), "stop")
        return show_one(desk, "escalation.html", number, text), 409
    try:
        with writing(desk.db) as db:
            held = _as_shown(db, number)
            escalations.close(db, held.number, current_user.shown_as, desk.now())
            staff.log(db, current_user.name, "close", f"escalation:{number}", desk.now())
    except CannotChange:
        _say_who_has_it(desk, number)
        return _back(number)
    tell(desk.say()("{number} 已结束。", number=number))
    return redirect(url_for("admin.escalations"))
