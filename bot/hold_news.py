"""What the library says by itself about holds: a copy is there, the last day, too late, the rest is over (B2-10)."""

from __future__ import annotations

from collections.abc import Sequence

from bot import keep_words, place_words
from bot.books import place_name
from bot.events import Button, Reply
from bot.saying import Saying, Sentences
from bot.texts import menu, reason, rows
from lending import catalogue, decisions, holds, loans, queues, withdrawals
from lending.catalogue import Point
from lending.holds import Hold
from lending.notices import Notice


def _mine(say: Saying, notice: Notice, state: str) -> Hold | None:
    """The hold the notice is about, if it still stands so (B2-7)."""
    number = int(notice.object.partition(":")[2])
    found = (hold for hold in holds.of_reader(say.db, say.reader.id) if hold.id == number)
    return next((hold for hold in found if hold.state == state), None)


def _here(say: Saying, hold: Hold) -> tuple[Button, ...]:
    """The pick-up point the reader chose for this very hold, as the first thing to press."""
    if hold.point_id is None:
        return ()
    name = place_name(say.words, catalogue.point(say.db, hold.point_id))
    return (Button(say.words("到{name}取", name=name), f"hg:{hold.id}"),)


def _ready(say: Saying, group: Sequence[Notice]) -> Reply | None:
    _, hold = say.words, _mine(say, group[-1], "ready")
    if hold is None or hold.ready_until is None:
        return None
    text = _("您等的《{title}》回来了，为您留到 {moment}。", title=hold.title, moment=_.moment(hold.ready_until))
    here = _here(say, hold)
    if hold.point_id is not None:
        point = catalogue.point(say.db, hold.point_id)
        text += _("取书点：{name}。", name=place_name(_, point)) + _elsewhere(say, hold, point)
        text += place_words.stops_until(_, say.db, point, say.policy, say.now, hold.ready_until)
    others = (Button(_("借这本"), f"b:{hold.title_id}"), Button(_("先让后面的人"), f"hr:{hold.id}"), _no(say, hold))
    why, ways = _in_the_way(say)
    if why:
        text += "\n" + _("现在还借不了：{why}先让后面的人，位置不会丢。", why=why)
    return Reply(text, tuple(row for row in (here, others, ways) if row))


def _in_the_way(say: Saying) -> tuple[str, tuple[Button, ...]]:
    """Why this reader cannot borrow it now, though it is there, and what to do; whoever has only to open may."""
    facts = decisions.facts(say.db, say.reader.id, say.now)
    found = [one for one in decisions.may_borrow(facts, 1, say.policy).reasons if one.code != "not_opened"]
    ways = dict.fromkeys(way for one in found for way in one.ways if way != "escalate")
    return "".join(reason(say.words, one) for one in found), tuple(menu(say.words, way) for way in ways)


def _elsewhere(say: Saying, hold: Hold, point: Point) -> str:
    """That the book must travel first, where the copy that is kept stands in another place (B2-20)."""
    _, at = say.words, holds.kept_at(say.db, hold.id)
    if at is None or at == point.id:
        return ""
    here, there = place_name(_, catalogue.point(say.db, at)), place_name(_, point)
    return _("书现在还在{here}：点「到{there}取」，我们送过去，到了再告诉您。", here=here, there=there)


def _no(say: Saying, hold: Hold) -> Button:
    return Button(say.words("不要了"), f"hx:{hold.id}")


def _last_day(say: Saying, group: Sequence[Notice]) -> Reply | None:
    _, hold = say.words, _mine(say, group[-1], "ready")
    if hold is None or hold.ready_until is None:
        return None
    moment = _.moment(hold.ready_until)
    if holds.next_reader(say.db, hold.title_id) is None:
        text = _("《{title}》今天还为您留着，过了 {moment} 就放回书架。", title=hold.title, moment=moment)
    else:
        text = _("《{title}》今天还为您留着，过了 {moment} 就轮到下一位。", title=hold.title, moment=moment)
    longer = keep_words.of_hold(_, say.db, hold, say.policy, say.now)
    take = Button(_("借这本"), f"b:{hold.title_id}")
    why, ways = _in_the_way(say)
    if why:
        text += "\n" + _("现在还借不了：{why}先让后面的人，位置不会丢。", why=why)
        ways = (Button(_("先让后面的人"), f"hr:{hold.id}"), *ways)
    return Reply(text, rows(*_here(say, hold), take, *longer, _no(say, hold), *ways, across=1))


def _expired(say: Saying, group: Sequence[Notice]) -> Reply | None:
    _, title_id = say.words, group[0].facts["title"]
    if title_id is None:
        return None
    title = catalogue.title(say.db, title_id)
    if group[0].facts.get("passed_on", True):
        text = _("为您留的《{title}》过期了，给了下一位。还想看就再预约。", title=title.title)
    else:
        text = _("为您留的《{title}》过期了，放回书架了。还想看随时再借。", title=title.title)
    return Reply(text, rows(Button(_("再看看"), f"t:{title_id}")))


