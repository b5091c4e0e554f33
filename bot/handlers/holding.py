"""预约: waiting for a book, where one stands in the queue and how long it takes, letting the place rest, leaving it."""

from __future__ import annotations

import re

from bot import acting, books, cities, escalations, keep_words, meaning, numbers, offered
from bot.books import place_name
from bot.events import Button
from bot.folding import fold, trimmed
from bot.handlers import choosing, finding, following, getting, lists, ordering, person, picking
from bot.talk import Rows, Talk
from bot.texts import menu, rows
from bot.when import days_ahead
from lending import cart, catalogue, decisions, holds, queues, special_readers
from lending.holds import Hold
from lending.model import library_day

SHOWN = 4  # holds with buttons of their own; the others are reached by their number
RESTS = (7, 14, 30)  # days offered at once; any other can be written
TIME = re.compile("多久|多长|几天|几时|何时|什么时候|啥时候|how long|when")
OF_HOLD = re.compile(r"h[rpxwl]:\d")  # buttons about one hold
OF_HOLDS = re.compile("约|排|轮|位|hold|reserv|queue|line|turn")
RESTS_SAID = re.compile(  # "先停一个月", "预约暂停两周吧"
    r"(?:那|就|先|帮我|给我|请|我想|我要|想|要|能不能|能|可以|可不可以|这个|我的|预约|排队|把|,)*(?:暂停|停|缓|延后|推迟)"
    r"(?:到|个|一?下|.{1,8}?(?:天|日|号|周|星期|礼拜|月|再说))?(?:吧|吗|再说|可以吗|行吗|好吗|行不行|了)*"
)


def hold(talk: Talk) -> None:
    """ "预约第2本" · "预约《三体》"."""
    title_id = finding.meant_title(talk)
    return finding.which(talk) if title_id is None else hold_title(talk, str(title_id))


def hold_title(talk: Talk, title_id: str) -> None:
    """Join the queue."""
    classes = talk.policy.minors.adult_classes
    lists.look_at(talk, int(title_id))
    placed(talk, holds.place(talk.db, talk.reader.id, int(title_id), talk.now, most(talk), classes))


def most(talk: Talk) -> int | None:
    """How many places in queues this reader may have at once; None where nothing is said (A8-14)."""
    return decisions.holds_limit(talk.db, talk.reader.id, talk.policy)


def placed(talk: Talk, one: Hold) -> None:
    """Told the place in the queue, how long it takes, and that we will call (B2-19)."""
    _ = talk._
    text = _("预约好了：《{title}》，您排第 {n} 位。", title=one.title, n=one.position)
    text += _wait(talk, one) + _("书一到就告诉您，为您留 {days} 天。", days=_kept_days(talk, one))
    talk.say(text, (*_buttons(talk, one), (menu(_, "show_holds"),)))


def _kept_days(talk: Talk, one: Hold) -> int:
    """By the window of the pick-up point, where one is chosen, and by who waits (A10-3)."""
    more = special_readers.keep_days(talk.db, talk.reader.id, talk.policy)
    if one.point_id is None:
        return talk.policy.promise.hold_days + more
    point = catalogue.point(talk.db, one.point_id)
    return holds.keep_days(talk.policy, point.code, point.kind) + more


def _wait(talk: Talk, one: Hold) -> str:
    """The estimate as a sentence; '' when there is nothing to reckon with."""
    days = queues.days_to_wait(talk.db, one.title_id, one.id, talk.policy, talk.now)
    return talk._.n("大约还要 {n} 天。", "大约还要 {n} 天。", days) if days else ""


