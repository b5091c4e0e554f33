"""预约: waiting for a book, where one stands in the queue, and leaving it."""

from __future__ import annotations

from bot.events import Button
from bot.handlers import finding
from bot.talk import Talk
from bot.texts import Words, menu, rows
from lending import holds
from lending.holds import Hold


def hold(talk: Talk) -> None:
    """ "预约第2本" · "预约《三体》"."""
    title_id = finding.meant_title(talk)
    return finding.which(talk) if title_id is None else hold_title(talk, str(title_id))


def hold_title(talk: Talk, title_id: str) -> None:
    """Join the queue; told the place in it, and that we will call (B2-19)."""
    _, placed = talk._, holds.place(talk.db, talk.reader.id, int(title_id), talk.now)
    text = _(
        "预约好了：《{title}》，您排第 {n} 位。书一到就告诉您，为您留 {days} 天。",
        title=placed.title,
        n=placed.position,
        days=talk.policy.promise.hold_days,
    )
    talk.say(text, rows(menu(_, "show_holds"), Button(_("不等了"), f"hx:{placed.id}")))


def show_holds(talk: Talk) -> None:
    """Every book waited for, with the place in its queue (F-6)."""
    _, waiting = talk._, holds.of_reader(talk.db, talk.reader.id)
    if not waiting:
        return talk.say(
            _("现在没有预约。想等的书借出去了，点「预约这本」就行。"), rows(menu(_, "new_books"), menu(_, "browse"))
        )
    lines = [f"{n}. {_line(_, one)}" for n, one in enumerate(waiting, 1)]
    ready = [
        (Button(_("借《{title}》", title=one.title[:16]), f"b:{one.title_id}"),)
        for one in waiting
        if one.state == "ready"
    ]
    out = [Button(_("取消第{n}个", n=n), f"hx:{one.id}") for n, one in enumerate(waiting[:6], 1)]
    talk.say("\n".join([_("您的预约："), *lines]), (*ready, *rows(*out)))


def _line(_: Words, one: Hold) -> str:
    if one.state == "ready" and one.ready_until:
        return _("《{title}》到了，为您留到 {day}", title=one.title, day=_.day(one.ready_until))
    return _("《{title}》排第 {n} 位", title=one.title, n=one.position)


def cancel_hold(talk: Talk) -> None:
    """By number in the list, by name, or the only one."""
    waiting = holds.of_reader(talk.db, talk.reader.id)
    n = talk.number()
    if n is not None and 1 <= n <= len(waiting):
        waiting = [waiting[n - 1]]
    elif talk.slot("title"):
        waiting = [one for one in waiting if talk.slot("title") in one.title]
    if len(waiting) != 1:
        return show_holds(talk)
    cancel_this(talk, str(waiting[0].id))


def cancel_this(talk: Talk, hold_id: str) -> None:
    """Out of the queue; whoever is next moves up."""
    _, title = talk._, holds.cancel(talk.db, talk.reader.id, int(hold_id), talk.policy, talk.now)
    talk.say(_("不再等《{title}》了，位置让给了下一位。", title=title), rows(menu(_, "show_holds")))