def _awake(say: Saying, group: Sequence[Notice]) -> Reply | None:
    _, hold = say.words, _mine(say, group[-1], "waiting")
    if hold is None or hold.rests_until is not None:
        return None
    text = _("《{title}》的预约恢复了，您排第 {n} 位。", title=hold.title, n=hold.position)
    days = queues.days_to_wait(say.db, hold.title_id, hold.id, say.policy, say.now)
    if days:
        text += _.n("大约还要 {n} 天。", "大约还要 {n} 天。", days)
    return Reply(text, rows(menu(_, "show_holds"), Button(_("再暂停"), f"hr:{hold.id}")))


def _ways(say: Saying, hold: Hold, *first: Button) -> tuple[tuple[Button, ...], ...]:
    """Somewhere else to turn: books like it, asking us to buy it, waiting no longer."""
    _ = say.words
    same = Button(_("看相近的书"), f"same:{hold.title_id}")
    return rows(*first, same, Button(_("不等了"), f"hx:{hold.id}"), menu(_, "escalate"), across=2)


def _kept_copy_gone(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """The copy that was kept is not there, or not fit to be read: another one waits, or the place stays."""
    _, notice = say.words, group[-1]
    if hold := _mine(say, notice, "ready"):
        if hold.ready_until is None:
            return None
        text = _(
            "给您留的那一册《{title}》出了点状况，换了另一册，照样为您留到 {moment}。",
            title=hold.title, moment=_.moment(hold.ready_until),
        )  # fmt: skip
        return Reply(text, rows(*_here(say, hold), Button(_("借这本"), f"b:{hold.title_id}"), _no(say, hold)))
    hold = _mine(say, notice, "waiting")
    if hold is None:
        return None
    text = _(
        "很抱歉，给您留的那一册《{title}》找不到了，或者坏了，请先别为它跑一趟。位置还在，排第 {n} 位，有了就告诉您。",
        title=hold.title, n=hold.position,
    )  # fmt: skip
    days = queues.days_to_wait(say.db, hold.title_id, hold.id, say.policy, say.now)
    if days:
        text += _.n("大约还要 {n} 天。", "大约还要 {n} 天。", days)
    return Reply(text, _ways(say, hold))


def _no_copy_left(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """The last copy of what somebody waits for is gone; not a word where one has turned up meanwhile (B2-7)."""
    _, notice, hold = say.words, group[-1], _mine(say, group[-1], "waiting")
    if hold is None or catalogue.availability(say.db, [hold.title_id])[hold.title_id].total:
        return None
    lines = [
        _("很抱歉，给您留的那一册《{title}》找不到了，请先别为它跑一趟。", title=hold.title)
        if notice.facts["kept"]
        else _("您在等的《{title}》，馆里最后一册现在找不到，或者坏得不能再借了，很抱歉。", title=hold.title),
        _("您的位置还在，排第 {n} 位：找到了，或者买到了新的，就照样留给您。馆员已经看到有人在等它。", n=hold.position),
    ]
    return Reply("\n".join(lines), _ways(say, hold, Button(_("请馆里再买一本"), f"rebuy:{hold.title_id}")))


def _title_withdrawn(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """What was waited for, or lay in the cart, is lent no more; or again, where it came back before this was said."""
    _, title_id = say.words, group[-1].facts["title"]
    title = catalogue.title(say.db, title_id)
    if not title.withdrawn:
        text = _(
            "《{title}》下架过一会儿，预约和借书车里的都取消了；现在又上架了，还想看请再借一次、排一次。",
            title=title.title,
        )  # fmt: skip
        return Reply(text, rows(Button(_("再看看"), f"t:{title_id}")))
    text = _(
        "很抱歉，《{title}》下架了，不再外借，您的预约、借书车里的这一本都取消了。原因：{why}",
        title=title.title, why=withdrawals.why(say.db, title_id),
    )  # fmt: skip
    return Reply(text, rows(Button(_("看相近的书"), f"same:{title_id}"), menu(_, "escalate")))


def _title_back(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """Whoever heard that it was gone may have it or queue again, unless they do so already (B2-7)."""
    _, title_id = say.words, group[-1].facts["title"]
    title, held = catalogue.title(say.db, title_id), catalogue.availability(say.db, [title_id])[title_id]
    mine = any(hold.title_id == title_id for hold in holds.of_reader(say.db, say.reader.id))
    if title.withdrawn or mine or loans.has_title(say.db, say.reader.id, title_id):
        return None
    text = _("好消息：下架过的《{title}》又上架了。", title=title.title)
    see = Button(_("看这本书"), f"t:{title_id}")
    if held.available or not held.total:
        return Reply(text, rows(see))
    text += _("先前的预约都取消了，还想看，点一下重新排上。")
    return Reply(text, rows(Button(_("预约这本"), f"hold:{title_id}"), see))


SAY: dict[str, Sentences] = {
    "title_withdrawn": _title_withdrawn,
    "title_back": _title_back,
    "hold_ready": _ready,
    "hold_last_day": _last_day,
    "hold_expired": _expired,
    "hold_awake": _awake,
    "kept_copy_gone": _kept_copy_gone,
    "no_copy_left": _no_copy_left,
}