def show_holds(talk: Talk) -> None:
    """Every book waited for, with the place in its queue and the estimate (F-6, B2-19)."""
    _, waiting = talk._, holds.of_reader(talk.db, talk.reader.id)
    if talk.slot("query") == getting.ELSEWHERE and (getting.underway(talk) or not waiting):
        acting.need(talk, "order")
        return getting.checkout(talk)
    if not waiting and not OF_HOLDS.search(fold(talk.event.text)) and talk.event.text:
        if escalations.open_of(talk.db, talk.reader.id):
            return person.call(talk, "")  # 「还要等多久」 of an answer
        if talk.acting is None and following.expects(talk):
            return following.show_orders(talk)
        if shown := _asked_of_shown(talk):
            return _tell_wait(talk, shown)
    if not waiting:
        return talk.say(
            _("现在没有预约。想等的书借出去了，点「预约这本」就行。"), rows(menu(_, "new_books"), menu(_, "browse"))
        )
    lines = [f"{n}. {line(talk, one)}" for n, one in enumerate(waiting, 1)]
    if len(waiting) == 1:
        return talk.say("\n".join([_("您的预约："), *lines]), _buttons(talk, waiting[0]))
    each: list[tuple[Button, ...]] = []
    for n, one in enumerate(waiting[:SHOWN], 1):
        each += [_row(talk, one, _("第{n}个：", n=n))]
    each += [(Button(_("取消第{n}个", n=n), f"hx:{one.id}"),) for n, one in enumerate(waiting[SHOWN:], SHOWN + 1)]
    talk.say("\n".join([_("您的预约："), *lines]), tuple(each[:8]))


def _asked_of_shown(talk: Talk) -> list[int]:
    """The books that stand there, where somebody asks how long to wait for them."""
    if not TIME.search(fold(talk.event.text)):
        return []
    shown = talk.memory.get("title")
    return [int(shown)] if shown is not None else lists.on_page(talk)


def _tell_wait(talk: Talk, shown: list[int]) -> None:
    """What stands on a shelf is not waited for; of what is lent out, how many wait and how long it takes."""
    _, stock = talk._, catalogue.availability(talk.db, shown)
    titles = catalogue.titles(talk.db, shown)
    out = [one for one in shown if not stock[one].available]
    lines = []
    if len(out) < len(shown):
        ready = _.moment(ordering.ready_by(talk, None))
        one = _("《{title}》架上有，不用等：现在下单，{moment} 前备好。", title=titles[shown[0]].title, moment=ready)
        lines.append(one if len(shown) == 1 else _("写着可借的都不用等：现在下单，{moment} 前备好。", moment=ready))
    for book in out:
        if stock[book].shut:
            stands = books.stock_line(_, stock[book])
            lines.append(_("《{title}》{stands}。", title=titles[book].title, stands=stands))
            continue
        ahead, days = queues.for_a_newcomer(talk.db, book, talk.policy, talk.now)
        text = _.n("《{title}》都借出去了，前面有 {n} 位在等。", "《{title}》都借出去了，前面有 {n} 位在等。", ahead, title=titles[book].title)
        lines.append(text + (_.n("大约还要 {n} 天。", "大约还要 {n} 天。", days) if days else ""))
    buttons = [Button(_("借这本"), f"b:{book}") for book in shown if len(shown) == 1 and not out]
    buttons += [Button(_("预约《{title}》", title=titles[book].title[:16]), f"hold:{book}") for book in out]
    if len(talk.memory.get("list", [])) > 1:
        buttons.append(Button(_("回到列表"), f"page:{talk.memory['list_number']}:{talk.memory.get('page', 0)}"))
    talk.say("\n".join(lines), rows(*buttons))


def _row(talk: Talk, one: Hold, before: str = "") -> tuple[Button, ...]:
    """What can be done with one hold: let it rest or wake it, elsewhere, no more."""
    _ = talk._
    pause = (
        Button(before + _("恢复"), f"hw:{one.id}") if one.rests_until else Button(before + _("暂停"), f"hr:{one.id}")
    )
    if one.state == "ready":
        pause = Button(before + _("借"), f"b:{one.title_id}")
    return (pause, Button(_("换取书点"), f"hp:{one.id}"), Button(_("取消"), f"hx:{one.id}"))


