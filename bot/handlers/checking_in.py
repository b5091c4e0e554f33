"""签到: the code that hangs at an event's door, scanned or typed; a guardian checks the children in too (A6-3)."""

from __future__ import annotations

from bot import contacts
from bot.events import Button
from bot.talk import Talk
from bot.texts import menu, rows
from lending import attendance, events, mandates, readers, sign_ups
from lending.attendance import CheckedIn
from lending.events import Event

WITH_SEATS = ("signed_up", "came", "late", "absent")


def take(talk: Talk, code: str) -> None:
    """Whoever of the reader and their children has a seat is there. Raises UnknownThing, CannotCheckIn."""
    talk.own = True
    found = events.by_door(talk.db, code)
    people = [talk.reader.id, *mandates.children_of(talk.db, talk.reader.id, talk.now)]
    signed_up = {one: sign_ups.of_event(talk.db, one, found.id) for one in people}
    here = [one for one, mine in signed_up.items() if mine and mine.state in WITH_SEATS] or [talk.reader.id]
    done = [attendance.at_the_door(talk.db, one, found.id, talk.policy, talk.now) for one in here]
    for one in done:
        if one.new and one.sign_up.reader_id != talk.reader.id and contacts.of_reader(talk.db, one.sign_up.reader_id):
            attendance.tell(talk.db, one.sign_up, one.points, talk.policy, talk.now)
    _answer(talk, found, done)


def _answer(talk: Talk, found: Event, done: list[CheckedIn]) -> None:
    _ = talk._
    names = [_called(talk, one.sign_up.reader_id) for one in done]
    if not any(one.new for one in done):
        text = _("「{name}」您已经签过到了，不用再签。", name=found.name)
    else:
        text = _("签到好了：「{name}」，谢谢您来。", name=found.name)
        if len(done) > 1 or names != [_("您")]:
            text = _("签到好了：「{name}」，{who}。谢谢你们来。", name=found.name, who=_.listed(names))
        points = sum(one.points for one in done)
        text += _.n("信用分 +{n}。", "信用分 +{n}。", points) if points else ""
    talk.say(text, rows(menu(_, "show_credit"), Button(_("别的活动"), "evs:0")))


def _called(talk: Talk, reader_id: int) -> str:
    return talk._("您") if reader_id == talk.reader.id else readers.reader(talk.db, reader_id).known_as
