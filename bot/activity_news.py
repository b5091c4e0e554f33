"""What the library says by itself about activities: soon, moved, called off, a seat, what was written (F-8)."""

from __future__ import annotations

from collections.abc import Sequence

from bot import activity_words
from bot.events import Button, Reply
from bot.saying import Saying, Sentences
from bot.texts import menu, rows
from lending import events, sign_ups
from lending.events import Event
from lending.model import stamp
from lending.notices import Notice
from lending.sign_ups import SignUp


def _see(say: Saying, one: Event) -> Button:
    return Button(say.words("看这个活动"), f"ev:{one.id}")


def _no_more(say: Saying, one: Event) -> Button:
    return Button(say.words("取消报名"), f"ev-:{one.id}")


def _facts(say: Saying, one: Event) -> dict[str, str]:
    return {
        "name": one.name, "when": activity_words.when(say.words, one),
        "where": activity_words.where(say.words, say.db, one),
    }  # fmt: skip


def _still_comes(say: Saying, notice: Notice) -> tuple[SignUp, Event] | None:
    """The sign-up and its event while the reader has a seat and it is still to come (B2-7). Raises UnknownThing."""
    mine = sign_ups.by_id(say.db, notice.facts["sign_up"])
    one = events.event(say.db, mine.event_id)
    stands = mine.state == "signed_up" and one.state == "planned" and say.now < one.starts_at
    return (mine, one) if stands else None


def _soon(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """The reminder; one for another time than now falls away."""
    _, found = say.words, _still_comes(say, group[-1])
    if found is None or stamp(found[1].starts_at) != group[-1].facts["starts"]:
        return None
    mine, one = found
    text = _.n(
        "提醒您：「{name}」快到了，您报了 {n} 位。\n{when} · {where}\n来不了就点「取消报名」，位子给排队的读者。",
        "提醒您：「{name}」快到了，您报了 {n} 位。\n{when} · {where}\n来不了就点「取消报名」，位子给排队的读者。",
        mine.people, **_facts(say, one),
    )  # fmt: skip
    return Reply(text, rows(_no_more(say, one), _see(say, one)))


def _changed(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """Called off, or at another time or place; an older change falls away."""
    _, last = say.words, group[-1]
    one, mine = events.event(say.db, last.facts["event"]), None
    if last.step == "cancelled":
        text = _("抱歉，「{name}」取消了：{reason}。不扣分，也不用做什么。", name=one.name, reason=one.reason)
        return Reply(text, rows(Button(_("别的活动"), "evs:0"), menu(_, "escalate")))
    mine = sign_ups.of_event(say.db, say.reader.id, one.id)
    if one.state != "planned" or mine is None or last.step != f"moved {stamp(one.moved_at)}":
        return None
    text = _("「{name}」改了：{when} · {where}。", **_facts(say, one))
    text += _("您的位子还在。") if mine.state == "signed_up" else _("您还在原来的位置排着。")
    text += _("来不了就点「取消报名」，位子给排队的读者。")
    return Reply(text, rows(_no_more(say, one), _see(say, one), menu(_, "escalate")))


def _place(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """A seat at last."""
    _, found = say.words, _still_comes(say, group[-1])
    if found is None:
        return None
    mine, one = found
    text = _.n(
        "有位子了：「{name}」，替您报好了，{n} 位。\n{when} · {where}\n来不了就点「取消报名」，给下一位。",
        "有位子了：「{name}」，替您报好了，{n} 位。\n{when} · {where}\n来不了就点「取消报名」，给下一位。",
        mine.people, **_facts(say, one),
    )  # fmt: skip
    return Reply(text, rows(_see(say, one), _no_more(say, one)))


def _kept(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """What was written down without the reader's doing."""
    _, last = say.words, group[-1]
    one, points = events.event(say.db, sign_ups.by_id(say.db, last.facts["sign_up"]).event_id), last.facts["points"]
    if points >= 0:
        text = _("「{name}」的签到，馆员替您记好了，谢谢您来。", name=one.name)
        text += _.n("信用分 +{n}。", "信用分 +{n}。", points) if points else ""
        return Reply(text, rows(menu(_, "show_credit"), Button(_("别的活动"), "evs:0")))
    said = {"name": one.name, "points": points}
    texts = {
        "late": _("「{name}」您来晚了一点，按规则 {points} 分。路上有事的话，可以申诉。", **said),
        "late_back": _("「{name}」您取消得晚，位子空着了，按规则 {points} 分。有难处的话，可以申诉。", **said),
    }
    absent = _("「{name}」没有等到您，按规则 {points} 分。来了没签上，或者有难处，都可以申诉。", **said)
    return Reply(texts.get(last.step, absent), rows(menu(_, "appeal"), menu(_, "show_credit"), menu(_, "escalate")))


SAY: dict[str, Sentences] = {
    "event_soon": _soon, "event_changed": _changed, "event_place": _place, "event_kept": _kept,
}  # fmt: skip