def _buttons(talk: Talk, one: Hold) -> Rows:
    """The same for a hold on its own, with the shelf for later (A10-8)."""
    _, row = talk._, _row(talk, one)
    later = Button(_("放到暂存架"), f"hl:{one.id}")
    if one.state != "ready":
        return (row, (later,))
    longer = keep_words.of_hold(_, talk.db, one, talk.policy, talk.now)
    return ((Button(_("借《{title}》", title=one.title[:16]), f"b:{one.title_id}"), *longer), (
        Button(_("先让后面的人"), f"hr:{one.id}"), *row[1:]), (later,))  # fmt: skip


def line(talk: Talk, one: Hold) -> str:
    """A hold in a line: its place in the queue, or until when its copy is kept."""
    _, place = talk._, ""
    if one.point_id is not None:
        place = _("，在{name}取", name=place_name(_, catalogue.point(talk.db, one.point_id)))
    if one.state == "ready" and one.ready_until:
        kept = _("《{title}》到了，为您留到 {day}", title=one.title, day=_.day(one.ready_until)) + place
        return kept + _still_elsewhere(talk, one)
    text = _("《{title}》排第 {n} 位", title=one.title, n=one.position) + place
    if one.rests_until:
        return text + _("，暂停到 {day}", day=_.day(one.rests_until))
    wait = _wait(talk, one)
    return _("{line}，{wait}", line=text, wait=wait) if wait else text


def _still_elsewhere(talk: Talk, one: Hold) -> str:
    """That the copy must travel first: nobody goes to a place where it is not (B2-10, B2-20)."""
    at = holds.kept_at(talk.db, one.id)
    if at is None or one.point_id in (None, at):
        return ""
    here = place_name(talk._, catalogue.point(talk.db, at))
    return talk._("；书现在还在{here}，点「借」我们送过去，到了再告诉您", here=here)


# ---- leaving ---------------------------------------------------------------------------------------------------------


def cancel_hold(talk: Talk) -> None:
    """By number in the list, by name, or the only one; a sigh gives no place up."""
    if talk.slot("query") and holds.of_reader(talk.db, talk.reader.id):
        return stay(talk)
    waiting = holds.of_reader(talk.db, talk.reader.id)
    n = talk.number()
    if n is not None and (counted := numbers.nth(waiting, n)):
        waiting = [counted]
    elif talk.slot("title"):
        waiting = [one for one in waiting if talk.slot("title") in one.title]
    if len(waiting) != 1:
        return show_holds(talk)
    cancel_this(talk, str(waiting[0].id))


def stay(talk: Talk) -> None:
    """Nothing is given up by a sigh: the holds, each with its button."""
    talk.say(talk._("预约还在，什么都没动。不要了就点「取消」，让给下一位读者。"))
    show_holds(talk)


def cancel_this(talk: Talk, hold_id: str) -> None:
    """Out of the queue; whoever is next moves up."""
    _, one = talk._, holds.hold(talk.db, int(hold_id), talk.reader.id)
    title = holds.cancel(talk.db, talk.reader.id, one.id, talk.policy, talk.now)
    again = Button(_("还是等《{title}》", title=title[:14]), f"hold:{one.title_id}")
    talk.say(_("不再等《{title}》了，位置让给了下一位。", title=title), rows(again, menu(_, "show_holds")))


# ---- resting ---------------------------------------------------------------------------------------------------------


def rest_named(talk: Talk) -> str:
    """The press that 「先停一个月」 stands for, of the hold that was just spoken of or the only one; '' for none."""
    said = trimmed(talk.event.text)
    shown = {offered.bare(action).split(":")[1] for action, _label in choosing.standing(talk) if OF_HOLD.match(offered.bare(action))}
    if not RESTS_SAID.fullmatch(said) or not (shown or "预约" in said) or talk.step or meaning.called_so(talk) is not None:
        return ""
    waiting = [str(one.id) for one in holds.of_reader(talk.db, talk.reader.id) if not one.rests_until]
    fitting = [one for one in waiting if one in shown] or waiting
    days = days_ahead(said, library_day(talk.now))
    if len(fitting) != 1:
        return "i:show_holds" if waiting else ""
    return f"hr:{fitting[0]}" + (f":{days}" if days else "")


def ask_rest(talk: Talk, hold_id: str, rest_days: str = "") -> None:
    """Until when; the place stays, others may go first meanwhile."""
    _, one = talk._, holds.hold(talk.db, int(hold_id), talk.reader.id)
    if rest_days:
        return _rest(talk, one, int(rest_days))
    talk.step, talk.memory["resting"] = "rest", one.id
    most = talk.policy.holds.suspend_days
    spans = [Button(_.n("{n} 天", "{n} 天", n), f"hr:{one.id}:{n}") for n in RESTS if n <= most]
    text = _("《{title}》暂停多久？位置给您留着，这期间先让后面的人。", title=one.title)
    text += _("也可以写一个日期，最多 {days} 天。", days=most)
    talk.say(text, (tuple(spans), (menu(_, "cancel"),)))


def hear_rest(talk: Talk) -> None:
    """ "两周" · "12月20日": an answer in the reader's own words."""
    _, days, talk.step = talk._, days_ahead(talk.event.text, library_day(talk.now)), ""
    if days is None and meaning.called_so(talk) is not None:
        return finding.search(talk)
    if days is None:
        talk.say(_("没看明白。写几天、几周，或者一个日期都行。"))
        return ask_rest(talk, str(talk.memory.get("resting", 0)))
    _rest(talk, holds.hold(talk.db, int(talk.memory.get("resting", 0)), talk.reader.id), days)


def _rest(talk: Talk, one: Hold, days: int) -> None:
    _, talk.step = talk._, ""
    resting = holds.rest(talk.db, talk.reader.id, one.id, days, talk.policy, talk.now)
    assert resting.rests_until is not None
    text = _(
        "好，《{title}》的预约暂停到 {day}，之后接着等，还是第 {n} 位。",
        title=one.title, day=_.day(resting.rests_until), n=resting.position,
    )  # fmt: skip
    talk.say(text, rows(Button(_("恢复"), f"hw:{one.id}"), menu(_, "show_holds")))


def wake(talk: Talk, hold_id: str) -> None:
    """Wait again, from the old place."""
    _, one = talk._, holds.wake(talk.db, talk.reader.id, int(hold_id), talk.policy, talk.now)
    talk.say(_("预约恢复了。{line}", line=line(talk, one)), _buttons(talk, one))


# ---- where -----------------------------------------------------------------------------------------------------------


def change_point(talk: Talk, hold_id: str, point_id: str = "0", page: str = "0") -> None:
    """Another pick-up point for this hold, the reader's usual one first (B2-10)."""
    _, one = talk._, holds.hold(talk.db, int(hold_id), talk.reader.id)
    if int(point_id):
        changed = holds.pick_up_at(talk.db, talk.reader.id, one.id, int(point_id), talk.policy, talk.now)
        text = _("换好了。{line}", line=line(talk, changed))
        if changed.ready_until != one.ready_until:
            text += "\n" + _("每个取书点留的天数不一样，日子按新的取书点算。")
        return talk.say(text, _buttons(talk, changed))
    every = picking.open_points(talk)
    seen = cities.view(talk, every)
    known = sorted(seen.first(every), key=lambda point: point.id != talk.reader.point_id)
    buttons = [Button(seen.called(_, point), f"hp:{one.id}:{point.id}") for point in known]
    shown, turns = cities.page(_, buttons, int(page), f"hp:{one.id}:0:{{}}")
    talk.say(_("《{title}》到了以后在哪里取？", title=one.title), (*rows(*shown, across=2), *rows(*turns)), edits=bool(turns))


def get_here(talk: Talk, hold_id: str) -> None:
    """The kept copy to its own pick-up point: into the cart and straight to the confirmation."""
    one = holds.hold(talk.db, int(hold_id), talk.reader.id)
    if one.state != "ready" or one.point_id is None:
        return show_holds(talk)
    cart.add(talk.db, talk.reader.id, one.title_id, talk.policy, talk.now)
    kind = catalogue.point(talk.db, one.point_id).kind
    getting.choose_way(talk, "locker" if kind == "locker" else "counter", str(one.point_id))
